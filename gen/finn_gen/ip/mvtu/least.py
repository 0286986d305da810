# SPDX-License-Identifier: Apache-2.0
"""What a matrix-vector-threshold unit takes at least, known before it is planned: whoever looks for the cheapest unit
plans those alone that could be it.

Parts that the parameters fix are counted as `area` counts them. Of those that come of planning, the tree and memories
in LUTs, it is what no unit with random weights was seen below.
"""

from __future__ import annotations

import math
from dataclasses import replace

from finn_gen import family
from finn_gen.base.counters import counter_width
from finn_gen.family.costs import Costs
from finn_gen.family.resources import Resources
from finn_gen.ip.mvtu.area import block_memory
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.weights import CONSTANT, storage_for

_MEMORY = {
    (1, False): ((32, 0.5, 0.31), (64, 0.66, 0.31), (0, 0.7, 0.32)),
    (2, True): ((16, 0.25, 0.25), (0, 0.43, 0.32)),
}
_MEMORY_OF_MORE = ((33, 0.31, 0.36), (0, 0.5, 0.36))
_CONSTANT = {
    1: ((32, 0.0, 0.2), (64, 0.13, 0.27), (256, 0.18, 0.24), (512, 0.16, 0.2), (1024, 0.14, 0.15), (0, 0.12, 0.12)),
    2: ((32, 0.25, 0.3), (0, 0.36, 0.36)),
    4: ((32, 0.25, 0.3), (0, 0.44, 0.36)),
    8: ((32, 0.5, 0.4), (64, 0.66, 0.4), (0, 0.7, 0.4)),
}
_CONSTANT_OF_MORE = ((0, 0.1, 0.1),)
"""At least so many LUTs and flip-flops of a tree for each product of bits, in sums of less than so many products, 0 for
any number; of constants up to so many words."""
_LIKELY_SHARED = ((40, 0.22, 0.4), (96, 0.24, 0.41), (192, 0.22, 0.37), (400, 0.19, 0.31), (0, 0.165, 0.2))
"""LUTs and flip-flops that a product of constants of one word likely takes, with less than so many columns, 0 for any
number: the more columns, the more do the sums that rows share save."""
_LIKELY = {1: (0.24, 1.8, 0.36), 2: (0.4, 1.2, 0.5), 4: (0.48, 0.55, 0.52), 8: (0.735, 0.5, 0.47)}
_LIKELY_NARROW = {1: (0.15, 0.0, 0.16), 8: (0.45, 0.0, 0.38)}
_LIKELY_OF_MORE = {1: (0.25, 0.0, 0.32), 2: (0.5, 0.0, 0.55), 4: (0.66, 0.0, 0.6), 8: (0.75, 0.0, 0.65)}
"""LUTs and flip-flops that a product of bits of constants likely takes, up to so many words: so many, more so many for
a single row, since rows share."""
BITS = {
    **{
        1: (1, 1),
        2: (1, 2),
        3: (2, 2),
        4: (2, 3),
        6: (4, 3),
        8: (6, 4),
        9: (6, 5),
        12: (9, 5),
        16: (11, 5),
        18: (12, 6),
    },
    **{24: (17, 17), 32: (26, 19), 36: (28, 20), 48: (38, 25), 64: (51, 28), 72: (57, 28), 96: (77, 54)},
    **{128: (105, 65), 144: (117, 62), 192: (159, 75), 256: (211, 94), 288: (237, 106), 512: (425, 213)},
    **{576: (478, 187), 1024: (851, 330)},
}
"""LUTs and flip-flops of the tree for so many products of a weight and an input of one bit."""
_JOINED = 0.33
"""LUTs of a different column in up to 16 words, put together from terms that columns share."""
_DIFFERENT = 0.85
"""Of so many different columns as there are of random words."""
_TABLE = 0.25
"""Of the columns of thresholds, whose high bits are often the same."""


