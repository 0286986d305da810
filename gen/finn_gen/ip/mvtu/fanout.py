# SPDX-License-Identifier: Apache-2.0
"""How often a unit has a register that many inputs hang on, and which of them hang on which copy (`finn_copies`)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from finn_gen.family.columns import columns_of

MOST = 64
"""Inputs that a copy drives at most."""
FEW = MOST // 4
"""Inputs for which a copy beside others is not worth its registers."""
LUT_WORDS = 16
"""Words of a memory that a LUT of any family holds: ECP5's has four inputs."""
SHARED = 1.02
"""How many times as many columns slices may have, where equal ones are one, as the whole."""
WHOLE_BLOCKS = 36
"""Columns that fill block RAMs of any shape."""


def row_groups(rows: int, width: int) -> int:
    """Rows of `width` registers each that share a copy; all of them where one is enough."""
    return rows if rows * width <= MOST else max(1, MOST // width)


def lut_slices(words: Sequence[str], width: int) -> tuple[int, ...]:
    """Columns of each slice of a memory in LUTs, `words` in hexadecimal, so that an address drives few enough LUTs.

    Equal columns are one within a slice: there are no more slices than leave together about what the memory has whole.
    """
    whole = _different(words, width)
    slices = _even(width, _slices_of(whole, len(words), width))
    while len(slices) > 1:
        kept = sum(_different(part, each) for part, each in zip(cut(words, slices), slices, strict=True))
        if kept <= whole * SHARED:
            break
        slices = _even(width, len(slices) // 2)
    return slices


def even_slices(depth: int, width: int) -> tuple[int, ...]:
    """The slices of a memory of `depth` words that are not known, where their columns are taken for random ones."""
    kinds = 1 << min(depth, 62)
    number = _slices_of(min(width, kinds), depth, width)
    while number > 1 and number * _expected(width / number, kinds) > SHARED * _expected(width, kinds):
        number //= 2
    return _even(width, number)


def _different(words: Sequence[str], width: int) -> int:
    """How many columns differ from each other."""
    found = columns_of(tuple(words), width)
    return found.functions + found.shorter


def _expected(columns: float, kinds: int) -> float:
    """How many of so many kinds there are in random columns, on average."""
    return -kinds * math.expm1(-columns / kinds)


def _slices_of(functions: int, depth: int, width: int) -> int:
    """How many slices leave an address as few inputs to drive as it may."""
    loads = functions * -(-depth // LUT_WORDS)
    return min(-(-loads // MOST), MOST, -(-width // 4))


def block_slices(width: int, blocks: int) -> tuple[int, ...]:
    """Columns of each slice of a memory in block RAMs, so that an address drives few enough of them.

    No slice takes more blocks than its share of the whole memory: all but the last have columns that fill them.
    """
    if blocks <= MOST:
        return (width,)
    number = -(-blocks // MOST)
    each = -(-width // number // WHOLE_BLOCKS) * WHOLE_BLOCKS
    return tuple(min(each, width - low) for low in range(0, width, each))


def replay_lanes(width: int, words: int, others: int) -> tuple[int, ...]:
    """Columns of each lane of a memory of input words in LUTs, which have a copy of the address each.

    There are none where the address drives few enough inputs without, `others` included, or these are nearly all.
    """
    pins = width * -(-words // 64) if words > 32 else -(-width // 2)
    return _even(width, -(-pins // MOST)) if pins + others > MOST and pins >= FEW else ()


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
