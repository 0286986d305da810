# SPDX-License-Identifier: Apache-2.0
"""Cutting one wide memory into block RAMs, and what a memory in LUTs takes (7-series, UG473 and UG474)."""

import functools
from dataclasses import dataclass

BLOCK_BITS = 18432
"""Bits of a RAMB18, parity included."""
ASPECTS = ((512, 36, 1), (1024, 18, 1), (2048, 9, 1), (4096, 4, 1), (8192, 2, 1), (16384, 1, 1), (32768, 1, 2))
"""(depth, width, RAMB18s): the shapes of a RAMB18, and the longest of a RAMB36."""


@dataclass(frozen=True)
class Piece:
    """Words `base` to `base + depth - 1` of a memory, side by side in `blocks` RAMB18 of one shape."""

    base: int
    depth: int
    address_width: int
    blocks: int


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


def lut_rom_luts(width: int, depth: int) -> int:
    """LUT6 of a read-only memory in LUTs: 64 words a LUT and bit, two bits a LUT up to 32 words."""
    if depth <= 32:
        return -(-width // 2)
    return width * -(-depth // 64)
