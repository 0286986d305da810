# SPDX-License-Identifier: Apache-2.0
"""Cutting one wide memory into block RAMs, and what a memory in LUTs takes (7-series, UG473 and UG474)."""

import functools

from finn_gen.family.costs import BlockRams, Piece

BLOCK_BITS = 18432
"""Bits of a RAMB18, parity included."""
ASPECTS = ((512, 36, 1), (1024, 18, 1), (2048, 9, 1), (4096, 4, 1), (8192, 2, 1), (16384, 1, 1), (32768, 1, 2))
"""(depth, width, RAMB18s): the shapes of a RAMB18, and the longest of a RAMB36."""


@functools.lru_cache(maxsize=4096)
def cut(width: int, depth: int) -> tuple[Piece, ...]:
    """The fewest RAMB18 that hold `depth` words of `width` bits, and then the fewest pieces.

    Pieces follow each other in depth, the deepest first; each is as deep as one shape of a block.
    """

    @functools.cache
    def best(left: int) -> tuple[int, int, tuple[int, ...]]:
        if left <= 0:
            return (0, 0, ())
        options = []
        for index, (words, bits, blocks) in enumerate(ASPECTS):
            # Only the last piece may be deeper than what is left, and only by the shape that just fits.
            if words > left and index and ASPECTS[index - 1][0] >= left:
                continue
            cost, pieces, path = best(left - words)
            options.append((cost + blocks * -(-width // bits), pieces + 1, (index, *path)))
        return min(options)

    # Long memories are mostly of the longest shape; that keeps the search short.
    longest = ASPECTS[-1][0]
    whole = max(0, depth // longest - 1)
    _, _, tail = best(depth - whole * longest)
    shapes = sorted([len(ASPECTS) - 1] * whole + list(tail), reverse=True)
    pieces, base = [], 0
    for shape in shapes:
        words, bits, blocks = ASPECTS[shape]
        held = min(words, depth - base)
        pieces.append(Piece(base, held, max(1, (held - 1).bit_length()), blocks * -(-width // bits)))
        base += words
    return tuple(pieces)


def srl_luts(width: int, depth: int) -> int:
    """LUTs of `width` shift registers of `depth` bits: an SRLC32E holds 32 (UG474)."""
    return width * -(-depth // 32)


def lut_ram_luts(width: int, depth: int) -> int:
    """LUTs of `depth` words of `width` bits in LUT RAM: four are a RAM32M (32 x 6) or a RAM64M (64 x 3) (UG474)."""
    if depth <= 32:
        return 4 * -(-width // 6)
    return 4 * -(-width // 3) * -(-depth // 64)


def lut_rom_luts(columns: int, depth: int) -> int:
    """LUTs of `depth` words of `columns` different bits in `finn_rom` in LUTs, as Yosys maps it.

    A column takes a LUT for every 64 words. MUXF7 joins two of them, and MUXF8 four: three take the place of four.
    Among more, LUTs choose: two for five banks, fitted to columns of 5 to 16. Two columns share a LUT up to 4 words
    alone, and up to 2 they are wires.
    """
    if depth <= 4:
        return 0 if depth <= 2 else columns // 2
    banks = -(-depth // 64)
    if banks <= 4:
        return columns * (4 if banks == 3 else banks)
    return round(1.4 * banks * columns)


def composed_luts(functions: int, terms: int) -> int:
    """LUTs of functions that are each two terms joined, and of the terms: each has two inputs, and two share a LUT."""
    return -(-(functions + terms) // 2)


def mux_luts(inputs: int) -> int:
    """LUTs of a multiplexer of one bit: a LUT6 takes four inputs to one. Of more than 8 fitted: ABC finds no tree."""
    luts = -(-(inputs - 1) // 3)
    return luts if inputs <= 8 else round(luts * (inputs / 8) ** 0.3)


@functools.cache
def block_rams(width: int, depth: int, written: bool = True) -> BlockRams:
    """Block RAMs of `depth` words of `width` bits in one memory, as Yosys' `memory_libmap` places them.

    It takes one shape for the whole memory, the one of the lowest cost. Words of all banks lie packed side by side;
    where the memory is written each begins on the next write enable, of up to nine bits.
    """
    return min((_block_option(width, depth, written, shape) for shape in _YOSYS_BLOCKS), key=lambda option: option[0])[
        1
    ]


def _block_option(width: int, depth: int, written: bool, shape: tuple[int, int, int, int]) -> tuple[float, BlockRams]:
    """What a memory in blocks of a shape costs: the blocks, and half a LUT for each input of what is around them."""
    words, bits, blocks, price = shape
    lane = min(bits, 9) if written else 1
    banks = -(-depth // words)
    count = -(-banks * lane * -(-width // lane) // bits)
    around = (banks - 1) * width + (banks if written and banks > 1 else 0)
    return price * count + around / 2, BlockRams(banks, blocks * count)


def block_is_cheaper(width: int, depth: int) -> bool:
    """Whether Yosys puts a written memory of no given style with a registered read into block RAM."""
    block = min(_block_option(width, depth, True, shape)[0] for shape in _YOSYS_BLOCKS)
    lut = []
    for words, bits in ((32, 6), (64, 3)):
        banks = -(-depth // words)
        cells = -(-banks * bits * -(-width // bits) // bits)
        around = (banks - 1) * width + (banks if banks > 1 else 0)
        lut.append(cells + 7 * banks * width / bits + around / 2)
    return block < min(lut)


_YOSYS_BLOCKS = tuple(
    (bits_deep, width, blocks, price)
    for blocks, price, shapes in (
        (1, 129, ((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36))),
        (2, 257, ((32768, 1), (16384, 2), (8192, 4), (4096, 9), (2048, 18), (1024, 36), (512, 72))),
        (4, 513, ((65536, 1), (32768, 2), (16384, 4), (8192, 9))),
    )
    for bits_deep, width in shapes
)
"""(words, bits, RAMB18s, cost) of a RAMB18, a RAMB36 and two cascaded ones."""
