# SPDX-License-Identifier: Apache-2.0
"""Reference model of the matrix-vector-threshold unit: numpy integers, element by element of the definition.

The weights are a matrix of -1 and +1, the thresholds a matrix of integers, the inputs vectors of integers;
nothing here knows about folding, encodings or trees but `to_words` and `from_words`, which pack the streams.
"""

import numpy as np

from finn_verif.ref.stream import pack, unpack


def accumulate(weights: np.ndarray, vector: np.ndarray, in_bits: int) -> np.ndarray:
    """Return the accumulators [MH] of one input vector [MW].

    With one bit an input of 0 means -1: the accumulator is the number of inputs that equal their weight.
    With more bits it is the sum of +x and -x.
    """
    if in_bits == 1:
        signs = np.where(vector > 0, 1, -1)
        return (weights == signs).sum(axis=1, dtype=np.int64)
    return (weights.astype(np.int64) * vector.astype(np.int64)).sum(axis=1)


def threshold(accumulators: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the number of thresholds [MH, levels] that each accumulator [MH] reaches: t <= acc."""
    return (thresholds <= accumulators[:, np.newaxis]).sum(axis=1)


def unit(weights: np.ndarray, thresholds: np.ndarray, vector: np.ndarray, in_bits: int, out_bits: int) -> np.ndarray:
    """Return the outputs [MH] of one input vector [MW]: with `out_bits` = 0 the accumulators themselves."""
    accumulators = accumulate(weights, vector, in_bits)
    return threshold(accumulators, thresholds) if out_bits else accumulators


def to_words(vector: np.ndarray, lanes: int, width: int) -> list[int]:
    """Return the stream words of a vector: `lanes` elements of `width` bits a word, the first one lowest."""
    return [pack(vector[i : i + lanes], width) for i in range(0, len(vector), lanes)]


def from_words(words: list[int], lanes: int, width: int, signed: bool) -> np.ndarray:
    """Return the vector that a stream's words hold."""
    numbers = np.array([number for word in words for number in unpack(word, width, lanes)], dtype=np.int64)
    return np.where(numbers >> (width - 1) & 1, numbers - (1 << width), numbers) if signed else numbers
