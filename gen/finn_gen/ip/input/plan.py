# SPDX-License-Identifier: Apache-2.0
"""What an input stage is built of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.input.params import InputParams
from finn_gen.network.model import element_format

BYTE = 8
"""Bits of a byte."""


class Convert(StrEnum):
    """What becomes of an element: nothing, a byte to a bit, to a Q1.7 number, or to the number of its upper bits."""

    NONE = "none"
    THRESHOLD = "threshold"
    Q17 = "q1.7"
    UPPER = "upper"


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

    @property
    def bits(self) -> int:
        """Bits of an element."""
        return element_format(self.params.encoding)[0]

    @property
    def signed(self) -> bool:
        """Whether elements are in two's complement."""
        return element_format(self.params.encoding)[1]

    @property
    def dropped(self) -> int:
        """Lower bits of a byte that an element of its upper ones leaves out."""
        return BYTE - self.bits

    @property
    def magnitude(self) -> int:
        """Bits of an element below its uppermost one."""
        return self.bits - 1

    @property
    def half(self) -> int:
        """Half the range of an element."""
        return 1 << self.magnitude


def _convert(encoding: str) -> Convert:
    """What becomes of a byte."""
    return Convert(encoding) if encoding in set(Convert) else Convert.UPPER


def build_plan(params: InputParams) -> InputPlan:
    """Count the words and choose the conversion."""
    bits, _ = element_format(params.encoding)
    bytewise = bits > 1 or (params.encoding == "threshold" and not params.packed)
    if params.packed and bits > 1:
        raise InputError(f"input: packed=1 with encoding={params.encoding}: an element is a byte; legal is packed=0")
    word = params.word_width
    if bytewise and word % 8:
        raise InputError(f"input: word_width={word} with elements of a byte: it must be a multiple of 8")
    convert = _convert(params.encoding) if bytewise else Convert.NONE
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
        ports=Ports.of(word, word // 8 * bits if bytewise else word),
        latency=1,
        cycles=words,
    )
