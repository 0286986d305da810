# SPDX-License-Identifier: Apache-2.0
"""The smallest FIFOs with which a chain of streaming stages keeps its interval, by the cycle-accurate model.

Depths are found with ends that never stall, and hold whatever stalls there. The moves of words in a chain are a
timed event graph: each happens as soon as fixed numbers of cycles have passed since certain moves before it, those
that brought the word and those that made room for it. In such a graph, which is linear in the (max, +) algebra
(Baccelli, Cohen, Olsder, Quadrat, "Synchronization and Linearity", 1992), times only grow with the times they
depend on, and the interval does not depend on where words lie at the beginning. So:

- A stall at an end delays moves, by no more than it lasts, and never lets the chain run slower once it is over.
- A chain that keeps up is one that follows a source which offers an image every interval.
- More room never harms, so that a depth can be found by bisection, and the depths before it hold when others shrink.

One rule is not of that kind: a matrix-vector unit begins a sum while it holds fewer than so many results, not
counting those on the way. The room behind it is therefore at least that, and more by those on the way if they follow
each other closely. The tests stall sized chains at random and find the interval again.

A linear chain cannot deadlock through its FIFOs: the last stage that holds anything can always go on.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.plan.keeping_up import KeepingUp
from finn_gen.timing.chain import actors, chain_interval


def size(plans: Sequence[Any], interval: int, words: int | None = None) -> tuple[int, ...]:
    """Depths of the FIFOs between the stages of `plans`, one an inner boundary, 0 for none.

    With them an image enters and leaves every `interval` cycles, and with one word less in any of them it does not.
    A depth of 1 is a register slice. The depths are reduced one after the other, that with the most bits first: there
    may be others with fewer bits. `words` of an image enter (see `image_words`). InputError names a stage that is
    too slow by itself.
    """
    stages, found = actors(plans, words)
    for plan, stage, (before, behind) in zip(plans, stages, itertools.pairwise(found), strict=True):
        alone = chain_interval([stage], [before, behind])
        if alone > interval:
            raise InputError(f"{plan.module}: it takes {float(alone):g} cycles an image, but {interval} are asked")
    return _smallest(KeepingUp(stages, found, interval), [plan.ports.out_width for plan in plans[:-1]])


def _smallest(chain: KeepingUp, widths: Sequence[int]) -> tuple[int, ...]:
    """The depths, reduced one after the other, that of the most bits first; a word has one of `widths` bits."""
    most = chain.high_water()
    depths = _reduced(chain, most, widths)
    if not chain.holds(depths):
        chain.careful = True
        while not chain.holds(most):
            most = [2 * depth + 1 for depth in most]
        depths = _reduced(chain, most, widths)
    return tuple(depths)


def _reduced(chain: KeepingUp, most: Sequence[int], widths: Sequence[int]) -> list[int]:
    depths = list(most)
    for index in sorted(range(len(depths)), key=lambda index: -most[index] * widths[index]):
        depths[index] = _reduce(chain, depths, index)
    return depths


def _reduce(chain: KeepingUp, depths: Sequence[int], index: int) -> int:
    """The smallest depth of boundary `index` that does, given the others."""
    low, high, depth = 0, depths[index], 0
    while low < high:
        if chain.keeps([*depths[:index], depth, *depths[index + 1 :]], index):
            high = depth
        else:
            low = depth + 1
        # Most do without a FIFO, and some need room for all words that wait there anyway.
        depth = high - 1 if depth == 0 else (low + high) // 2
    return high
