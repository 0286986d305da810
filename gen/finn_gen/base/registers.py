# SPDX-License-Identifier: Apache-2.0
"""Register maps: each stands once, as a table, and gives constants for RTL and C, a table for Python, documentation.

A map has registers, and memories whose words lie in several registers each. Registers have 32 bits and lie at byte
offsets that are multiples of 4. Kinds of access:

ro      reads give the state, writes change nothing
rw      reads give what was written
wo      reads give 0
w1c     set by hardware; a bit that is written as 1 is cleared
pulse   a bit that is written as 1 starts something; reads give 0
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from finn_gen import __version__

ACCESS = ("ro", "rw", "wo", "w1c", "pulse")
WIDTH = 32


@dataclass(frozen=True)
class Field:
    """Bits `low` to `low + width - 1` of a register."""

    name: str
    low: int
    width: int
    access: str
    doc: str
    reset: int = 0

    @property
    def mask(self) -> int:
        """The field's bits in the register."""
        return ((1 << self.width) - 1) << self.low


@dataclass(frozen=True)
class Register:
    """A register, or `count` of them, `stride` bytes apart. `reset` is its value after reset, where it has no fields.

    A register with `fields` has their kinds of access; bits in none read as 0.
    """

    name: str
    offset: int
    access: str
    doc: str
    fields: tuple[Field, ...] = ()
    reset: int = 0
    count: int = 1
    stride: int = 4

    @property
    def value(self) -> int:
        """What it holds after reset."""
        return sum(field.reset << field.low for field in self.fields) if self.fields else self.reset

    @property
    def offsets(self) -> range:
        """The offset of each of them."""
        return range(self.offset, self.offset + self.count * self.stride, self.stride)


@dataclass(frozen=True)
class Memory:
    """A memory behind registers: `depth` words of `width` bits from the byte offset `base` on.

    A word lies in `lanes` registers, its low bits first; words are `stride` registers apart, a power of two.
    """

    name: str
    doc: str
    base: int
    depth: int
    width: int

    @property
    def lanes(self) -> int:
        """Registers of a word."""
        return -(-self.width // WIDTH)

    @property
    def lane_bits(self) -> int:
        """Bits of an address that tell the registers of a word apart."""
        return (self.lanes - 1).bit_length()

    @property
    def stride(self) -> int:
        """Registers from a word to the next."""
        return 1 << self.lane_bits

    @property
    def index_bits(self) -> int:
        """Bits of an address that tell words apart."""
        return (self.depth - 1).bit_length()

    @property
    def size_bits(self) -> int:
        """Bits of an address within the memory: it is as long as a power of two and lies at a multiple of that."""
        return max(3, 2 + self.lane_bits + self.index_bits)

    @property
    def end(self) -> int:
        """The first offset behind it."""
        return self.base + (1 << self.size_bits)

    def addresses(self, index: int) -> range:
        """The offsets of the registers of a word, the last of which commits it."""
        first = self.base + 4 * self.stride * index
        return range(first, first + 4 * self.lanes, 4)


def place(name: str, doc: str, depth: int, width: int, free: int) -> Memory:
    """A memory at the first legal offset from `free` on."""
    size_bits = Memory(name, doc, 0, depth, width).size_bits
    return Memory(name, doc, -(-free >> size_bits) << size_bits, depth, width)


@dataclass(frozen=True)
class RegisterMap:
    """The registers and memories of a core within `size` bytes, a power of two.

    Raises ValueError if the table is wrong.
    """

    name: str
    doc: str
    size: int
    registers: tuple[Register, ...]
    memories: tuple[Memory, ...] = ()

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise ValueError(f"register map {self.name}: {problem}")

    def __getitem__(self, name: str) -> Register:
        """The register called `name`."""
        return next(register for register in self.registers if register.name == name)


def _problems(table: RegisterMap) -> Iterator[str]:
    if table.size < 4 or table.size & (table.size - 1):
        yield f"size={table.size}: it must be a power of two"
    taken: list[tuple[int, str]] = []
    for register in table.registers:
        yield from _register_problems(register)
        taken += [(offset, register.name) for offset in register.offsets]
    taken.sort()
    for (here, first), (there, second) in pairwise(taken):
        if here == there:
            yield f"{first} and {second} both lie at {here:#x}"
    if taken and taken[-1][0] + 4 > table.size:
        yield f"{taken[-1][1]} ends beyond {table.size:#x}"
    names = [register.name for register in table.registers] + [memory.name.upper() for memory in table.memories]
    if len(set(names)) < len(names):
        yield "a name stands twice"
    yield from _memory_problems(table)


def _memory_problems(table: RegisterMap) -> Iterator[str]:
    end = max((offset + 4 for register in table.registers for offset in register.offsets), default=0)
    for memory in sorted(table.memories, key=lambda memory: memory.base):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", memory.name):
            yield f"{memory.name}: a memory's name has small letters, digits and _"
        if memory.base % (1 << memory.size_bits) or memory.depth < 1 or memory.width < 1:
            yield f"{memory.name}: it must begin at a multiple of its size and hold something"
        if memory.base < end:
            yield f"{memory.name} begins at {memory.base:#x}, before the end of what comes before it"
        end = memory.end
    if end > table.size:
        yield f"memories end beyond {table.size:#x}"


def _register_problems(register: Register) -> Iterator[str]:
    where = register.name
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", register.name):
        yield f"{where}: a name has capitals, digits and _"
    if register.access not in ACCESS:
        yield f"{where}: access={register.access}; legal are {', '.join(ACCESS)}"
    if register.offset < 0 or register.offset % 4 or register.stride % 4 or register.stride < 4 or register.count < 1:
        yield f"{where}: offset and stride must be multiples of 4 and count at least 1"
    used = 0
    for field in register.fields:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", field.name):
            yield f"{where}.{field.name}: a name has small letters, digits and _"
        if field.access not in ACCESS:
            yield f"{where}.{field.name}: access={field.access}; legal are {', '.join(ACCESS)}"
        if field.low < 0 or field.width < 1 or field.low + field.width > WIDTH or field.reset >> field.width:
            yield f"{where}.{field.name}: it does not fit"
        if used & field.mask:
            yield f"{where}.{field.name}: it overlaps another field"
        used |= field.mask


def constants(table: RegisterMap) -> tuple[tuple[str, int], ...]:
    """Names and numbers: the offset of each register, its stride and count, and shift and mask of each field."""
    found: list[tuple[str, int]] = []
    for register in table.registers:
        found.append((register.name, register.offset))
        if register.count > 1:
            found += [(f"{register.name}_COUNT", register.count), (f"{register.name}_STRIDE", register.stride)]
        for field in register.fields:
            name = f"{register.name}_{field.name.upper()}"
            found += [(f"{name}_SHIFT", field.low), (f"{name}_MASK", field.mask)]
    return tuple(found)


def localparams(table: RegisterMap, address_width: int) -> tuple[tuple[str, str], ...]:
    """Names and Verilog literals for RTL: offsets of `address_width` bits, and the lowest bit of each field.

    `REGISTER` is an offset, `REGISTER_FIELD` a bit number.
    """
    found: list[tuple[str, str]] = []
    for register in table.registers:
        found.append((register.name, f"{address_width}'h{register.offset:x}"))
        found += [(f"{register.name}_{field.name.upper()}", str(field.low)) for field in register.fields]
    return tuple(found)


def c_header(name: str, maps: Mapping[str, tuple[int, RegisterMap]], numbers: Sequence[tuple[str, int, str]]) -> str:
    """A C header. `maps` gives each map's prefix and base address; `numbers` are further constants with a comment.

    Offsets include the base: `FINN_CTRL_IDENTITY` is relative to the base address of the whole IP.
    """
    guard = f"{name.upper()}_REGISTERS_H"
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0",
        " *",
        f" * Registers of {name}: byte offsets from its base address, fields as shift and mask.",
        " *",
        f" * Generated by finn-gen {__version__}.",
        " */",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
    ]
    for constant, value, comment in numbers:
        lines.append(f"#define {constant} {value:#x}u /* {comment} */")
    for prefix, (base, table) in maps.items():
        lines += ["", f"/* {table.doc} */"]
        for register in table.registers:
            lines.append(f"#define {prefix}_{register.name} {base + register.offset:#x}u /* {register.doc} */")
            if register.count > 1:
                lines.append(f"#define {prefix}_{register.name}_COUNT {register.count}u")
                lines.append(f"#define {prefix}_{register.name}_STRIDE {register.stride}u")
            for field in register.fields:
                full = f"{prefix}_{register.name}_{field.name.upper()}"
                lines.append(f"#define {full}_SHIFT {field.low}u")
                lines.append(f"#define {full}_MASK {field.mask:#x}u /* {field.doc} */")
    return "\n".join([*lines, "", "#endif", ""])


