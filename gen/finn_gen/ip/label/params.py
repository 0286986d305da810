# SPDX-License-Identifier: Apache-2.0
"""What is asked of a label selection."""

from dataclasses import dataclass

from finn_gen.base.params import CoreParams, name_param, param


@dataclass(frozen=True)
class LabelParams(CoreParams):
    """Index of the largest score."""

    name: str = name_param("finn_label")
    labels: int = param(10, "scores of a frame", low=1, high=4096)
    bits: int = param(16, "bits of a score", low=1, high=64)
    signed: bool = param(False, "scores are in two's complement")
    pe: int = param(1, "scores of a word", low=1, high=1024)
    score: bool = param(False, "give the score too, from the next whole byte above the index on")
    tlast: bool = param(False, "a TLAST at the output; every word is the last of its frame")
