# SPDX-License-Identifier: Apache-2.0
"""What the serial structure of a sliding window generator is built of: a ring of words, and a reader that walks."""

import dataclasses
from dataclasses import dataclass

from finn_gen.base.counters import Counter, counter_width, counters
from finn_gen.ip.swg.memory import addresses, ram_style
from finn_gen.ip.swg.params import SwgParams
from finn_gen.ip.swg.serial_images import Walk, image_times
from finn_gen.timing.images import ImageTimes

SPARE = 0.05
"""By how much a buffer may exceed the words that a window spans without counting as a larger one."""

LOOPS = {
    "word": "word of the run",
    "kx": "column in the window",
    "ky": "row in the window",
    "ox": "window of the row",
    "oy": "row of windows",
}
"""The loops of a walk, the innermost first, and what each counts."""
INSIDE = ("word", "kx", "ky")
"""Those inside a window."""


@dataclass(frozen=True)
class Loop:
    """A loop of more than one pass: the reader moves by `move` words from the end of a pass to the next one."""

    name: str
    passes: int
    move: int


@dataclass(frozen=True)
class Step:
    """What a read does when `level` is the innermost loop that is not at its last pass ("image": there is none).

    The reader moves by `move` words, and `freed` of them are set free; `inside` a window that happens in the last
    window of an image alone.
    """

    level: str
    inside: bool
    move: int
    freed: int


@dataclass(frozen=True)
class SerialPlan:
    """The walk of the serial structure. Positions and sizes in words.

    `levels` are the loops inside an image that have more than one pass, `steps` the moves of the reader. `sets_free` is
    whether a window has words that the last one of an image sets free one by one. `early` > 0: the next image enters
    at the window that has `early` others after it in its image, the one with the number `early_ox` of its row; `gap`
    words of the buffer are then left out, and `bonus` words set free at once.

    The buffer holds `depth` words, modulo `addresses`: a power of two where that makes the memory no larger, since the
    addresses need no comparison then. Else it `wraps`.
    """

    depth: int
    addresses: int
    wraps: bool
    address_width: int
    hop_width: int
    style: str
    levels: tuple[Counter, ...]
    steps: tuple[Step, ...]
    sets_free: bool
    ahead_width: int
    room_width: int
    early: int
    early_ox: int
    bonus: int
    gap: int
    gap_width: int

    @property
    def last(self) -> int:
        """The last address."""
        return self.addresses - 1


def _run_and_loops(loops: list[tuple[str, int, int]]) -> tuple[int, list[tuple[str, int, int]]]:
    """The words that follow each other directly, and the loops (name, passes, pitch) around them."""
    run, rest = 1, []
    for name, passes, pitch in loops:
        if passes == 1:
            continue
        if not rest and pitch == run:
            run *= passes
        else:
            rest.append((name, passes, pitch))
    return run, rest


def _walk(params: SwgParams, columns: int, rows: int) -> tuple[Walk, tuple[Loop, ...]]:
    """The walk over `rows` rows of `columns` windows with a buffer that just holds a window, and its loops."""
    pixel = params.ifm_ch // params.simd
    pitch = params.ifm_w * pixel
    run, around = _run_and_loops(
        [
            ("word", pixel, 1),
            ("kx", params.k_w, params.dilation_w * pixel),
            ("ky", params.k_h, params.dilation_h * pitch),
        ]
    )
    loops, back = [Loop("word", run, 1)], run - 1
    jumps: tuple[int, ...] = ()
    for name, passes, step in around:
        loops.append(Loop(name, passes, step - back))
        jumps = (*jumps, *(jump for _ in range(passes - 1) for jump in (step - back, *jumps)))
        back += (passes - 1) * step
    column_step = params.stride_w * pixel
    row_step = params.stride_h * pitch - (columns - 1) * column_step
    loops += [Loop("ox", columns, column_step - back), Loop("oy", rows, row_step - back)]
    last_window = (rows - 1) * params.stride_h * pitch + (columns - 1) * column_step
    walk = Walk(
        depth=max(2, back + 1),
        run=run,
        jumps=jumps,
        column_step=column_step,
        row_step=row_step,
        image_step=params.ifm_h * pitch - last_window,
        columns=columns,
        rows=rows,
    )
    return walk, tuple(loop for loop in loops if loop.passes > 1)


