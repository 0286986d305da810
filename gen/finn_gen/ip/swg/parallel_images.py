# SPDX-License-Identifier: Apache-2.0
"""When windows of several words leave the parallel structure, to the cycle, while neither of its streams stalls."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Columns:
    """The way of columns of pixels into windows of more than one word.

    rows, columns  pixels of the image
    row_ends       rows that complete a row of windows
    column_ends    columns that complete a window
    words          words of a window
    queue          columns that the queue before the window register holds
    queue_latency  cycles from a column's entering the queue to its leaving at the earliest
    waiting        windows that can wait between the window register and the output register
    """

    rows: int
    columns: int
    row_ends: range
    column_ends: range
    words: int
    queue: int
    queue_latency: int
    waiting: int

    def image(self, pipe: _Pipe) -> tuple[int, int]:
        """Pass an image through `pipe`; the cycles at which its first and its last word leave."""
        first, before, queued, entered = 0, None, None, 0
        pipe.entered += self.row_ends[0] * self.columns
        for index in range(len(self.row_ends)):
            if index:
                pipe.entered += (self.row_ends.step - 1) * self.columns
            loaded = pipe.row(self)
            first = first or loaded + 1
            after = pipe.relative()
            # The queue, which may be long, is looked at where all else is as a row before.
            waits = pipe.queued() if after == before else None
            if waits is not None and waits == queued:
                # All rows from here on are alike.
                pipe.delay((len(self.row_ends) - 1 - index) * (pipe.entered - entered))
                break
            before, queued, entered = after, waits, pipe.entered
        pipe.entered += (self.rows - 1 - self.row_ends[-1]) * self.columns
        return first, pipe.loaded + self.words


class _Pipe:
    """When everything last happened: cycles, counted from the first pixel's entering at 0."""

    def __init__(self, columns: Columns) -> None:
        self.entered = -1
        # When the last columns left the queue, the oldest at `oldest`. An array, since there can be 100,000 of them.
        self.taken = array("q", [-1]) * columns.queue
        self.oldest = 0
        self.free = 0  # from when on the window register takes a column
        self.moved = [-1] * columns.waiting  # when the last window came to each place where it can wait
        self.loaded = -columns.words
        self.shifted = -1

    def relative(self) -> tuple[int, ...]:
        """What the future depends on beside the queue, counted from the last pixel's entering."""
        return tuple(time - self.entered for time in (self.free, *self.moved, self.loaded, self.shifted))

    def queued(self) -> bytes:
        """The columns that left the queue, counted from the last pixel's entering."""
        return (np.roll(np.frombuffer(self.taken, np.int64), -self.oldest) - self.entered).tobytes()

    def delay(self, cycles: int) -> None:
        """Let everything have happened `cycles` later."""
        self.entered += cycles
        np.frombuffer(self.taken, np.int64)[:] += cycles
        self.moved = [time + cycles for time in self.moved]
        self.free, self.loaded, self.shifted = self.free + cycles, self.loaded + cycles, self.shifted + cycles

    def row(self, columns: Columns) -> int:
        """Pass a row that completes windows; when the first of them came into the output register.

        Written with local names, since an image has hundreds of thousands of columns.
        """
        taken, moved, oldest, queue = self.taken, self.moved, self.oldest, columns.queue
        entered, shifted, free, loaded = self.entered, self.shifted, self.free, self.loaded
        latency, waiting, words = columns.queue_latency, columns.waiting, columns.words
        ends, first = columns.column_ends, None
        for column in range(columns.columns):
            # The next column goes into the queue and from there into the window register.
            entered += 1
            if taken[oldest] >= entered:
                entered = taken[oldest] + 1
            shifted = max(shifted + 1, entered + latency, free)
            taken[oldest] = shifted
            oldest += 1
            if oldest == queue:
                oldest = 0
            if column not in ends:
                continue
            # The window register holds a window, which moves on as far as it can.
            time = shifted + 1
            for place in range(waiting):
                # A place is free again in the cycle in which the window before moved on from it.
                time = max(time, moved[place + 1] if place + 1 < waiting else loaded)
                if place == 0:
                    free = time
                moved[place] = time
                time += 1
            loaded = max(time, loaded + words)
            if not waiting:
                free = loaded
            first = loaded if first is None else first
        self.oldest, self.entered, self.shifted, self.free, self.loaded = oldest, entered, shifted, free, loaded
        return first


def column_times(columns: Columns) -> tuple[tuple[ImageTimes, ...], int]:
    """When images leave: the first ones until they repeat, and the cycles from one to the next from there on."""
    pipe, times, before = _Pipe(columns), [], None
    while True:
        times.append(ImageTimes(*columns.image(pipe)))
        after = pipe.relative(), pipe.queued()
        if after == before:
            return tuple(times[:-1]), times[-1].last - times[-2].last
        before = after
