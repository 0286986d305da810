# SPDX-License-Identifier: Apache-2.0
"""The registers and memories of a unit whose weights and thresholds can be written: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finn_gen.base.registers import WIDTH, Field, Memory, Register, RegisterMap, place
from finn_gen.ip.mvtu.thresholds import Thresholds
from finn_gen.ip.mvtu.weights import Weights

if TYPE_CHECKING:
    from finn_gen.ip.mvtu.plan import MvtuPlan

CONTROL = Register(
    "CONTROL",
    0,
    "rw",
    "halts the unit",
    (Field("halt", 0, 1, "rw", "wait before the next vector, and let the memories be accessed"),),
)
STATUS = Register(
    "STATUS",
    4,
    "ro",
    "whether the unit is halted",
    (Field("halted", 0, 1, "ro", "the unit waits; the memories can be accessed"),),
)


@dataclass(frozen=True)
class Registers:
    """The AXI-Lite slave: its `table`, and the width of an index, of the widest word and of what is kept of it.

    `stage_width` bits of a word are kept until its last register is written; a read waits `wait_stages` cycles.
    """

    table: RegisterMap
    address_width: int
    index_width: int
    word_width: int
    stage_width: int
    wait_stages: int


def plan_registers(weights: Weights, thresholds: Thresholds, operand_stages: int) -> Registers:
    """The address map: control and status first, then the memories, each at a multiple of its window's size."""
    sizes = {"weights": ("NF * SF words of PE * SIMD encoded weights", weights.depth, weights.width)}
    if thresholds.initial:
        doc = "NF words of PE numbers that accumulators start from, thresholds included"
        sizes["initial"] = (doc, thresholds.initial.depth, thresholds.initial.width)
    if thresholds.ladder:
        doc = "NF words of PE * (2^out_bits - 2) thresholds, less the middle one"
        sizes["ladder"] = (doc, thresholds.ladder.depth, thresholds.ladder.width)
    memories: list[Memory] = []
    end = STATUS.offset + WIDTH // 8
    for name, (doc, depth, width) in sizes.items():
        memories.append(place(name, doc, depth, width, end))
        end = memories[-1].end
    address_width = max(4, (end - 1).bit_length())
    widest = max(memory.width for memory in memories)
    return Registers(
        table=RegisterMap(
            name="mvtu",
            doc="weights and thresholds of a matrix-vector unit",
            size=1 << address_width,
            registers=(CONTROL, STATUS),
            memories=tuple(memories),
        ),
        address_width=address_width,
        index_width=max(1, *(memory.index_bits for memory in memories)),
        word_width=widest,
        stage_width=WIDTH * (-(-widest // WIDTH) - 1),
        wait_stages=operand_stages + 1,
    )


def register_map(plan: MvtuPlan) -> RegisterMap | None:
    """The registers and memories of a unit with reload=1."""
    return plan.registers.table if plan.registers else None


def memory_image(plan: MvtuPlan) -> dict[int, int]:
    """What the memories of a unit with reload=1 hold after reset: address of a register -> its 32 bits.

    Written in this order to the halted unit of another plan of the same shape, it turns that into this one.
    """
    table, thresholds = register_map(plan), plan.thresholds
    words = {"weights": plan.weights.stored}
    words |= {"initial": thresholds.initial.words} if thresholds.initial else {}
    words |= {"ladder": thresholds.ladder.words} if thresholds.ladder else {}
    image = {}
    for memory in table.memories if table else ():
        for index, word in enumerate(words[memory.name]):
            for lane, address in enumerate(memory.addresses(index)):
                image[address] = int(word, 16) >> (WIDTH * lane) & ((1 << WIDTH) - 1)
    return image
