# SPDX-License-Identifier: Apache-2.0
"""What synthesis makes of the columns of a read-only memory in LUTs, counted from its contents."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

MAX_FLAT = 32
"""A memory of more words is a module of its own to Yosys (rtl/memory/finn_rom.v)."""
MAX_SPLIT = 16
"""In more words functions of the address have too little in common to be put together from terms."""


@dataclass(frozen=True)
class Columns:
    """The columns of a memory with a registered read.

    registers  registers behind it: those of equal and of constant columns vanish, unless they lie behind a module
    functions  different functions of the whole address before those registers
    shorter    different functions that do without the highest bit of the address
    terms      functions of one half of the words, zero in the other, of which `functions` are put together; None in
               more words than MAX_SPLIT
    half       words of which `shorter` are functions
    """

    registers: int
    functions: int
    shorter: int
    terms: int | None
    half: int


@functools.lru_cache(maxsize=256)
def columns_of(words: tuple[str, ...], width: int) -> Columns:
    """The columns of hexadecimal `words` of `width` bits.

    A column whose words are all equal where the highest bit of the address is one value is a register with a
    synchronous set or reset, and its function one of the rest of the address.
    """
    depth = len(words)
    bits = _bits(words, width)
    if depth > MAX_SPLIT:
        different = _different(bits)
        return Columns(different if depth <= MAX_FLAT else width, different, 0, None, 0)
    patterns = np.unique(bits @ (1 << np.arange(depth, dtype=np.int64)))
    patterns = patterns[~_fixed(patterns, depth)]
    if depth <= 2:
        return Columns(len(patterns), len(patterns), 0, 0, 0)
    half = 1 << ((depth - 1).bit_length() - 1)
    low, high = patterns & ((1 << half) - 1), patterns >> half
    low_fixed, high_fixed = _fixed(low, half), _fixed(high, depth - half)
    whole = ~(low_fixed | high_fixed)
    shorter = np.unique(np.concatenate((low[high_fixed & ~low_fixed], high[low_fixed & ~high_fixed])))
    terms = len(np.unique(low[whole])) + len(np.unique(high[whole]))
    return Columns(len(patterns), int(whole.sum()), len(shorter), terms, half)


def _bits(words: tuple[str, ...], width: int) -> np.ndarray:
    """The bits of words, [width, depth]."""
    size = -(-width // 8)
    data = np.frombuffer(b"".join(int(word, 16).to_bytes(size, "little") for word in words), dtype=np.uint8)
    return np.unpackbits(data.reshape(len(words), size), axis=1, bitorder="little")[:, :width].T


def _different(bits: np.ndarray) -> int:
    """How many columns [width, depth] differ from each other and are not constant."""
    varying = np.ascontiguousarray(bits[(bits != bits[:, :1]).any(axis=1)])
    return len({column.tobytes() for column in np.packbits(varying, axis=1)})


def _fixed(patterns: np.ndarray, words: int) -> np.ndarray:
    """Whether all of so many words are equal, for each pattern: bit i of it is that of word i."""
    return (patterns == 0) | (patterns == (1 << words) - 1)
