# SPDX-License-Identifier: Apache-2.0
"""What the parallel structure of a sliding window generator is built of: line buffers and a register window."""

import functools
from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.counters import Counter, Due, counter_width, counters, due
from finn_gen.ip.fifo.plan import choose_style
from finn_gen.ip.swg.memory import Lines, lines
from finn_gen.ip.swg.parallel_images import Columns, column_times
from finn_gen.ip.swg.params import SwgParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Pixel:
    """A place in the image."""

    x: int
    y: int


@dataclass(frozen=True)
class ParallelPlan:
    """Line buffers, a register window and, for windows of more than one word, a queue and an output register.

    `span` columns of `column_width` bits make the register window, the newest one lowest; `taps` are the lowest bits of
    the pixels of a window, in the order of the output. `row_due` and `column_due` say where rows and columns end
    windows; None where each does.
    `queue` columns wait before the register window and `waiting` windows behind it. `final` completes the last window.
    """

    words: int
    word_width: int
    last_word: int
    word_index_width: int
    lines: Lines
    pixel_width: int
    column_width: int
    span: int
    taps: tuple[int, ...]
    window_width: int
    position: tuple[Counter, ...]
    shifted: tuple[Counter, ...]
    final: Pixel
    row_due: Due | None
    column_due: Due | None
    queue: int
    queue_style: str
    waiting: int
    last_window: int
    window_index_width: int

    @property
    def register_width(self) -> int:
        """Bits of the register window."""
        return self.span * self.column_width

    @property
    def kept_width(self) -> int:
        """Bits of it that stay when a column is shifted in."""
        return self.register_width - self.column_width


def _ends(params: SwgParams) -> tuple[range, range]:
    """The rows and the columns that complete a window."""
    return (
        range((params.k_h - 1) * params.dilation_h, params.ifm_h, params.stride_h),
        range((params.k_w - 1) * params.dilation_w, params.ifm_w, params.stride_w),
    )


def _choose_queue(params: SwgParams, words: int, cycles: int) -> Columns:
    """The least that waits around the register window and yet lets an image pass in `cycles`, or comes nearest."""
    row_ends, column_ends = _ends(params)
    span = column_ends[0] + 1
    most = params.k_h * params.dilation_h * params.ifm_w + params.stride_h * params.ifm_w + 2

    @functools.cache
    def attempt(queue: int, waiting: int) -> tuple[Columns, int]:
        columns = Columns(
            rows=params.ifm_h,
            columns=params.ifm_w,
            row_ends=row_ends,
            column_ends=column_ends,
            words=words,
            queue=queue,
            queue_latency=1 if queue == 2 else 2,
            waiting=waiting,
        )
        return columns, column_times(columns)[1]

    # More places where windows wait never cost cycles, nor does a longer queue. Mostly none is needed, or few.
    low, waiting = 0, 0
    while attempt(most, waiting)[1] > cycles and waiting < span:
        low, waiting = waiting + 1, min(span, 2 * waiting + 1)
    while low < waiting:
        middle = (low + waiting) // 2
        low, waiting = (low, middle) if attempt(most, middle)[1] <= cycles else (middle + 1, waiting)
    best = attempt(most, waiting)[1]
    low, high = 2, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if attempt(middle, waiting)[1] <= best else (middle + 1, high)
    return attempt(low, waiting)[0]


def _taps(params: SwgParams) -> tuple[int, ...]:
    """The lowest bit of each pixel of a window in its register: the newest column lowest, its top pixel first."""
    return tuple(
        ((params.k_w - 1 - kx) * params.dilation_w * params.k_h + ky) * params.ifm_ch * params.bits
        for ky in range(params.k_h)
        for kx in range(params.k_w)
    )


def plan_parallel(params: SwgParams, ofm_h: int, ofm_w: int) -> tuple[ParallelPlan, tuple[ImageTimes, ...], int]:
    """The structure for ofm_h x ofm_w windows, when its images leave, and its cycles an image."""
    words = params.k_h * params.k_w * params.ifm_ch // params.simd
    if words > 1:
        chosen = _choose_queue(params, words, max(params.ifm_h * params.ifm_w, ofm_h * ofm_w * words))
        return _structure(params, words, ofm_h * ofm_w, chosen.queue, chosen.waiting), *column_times(chosen)
    # A window leaves two cycles behind the pixel that completes it.
    first, last = (rows[end] * params.ifm_w + columns[end] + 2 for rows, columns in (_ends(params),) for end in (0, -1))
    return _structure(params, words, ofm_h * ofm_w), (ImageTimes(first, last),), params.ifm_h * params.ifm_w


def _structure(params: SwgParams, words: int, windows: int, queue: int = 0, waiting: int = 0) -> ParallelPlan:
    """The structure for `windows` windows an image of `words` words each, with what waits in it."""
    row_ends, column_ends = _ends(params)
    pixel = params.ifm_ch * params.bits
    costs = family.get(params.family).costs
    shifted = (("column", "the column that is shifted in next", params.ifm_w),) if words > 1 else ()
    return ParallelPlan(
        words=words,
        word_width=params.simd * params.bits,
        last_word=words - 1,
        word_index_width=counter_width(words - 1),
        lines=lines(params, params.dilation_h * params.ifm_w, (params.k_h - 1) * pixel),
        pixel_width=pixel,
        column_width=params.k_h * pixel,
        span=column_ends[0] + 1,
        taps=_taps(params),
        window_width=params.k_h * params.k_w * pixel,
        position=counters((("x", "column", params.ifm_w), ("y", "row", params.ifm_h))),
        shifted=counters(shifted),
        final=Pixel(column_ends[-1], row_ends[-1]),
        row_due=due(row_ends),
        column_due=due(column_ends),
        queue=queue,
        queue_style=choose_style(costs, params.k_h * pixel, queue) if queue else "",
        waiting=waiting,
        last_window=windows - 1,
        window_index_width=counter_width(windows - 1),
    )
