# SPDX-License-Identifier: Apache-2.0
"""What a folding costs: the resources that it takes, each weighed by how little of it there is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finn_gen.base.errors import InputError
from finn_gen.family.resources import Resources

UNIT = 1_000_000
"""What a LUT of the weight 1 costs: costs are whole numbers, so that their sums are the same in any order."""
KINDS = ("lut", "ff", "bram36")
MAX_WEIGHT = 1e6


@dataclass(frozen=True)
class Weights:
    """What a LUT, a flip-flop and a block RAM of 18 kbit cost, as whole numbers."""

    lut: int
    ff: int
    bram18: int

    @classmethod
    def of_device(cls, limit: Resources) -> Weights:
        """A LUT costs 1, other resources as many LUTs as the device has for one of them."""
        has = (limit.lut, limit.ff, limit.bram18)
        return cls(*(round(UNIT * limit.lut / max(1, each)) for each in has))

    @classmethod
    def parse(cls, text: str) -> Weights:
        """Those of words such as "lut=1,bram36=400". Raises InputError.

        What is not named, or weighs 0, costs next to nothing: it tells apart what costs the same else.
        """
        found: dict[str, float] = {}
        legal = f"it must be KIND=WEIGHT,..., for example lut=1,bram36=400; kinds are {', '.join(KINDS)}"
        for word in text.split(","):
            name, _, number = (part.strip() for part in word.partition("="))
            if name not in KINDS or name in found:
                twice = f": {name} is given twice" if name in found else ""
                raise InputError(f"weight={text!r}{twice}: {legal}")
            found[name] = _number(text, name, number)
        if not any(found.values()):
            raise InputError(f"weight={text!r}: one of them must be more than 0")
        lut, ff, bram36 = (round(UNIT * found.get(kind, 0)) for kind in KINDS)
        return cls(max(1, lut), max(1, ff), max(1, bram36 // 2))

    def with_blocks_at(self, share: float) -> Weights:
        """The same with a block RAM at a share of its price."""
        return replace(self, bram18=max(1, int(self.bram18 * share)))

    def cost(self, used: Resources) -> int:
        """What `used` costs."""
        return self.lut * used.lut + self.ff * used.ff + self.bram18 * used.bram18

    def __str__(self) -> str:
        words = ((self.lut, "LUT"), (self.ff, "FF"), (2 * self.bram18, "BRAM36"))
        return ", ".join(f"{weight / UNIT:.4g} a {kind}" for weight, kind in words if weight > 2)


def _number(text: str, name: str, number: str) -> float:
    try:
        found = float(number)
    except ValueError:
        found = -1.0
    if not 0 <= found <= MAX_WEIGHT or 0 < found < 2 / UNIT:
        raise InputError(
            f"weight={text!r}: {name}={number}: it must be 0 or a number from {2 / UNIT:g} to {MAX_WEIGHT:,.0f}"
        )
    return found
