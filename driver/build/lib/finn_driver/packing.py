# SPDX-License-Identifier: Apache-2.0
"""Between images and results as arrays, and the bytes that the DMA moves."""

from __future__ import annotations

import numpy as np

from finn_driver.description import Image, Result
from finn_driver.errors import ImageError

BRIGHT = 128
"""Pixels from this value on are +1 where an element is a bit."""
_CHUNK = 1024
"""Images taken apart into bits at a time; bounds the memory that takes."""


def check(images: np.ndarray, image: Image) -> None:
    """Raise ImageError unless `images` is uint8 [N, H, W, C] with at least one image of the network's shape."""
    shape = "x".join(map(str, image.shape))
    if not isinstance(images, np.ndarray):
        raise ImageError(f"images are a {type(images).__name__}; give a numpy array uint8 [N, {shape}]")
    if images.ndim == 3 and images.shape == image.shape:
        raise ImageError(f"images have the shape {images.shape}, a single one; give images[np.newaxis]")
    if images.ndim != 4 or images.shape[1:] != image.shape:
        raise ImageError(
            f"images have the shape {images.shape}; the network takes (N, {', '.join(map(str, image.shape))}): "
            "count, height, width, channels. Scale or transpose them first"
        )
    if images.dtype != np.uint8:
        raise ImageError(f"images are {images.dtype}; the network takes pixels 0 to 255 as uint8: convert them first")
    if len(images) == 0:
        raise ImageError("there are no images; give at least one")


def fold(images: np.ndarray, image: Image) -> np.ndarray:
    """Elements [N, H*W*C] of images, row by row, channels innermost: bits where the input is packed, else bytes."""
    flat = images.reshape(len(images), -1)
    return flat >= BRIGHT if image.packed else flat


def pack(elements: np.ndarray, image: Image) -> np.ndarray:
    """Bytes uint8 [N, image.bytes] of folded elements."""
    whole = image.word_width == 8 * image.word_bytes
    if whole and not image.packed:
        return _widened(elements, image.bytes)
    if whole:
        return _widened(np.packbits(elements, axis=1, bitorder="little"), image.bytes)
    parts = [_into_words(elements[i : i + _CHUNK], image) for i in range(0, len(elements), _CHUNK)]
    return np.concatenate(parts)


def _into_words(elements: np.ndarray, image: Image) -> np.ndarray:
    """The general case: words that do not fill their bytes."""
    bits = elements if image.packed else np.unpackbits(elements, axis=1, bitorder="little")
    words = _widened(bits, image.words * image.word_width).reshape(len(elements), image.words, image.word_width)
    filled = np.packbits(words, axis=2, bitorder="little")
    return _widened(filled.reshape(-1, filled.shape[2]), image.word_bytes).reshape(len(elements), image.bytes)


def _widened(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows [N, n] with zeros behind, up to `width` columns."""
    if rows.shape[1] == width:
        return rows
    wide = np.zeros((len(rows), width), rows.dtype)
    wide[:, : rows.shape[1]] = rows
    return wide


def unpack(data: np.ndarray, result: Result) -> np.ndarray:
    """Numbers int64 [N, K] in the bytes uint8 [N, result.bytes]; K is 1 for a label, else the count of scores."""
    count = 1 if result.kind == "label" else result.count
    words = np.unpackbits(data.reshape(-1, result.word_bytes), axis=1, bitorder="little")[:, : result.word_width]
    bits = words.reshape(len(data), -1)[:, : count * result.width].reshape(len(data), count, result.width)
    powers = np.int64(1) << np.arange(result.width, dtype=np.int64)
    if result.signed:
        powers[-1] = -powers[-1]
    return bits.astype(np.int64) @ powers


def unfold(numbers: np.ndarray, result: Result) -> np.ndarray:
    """What `classify` returns: labels [N] or scores [N, count]."""
    return numbers[:, 0] if result.kind == "label" else numbers
