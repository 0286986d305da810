# SPDX-License-Identifier: Apache-2.0
"""What a width converter is built of."""

import math
from dataclasses import dataclass
from enum import StrEnum

from finn_gen.base.ports import Ports
from finn_gen.ip.dwc.params import DwcParams

MOST_RING = 5
"""A ring of more than so many times the bits of both words takes more than a gearbox, a flip-flop as half a LUT."""


class Kind(StrEnum):
    """How a converter works, by its widths: equal, the input or the output a multiple of the other, or neither.

    If neither, a ring as long as the common multiple, or, where that is long, a gearbox that shifts.
    """

    EQUAL = "equal"
    DOWN = "down"
    UP = "up"
    RING = "ring"
    GEAR = "gear"


@dataclass(frozen=True)
class RingPlan:
    """How a ratio with neither width a multiple of the other goes through the common multiple.

    Positions and fill levels count `unit`s, the greatest common divisor of the two widths.
    `ends[r]` lists the write slots that end inside read word r, as (slot, first unit of the word past that slot):
    with TLAST in the slot, the units from there on are padding.
    """

    unit: int
    slots: int
    words: int
    in_units: int
    out_units: int
    units: int
    width: int
    fill_width: int
    slot_width: int
    word_width: int
    ends: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def last_slot(self) -> int:
        """The last slot that is written."""
        return self.slots - 1

    @property
    def last_word(self) -> int:
        """The last word that is read."""
        return self.words - 1

    @property
    def most_fill(self) -> int:
        """The level up to which there is room for an input word."""
        return self.units - self.in_units

    @property
    def units_from_slot(self) -> list[int]:
        """Units from the start of each slot to the end of the ring."""
        return [self.units - slot * self.in_units for slot in range(self.slots)]

    @property
    def units_from_word(self) -> list[int]:
        """Units from the start of each word to the end of the ring."""
        return [self.units - word * self.out_units for word in range(self.words)]


@dataclass(frozen=True)
class GearPlan:
    """How a ratio with neither width a multiple of the other goes through a shifter.

    Places count `unit`s, the greatest common divisor of the two widths. A word of the input is shifted to its place in
    the output word that it completes in two steps, with a register of `near_width` bits between, and then joins
    `held_width` bits: a word of each side but for a unit.
    """

    unit: int
    in_units: int
    out_units: int
    tlast: bool

    @property
    def place_width(self) -> int:
        """Bits of a place."""
        return (self.out_units - 1).bit_length()

    @property
    def near_bits(self) -> int:
        """Those by which the first step shifts. A word that may have waited is chosen in that step, too."""
        return self.place_width // 2 if self.skids else -(-self.place_width // 2)

    @property
    def near_width(self) -> int:
        """Bits of a word behind the first step."""
        return min(self.held_width, (self.in_units + (1 << self.near_bits) - 1) * self.unit)

    @property
    def held_width(self) -> int:
        """Bits of the output words that are whole, and of the one that is not."""
        return (self.in_units + self.out_units - 1) * self.unit

    @property
    def skids(self) -> bool:
        """Whether there may be a word in every cycle, so that one more has to be kept when the output stalls."""
        return self.in_units < 2 * self.out_units

    @property
    def rest(self) -> int:
        """How much further each word's place is, modulo an output word."""
        return self.in_units % self.out_units

    @property
    def whole(self) -> int:
        """Output words that every word completes; some complete one more."""
        return self.in_units // self.out_units

    @property
    def words_width(self) -> int:
        """Bits of a number of output words. The last word of a frame may complete one more, with padding."""
        return (self.whole + 1 + self.tlast).bit_length()


@dataclass(frozen=True)
class DwcPlan:
    """One converter. Widths in bits, latency in cycles from taking the first word to offering the first."""

    module: str
    modules: tuple[str, ...]
    params: DwcParams
    kind: Kind
    ports: Ports
    ratio: int
    index_width: int
    latency: int
    ring: RingPlan | None

    @property
    def gear(self) -> GearPlan | None:
        """The shifter of a gearbox; what it is follows from the widths."""
        if self.kind is not Kind.GEAR:
            return None
        unit = math.gcd(self.ports.in_width, self.ports.out_width)
        return GearPlan(unit, self.ports.in_width // unit, self.ports.out_width // unit, self.params.tlast)

    @property
    def last_part(self) -> int:
        """The last of the `ratio` parts of the wider word."""
        return self.ratio - 1

    @property
    def gather_width(self) -> int:
        """Bits of all parts of an output word but the last one."""
        return self.ports.out_width - self.ports.in_width

    @property
    def slice_width(self) -> int:
        """Bits of a word with its TLAST, if it has one."""
        return self.ports.in_width + self.params.tlast


def _ring(in_width: int, out_width: int) -> RingPlan:
    unit = math.gcd(in_width, out_width)
    in_units, out_units = in_width // unit, out_width // unit
    units = in_units * out_units
    # Slot s ends before unit (s + 1) * in_units, and word r is units r * out_units to (r + 1) * out_units - 1.
    ends = [
        [
            (slot, (slot + 1) * in_units - word * out_units)
            for slot in range(out_units)
            if word * out_units < (slot + 1) * in_units <= (word + 1) * out_units
        ]
        for word in range(in_units)
    ]
    return RingPlan(
        unit=unit,
        slots=out_units,
        words=in_units,
        in_units=in_units,
        out_units=out_units,
        units=units,
        width=units * unit,
        # A partial frame is skipped to the end of the ring, so the level may near twice the ring.
        fill_width=(2 * units).bit_length(),
        slot_width=(out_units - 1).bit_length(),
        word_width=(in_units - 1).bit_length(),
        ends=tuple(map(tuple, ends)),
    )


def build_plan(params: DwcParams) -> DwcPlan:
    """Choose the kind of converter for two widths. `latency` counts from the first input word of a frame."""
    common = math.lcm(params.in_width, params.out_width)
    return plan_kind(params, gear=common > MOST_RING * (params.in_width + params.out_width))


def plan_kind(params: DwcParams, *, gear: bool) -> DwcPlan:
    """The plan with a gearbox, or a ring, where neither width is a multiple of the other."""
    in_width, out_width = params.in_width, params.out_width
    ring, modules = None, ()
    if in_width == out_width:
        kind, ratio, latency, modules = Kind.EQUAL, 1, 1, ("finn_reg_slice",)
    elif in_width % out_width == 0:
        kind, ratio, latency = Kind.DOWN, in_width // out_width, 1
    elif out_width % in_width == 0:
        kind, ratio = Kind.UP, out_width // in_width
        latency = ratio
    elif gear:
        kind, ratio = Kind.GEAR, 0
        latency = -(-out_width // in_width) + 1
    else:
        kind, ratio, ring = Kind.RING, 0, _ring(in_width, out_width)
        latency = -(-out_width // in_width) + 1
    return DwcPlan(
        module=params.name,
        modules=modules,
        params=params,
        kind=kind,
        ports=Ports.of(in_width, out_width),
        ratio=ratio,
        index_width=max(1, (ratio - 1).bit_length()),
        latency=latency,
        ring=ring,
    )
