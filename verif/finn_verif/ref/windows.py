# SPDX-License-Identifier: Apache-2.0
"""Reference models of what moves over an image: sliding windows, padding, max pooling; and of label selection.

Images are integer arrays (height, width, channels). Bits are 0 for -1 and 1 for +1, as in a stream.
"""

from collections.abc import Sequence

import numpy as np

from finn_verif.ref.stream import pack, unpack


def windows(
    image: np.ndarray, kernel: Sequence[int], stride: Sequence[int] = (1, 1), dilation: Sequence[int] = (1, 1)
) -> np.ndarray:
    """Return all windows of an image, shape (rows, columns, kernel height, kernel width, channels).

    The pairs are (vertical, horizontal). Only windows that lie in the image as a whole count.
    """
    found = []
    for top in range(0, image.shape[0], stride[0]):
        row = []
        for left in range(0, image.shape[1], stride[1]):
            window = image[top :: dilation[0], left :: dilation[1]][: kernel[0], : kernel[1]]
            if window.shape[:2] == tuple(kernel):
                row.append(window)
        if row:
            found.append(row)
    return np.array(found)


def pad(image: np.ndarray, rows: Sequence[int], columns: Sequence[int], value: int) -> np.ndarray:
    """Return an image with pixels added whose every element is `value`.

    `rows` are those added above and below, `columns` those to the left and to the right.
    """
    (top, bottom), (left, right) = rows, columns
    height, width, channels = image.shape
    padded = np.full((top + height + bottom, left + width + right, channels), value, dtype=image.dtype)
    padded[top : top + height, left : left + width] = image
    return padded


def pool(image: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """Return the maximum of every kernel x kernel window, shape (rows, columns, channels).

    Rows and columns that fill no whole window are left out (floor). For bits the maximum is OR.
    """
    found = windows(image, (kernel, kernel), (stride, stride))
    return found.max(axis=(2, 3))


def label(scores: Sequence[int]) -> tuple[int, int]:
    """Return the index of the largest score, the first one if there are several, and that score."""
    best = 0
    for index, score in enumerate(scores):
        if score > scores[best]:
            best = index
    return best, int(scores[best])


def to_words(elements: np.ndarray, lanes: int, bits: int) -> list[int]:
    """Return all elements, the last axis fastest, as words of `lanes` elements of `bits` bits."""
    flat = [int(element) for element in elements.reshape(-1)]
    return [pack(flat[i : i + lanes], bits) for i in range(0, len(flat), lanes)]


def from_words(words: Sequence[int], lanes: int, bits: int, shape: Sequence[int], signed: bool = False) -> np.ndarray:
    """Return the elements of words as an array of a shape, the inverse of `to_words`."""
    flat = [element for word in words for element in unpack(word, bits, lanes)]
    if signed:
        flat = [element - (1 << bits) if element >> (bits - 1) else element for element in flat]
    return np.array(flat).reshape(shape)
