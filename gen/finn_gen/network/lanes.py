# SPDX-License-Identifier: Apache-2.0
"""How many elements a cycle a layer can take and give: the PE and SIMD that are possible, and the widest words.

A layer of MH rows and MW columns takes (MH / PE) * (MW / SIMD) cycles a pixel, so PE divides MH and SIMD divides MW.
Before a window of several pixels SIMD divides the channels, or is larger and divides the window; then windows
leave several channels' worth at a time.

Where windows are one pixel apart a conv layer can take several neighbouring pixels of a row a cycle, with all rows and
columns at once: as many units as pixels. What a row has no more of in its last word is ignored.
"""

import math

from finn_gen.base import groups as rows
from finn_gen.base.limits import VECTOR_BITS
from finn_gen.network.model import Layer, Shape

MAX_WORD = 8192
"""Bits of a word: the widest that converters and windows take."""
MAX_LANES = 1024
"""Channels a word of a layer without weights."""
ONE_PIXEL = (1,)
"""Pixels a word of what cannot take several."""
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


def legal_pixels(layer: Layer) -> tuple[int, ...]:
    """Pixels a cycle that a layer with weights can have; with several, PE and SIMD are all rows and columns."""
    mh, mw = layer.matrix.weights.shape
    apart = layer.result.width > 1 and layer.stride == (1, 1)
    whole = mh in legal_pe(layer) and mw in legal_simd(layer)
    if not apart or not whole or mh * mw * layer.matrix.format.bits > MAX_WEIGHTS:
        return ONE_PIXEL
    widest = max(mw * layer.source.bits, mh * max(1, layer.result.bits))
    return tuple(n for n in rows.LEGAL if n == 1 or (n < 2 * layer.result.width and n * widest <= MAX_WORD))


def groups(shape: Shape, pixels: int) -> int:
    """Words of an image of so many pixels of a row each; a row's last word may lack some."""
    return shape.height * rows.groups(shape.width, pixels)


def without_ends(shape: Shape, pixels: int) -> int:
    """The most pixels, a power of two up to `pixels`, of words of which a row is a whole number."""
    return max(n for n in rows.LEGAL if n <= pixels and shape.width % n == 0)


def any_simd(layer: Layer, padded: int = 0) -> tuple[int, ...]:
    """SIMD that a layer can have, be its columns filled up to `padded` or not."""
    return tuple(sorted({*legal_simd(layer), *legal_simd(layer, padded)}))
