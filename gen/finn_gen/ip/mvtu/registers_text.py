# SPDX-License-Identifier: Apache-2.0
"""What is printed of a unit's table of registers: its decoding in Verilog, constants for C and Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from finn_gen.base.registers import WIDTH, Memory, Register, RegisterMap, localparams, memories_json
from finn_gen.base.verilog import all_of, either, number, padded, part, span, vector
from finn_gen.ip.mvtu.registers import Registers


@dataclass(frozen=True)
class MemoryText:
    """A memory with the phrases that decode an access to it.

    within  the address lies in its window
    lane    the register of the word
    commits the last one is written, which commits the word
    legal   a register of it is there
    read    the registers of a word that is read
    """

    memory: Memory
    within: str
    lane: str
    commits: str
    legal: str
    read: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.memory, name)

    @property
    def stride_bytes(self) -> int:
        """Bytes from a word to the next."""
        return 4 * self.memory.stride

    @classmethod
    def of(cls, memory: Memory, address_width: int) -> MemoryText:
        """That for addresses of a width."""
        name, lanes = memory.name, memory.lanes
        within = f"address{span(memory.size_bits, address_width)}"
        below = number(memory.lane_bits, lanes - 1)
        lane = f"address{span(2, memory.lane_bits + 2)}"
        terms = [f"{name}_here"]
        if lanes < memory.stride:
            terms.append(f"{lane} <= {below}")
        if memory.depth < 1 << memory.index_bits:
            field = f"address{span(memory.lane_bits + 2, memory.size_bits)}"
            terms.append(f"{field} <= {number(memory.index_bits, memory.depth - 1)}")
        return cls(
            memory=memory,
            within=f"{within} == {number(address_width - memory.size_bits, memory.base >> memory.size_bits)}",
            lane=lane,
            commits=all_of(("write", f"in_{name}", f"{name}_lane == {below}" if lanes > 1 else "")),
            legal=all_of(terms),
            read=tuple(_read(memory, lane) for lane in range(lanes)),
        )


def _read(memory: Memory, lane: int) -> str:
    """A register of a word, with zeros beyond the word's end."""
    low = WIDTH * lane
    end = min(memory.width, low + WIDTH)
    return padded(f"{memory.name}_word{span(low, end)}", end - low, WIDTH)


_FIELD_NETS = {"halt": "halt_q", "halted": "halted"}
"""What the fields of registers read."""


def _value(register: Register) -> str:
    """What a register reads: its field, the lowest bit, and zeros."""
    (field,) = register.fields
    return padded(_FIELD_NETS[field.name], field.width, WIDTH)


def _index(memory: Memory, width: int) -> str:
    """The word that `address` lies in, `width` bits wide."""
    bits, low = memory.index_bits, 2 + memory.lane_bits
    return padded(f"address{span(low, low + bits)}", bits, width) if bits else number(width, 0)


def _kept(memories: tuple[Memory, ...], lane: int) -> str:
    """Whether a register is written that is kept until the last one of its word, as number `lane` of those."""
    deep = [memory for memory in memories if memory.lanes > lane + 1]
    terms = [f"in_{memory.name} && {memory.name}_lane == {number(memory.lane_bits, lane)}" for memory in deep]
    return f"write && {terms[0]}" if len(terms) == 1 else f"write && ({' || '.join(map(either, terms))})"


def _written(memory: Memory, width: int) -> str:
    """The word that a write to its last register commits, `width` bits wide."""
    kept = WIDTH * (memory.lanes - 1)
    parts = [number(width - memory.width, 0)] if memory.width < width else []
    parts.append(f"data{vector(memory.width - kept)}")
    parts += [f"stage_q{vector(kept)}"] if kept else []
    return "{" + ", ".join(parts) + "}"


def _chosen(memories: tuple[Memory, ...], values: list[str]) -> list[str]:
    """Lines of an expression that chooses a value by the memory that an access goes to."""
    *first, last = values
    chosen = [f"in_{memory.name} ? {value} :" for memory, value in zip(memories, first, strict=False)]
    return [*chosen, f"{last};"]


def decode(registers: Registers) -> dict[str, Any]:
    """What the template of the registers prints besides the plan."""
    table, memories, width = registers.table, registers.table.memories, registers.address_width
    named = dict(localparams(table, width))
    return {
        "table": table,
        "offsets": [(register.name, named[register.name]) for register in table.registers],
        "written_bits": [
            (name, named[name])
            for register in table.registers
            for name in (f"{register.name}_{field.name.upper()}" for field in register.fields if field.access == "rw")
        ],
        "memories": [MemoryText.of(memory, width) for memory in memories],
        "decode": {
            "registers": " || ".join(f"in_{register.name.lower()}" for register in table.registers),
            "reads": [(register.name, _value(register)) for register in table.registers],
            "legal": " || ".join(f"{memory.name}_legal" for memory in memories),
            "staged": [(part(lane, WIDTH), _kept(memories, lane)) for lane in range(registers.stage_width // WIDTH)],
            "index": _chosen(memories, [_index(memory, registers.index_width) for memory in memories]),
            "write_word": _chosen(memories, [_written(memory, registers.word_width) for memory in memories]),
            "waiting": vector(registers.wait_stages - 1),
            "waited": registers.wait_stages - 1,
        },
    }


def constants(table: RegisterMap) -> list[tuple[str, str]]:
    """Names and literals for C and Python: registers by their offsets, and where the words of memories are."""
    found = [(register.name, f"{register.offset:#x}") for register in table.registers]
    for name, said in memories_json(table).items():
        for what, value in said.items():
            found.append((f"{name}_{what}".upper(), f"{value:#x}" if what == "base" else str(value)))
    return found
