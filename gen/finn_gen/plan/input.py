# SPDX-License-Identifier: Apache-2.0
"""How wide the words of an image are that go in, and whether they carry bytes or packed bits."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finn_gen import family, layers
from finn_gen.base.errors import InputError
from finn_gen.ip.input import IP
from finn_gen.ip.input.plan import InputPlan
from finn_gen.network.lanes import divisors
from finn_gen.network.model import Layer, Network

if TYPE_CHECKING:
    from finn_gen.plan.folding import Folding

INPUT_WIDTH = 64
"""Bits of an input word unless the rate or the folding asks for another width."""
MAX_INPUT_WIDTH = 1024


def _pads(network: Network) -> bool:
    """Whether the first layer takes zeros after an image: as bits they match no weight that is +1."""
    return layers.get(network.layers[0].kind).vector and network.source.bits == 1


def _word_width(elements: int, bits: int, widest: int, pads: bool) -> int:
    """The widest input word of at most `widest` bits that an image of `elements` fills a whole number of."""
    total = elements * bits
    if pads or total % widest == 0:
        return widest
    legal = [d for d in divisors(total) if d <= widest and d % bits == 0]
    whole_bytes = [d for d in legal if d % 8 == 0]
    return max(whole_bytes or legal)


def _input_options(network: Network, packed: bool | None) -> list[bool]:
    """Whether elements may arrive as packed bits, the first choice first; InputError if that is not possible."""
    options = {"bits": [True], "threshold": [False, True]}.get(network.encoding, [False])
    if packed is not None and packed not in options:
        raise InputError(f"{network.name}: packed={str(packed).lower()} with encoding {network.encoding}: not possible")
    return options if packed is None else [packed]


@dataclass(frozen=True)
class InputWish:
    """What a folding asks of the input: `width` in bits and `packed`, None where they are free.

    `simd` is that of a first dense layer which takes zeros after an image, 0 where it is free or there is none.
    """

    width: int | None = None
    packed: bool | None = None
    simd: int = 0


def wish(network: Network, chosen: Folding) -> InputWish:
    """What a folding asks of the input."""
    first = network.layers[0]
    return InputWish(chosen.input_width, chosen.packed, chosen.layers[first.name].simd if _pads(network) else 0)


def _fills_up(elements: int, bits: int, widest: int, simd: int) -> bool:
    """Whether zeros may follow an image in words of `widest` bits.

    They may not where `simd` divides the elements of the image, but not those of whole words.
    """
    columns = -(-elements * bits // widest) * widest // bits
    return not simd or columns % simd == 0 or elements % simd > 0


def plan_input(
    network: Network, target: int, asked: InputWish = InputWish(), family: str = family.DEFAULT
) -> InputPlan:
    """The input stage that takes at most `target` cycles an image: 64 bits and bytes if that is enough.

    Raises InputError if no width reaches the target, or a given width does not fit.
    """
    elements, width, best = network.source.elements, asked.width, None
    widest = [width] if width else [INPUT_WIDTH << n for n in range((MAX_INPUT_WIDTH // INPUT_WIDTH).bit_length())]
    for most, option in itertools.product(widest, _input_options(network, asked.packed)):
        bits = 1 if option else 8
        pads = _pads(network) and _fills_up(elements, bits, most, asked.simd)
        word = _word_width(elements, bits, most, pads)
        if width and word != width:
            cause = f" for simd={asked.simd} of {network.layers[0].name}" if asked.simd else ""
            raise InputError(
                f"{network.name}: input_width={width}: an image of {elements * bits} bits must fill whole words"
                f"{cause}, for example of {word}"
            )
        words = -(-elements * bits // word)
        if best is None or words < best[0]:
            best = words, word, option
        if words <= target:
            return _built(network, option, word, family)
    if width or target < 1:
        return _built(network, best[2], best[1], family)
    raise InputError(
        f"{network.name}: input: {target} cycles an image are asked for; the widest input, {best[1]} bits, takes "
        f"{best[0]}"
    )


def _built(network: Network, packed: bool, word: int, family: str) -> InputPlan:
    return IP.build(
        {
            "name": f"{network.name}_input",
            "family": family,
            "encoding": network.encoding,
            "packed": packed,
            "elements": network.source.elements,
            "word_width": word,
        }
    )


def padded_columns(network: Network, layer: Layer, plan: InputPlan) -> int:
    """Columns of a first dense layer with those that the last input word is filled up with, 0 for other layers."""
    return plan.words * plan.ports.out_width if layer is network.layers[0] and _pads(network) else 0
