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
from typing import Any, NamedTuple

from finn_gen.base.errors import InputError
from finn_gen.base.progress import progress
from finn_gen.plan.keeping_up import KeepingUp
from finn_gen.timing.chain import actors, chain_interval

MOST_WORDS = 1 << 22
"""Words of an image at all boundaries together that can be followed."""
MOST_STEPS = 220_000_000
"""How often stages are taken on before the search stops; depths found so far do, but may not be the smallest.

A step took 7 to 17 ns where that was measured."""


class Sizes(NamedTuple):
    """Depths of FIFOs, and whether all of them are the smallest."""

    depths: tuple[int, ...]
    smallest: bool


def size(plans: Sequence[Any], interval: int, words: int | None = None) -> Sizes:
    """Depths of the FIFOs between the stages of `plans`, one an inner boundary, 0 for none.

    With them an image enters and leaves every `interval` cycles, and with one word less in any of them it does not,
    unless the chain is so long that the search stops before the last ones. A depth of 1 is a register slice. The depths
    are reduced one after the other, that with the most bits first: there may be others with fewer bits. `words` of an
    image enter (see `image_words`). InputError names a stage that is too slow by itself, or has too much to do.
    """
    stages, found = actors(plans, words)
    if sum(found) > MOST_WORDS:
        plan, most = max(zip(plans, found[1:], strict=True), key=lambda each: each[1])
        raise InputError(
            f"{plan.module}: it gives {most:,} words an image, all stages {sum(found):,}; to size FIFOs that may be "
            f"{MOST_WORDS:,}: ask for a higher rate, which makes words wider"
        )
    for plan, stage, boundaries in zip(plans, stages, itertools.pairwise(found), strict=True):
        alone = chain_interval([stage], boundaries)
        if alone > interval:
            raise InputError(f"{plan.module}: it takes {float(alone):g} cycles an image, but {interval} are asked")
    return _smallest(KeepingUp(stages, found, interval), [plan.ports.out_width for plan in plans[:-1]])


def _smallest(chain: KeepingUp, widths: Sequence[int]) -> Sizes:
    """The depths, reduced one after the other, that of the most bits first; a word has one of `widths` bits."""
    most = chain.high_water()
    sizes = _reduced(chain, most, widths)
    if not chain.holds(sizes.depths):
        chain.careful = True
        while not chain.holds(most):
            most = [2 * depth + 1 for depth in most]
        sizes = _reduced(chain, most, widths)
    return sizes


def _reduced(chain: KeepingUp, most: Sequence[int], widths: Sequence[int]) -> Sizes:
    depths, smallest = list(most), True
    order = sorted(range(len(depths)), key=lambda index: -most[index] * widths[index])
    for index in progress("sizing FIFOs", order):
        low = 0
        depth = 0
        while low < depths[index] and chain.steps <= MOST_STEPS:
            if chain.keeps([*depths[:index], depth, *depths[index + 1 :]], index):
                depths[index] = depth
            else:
                low = depth + 1
            # Most do without a FIFO, and some need room for all words that wait there anyway.
            depth = (low + depths[index]) // 2 if depth else depths[index] - 1
        smallest = smallest and low >= depths[index]
    return Sizes(tuple(depths), smallest)
