# SPDX-License-Identifier: Apache-2.0
"""The files that the Verilog test bench of an accelerator reads with $readmemh: a hexadecimal word a line.

stimulus.mem  input words, image after image; the first element of an image in the lowest bits of its first word
scores.mem    a line an image: expected score i in bits [i*W +: W], two's complement where scores are negative
labels.mem    a line an image: index of the largest score, the first of equals
"""

from __future__ import annotations

import numpy as np

STIMULUS, SCORES, LABELS = "stimulus.mem", "scores.mem", "labels.mem"
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def stimulus(images: np.ndarray, packed: bool, word_width: int, words: int) -> bytes:
    """The input words of images uint8 [N,H,W,C], `words` words of `word_width` bits an image.

    packed  one bit an element, 1 from 128 on, element 0 in bit 0; else a byte an element. Elements come row by row,
            channels innermost; what is left of the last word is zero.
    Raises ValueError if an image does not take just these words.
    """
    flat = images.reshape(len(images), -1)
    if packed:
        flat = np.packbits(flat >= 128, axis=1, bitorder="little")
    width = word_width // 8
    if word_width % 8 or -(-flat.shape[1] // width) != words:
        raise ValueError(f"{flat.shape[1]} bytes an image are not {words} words of {word_width} bits")
    padded = np.zeros((len(images), words * width), np.uint8)
    padded[:, : flat.shape[1]] = flat
    return _lines(padded.reshape(-1, width), 2 * width)


def scores(values: np.ndarray, width: int) -> bytes:
    """A line for each row of integers [N,K]: lane i is value i in `width` bits.

    Raises ValueError if a value needs more bits, be it as a signed or as an unsigned number.
    """
    low, high = (-1 << width - 1, (1 << width - 1) - 1) if values.min(initial=0) < 0 else (0, (1 << width) - 1)
    if values.min(initial=0) < low or values.max(initial=0) > high:
        raise ValueError(f"scores from {values.min()} to {values.max()} do not fit {width} bits")
    bits = (values[..., None] >> np.arange(width)) & 1
    flat = bits.reshape(len(values), -1).astype(np.uint8)
    return _lines(np.packbits(flat, axis=1, bitorder="little"), -(-flat.shape[1] // 4))


def labels(values: np.ndarray) -> bytes:
    """A line for each integer of [N], all of as many digits as the largest needs."""
    digits = max(1, -(-int(values.max(initial=0)).bit_length() // 4))
    return "".join(f"{value:0{digits}x}\n" for value in values).encode()


def _lines(words: np.ndarray, digits: int) -> bytes:
    """Words uint8 [N,bytes], lowest byte first, as hexadecimal lines of the lowest `digits` digits."""
    out = np.empty((len(words), 2 * words.shape[1] + 1), np.uint8)
    highest_first = words[:, ::-1]
    out[:, 0:-1:2] = _DIGITS[highest_first >> 4]
    out[:, 1:-1:2] = _DIGITS[highest_first & 15]
    out[:, -1] = ord("\n")
    return out[:, 2 * words.shape[1] - digits :].tobytes()
