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
        first, before, entered = 0, None, 0
        pipe.entered += self.row_ends[0] * self.columns
        for index in range(len(self.row_ends)):
            if index:
                pipe.entered += (self.row_ends.step - 1) * self.columns
            for column in range(self.columns):
                pipe.enter(self)
                if column in self.column_ends:
                    pipe.complete(self)
                    first = first or pipe.loaded + 1
            after = pipe.relative()
            if after == before:
                # All rows from here on are alike.
                pipe.delay((len(self.row_ends) - 1 - index) * (pipe.entered - entered))
                break
            before, entered = after, pipe.entered
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

    def relative(self) -> tuple[bytes, tuple[int, ...]]:
        """Everything that the future depends on, counted from the last pixel's entering."""
        taken = np.roll(np.frombuffer(self.taken, np.int64), -self.oldest) - self.entered
        others = (self.free, *self.moved, self.loaded, self.shifted)
        return taken.tobytes(), tuple(time - self.entered for time in others)

    def delay(self, cycles: int) -> None:
        """Let everything have happened `cycles` later."""
        self.entered += cycles
        np.frombuffer(self.taken, np.int64)[:] += cycles
        self.moved = [time + cycles for time in self.moved]
        self.free, self.loaded, self.shifted = self.free + cycles, self.loaded + cycles, self.shifted + cycles

    def enter(self, columns: Columns) -> None:
        """The next column goes into the queue and from there into the window register."""
        self.entered = max(self.entered + 1, self.taken[self.oldest] + 1)
        self.shifted = max(self.shifted + 1, self.entered + columns.queue_latency, self.free)
        self.taken[self.oldest] = self.shifted
        self.oldest = (self.oldest + 1) % columns.queue

    def complete(self, columns: Columns) -> None:
        """The window register holds a window, which moves on as far as it can."""
        time = self.shifted + 1
        for place in range(columns.waiting):
            # A place is free again in the cycle in which the window before moved on from it.
            left = self.moved[place + 1] if place + 1 < columns.waiting else self.loaded
            time = max(time, left)
            if place == 0:
                self.free = time
            self.moved[place] = time
            time += 1
        self.loaded = max(time, self.loaded + columns.words)
        if not columns.waiting:
            self.free = self.loaded


def column_times(columns: Columns) -> tuple[tuple[ImageTimes, ...], int]:
    """When images leave: the first ones until they repeat, and the cycles from one to the next from there on."""
    pipe, times, before = _Pipe(columns), [], None
    while True:
        times.append(ImageTimes(*columns.image(pipe)))
        after = pipe.relative()
        if after == before:
            return tuple(times[:-1]), times[-1].last - times[-2].last
        before = after
