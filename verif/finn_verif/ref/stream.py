# SPDX-License-Identifier: Apache-2.0
"""Streams: packing elements into words and taking them out again, and cutting a bit stream anew.

Words are Python integers of any width; the first element in time is the least significant.
"""

from collections.abc import Iterable, Sequence

import numpy as np


class Partial(int):
    """A word of which only the bits of the mask `care` are promised; equal to any word that agrees in these."""

    care: int

    def __new__(cls, word: int, care: int) -> "Partial":
        partial = super().__new__(cls, word & care)
        partial.care = care
        return partial

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and not (int(self) ^ int(other)) & self.care

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


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


def to_words(elements: np.ndarray, lanes: int, bits: int) -> list[int]:
    """Return all elements, the last axis fastest, as words of `lanes` elements of `bits` bits, the first one lowest."""
    flat = [int(element) for element in np.asarray(elements).reshape(-1)]
    return [pack(flat[i : i + lanes], bits) for i in range(0, len(flat), lanes)]


def from_words(
    words: Sequence[int], lanes: int, bits: int, shape: Sequence[int] = (-1,), signed: bool = False
) -> np.ndarray:
    """Return the elements of words as an array of a shape, the inverse of `to_words`."""
    flat = [element for word in words for element in unpack(word, bits, lanes)]
    if signed:
        flat = [element - (1 << bits) if element >> (bits - 1) else element for element in flat]
    return np.array(flat, np.int64).reshape(shape)


def to_groups(image: np.ndarray, pixels: int, bits: int) -> list[int]:
    """Return an image [H, W, C] as words of `pixels` neighbours of a row, of whose last one the rest is any bits."""
    lanes = pixels * image.shape[2]
    words = []
    for row in image:
        words += to_words(row, lanes, bits)
        left = row.size % lanes
        if left:
            words[-1] = Partial(words[-1], (1 << left * bits) - 1)
    return words


def from_groups(words: Sequence[int], pixels: int, bits: int, shape: Sequence[int], signed: bool = False) -> np.ndarray:
    """Return the image of a shape [H, W, C], the inverse of `to_groups`."""
    height, width, channels = shape
    filled = from_words(words, pixels * channels, bits, (height, -1, channels), signed)
    return filled[:, :width]
