# SPDX-License-Identifier: Apache-2.0
"""How often a unit has a register that many inputs hang on, and which of them hang on which copy (`finn_copies`)."""

from __future__ import annotations

from collections.abc import Sequence

from finn_gen.family.columns import columns_of

MOST = 64
"""Inputs that a copy drives at most."""
LUT_WORDS = 16
"""Words of a memory that a LUT of any family holds: ECP5's has four inputs."""
WHOLE_BLOCKS = 36
"""Columns that fill block RAMs of any shape."""


def row_groups(rows: int, width: int) -> int:
    """Rows of `width` registers each that share a copy; all of them where one is enough."""
    return rows if rows * width <= MOST else max(1, MOST // width)


def lut_slices(words: Sequence[str], width: int) -> tuple[int, ...]:
    """Columns of each slice of a memory in LUTs, `words` in hexadecimal, so that an address drives few enough LUTs.

    Equal columns are one within a slice.
    """
    found = columns_of(tuple(words), width)
    return even_slices(found.functions + found.shorter, len(words), width)


def even_slices(functions: int, depth: int, width: int) -> tuple[int, ...]:
    """Columns of each slice of a memory of `depth` words whose columns are so many functions of the address."""
    loads = functions * -(-depth // LUT_WORDS)
    return _even(width, min(-(-loads // MOST), MOST, -(-width // 4)))


def block_slices(width: int, blocks: int) -> tuple[int, ...]:
    """Columns of each slice of a memory in block RAMs, so that an address drives few enough of them.

    No slice takes more blocks than its share of the whole memory: all but the last have columns that fill them.
    """
    if blocks <= MOST:
        return (width,)
    number = -(-blocks // MOST)
    each = -(-width // number // WHOLE_BLOCKS) * WHOLE_BLOCKS
    return tuple(min(each, width - low) for low in range(0, width, each))


def _even(width: int, number: int) -> tuple[int, ...]:
    """`width` in so many nearly equal parts."""
    each = -(-width // max(1, number))
    return tuple(min(each, width - low) for low in range(0, width, each))


def cut(words: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    """Hexadecimal words cut into slices, the lowest columns first; each as a memory takes it."""
    if len(widths) == 1:
        return [tuple(words)]
    numbers, low, found = [int(word, 16) for word in words], 0, []
    for width in widths:
        mask, digits = (1 << width) - 1, -(-width // 4)
        found.append(tuple(f"{number >> low & mask:0{digits}x}" for number in numbers))
        low += width
    return found
