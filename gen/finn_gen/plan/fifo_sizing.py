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

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.ip.fifo import plan as fifo
from finn_gen.timing import storage
from finn_gen.timing.actor import Actor
from finn_gen.timing.chain import Run, actors, chain_interval, first_verdict, steady

_UNBOUNDED = 1 << 40
"""Words of a FIFO that never fills up."""


def size(plans: Sequence[Any], interval: int, words: int | None = None) -> tuple[int, ...]:
    """Depths of the FIFOs between the stages of `plans`, one an inner boundary, 0 for none.

    With them an image enters and leaves every `interval` cycles, and with one word less in any of them it does not.
    A depth of 1 is a register slice. The depths are reduced one after the other, that with the most bits first: there
    may be others with fewer bits. `words` of an image enter (see `image_words`). InputError names a stage that is
    too slow by itself.
    """
    stages, found = actors(plans, words)
    for plan, before in zip(plans, found[:-1], strict=True):
        alone = steady([plan], before).interval
        if alone > interval:
            raise InputError(f"{plan.module}: it takes {float(alone):g} cycles an image, but {interval} are asked")
    return _Sizing(stages, found, interval).smallest([plan.ports.out_width for plan in plans[:-1]])


class _Sizing:
    """A chain, with room for a FIFO at every inner boundary, that is to take an image every `interval` cycles."""

    def __init__(self, stages: Sequence[Actor], words: Sequence[int], interval: int) -> None:
        self.stages, self.words, self.interval = stages, words, interval
        self.patience = 1
        self.careful = False

    def smallest(self, widths: Sequence[int]) -> tuple[int, ...]:
        """The depths, reduced one after the other, that of the most bits first; a word has one of `widths` bits."""
        most = self._high_water()
        depths = self._reduced(most, widths)
        if not self._holds(depths):
            self.careful = True
            while not self._holds(most):
                most = [2 * depth + 1 for depth in most]
            depths = self._reduced(most, widths)
        return tuple(depths)

    def _reduced(self, most: Sequence[int], widths: Sequence[int]) -> list[int]:
        depths = list(most)
        self._reduce_all(depths, sorted(range(len(depths)), key=lambda index: -most[index] * widths[index]))
        return depths

    def _reduce_all(self, depths: list[int], order: Sequence[int]) -> None:
        """Make each of the depths, in order, the smallest that does, given those before and the largest behind it.

        Where several do as zeros together each of them does alone, since more room never harms: most chains have
        few FIFOs, and these are looked for by halves.
        """
        found = [index for index in order if depths[index]]
        if len(found) < 2:
            for index in found:
                self._reduce(depths, index)
            return
        before = list(depths)
        for index in found:
            depths[index] = 0
        if self._keeps(depths, max(found)):
            return
        depths[:] = before
        middle = len(found) // 2
        self._reduce_all(depths, found[:middle])
        self._reduce_all(depths, found[middle:])

    def _holds(self, depths: Sequence[int]) -> bool:
        """Whether the chain keeps the interval with a source that never waits.

        That follows from `_keeps` but for the rule of matrix-vector units.
        """
        return chain_interval(*self._inserted(depths)) <= self.interval

    def _high_water(self) -> list[int]:
        """The most words that wait at every inner boundary if there is room for all of them."""
        running = self._chain([_UNBOUNDED] * (len(self.stages) - 1), self.interval)
        self.patience = 1 + sum(1 for verdict in self._from_empty(running) if verdict is None)
        return [int(held) for held in running.high_water[1::2]]

    def _reduce(self, depths: list[int], index: int) -> None:
        """Make one of the depths the smallest that does, given the others."""
        most = depths[index]
        low, high, depth, step = 0, most, 0, 1
        while low < high:
            depths[index] = depth
            if self._keeps(depths, index):
                high = depth
            else:
                low = depth + 1
            # In the end most depths are 0, or hardly below the words that wait there anyway: steps down grow.
            depth = max((low + high) // 2, high - step)
            step *= 2
        depths[index] = high

    def _keeps(self, depths: Sequence[int], index: int) -> bool:
        """Whether the chain with these depths keeps the interval, where that of boundary `index` is the doubtful one.

        Two runs take turns. A chain that keeps up settles soon after it was empty. One that does not may fill up for
        hundreds of images before that shows at the source; there one settles soon whose stages before the doubtful
        boundary are full from the beginning.
        """
        before = 1 + index + sum(1 for depth in depths[: index + 1] if depth)
        runs = [self._from_empty(self._chain(depths, self.interval)), self._from_full(self._chain(depths, 0), before)]
        return first_verdict(runs, self.patience) and not (self.careful and not self._holds(depths))

    def _from_empty(self, running: Run) -> Iterator[bool | None]:
        """Whether images come to enter at the interval at which they are offered; None an image until that shows."""
        seen: dict[bytes, tuple[int, int]] = {}
        punctual = 0
        for image, cycle, state in running.entries():
            late = cycle - image * self.interval
            if not late:
                punctual = image
            before, then = seen.get(state, (image, late))
            seen[state] = image, late
            if before == image:
                yield None
            elif late == then:
                yield True
                return
            elif punctual < before:
                # The source never waited, and will not from here on: this repeats for ever, later every time.
                yield False
                return

    def _from_full(self, running: Run, before: int) -> Iterator[bool | None]:
        """False if images enter more slowly than they should, with the stages before boundary `before` full at first.

        None an image until that shows, for ever if it does not.
        """
        running.fill(before)
        seen: dict[bytes, tuple[int, int]] = {}
        for image, cycle, state in running.entries():
            known, then = seen.setdefault(state, (image, cycle))
            yield False if cycle - then > self.interval * (image - known) else None

    def _chain(self, depths: Sequence[int], every: int) -> Run:
        """The chain with FIFOs of these depths, whose source offers an image every `every` cycles."""
        return Run(*self._inserted(depths), every=every)

    def _inserted(self, depths: Sequence[int]) -> tuple[list[Actor], list[int]]:
        """The stages with FIFOs of these depths, and the words of an image at their boundaries."""
        stages, words = [self.stages[0]], list(self.words[:2])
        for each, depth, (before, after) in zip(self.stages[1:], depths, pairwise(self.words[1:]), strict=True):
            if depth:
                registers = depth < fifo.MIN_MEMORY_DEPTH
                stages.append(storage.fifo("fifo", 2 if registers else depth, registers))
                words.append(before)
            stages.append(each)
            words.append(after)
        return stages, words
