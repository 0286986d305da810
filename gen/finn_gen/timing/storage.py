# SPDX-License-Identifier: Apache-2.0
"""Stages that only hold words, and the FIFO control that other stages have inside."""

from finn_gen.timing.actor import Actor
from finn_gen.timing.kernel import Kernel, Row, flags, part

(CAPACITY,) = range(1)
HELD, OUT_VALID = range(2)


@part
def fifo_out(count: int, valid: int, give: int) -> int:
    """finn_fifo_control: whether the output register holds a word a cycle later; `count` is that of this cycle."""
    if valid:
        return 1 if not give or count >= 2 else 0
    return count & 1


@part
def slice_step(p: Row, s: Row, take: int, give: int) -> int:
    """finn_reg_slice and, with room for a single word, finn_half_slice."""
    s[HELD] += take - give
    return flags(s[HELD] > 0, s[HELD] < p[CAPACITY], False)


@part
def fifo_step(p: Row, s: Row, take: int, give: int) -> int:
    """finn_fifo_srl and finn_fifo_ram."""
    s[OUT_VALID] = fifo_out(s[HELD], s[OUT_VALID], give)
    s[HELD] += take - give
    return flags(s[OUT_VALID] > 0, s[HELD] < p[CAPACITY], s[OUT_VALID] == 0 and s[HELD] > 0)


SLICE, FIFO = Kernel("slice", slice_step), Kernel("fifo", fifo_step)

SLICE_WORDS = {"finn_reg_slice": 2, "finn_half_slice": 1}
"""Words that a slice has room for."""


def register_slice(name: str, capacity: int = 2) -> Actor:
    """A register slice of `capacity` words."""
    return Actor(name, SLICE, (capacity,), (0, 0))


def fifo(name: str, capacity: int, registers: bool = False) -> Actor:
    """A FIFO of `capacity` words: a register slice, or a memory with an output register."""
    return Actor(name, SLICE if registers else FIFO, (capacity,), (0, 0), counted=True)
