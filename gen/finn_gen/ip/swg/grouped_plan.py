# SPDX-License-Identifier: Apache-2.0
"""What the grouped structure of a sliding window generator is built of: the parallel one, several pixels a cycle."""

from dataclasses import dataclass

from finn_gen.base.counters import Counter, Due, counters, due
from finn_gen.base.groups import groups
from finn_gen.ip.swg.memory import Lines, lines
from finn_gen.ip.swg.params import SwgParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class GroupedPlan:
    """Line buffers and a register window, a group of neighbouring pixels of a row a step.

    A row is `row_groups` groups of `group_width` bits. With those above it a group is a column of `column_width` bits;
    `span` of them make the register window, the newest one lowest. `taps` are the lowest bits of the pixels of all
    windows of a word, in the order of the output.
    The first windows of a row are complete with its group `delay`, the last ones a step behind the row's last group if
    it `runs_on`. `row_due` says which rows end windows; None where each does.
    """

    row_groups: int
    lines: Lines
    pixel_width: int
    group_width: int
    column_width: int
    span: int
    taps: tuple[int, ...]
    position: tuple[Counter, ...]
    row_due: Due | None
    column_due: Due | None
    delay: int
    runs_on: bool

    @property
    def register_width(self) -> int:
        """Bits of the register window."""
        return self.span * self.column_width

    @property
    def kept_width(self) -> int:
        """Bits of it that stay when a column is shifted in."""
        return self.register_width - self.column_width

    @property
    def completes_inside(self) -> bool:
        """Whether groups of the row themselves complete windows; else it is the step behind the last one alone."""
        return self.delay < self.row_groups


def _taps(params: SwgParams, span: int, group_width: int) -> tuple[int, ...]:
    """The lowest bit of each pixel of each window of a word in the register window."""
    found = []
    for window in range(params.pixels):
        for ky in range(params.k_h):
            for kx in range(params.k_w):
                group, pixel = divmod(window + kx * params.dilation_w, params.pixels)
                place = (span - 1 - group) * params.k_h + ky
                found.append(place * group_width + pixel * params.ifm_ch * params.bits)
    return tuple(found)


def plan_grouped(params: SwgParams, ofm_w: int) -> tuple[GroupedPlan, tuple[ImageTimes, ...], int]:
    """The structure for rows of `ofm_w` windows, when its images leave, and its cycles an image."""
    row_groups, out_groups = groups(params.ifm_w, params.pixels), groups(ofm_w, params.pixels)
    # The windows that begin in a group reach so many groups further.
    delay = groups((params.k_w - 1) * params.dilation_w, params.pixels)
    runs_on = delay + out_groups > row_groups
    first_row = (params.k_h - 1) * params.dilation_h
    pixel_width = params.ifm_ch * params.bits
    group_width = params.pixels * pixel_width
    span = delay + 1
    plan = GroupedPlan(
        row_groups=row_groups,
        lines=lines(params, params.dilation_h * row_groups, (params.k_h - 1) * group_width),
        pixel_width=pixel_width,
        group_width=group_width,
        column_width=params.k_h * group_width,
        span=span,
        taps=_taps(params, span, group_width),
        position=counters((("x", "group of the row", row_groups), ("y", "row", params.ifm_h))),
        row_due=due(range(first_row, params.ifm_h)),
        column_due=due(range(delay, row_groups)) if delay < row_groups else None,
        delay=delay,
        runs_on=runs_on,
    )
    # Windows leave two cycles behind the group that completes them, or would if the row had one more.
    first, last = (
        (row * row_groups + group) + 2
        for row, group in ((first_row, delay), (params.ifm_h - 1, delay + out_groups - 1))
    )
    return plan, (ImageTimes(first, last),), params.ifm_h * row_groups