def to_json(table: RegisterMap) -> dict[str, Any]:
    """The table as plain data, for drivers."""
    return {
        "doc": table.doc,
        "size": table.size,
        "registers": {register.name: _register_json(register) for register in table.registers},
    }


def memories_json(table: RegisterMap) -> dict[str, dict[str, int]]:
    """The memories as plain data, for drivers: bytes from word to word, bits of a word, registers that hold it."""
    return {
        memory.name: {
            "base": memory.base,
            "stride": 4 * memory.stride,
            "words": memory.depth,
            "width": memory.width,
            "registers": memory.lanes,
        }
        for memory in table.memories
    }


def _register_json(register: Register) -> dict[str, Any]:
    kept: dict[str, Any] = {"offset": register.offset, "access": register.access, "doc": register.doc}
    if register.count > 1:
        kept |= {"count": register.count, "stride": register.stride}
    if register.fields:
        kept["fields"] = {
            field.name: {"low": field.low, "width": field.width, "access": field.access, "doc": field.doc}
            for field in register.fields
        }
    return kept


def markdown(table: RegisterMap) -> str:
    """The table for a page: a line a register, below it a line a field."""
    lines = ["| offset | register | access | reset | meaning |", "| --- | --- | --- | --- | --- |"]
    for register in table.registers:
        offset = f"`{register.offset:#05x}`"
        if register.count > 1:
            offset += f" + {register.stride} n"
        access = "" if register.fields else register.access
        lines.append(f"| {offset} | **{register.name}** | {access} | {register.value:#x} | {register.doc} |")
        for field in register.fields:
            high = field.low + field.width - 1
            bits = str(field.low) if field.width == 1 else f"{high}:{field.low}"
            lines.append(f"| {bits} | {field.name} | {field.access} | {field.reset:#x} | {field.doc} |")
    for memory in table.memories:
        offset = f"`{memory.base:#05x}` + {4 * memory.stride} n"
        lines.append(
            f"| {offset} | **{memory.name}** | rw | | {memory.doc}, here {memory.depth} of {memory.width} bits |"
        )
    return "\n".join(lines) + "\n"
