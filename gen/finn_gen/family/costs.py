# SPDX-License-Identifier: Apache-2.0
"""What building blocks cost: a family says what its primitives take, and everything else follows from that.

LUTs are counted where the structure fixes them (a bit of a multiplexer, of an adder or a memory); what synthesis makes
of control logic is not, and there a few constants are fitted to measured cores: they are marked as `fitted`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from finn_gen.base.counters import Counter
from finn_gen.family.columns import columns_of
from finn_gen.family.resources import Resources


@dataclass(frozen=True)
class BlockRams:
    """A memory in block RAM as synthesis maps it: `banks` deep, `bram18` blocks in all."""

    banks: int
    bram18: int


@dataclass(frozen=True)
class Piece:
    """Words `base` to `base + depth - 1` of a memory, side by side in `blocks` block RAMs of one shape."""

    base: int
    depth: int
    address_width: int
    blocks: int


class Table(Protocol):
    """Numbers in a memory: `depth` words of `width` bits, in hexadecimal, in a memory of a `style`."""

    depth: int
    width: int
    words: tuple[str, ...]
    style: str


def fitted(luts: float) -> int:
    """LUTs by a formula whose constants were fitted to measured cores, since synthesis decides on them."""
    return round(luts)


class Costs(ABC):
    """What a family's primitives take (abstract), and what building blocks of rtl/ are made of. Widths in bits."""

    luts_worth_a_block: int
    """A block RAM is worth this many LUTs of logic."""
    memory_luts_worth_a_block: int
    """Memory in more LUTs than these goes to block RAM: fewer, since not every LUT can be one."""
    lut_ram_depth: int
    """The deepest LUT RAM without a multiplexer behind it."""
    shortest_srl: int
    """Synthesis leaves shift registers of fewer stages in registers."""
    block_bits: int
    """Bits of a block RAM."""

    # ------------------------------------------------------------------ primitives

    @abstractmethod
    def mux_luts(self, inputs: int) -> int:
        """LUTs of a multiplexer of one bit."""

    @abstractmethod
    def srl_luts(self, width: int, depth: int) -> int:
        """LUTs of `width` shift registers of `depth` bits."""

    @abstractmethod
    def lut_ram_luts(self, width: int, depth: int) -> int:
        """LUTs of `depth` words of `width` bits in LUT RAM, without the multiplexer between banks."""

    @abstractmethod
    def lut_rom_luts(self, columns: int, depth: int) -> int:
        """LUTs of `depth` words of `columns` different bits in `finn_rom` in LUTs."""

    @abstractmethod
    def cut(self, width: int, depth: int) -> tuple[Piece, ...]:
        """`depth` words of `width` bits in the fewest block RAMs, and then the fewest pieces, the deepest first."""

    @abstractmethod
    def block_rams(self, width: int, depth: int, written: bool = True) -> BlockRams:
        """Block RAMs of `depth` words of `width` bits in one memory."""

    @abstractmethod
    def block_is_cheaper(self, width: int, depth: int) -> bool:
        """Whether synthesis puts a written memory of no given style with a registered read into block RAM."""

    # ------------------------------------------------------------------ memories

    def lut_memory_luts(self, width: int, depth: int, written: bool) -> int:
        """LUTs of a memory in LUTs with what chooses between its words: a RAM where it is written, else a ROM."""
        if not written:
            return self.lut_rom_luts(width, depth)
        return self.lut_ram_luts(width, depth) + width * self.mux_luts(-(-depth // 64))

    def ram_style(self, width: int, depth: int) -> str:
        """Where a written memory goes, by the LUTs that it would take: "distributed" or "block"."""
        return "block" if self.lut_ram_luts(width, depth) > self.memory_luts_worth_a_block else "distributed"

    def composed_luts(self, functions: int, terms: int) -> int:
        """LUTs of `functions` that are each two of the `terms` joined, with the terms. A family may do with fewer."""
        return functions + terms

    def scaled(self, counted: Resources) -> Resources:
        """What a core takes of which so much was `counted` by formulas that are fitted to LUTs of six inputs."""
        return counted

    # ------------------------------------------------------------------ building blocks

    def reg_slice(self, width: int) -> Resources:
        """`finn_reg_slice`: two registers a bit, a multiplexer between them, and a flag for every 60 of those."""
        return Resources(width + 2, 2 * width + 1 + -(-width // 60))

    def half_slice(self, width: int) -> Resources:
        """`finn_half_slice`: a register, and a flag for every 60 bits of it."""
        return Resources(1, width + -(-width // 60))

    def frame_guard(self, width: int, words: int, tlast: bool = True) -> Resources:
        """`finn_frame_guard`: a register slice, a counter of the words, four flags.

        In the slice TLAST lies beside the data, where what follows reads it.
        """
        bits = max(1, (words - 1).bit_length()) if words > 1 else 0
        flags = 4 if words > 1 else 2
        return self.reg_slice(width + tlast) + Resources(fitted(flags + bits), bits + flags)

    def q17(self, lanes: int) -> Resources:
        """`finn_q17`: combinational; a lane is an incrementer of seven bits."""
        return Resources(5 * lanes)

    def counter(self, width: int) -> Resources:
        """A counter with a last value: its register; increment and comparison, fitted."""
        return Resources(fitted(0.7 * width + 1), width)

    def index(self, width: int) -> Resources:
        """A counter whose last value other logic compares with as well: its register; LUTs fitted."""
        return Resources(fitted(0.4 * width + 1), width)

    def fifo_control(self, depth: int, mark: bool) -> Resources:
        """`finn_fifo_control` with or without the high-water mark."""
        width = depth.bit_length()
        return Resources(fitted(6 + width / 2 + (mark and width / 2)), 1 + width * (2 if mark else 1))

    def block_ram(self, width: int, depth: int, written: bool = True) -> Resources:
        """A memory in block RAM with a registered read: blocks, the multiplexer between their banks, its select."""
        blocks = self.block_rams(width, depth, written)
        if blocks.banks == 1:
            return Resources(bram18=blocks.bram18)
        luts = width * self.mux_luts(blocks.banks) + (blocks.banks if written else 0)
        return Resources(luts, (blocks.banks - 1).bit_length(), blocks.bram18)

    def lut_ram(self, width: int, depth: int) -> Resources:
        """A memory in LUT RAM with a registered read: the memory, the multiplexer between its banks, the register."""
        return Resources(self.lut_memory_luts(width, depth, written=True), width)

    def ram(self, width: int, depth: int, style: str) -> Resources:
        """`finn_ram` of a style."""
        return self.block_ram(width, depth) if style == "block" else self.lut_ram(width, depth)

    def line_buffer(self, width: int, addresses: int, style: str) -> Resources:
        """`finn_line_buffer`: a memory, and for every lane of it the registers of two addresses."""
        bits = (addresses - 1).bit_length()
        lanes = 1 if style == "block" else -(-width // 60)
        return self.ram(width, addresses, style) + Resources(fitted(1.4 * bits), 2 * bits * lanes)

    def fifo(self, width: int, depth: int, style: str, mark: bool = True) -> Resources:
        """A FIFO in a storage: `finn_reg_slice`, `finn_fifo_srl` or `finn_fifo_ram`."""
        if style == "reg":
            return self.reg_slice(width)
        control = self.fifo_control(depth, mark)
        if style == "srl":
            stages = depth - 1
            if stages < self.shortest_srl:
                return control + Resources(width, (stages + 1) * width)
            return control + Resources(self.srl_luts(width, stages), width)
        address = (depth - 2).bit_length()
        words = 1 << address if style == "lut" else depth - 1
        wraps = words != 1 << address
        lanes = 1 if style == "block" else -(-width // 60)
        pointers = Resources(fitted(2 + (1.2 * address if wraps else 0)), 2 * address * lanes)
        return control + pointers + self.ram(width, words, "block" if style == "block" else "distributed")

    def levels(self, levels: Sequence[Counter]) -> Resources:
        """Nested counters, some with a register that says that they are at their last value."""
        return sum((self.counter(level.width) + Resources(0, level.flagged) for level in levels), Resources())

    def rom(self, words: Sequence[str], width: int) -> Resources:
        """A read-only memory in LUTs with a registered read, `words` in hexadecimal.

        Functions of the address are put together from terms that they share, where that takes fewer LUTs: the path
        through two LUTs is not the longest of a design.
        """
        found = columns_of(tuple(words), width)
        luts, shorter = self.lut_rom_luts(found.functions, len(words)), self.lut_rom_luts(found.shorter, found.half)
        if found.terms is not None:
            luts = min(luts, self.composed_luts(found.functions, found.terms))
            shorter = min(shorter, self.composed_luts(found.shorter, 0))
        return Resources(luts + shorter, found.registers)

    def table(self, table: Table, reloaded: bool) -> Resources:
        """A table of numbers for the rows: a memory with a registered read."""
        if table.style == "block":
            return self.block_ram(table.width, table.depth, reloaded)
        if reloaded:
            return self.lut_ram(table.width, table.depth)
        return self.rom(table.words, table.width)