def _smallest(walk: Walk, cycles: int) -> Walk:
    """`walk` with the smallest buffer, no smaller than its own, that takes at most `cycles` an image."""

    def takes(depth: int) -> int:
        return image_times(dataclasses.replace(walk, depth=depth))[1]

    low = high = walk.depth
    while takes(high) > cycles:
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if takes(middle) <= cycles else (middle + 1, high)
    return dataclasses.replace(walk, depth=low)


def _early(walk: Walk, params: SwgParams, cycles: int) -> Walk | None:
    """`walk` with a buffer hardly larger than a window spans that takes at most `cycles` an image.

    The buffer is full of the last windows' rows when the next image could enter, but in each of them the columns
    to the left are done with. The next image goes there: the few words between are left out.
    """
    pixel, plain = params.ifm_ch // params.simd, walk.depth
    strided = max(getattr(params, f"{name}_{axis}") for name in ("stride", "dilation") for axis in "hw") > 1
    if strided or params.k_h == 1 or len(walk.jumps) != params.k_h - 1:
        return None
    rows = (params.k_h - 1) * params.ifm_w * pixel
    for early in range(1, walk.columns - 1):
        depth = plain + early * pixel
        gap = depth - rows
        if depth > (1 + SPARE) * plain or gap > walk.words:
            return None
        bold = dataclasses.replace(
            walk,
            depth=depth,
            early=early,
            gap=gap,
            bonus=params.ifm_w * pixel,
            image_step=walk.image_step + gap,
        )
        if image_times(bold)[1] <= cycles:
            return bold
    return None


def _choose_buffer(walk: Walk, params: SwgParams, in_words: int, out_words: int) -> Walk:
    """The smallest buffer that keeps the promise: no bubble with `prefetch`, else one window's span of them."""
    best, pixel = max(in_words, out_words), params.ifm_ch // params.simd
    if params.prefetch:
        return _smallest(walk, best)
    bound = best + (params.k_h - 1) * params.dilation_h * params.ifm_w
    bound += (params.k_w - 1) * params.dilation_w + 1
    small = _smallest(walk, bound)
    if small.depth > (1 + SPARE) * walk.depth and pixel > 1:
        return _early(walk, params, bound) or small
    return small


def _steps(walk: Walk, loops: tuple[Loop, ...]) -> tuple[Step, ...]:
    """What a read does, by the innermost loop that goes on."""
    freed = {"ox": walk.column_step, "oy": walk.row_step}
    moves = [*((loop.name, loop.move) for loop in loops), ("image", walk.image_step - walk.back)]
    return tuple(Step(name, name in INSIDE, move, freed.get(name, move)) for name, move in moves)


def _ring(params: SwgParams, walk: Walk, loops: tuple[Loop, ...]) -> SerialPlan:
    """The ring and the counters for a walk."""
    depth = walk.depth
    style = ram_style(params, params.simd * params.bits, depth)
    # Words that are set free at once stay in the ring while the room does not count them.
    modulus = addresses(params, params.simd * params.bits, depth, style, depth + walk.bonus)
    address_width = (modulus - 1).bit_length()
    wraps = modulus != 1 << address_width
    steps = _steps(walk, loops)
    farthest = max(step.move for step in steps)
    return SerialPlan(
        depth=depth,
        addresses=modulus,
        wraps=wraps,
        address_width=address_width,
        hop_width=address_width + wraps,
        style=style,
        levels=counters((loop.name, LOOPS[loop.name], loop.passes) for loop in loops),
        steps=steps,
        sets_free=any(step.inside for step in steps),
        # ahead - 1 lies between -farthest and depth + bonus - 1, room - 1 between -1 and depth + farthest + bonus.
        ahead_width=1 + max(farthest, depth + walk.bonus).bit_length(),
        room_width=1 + (depth + farthest + walk.bonus).bit_length(),
        early=walk.early,
        early_ox=walk.columns - 1 - walk.early,
        bonus=walk.bonus,
        gap=walk.gap,
        gap_width=counter_width(walk.gap),
    )


def plan_serial(
    params: SwgParams, ofm_h: int, ofm_w: int, in_words: int, out_words: int
) -> tuple[SerialPlan, tuple[ImageTimes, ...], int]:
    """The structure for ofm_h x ofm_w windows, when its images leave, and its cycles an image."""
    walk, loops = _walk(params, ofm_w, ofm_h)
    walk = _choose_buffer(walk, params, in_words, out_words)
    images, cycles = image_times(walk)
    return _ring(params, walk, loops), images, cycles
