# SPDX-License-Identifier: Apache-2.0
"""The two streams of a core."""

from __future__ import annotations

from dataclasses import dataclass

from finn_gen.base.params import byte_width


@dataclass(frozen=True)
class Ports:
    """Bits of a word that goes in and of one that comes out, and of TDATA, which is whole bytes."""

    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int

    @classmethod
    def of(cls, in_width: int, out_width: int) -> Ports:
        """Ports of words of so many bits."""
        return cls(in_width, out_width, byte_width(in_width), byte_width(out_width))
