# SPDX-License-Identifier: Apache-2.0
"""What an input stage is built of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.input.params import InputParams


class Convert(StrEnum):
    """What becomes of an element: nothing, a byte to a bit, a byte to a Q1.7 number."""

    NONE = "none"
    THRESHOLD = "threshold"
    Q17 = "q1.7"


@dataclass(frozen=True)
class InputPlan:
    """The first stage: every frame made `words` long, and pixels turned into the elements of the first layer.

    The last word of an image carries `last_bits`; what is beyond is zero. `lanes` is how many bytes are converted at
    once. Times in cycles.
    """

    module: str
    modules: tuple[str, ...]
    params: InputParams
    convert: Convert
    lanes: int
    words: int
    last_bits: int
    ports: Ports
    latency: int
    cycles: int


def build_plan(params: InputParams) -> InputPlan:
    """Count the words and choose the conversion."""
    bytewise = params.encoding == "q1.7" or (params.encoding == "threshold" and not params.packed)
    if params.packed and params.encoding == "q1.7":
        raise InputError("input: packed=1 with encoding=q1.7: an element is a byte; legal is packed=0")
    word = params.word_width
    if bytewise and word % 8:
        raise InputError(f"input: word_width={word} with elements of a byte: it must be a multiple of 8")
    convert = Convert(params.encoding) if bytewise else Convert.NONE
    total = params.elements * (8 if bytewise else 1)
    words = -(-total // word)
    return InputPlan(
        module=params.name,
        modules=("finn_frame_guard", "finn_reg_slice", *(("finn_q17",) if convert is Convert.Q17 else ())),
        params=params,
        convert=convert,
        lanes=word // 8,
        words=words,
        last_bits=total - (words - 1) * word,
        ports=Ports.of(word, word // 8 if convert is Convert.THRESHOLD else word),
        latency=1,
        cycles=words,
    )
