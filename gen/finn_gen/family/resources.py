# SPDX-License-Identifier: Apache-2.0
"""What a circuit takes of a device, or what a device has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """LUTs, flip-flops and block RAMs.

    `lut` counts logic cells, and the LUTs of shift registers and LUT RAM, `ff` registers. `bram18` counts the family's
    block RAMs of about 18 kbit; one of twice the size counts as two.
    """

    lut: int = 0
    ff: int = 0
    bram18: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.lut + other.lut, self.ff + other.ff, self.bram18 + other.bram18)

    def __mul__(self, copies: int) -> Resources:
        return Resources(self.lut * copies, self.ff * copies, self.bram18 * copies)

    def fits(self, limit: Resources) -> bool:
        """Whether `limit` has as much of everything."""
        return self.lut <= limit.lut and self.ff <= limit.ff and self.bram18 <= limit.bram18
