# SPDX-License-Identifier: Apache-2.0
"""The first stage of an accelerator: words of a port become the elements of the first layer."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from finn_gen.base.errors import InputError
from finn_gen.base.params import byte_width
from finn_gen.network.model import Layer, Network
from finn_gen.plan.folding import divisors

INPUT_WIDTH = 64
"""Bits of an input word unless the rate or the folding asks for another width."""
MAX_INPUT_WIDTH = 1024


@dataclass(frozen=True)
class InputPlan:
    """The first stage: every frame made `words` long, and pixels turned into the elements of the first layer.

    A word of the port carries `word_width` bits, the last of an image `last_bits`; what is beyond is zero.
    `convert` is "none", "threshold" (a byte to a bit) or "q1.7"; `lanes` is how many bytes are converted at once.
    `packed` says that elements arrive as bits. Widths in bits, latency in cycles.
    """

    module: str
    modules: tuple[str, ...]
    encoding: str
    packed: bool
    convert: str
    lanes: int
    word_width: int
    words: int
    last_bits: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    latency: int


def _pads(network: Network) -> bool:
    """Whether the first layer takes zeros after an image: as bits they match no weight that is +1."""
    return network.layers[0].kind == "dense" and network.encoding != "q1.7"


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
    options = {"bits": [True], "threshold": [False, True], "q1.7": [False]}[network.encoding]
    if packed is not None and packed not in options:
        raise InputError(f"{network.name}: packed={str(packed).lower()} with encoding {network.encoding}: not possible")
    return options if packed is None else [packed]


def plan_input(network: Network, target: int, width: int | None = None, packed: bool | None = None) -> InputPlan:
    """The input stage that takes at most `target` cycles an image: 64 bits and bytes if that is enough.

    Raises InputError if no width reaches the target, or a given `width` does not fit.
    """
    elements, pads = network.source.elements, _pads(network)
    best = None
    widest = [width] if width else [INPUT_WIDTH << n for n in range((MAX_INPUT_WIDTH // INPUT_WIDTH).bit_length())]
    for most, option in itertools.product(widest, _input_options(network, packed)):
        bits = 1 if option else 8
        word = _word_width(elements, bits, most, pads)
        if width and word != width:
            raise InputError(
                f"{network.name}: input_width={width}: an image of {elements * bits} bits must fill whole words, "
                f"for example of {word}"
            )
        words = -(-elements * bits // word)
        if best is None or words < best[0]:
            best = words, word, option
        if words <= target:
            return _input_plan(network, option, word)
    if width or target < 1:
        return _input_plan(network, best[2], best[1])
    raise InputError(
        f"{network.name}: input: {target} cycles an image are asked for; the widest input, {best[1]} bits, takes "
        f"{best[0]}"
    )


def _input_plan(network: Network, packed: bool, word: int) -> InputPlan:
    convert = {"bits": "none", "threshold": "none" if packed else "threshold", "q1.7": "q1.7"}[network.encoding]
    total = network.source.elements * (1 if packed else 8)
    words = -(-total // word)
    out_width = word // 8 if convert == "threshold" else word
    return InputPlan(
        module=f"{network.name}_input",
        modules=("finn_frame_guard", "finn_reg_slice", *(("finn_q17",) if convert == "q1.7" else ())),
        encoding=network.encoding,
        packed=packed,
        convert=convert,
        lanes=word // 8,
        word_width=word,
        words=words,
        last_bits=total - (words - 1) * word,
        in_width=word,
        out_width=out_width,
        in_tdata_width=byte_width(word),
        out_tdata_width=byte_width(out_width),
        latency=1,
    )


def padded_columns(network: Network, layer: Layer, plan: InputPlan) -> int:
    """Columns of a first dense layer with those that the last input word is filled up with, 0 for other layers."""
    return plan.words * plan.out_width if layer is network.layers[0] and _pads(network) else 0
