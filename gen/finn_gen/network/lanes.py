# SPDX-License-Identifier: Apache-2.0
"""How many elements a cycle a layer can take and give: the PE and SIMD that are possible, and the widest words.

A layer of MH rows and MW columns takes (MH / PE) * (MW / SIMD) cycles a pixel, so PE divides MH and SIMD divides MW.
Before a window of several pixels SIMD divides the channels, or is larger and divides the window; then windows
leave several channels' worth at a time.
"""

import math

from finn_gen.base.limits import VECTOR_BITS
from finn_gen.network.model import Layer, Shape

MAX_WORD = 8192
"""Bits of a word: the widest that converters and windows take."""
MAX_LANES = 1024
"""Channels a word of a layer without weights."""
MAX_FOLD = 4096
"""The largest PE and SIMD."""
MAX_WEIGHTS = VECTOR_BITS
"""The largest PE * SIMD: the bits of a word of weights."""
MAX_SUM = 1024
"""Bits of an input word that a unit surely sums in the cycles that its latency allows."""
MAX_SUM_OF_SEVERAL = 256
"""The same where a result of several bits takes a cycle more."""


def divisors(number: int) -> tuple[int, ...]:
    """All divisors, ascending."""
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    return tuple(sorted({*small, *(number // d for d in small)}))


def has_window(layer: Layer) -> bool:
    """Whether a conv layer needs a window generator; a kernel of one pixel at every pixel does not."""
    return layer.kernel != (1, 1) or layer.stride != (1, 1)


def widest_lanes(shape: Shape) -> int:
    """The most channels a word that a layer without weights passes."""
    return max(d for d in divisors(shape.channels) if d * shape.bits <= MAX_WORD and d <= MAX_LANES)


def columns(layer: Layer, padded: int = 0) -> int:
    """Columns of a layer's matrix, or `padded`, which is what a first dense layer gets, if that is more."""
    return max(layer.matrix.weights.shape[1], padded)


def legal_pe(layer: Layer) -> tuple[int, ...]:
    """PE that a layer can have."""
    widest = max(1, layer.result.bits)
    return tuple(pe for pe in divisors(layer.result.channels) if pe <= MAX_FOLD and pe * widest <= MAX_WORD)


def legal_simd(layer: Layer, padded: int = 0) -> tuple[int, ...]:
    """SIMD that a layer can have whose columns are filled up to `padded`, if that is more."""
    several = layer.matrix.thresholds is not None and layer.result.bits > 1
    most = min(MAX_FOLD, (MAX_SUM_OF_SEVERAL if several else MAX_SUM) // layer.source.bits)
    if not has_window(layer):
        return tuple(simd for simd in divisors(columns(layer, padded)) if simd <= most)
    channels = layer.source.channels
    return tuple(
        simd
        for simd in divisors(layer.matrix.weights.shape[1])
        if simd <= most and (channels % simd == 0 or simd > channels)
    )


def any_simd(layer: Layer, padded: int = 0) -> tuple[int, ...]:
    """SIMD that a layer can have, be its columns filled up to `padded` or not."""
    return tuple(sorted({*legal_simd(layer), *legal_simd(layer, padded)}))
