# SPDX-License-Identifier: Apache-2.0
"""Products with weights of several bits: the bits that each adds to the heap, functions of few inputs each.

A bit is 1 more often than the product is larger by its place, since no bit counts negatively: the sum of the bits
exceeds the product by an `offset` that depends on the weight alone. Whoever starts the accumulator takes those off, so
that signs cost nothing.

    -1, 0, +1   a bit for each plane of the input, inverted for -1 and 0 for 0
    -2 to 1     the two highest bits of a weight as a digit of Booth's: a bit more than the input has
    lower bits  an AND for each plane of the input

An input of one bit u stands for 2u - 1. Its product is twice that of u, less the weight.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from finn_gen.base.ranges import WeightFormat
from finn_gen.ip.mvtu.tree.build import truth_table
from finn_gen.ip.mvtu.tree.cells import Product


class _Phrase:
    """A Verilog expression that is put together as Python computes it with bits."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __and__(self, other: _Phrase) -> _Phrase:
        return _Phrase(f"({self.text} & {other.text})")

    def __or__(self, other: _Phrase) -> _Phrase:
        return _Phrase(f"({self.text} | {other.text})")

    def __xor__(self, other: _Phrase) -> _Phrase:
        return _Phrase(f"({self.text} ^ {other.text})")

    def __invert__(self) -> _Phrase:
        return _Phrase(f"(~{self.text})")


Bits = Iterator[tuple[int, tuple[int, ...], tuple[int, ...], Callable[..., Any]]]
"""Of each bit the column, planes of the input, bits of the weight, and the function of both."""


@functools.cache
def products(weights: WeightFormat, bits: int, signed: bool) -> tuple[Product, ...]:
    """The bits of a product of a weight of several bits and an input of `bits` bits."""
    kinds = _ternary(bits) if weights == WeightFormat(2, narrow=True) else _several(weights.bits, bits)
    sign = bits - 1 if signed else None
    doubled = int(bits == 1)
    return tuple(_product(column + doubled, planes, of, function, sign) for column, planes, of, function in kinds)


def _ternary(bits: int) -> Bits:
    """Weights of -1, 0 and +1, whose higher bit is the sign and whose lower one says that it is not 0."""
    for plane in range(bits):
        yield plane, (plane,), (1, 0), lambda x, sign, some: (x ^ sign) & some


def _several(width: int, bits: int) -> Bits:
    """The two highest bits of a weight as a digit of -2 to 1, and the others."""
    digit = {1: _digit_by_one, 2: _digit_by_two}.get(bits, _digit)
    for column, planes, of, function in digit(bits):
        yield width - 2 + column, planes, tuple(width - 2 + bit for bit in of), function
    for low in range(width - 2):
        for plane in range(bits):
            yield low + plane, (plane,), (low,), lambda x, w: x & w


def _digit_by_one(bits: int) -> Bits:
    """A digit of -2 to 1 times a bit."""
    yield 0, (0,), (0,), lambda x, w0: x & w0
    yield 1, (0,), (1,), lambda x, w1: ~x & w1


def _digit_by_two(bits: int) -> Bits:
    """A digit of -2 to 1 times two bits: an AND, and the rest of the product as a number of two bits."""
    yield 0, (0,), (0,), lambda x0, w0: x0 & w0
    yield 1, (0, 1), (1, 0), lambda x0, x1, w1, w0: (w0 & x1) ^ (w1 & ~x0)
    yield 2, (0, 1), (1, 0), lambda x0, x1, w1, w0: w1 & ~(x1 & (~w0 | x0))


def _digit(bits: int) -> Bits:
    """A digit of -2 to 1 times several bits: 0, or the input, inverted or not, or that inverted a place higher."""
    yield 0, (0,), (1, 0), lambda x, w1, w0: w0 & (x ^ w1)
    for plane in range(1, bits):
        yield plane, (plane - 1, plane), (1, 0), lambda y, x, w1, w0: (w0 & (x ^ w1)) | (w1 & ~w0 & ~y)
    yield bits, (bits - 1,), (1, 0), lambda x, w1, w0: w1 & ~w0 & ~x


def _product(
    column: int, planes: Sequence[int], bits: Sequence[int], function: Callable[..., Any], sign: int | None
) -> Product:
    """A product whose function takes the plane of the sign inverted: an input less its lowest value is unsigned."""

    def of_planes(*inputs: Any) -> Any:
        xs = (~x if plane == sign else x for x, plane in zip(inputs, planes, strict=False))
        return function(*xs, *inputs[len(planes) :])

    names = [_Phrase(f"{{x{plane}}}") for plane in planes] + [_Phrase(f"{{w{bit}}}") for bit in bits]
    table = truth_table(lambda *inputs: of_planes(*inputs) & 1, len(names))
    return Product(column, tuple(planes), tuple(bits), table, of_planes(*names).text)


@functools.cache
def offsets(weights: WeightFormat, bits: int, signed: bool) -> tuple[int, ...]:
    """What the bits of a product exceed it by, for each weight at its two's complement; 0 where there is no weight."""
    found = [0] * (1 << weights.bits)
    for weight in range(weights.range.low, weights.range.high + 1):
        code = weight & (len(found) - 1)
        for element in range(1 << bits):
            total = sum(p.value(element, code) << p.column for p in products(weights, bits, signed))
            excess = total - weight * _number(element, bits, signed)
            assert element == 0 or excess == found[code], "an offset depends on the weight alone"
            found[code] = excess
    return tuple(found)


def _number(element: int, bits: int, signed: bool) -> int:
    """What the bits of an input stand for."""
    if bits == 1:
        return 2 * element - 1
    return element - (1 << bits) if signed and element >> bits - 1 else element
