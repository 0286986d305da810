# SPDX-License-Identifier: Apache-2.0
"""What primitives of 7-series take, as Yosys' `synth_xilinx -family xc7` maps to them."""

from finn_gen.family.costs import BlockRams, Costs, Piece
from finn_gen.family.xc7 import memory


class Xc7Costs(Costs):
    """The figures of `finn_gen.family.xc7.memory`. `bram18` counts RAMB18s."""

    luts_worth_a_block = 200  # xc7z045 has 218,600 LUTs and 1,090 RAMB18
    memory_luts_worth_a_block = 120
    lut_ram_depth = 64  # RAM64M (UG474)
    shortest_srl = 3  # `xilinx_srl -minlen`
    block_bits = memory.BLOCK_BITS

    def mux_luts(self, inputs: int) -> int:
        return memory.mux_luts(inputs)

    def srl_luts(self, width: int, depth: int) -> int:
        return memory.srl_luts(width, depth)

    def lut_ram_luts(self, width: int, depth: int) -> int:
        return memory.lut_ram_luts(width, depth)

    def lut_rom_luts(self, columns: int, depth: int) -> int:
        return memory.lut_rom_luts(columns, depth)

    def composed_luts(self, functions: int, terms: int) -> int:
        return memory.composed_luts(functions, terms)

    def cut(self, width: int, depth: int) -> tuple[Piece, ...]:
        return memory.cut(width, depth)

    def block_rams(self, width: int, depth: int, written: bool = True) -> BlockRams:
        return memory.block_rams(width, depth, written)

    def block_is_cheaper(self, width: int, depth: int) -> bool:
        return memory.block_is_cheaper(width, depth)
