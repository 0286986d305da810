# SPDX-License-Identifier: Apache-2.0
"""What the accumulator of a row holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from finn_gen.base.ranges import Range
from finn_gen.ip.mvtu import matrix
from finn_gen.ip.mvtu.matrix import Excess, WeightMatrix
from finn_gen.ip.mvtu.params import MvtuParams


@dataclass(frozen=True)
class Accumulator:
    """The sums of a row: their range, the bits of the accumulator, what the tree adds too much.

    A single threshold, or the middle one of several, is taken off at the start, so that the accumulator holds a
    difference, whose sign is the output's highest bit. Of several the other ones less the middle one fit in as well.
    Thresholds are within what their own row can reach, so that these differences are not larger than those of its sums.
    Scores have a `fraction` below the unit of the sums, and biases, from which the accumulator starts.
    """

    sums: Range
    width: int
    excess: Excess
    fraction: int = field(default=0, metadata={"later": True})


def plan_accumulator(params: MvtuParams, weights: WeightMatrix) -> Accumulator:
    """That for any inputs and thresholds: nothing can overflow it.

    Scores have the width of any weights, since they leave the unit. So have units whose weights can be written;
    else what is compared needs no more bits than the rows' own weights can use.
    """
    sums = matrix.sums(params)
    if params.out_bits == 0:
        sums = matrix.scores(params)
        width = sums.width
    else:
        span = matrix.span(params) if params.reload else weights.span(params)
        width = Range(-span - 1, span + (params.out_bits > 1)).signed_width
    return Accumulator(sums, width, matrix.excess(params), params.fraction)
