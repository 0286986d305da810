# SPDX-License-Identifier: Apache-2.0
"""What a family's primitives and nets take, by a model, and how long a path of known structure is by that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

USUAL = 8
"""Inputs that a net of control logic drives where nothing is known to make it more."""

LANE = 60
"""Bits of a wide word that have a copy of their own of the flag or the address that they all need."""


@dataclass(frozen=True)
class Path:
    """A path between two edges of the clock: where it leads, in words, and the most ns that it takes by the model."""

    words: str
    ns: float

    @property
    def mhz(self) -> int:
        """The whole MHz that it allows."""
        return int(1000 / self.ns)


@dataclass(frozen=True)
class Delays:
    """Delays in ns.

    lut        from any input of a LUT to its output
    mux        of a multiplexer that joins two LUTs
    carry_in, carry, carry_out   of four bits of a carry chain: from a LUT into it, through it, out of it
    register   when a register shows, after the clock
    memory     when a LUT RAM or a shift register shows
    block, slow_block   when a block RAM shows, with its output register and without
    near       of a net that drives one input
    doubled    how much longer a net gets when it drives twice as many inputs
    """

    lut: float
    mux: float
    carry_in: float
    carry: float
    carry_out: float
    register: float
    memory: float
    block: float
    slow_block: float
    near: float
    doubled: float

    def net(self, fanout: float = 1) -> float:
        """A net that drives so many inputs."""
        return self.near + self.doubled * math.log2(max(1, fanout))

    def luts(self, fanouts: Sequence[float]) -> float:
        """LUTs one behind the other, each behind a net that drives so many inputs."""
        return sum(self.net(fanout) + self.lut for fanout in fanouts)

    def chain(self, bits: int) -> float:
        """From a LUT into the carry chain beside it, along `bits` of it and out."""
        slices = -(-bits // 4)
        first = self.carry_in + 0.75 * self.carry
        return first if slices <= 1 else first + (slices - 2) * self.carry + self.carry_out

    def control(self, levels: int, widest: int = USUAL, end: int = USUAL) -> float:
        """From a register through `levels` LUTs of control, behind nets of which one drives `widest` inputs and the
        others as many as they usually do, to an input that stands on a net with `end` others."""
        longer = self.net(max(widest, USUAL)) - self.net(USUAL)
        return self.register + self.luts([USUAL] * levels) + longer + self.net(end)

    def reg_slice(self, width: int) -> Clock:
        """`finn_reg_slice`: whether there is room, to the enables of all bits."""
        room = Path("room in the register slice", self.control(1, end=width + 2))
        word = Path("register slice", self.control(1, min(width, LANE)))
        return Clock((room, word), word, word, room, *[self.register] * 3)

    def joined(self, banks: int) -> float:
        """The multiplexer between the banks of a memory: a LUT takes four."""
        levels = 0
        while banks > 1:
            levels, banks = levels + 1, -(-banks // 4)
        return self.luts([1] * levels)


@dataclass(frozen=True)
class Clock:
    """How long the paths of a core are, at most, by the model. Those from its inputs begin at registers outside.

    inside   the longest paths from its registers, those to the outputs of handshake and data included
    data, valid, ready   the longest path that begins at an input, `s_axis_tdata`, `s_axis_tvalid`, `m_axis_tready`
    shows_data, shows_valid, shows_ready   how many ns after the clock `m_axis_tdata`, `m_axis_tvalid` and
                         `s_axis_tready` show
    """

    inside: tuple[Path, ...]
    data: Path
    valid: Path
    ready: Path
    shows_data: float
    shows_valid: float
    shows_ready: float

    @property
    def slowest(self) -> Path:
        """The longest path of the core alone."""
        return max((*self.inside, self.data, self.valid, self.ready), key=lambda path: path.ns)
