# SPDX-License-Identifier: Apache-2.0
"""What is asked of an input stage."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param
from finn_gen.network.model import ENCODINGS

MAX_WORD_WIDTH = 8192


@dataclass(frozen=True)
class InputParams(CoreParams):
    """The first stage of an accelerator."""

    name: str = name_param("finn_input")
    encoding: str = param("q1.7", "what an element arrives as", choices=tuple(ENCODINGS))
    packed: bool = param(False, "with encoding threshold: elements arrive as bits, compared already")
    elements: int = param(64, "elements of an image", low=1, high=2**30)
    word_width: int = param(64, "bits of an input word", low=1, high=MAX_WORD_WIDTH)
