# SPDX-License-Identifier: Apache-2.0
"""What the accumulator of a row holds."""

from __future__ import annotations

from dataclasses import dataclass

from finn_gen.base.ranges import Range
from finn_gen.ip.mvtu import binary
from finn_gen.ip.mvtu.binary import Excess
from finn_gen.ip.mvtu.params import MvtuParams


@dataclass(frozen=True)
class Accumulator:
    """The sums of a row: their range, the bits of the accumulator, what the tree adds too much.

    A single threshold is taken off at the start, so that the accumulator holds a difference, whose sign is the output.
    """

    sums: Range
    width: int
    excess: Excess


def plan_accumulator(params: MvtuParams) -> Accumulator:
    """That for any weights and thresholds: nothing can overflow it."""
    sums = binary.sums(params)
    width = sums.less(sums.thresholds).signed_width if params.out_bits == 1 else sums.width
    return Accumulator(sums, width, binary.excess(params))
