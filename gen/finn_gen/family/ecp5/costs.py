# SPDX-License-Identifier: Apache-2.0
"""What primitives of Lattice ECP5 take, as Yosys' `synth_ecp5` maps to them: LUTs of four inputs, blocks of 18 kbit."""

from dataclasses import replace

from finn_gen.family.costs import BlockRams, Costs, Piece
from finn_gen.family.resources import Resources

SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""(words, bits) of a DP16KD; FPGA-DS-02012, sysMEM memory block."""
RAM_WORDS, RAM_BITS, RAM_LUTS = 16, 4, 6
"""A TRELLIS_DPR16X4: two slices hold it, a third writes it (FPGA-DS-02012, distributed memory)."""
ROM_WORDS, ROM_JOINED = 16, 16
"""Words of a LUT, and LUTs that PFUMX and L6MUX21 join without another one."""


class Ecp5Costs(Costs):
    """`lut` counts LUT4, `bram18` blocks of 18 kbit (DP16KD). There are no shift registers in LUTs."""

    luts_worth_a_block = 400  # LFE5U-85F has 83,640 LUTs and 208 blocks
    memory_luts_worth_a_block = 240
    lut_ram_depth = RAM_WORDS
    shortest_srl = 1 << 30
    block_bits = 18432
    logic_scale = 2.5
    """LUTs for one that the formulas of 7-series count: fitted to the cores' benchmarks: most take 1.6 to 2.7."""

    def mux_luts(self, inputs: int) -> int:
        return -(-2 * (inputs - 1) // 3)

    def srl_luts(self, width: int, depth: int) -> int:
        return width * depth

    def lut_ram_luts(self, width: int, depth: int) -> int:
        return RAM_LUTS * -(-width // RAM_BITS) * -(-depth // RAM_WORDS)

    def lut_memory_luts(self, width: int, depth: int, written: bool) -> int:
        if not written:
            return self.lut_rom_luts(width, depth)
        return self.lut_ram_luts(width, depth) + width * self.mux_luts(-(-depth // RAM_WORDS))

    def lut_rom_luts(self, columns: int, depth: int) -> int:
        luts = -(-depth // ROM_WORDS)
        return columns * (luts + self.mux_luts(-(-luts // ROM_JOINED)))

    def cut(self, width: int, depth: int) -> tuple[Piece, ...]:
        words, bits = self._shape(width, depth)
        blocks = -(-width // bits)
        parts = [(base, min(words, depth - base)) for base in range(0, depth, words)]
        return tuple(Piece(base, held, max(1, (held - 1).bit_length()), blocks) for base, held in parts)

    def block_rams(self, width: int, depth: int, written: bool = True) -> BlockRams:
        words, bits = self._shape(width, depth)
        banks = -(-depth // words)
        return BlockRams(banks, banks * -(-width // bits))

    def block_is_cheaper(self, width: int, depth: int) -> bool:
        blocks = self.block_rams(width, depth).bram18
        return self.lut_ram_luts(width, depth) > self.memory_luts_worth_a_block * blocks

    def scaled(self, counted: Resources) -> Resources:
        return replace(counted, lut=round(counted.lut * self.logic_scale))

    def _shape(self, width: int, depth: int) -> tuple[int, int]:
        """The shape of the fewest blocks, and among these of the fewest banks."""
        return min(SHAPES, key=lambda shape: (-(-depth // shape[0]) * -(-width // shape[1]), -(-depth // shape[0])))
