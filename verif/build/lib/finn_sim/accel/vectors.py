# SPDX-License-Identifier: Apache-2.0
"""The files that the Verilog test bench of an accelerator reads with $fscanf: a hexadecimal word a line.

stimulus.mem  input words, image after image; the first element of an image in the lowest bits of its first word
scores.mem    a line an image: expected score i in bits [i*W +: W], two's complement where scores are negative
labels.mem    a line an image: index of the largest score, the first of equals
"""

from __future__ import annotations

import numpy as np

STIMULUS, SCORES, LABELS = "stimulus.mem", "scores.mem", "labels.mem"
_CHUNK = 256
"""Images taken apart into bits at a time."""
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def stimulus(images: np.ndarray, packed: bool, word_width: int, words: int) -> bytes:
    """The input words of images uint8 [N,H,W,C], `words` words of `word_width` bits an image.

    packed  one bit an element, 1 from 128 on, element 0 in bit 0; else a byte an element. Elements come row by row,
            channels innermost; what is left of the last word is zero.
    Raises ValueError if an image does not take just these words.
    """
    parts = (images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK))
    return b"".join(_stimulus(part.reshape(len(part), -1), packed, word_width, words) for part in parts)


def _stimulus(flat: np.ndarray, packed: bool, word_width: int, words: int) -> bytes:
    bits = (flat >= 128).astype(np.uint8) if packed else np.unpackbits(flat, axis=1, bitorder="little")
    if -(-bits.shape[1] // word_width) != words:
        raise ValueError(f"{bits.shape[1]} bits an image are not {words} words of {word_width} bits")
    padded = np.zeros((len(flat), words * word_width), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return _lines(padded.reshape(-1, word_width))


def scores(values: np.ndarray, width: int, signed: bool) -> bytes:
    """A line for each row of integers [N,K]: lane i is value i in `width` bits.

    Raises ValueError if a value needs more bits.
    """
    low, high = (-1 << width - 1, (1 << width - 1) - 1) if signed else (0, (1 << width) - 1)
    if values.min(initial=0) < low or values.max(initial=0) > high:
        raise ValueError(f"scores from {values.min()} to {values.max()} do not fit {width} bits")
    bits = (values[..., None] >> np.arange(width)) & 1
    return _lines(bits.reshape(len(values), -1).astype(np.uint8))


def labels(values: np.ndarray) -> bytes:
    """A line for each integer of [N], all of as many digits as the largest needs."""
    digits = max(1, -(-int(values.max(initial=0)).bit_length() // 4))
    return "".join(f"{value:0{digits}x}\n" for value in values).encode()


def _lines(bits: np.ndarray) -> bytes:
    """Words uint8 [N,width] of bits, bit 0 first, as hexadecimal lines."""
    bytes_ = np.packbits(bits, axis=1, bitorder="little")[:, ::-1]
    out = np.empty((len(bytes_), 2 * bytes_.shape[1] + 1), np.uint8)
    out[:, 0:-1:2] = _DIGITS[bytes_ >> 4]
    out[:, 1:-1:2] = _DIGITS[bytes_ & 15]
    out[:, -1] = ord("\n")
    digits = -(-bits.shape[1] // 4)
    return out[:, out.shape[1] - 1 - digits :].tobytes()
