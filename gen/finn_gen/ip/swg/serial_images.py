# SPDX-License-Identifier: Apache-2.0
"""When the words of the serial structure leave, to the cycle, while neither of its streams stalls.

All positions and sizes count words of the stream. `ahead` is how many words from the read position on are in the
buffer (zero or less: the reader waits), `room` how many more it takes. In every cycle the reader reads if `ahead` > 0
and the writer writes if `room` > 0. At the start of a window everything else follows from `ahead`, so that windows
and rows are worked out once for each value that occurs: a feature map of any size takes milliseconds.
"""

from dataclasses import dataclass

from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Walk:
    """The walk of a reader over an image, and the buffer it reads.

    depth         words of the buffer
    run           words that follow each other from one jump to the next
    jumps         moves from the last word of a run to the first of the next one in a window
    column_step   from a window to the next one in its row
    row_step      from the last window of a row to the first of the next one
    image_step    from the last window of an image to the first of the next one
    columns, rows windows in a row, rows of windows
    early         the next image enters once all windows but the last `early` are through and the image is
                  complete; 0: as the last window sets room free
    gap           words of the buffer left out between two images, with `early`
    bonus         words set free at once when the next image may enter, with `early`
    """

    depth: int
    run: int
    jumps: tuple[int, ...]
    column_step: int
    row_step: int
    image_step: int
    columns: int
    rows: int
    early: int = 0
    gap: int = 0
    bonus: int = 0

    @property
    def words(self) -> int:
        """Words of a window."""
        return self.run * (len(self.jumps) + 1)

    @property
    def back(self) -> int:
        """From the first to the last word of a window."""
        return (self.run - 1) * (len(self.jumps) + 1) + sum(self.jumps)


class _Timer:
    """Works out windows, rows and images of one walk."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.windows: dict[int, tuple[int, int]] = {}
        self.rows: dict[int, tuple[int, int]] = {}

    def window(self, ahead: int) -> tuple[int, int]:
        """Cycles of a window that nothing is set free in, and the words ahead of its first word after it."""
        if ahead not in self.windows:
            level, room, cycles, offset = ahead, self.walk.depth - ahead, 0, 0
            for jump in (*self.walk.jumps, 0):
                wait = max(0, 1 - (level - offset))
                writes = wait + min(room - wait, self.walk.run)
                if writes < wait:
                    raise AssertionError("the buffer does not hold a window")
                level, room, cycles = level + writes, room - writes, cycles + wait + self.walk.run
                offset += self.walk.run - 1 + jump
            self.windows[ahead] = cycles, level
        return self.windows[ahead]

    def stretch(self, ahead: int, windows: int) -> tuple[int, int]:
        """Cycles of the first windows of a row, and the words ahead of the window after them."""
        total = 0
        for index in range(windows):
            cycles, after = self.window(ahead)
            if after - self.walk.column_step == ahead:
                return total + (windows - index) * cycles, ahead
            total, ahead = total + cycles, after - self.walk.column_step
        return total, ahead

    def row(self, ahead: int) -> tuple[int, int]:
        """Cycles of a row that is not the last one, and the words ahead of the next one."""
        if ahead not in self.rows:
            total, before = self.stretch(ahead, self.walk.columns - 1)
            cycles, after = self.window(before)
            self.rows[ahead] = total + cycles, after - self.walk.row_step
        return self.rows[ahead]

    def tail(self, ahead: int) -> tuple[int, int]:
        """Cycles of the last `early` + 1 windows of an image, word by word, and the words ahead of the next image.

        With `early`, the image is complete once the buffer is full in the first of these windows, whose last
        word waits for that. Then the gap is left out, a word a cycle, and the next image enters. In the last
        window every word read is set free; with `early` those of its top row are already.
        """
        walk = self.walk
        room, skip, cycles, complete = walk.depth - ahead, 0, 0, not walk.early
        for index in range(walk.early, -1, -1):
            step = walk.column_step - walk.back if index else walk.image_step - walk.back
            moves = [move for jump in walk.jumps for move in (*[1] * (walk.run - 1), jump)]
            moves += [*[1] * (walk.run - 1), step]
            top = walk.run if walk.early else 0
            for word, move in enumerate(moves):
                final = word == walk.words - 1
                read = False
                while not read:
                    read = ahead > 0 and (complete or not final)
                    write = skip > 0 or room > 0
                    enter = not complete and room == 0
                    complete = complete or enter
                    ahead, room, cycles = ahead + write, room - write + enter * walk.bonus, cycles + 1
                    skip = walk.gap if enter else max(0, skip - 1)
                ahead -= move
                if index == 0 and word >= top:
                    room += move
                elif index and final:
                    room += walk.column_step
        return cycles, ahead

    def image(self, ahead: int) -> tuple[int, int, int]:
        """Cycles of an image to its first word and to its last one, and the words ahead of the next image."""
        wait, total = max(0, 1 - ahead), 0
        for index in range(self.walk.rows - 1):
            cycles, after = self.row(ahead)
            if after == ahead:
                total += (self.walk.rows - 1 - index) * cycles
                break
            total, ahead = total + cycles, after
        cycles, ahead = self.stretch(ahead, self.walk.columns - 1 - self.walk.early)
        total += cycles
        cycles, ahead = self.tail(ahead)
        return wait + 1, total + cycles, ahead


def image_times(walk: Walk) -> tuple[tuple[ImageTimes, ...], int]:
    """When images leave: the first ones until they repeat, and the cycles from one to the next from there on.

    Every image starts from what the one before left in the buffer. That is a monotone function of what it
    started with, so it settles.
    """
    timer, times, ahead, start = _Timer(walk), [], 0, 0
    while True:
        first, cycles, after = timer.image(ahead)
        times.append(ImageTimes(start + first, start + cycles))
        if after == ahead:
            return tuple(times), cycles
        start, ahead = start + cycles, after
