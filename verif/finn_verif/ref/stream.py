# SPDX-License-Identifier: Apache-2.0
"""Reference models of streams: packing elements into words, and cutting a bit stream anew.

Words are Python integers of any width; the first element in time is the least significant.
"""

from collections.abc import Iterable, Sequence


def pack(elements: Iterable[int], width: int) -> int:
    """Return the word whose lane i, bits [i*width +: width], is element i modulo 2**width."""
    word = 0
    for lane, element in enumerate(elements):
        word |= (int(element) & ((1 << width) - 1)) << (lane * width)
    return word


def unpack(word: int, width: int, lanes: int) -> list[int]:
    """Return the lanes of a word as unsigned integers, lane 0 first."""
    return [word >> (lane * width) & ((1 << width) - 1) for lane in range(lanes)]


def recut(words: Sequence[int], in_width: int, out_width: int) -> list[int]:
    """Return the same bits cut into words of `out_width`; bits that fill no whole word stay away."""
    bits = "".join(format(word, f"0{in_width}b") for word in reversed(words))
    count = len(bits) // out_width
    return [int(bits[len(bits) - (i + 1) * out_width : len(bits) - i * out_width], 2) for i in range(count)]


def recut_frame(words: Sequence[int], in_width: int, out_width: int) -> list[int]:
    """Return one frame's bits cut into words of `out_width`, the last one padded with zeros above."""
    count = -(-len(words) * in_width // out_width)
    filler = -(-count * out_width // in_width) - len(words)
    return recut([*words, *[0] * filler], in_width, out_width)[:count]
