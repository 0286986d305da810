# SPDX-License-Identifier: Apache-2.0
"""What a simulation saw of an accelerator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activity:
    """What a stage did in `cycles` cycles, from the first word that it took on to the last one that it gave.

    starved     cycles in which it would have taken a word, was offered none and had none to give
    stalled     cycles in which the word that it gave was not taken
    high_water  the most words that it held, where it is a FIFO
    """

    cycles: int
    starved: int
    stalled: int
    high_water: int | None = None

    @property
    def busy(self) -> int:
        """The other cycles."""
        return self.cycles - self.starved - self.stalled


@dataclass(frozen=True)
class Measured:
    """Times of a run, boundaries as in `finn_gen.timing.chain`.

    first, last  int64 [boundary, image]: cycle of an image's first and last word, -1 where it did not pass; cycle 0 is
                 that of the first input word
    activity     of every stage; empty where the run did not come to its end
    """

    first: np.ndarray
    last: np.ndarray
    activity: tuple[Activity, ...] = ()