def least(params: MvtuParams, accumulator: int) -> Resources:
    """What the unit takes inside a chain, or less, a flip-flop as half a LUT; LUTs alone may be a few too many.

    `accumulator` is its width, which does not depend on PE and SIMD.
    """
    if params.pixels > 1:
        return least(replace(params, pixels=1), accumulator) * params.pixels
    nf = params.mh // params.pe
    columns = int(_TABLE * accumulator * params.pe)
    if nf <= 8:  # of so few words there are not more different columns
        columns = min(columns, (1 << nf) - 2)
    tree = _tree(params, storage_for(params), nf * (params.mw // params.simd))
    return _with_tree(params, accumulator, columns, tree)


def likely(params: MvtuParams, accumulator: int) -> Resources:
    """About what a unit of many constants takes inside a chain: mostly within a tenth."""
    if params.pixels > 1:
        return likely(replace(params, pixels=1), accumulator) * params.pixels
    depth = params.mh // params.pe * (params.mw // params.simd)
    if params.w_bits == depth == 1 and params.pe > 1:
        base, registers = next((lut, ff) for below, lut, ff in _LIKELY_SHARED if params.mw < below or not below)
        alone = 0.0
    else:
        shares = _LIKELY if params.w_bits == 1 else _LIKELY_NARROW if params.w_narrow else _LIKELY_OF_MORE
        base, alone, registers = next(each for words, each in shares.items() if depth <= words)
    products = params.pe * params.simd * params.in_bits * params.w_bits
    tree = Resources(int((base + alone / params.pe) * products), int(registers * products))
    return _with_tree(params, accumulator, int(_TABLE * accumulator * params.pe), tree)


def _with_tree(params: MvtuParams, width: int, columns: int, tree: Resources) -> Resources:
    """A unit with such a tree, accumulators of `width` bits, and tables of thresholds of so many different columns."""
    costs = family.get(params.family).costs
    sf, nf, pe = params.mw // params.simd, params.mh // params.pe, params.pe
    word, storage = pe * params.simd * params.w_bits, storage_for(params)
    total = _issue(costs, params, sf, nf, storage) + _memory(costs, params, storage, word, sf * nf)
    total += tree + Resources(width * pe, width * pe if sf > 1 else 0)
    if params.out_bits and nf > 1:
        table = Resources(costs.lut_rom_luts(columns, nf), columns) if nf <= 256 else Resources()
        total += table + costs.index(counter_width(nf - 1))
    if params.out_bits > 1:
        total += Resources(pe * ((1 << params.out_bits) // 2 - 1) * (width - 1), pe * width)
    result = pe * (params.out_bits or width)
    return costs.scaled(total + Resources(result, result) + costs.fifo_control(3, mark=False))


def _issue(costs: Costs, params: MvtuParams, sf: int, nf: int, storage: str) -> Resources:
    """Counters, and the input words that wait."""
    bits, total = params.simd * params.in_bits, Resources(3)
    for passes in (sf, nf):
        total += costs.index(counter_width(passes - 1)) if passes > 1 else Resources()
    total += Resources(0, bits * (1 + (storage == "block")))
    if sf > 1 and nf > 1:
        total += costs.index(counter_width(sf - 1)) + Resources(0, 2 * counter_width(sf - 1) + 2 - bits)
        block = storage == "block" and costs.block_is_cheaper(bits, sf)
        total += costs.block_ram(bits, sf) if block else costs.lut_ram(bits, sf)
    elif nf > 1:
        total += costs.reg_slice(bits)
    return total


def _memory(costs: Costs, params: MvtuParams, storage: str, word: int, depth: int) -> Resources:
    """Words of weights."""
    if storage == CONSTANT:
        return Resources()
    if storage == "block":
        return block_memory(costs, word, costs.cut(word, depth), params.reload)
    if params.reload:
        return costs.lut_ram(word, depth)
    if depth > 32:
        return Resources(costs.lut_rom_luts(word, depth), word)
    different = int(_DIFFERENT * -math.expm1(-word / (1 << depth)) * (1 << depth)) if depth > 2 else 0
    luts = costs.lut_rom_luts(different, depth)
    return Resources(int(_JOINED * different) if 2 < depth <= 16 else luts, different)


def _tree(params: MvtuParams, storage: str, depth: int) -> Resources:
    """The sums of a word's products, for all rows."""
    products = params.simd * params.in_bits * params.w_bits
    if storage == CONSTANT:
        shares = _CONSTANT_OF_MORE if params.w_bits > 1 else _CONSTANT[next(n for n in _CONSTANT if depth <= n)]
    else:
        shares = _MEMORY.get((params.w_bits, params.w_narrow), _MEMORY_OF_MORE)
    if storage != CONSTANT and products == params.simd in BITS:
        luts, registers = BITS[products]
        return Resources(luts * params.pe, registers * params.pe)
    luts, registers = next((luts, ff) for below, luts, ff in shares if products < below or not below)
    return Resources(int(luts * params.pe * products), int(registers * params.pe * products))
