# SPDX-License-Identifier: Apache-2.0
"""What a sliding window generator is built of."""

import dataclasses
from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.counters import Counter, counter_width, counters
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.fifo import plan as fifo
from finn_gen.ip.swg.params import SwgParams
from finn_gen.timing.images import Columns, ImageTimes, Walk, column_times, image_times

SPARE = 0.05
"""By how much a buffer may exceed the words that a window spans without counting as a larger one."""


@dataclass(frozen=True)
class Step:
    """What a read does when `level` is the innermost loop that is not at its last pass ("image": there is none).

    The reader moves by `move` words, and `freed` of them are set free; `inside` a window that happens in the last
    window of an image alone. `hop` is added to the read address; it is the move less, where the buffer `wraps`, its
    depth, so that a sum that is not negative has wrapped.
    """

    level: str
    inside: bool
    move: int
    freed: int
    hop: int


@dataclass(frozen=True)
class SerialPlan:
    """The walk of the serial structure. Positions and sizes in words.

    `levels` are the loops inside an image that have more than one pass, `steps` the moves of the reader. `sets_free` is
    whether a window has words that the last one of an image sets free one by one. `early` > 0: the next image enters
    at the window that has `early` others after it in its image, the one with the number `early_ox` of its row; `gap`
    words of the buffer are then left out, and `bonus` words set free at once.
    """

    depth: int
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


@dataclass(frozen=True)
class Pixel:
    """A place in the image."""

    x: int
    y: int


@dataclass(frozen=True)
class ParallelPlan:
    """Line buffers, a register window and, for windows of more than one word, a queue and an output register.

    The line buffers are one memory of `line_depth` words of `line_width` bits: rows further up are `line_depth`
    pixels each behind the one below. `span` columns of `column_width` bits make the register window, the newest
    one lowest; `taps` are the lowest bits of the pixels of a window, in the order of the output. A row or a column
    ends a window where its `due` counter, `first_due_h` or `_w` at the first one, is zero.
    `queue` columns wait before the register window and `waiting` windows behind it. `final` completes the last window.
    """

    words: int
    word_width: int
    last_word: int
    word_index_width: int
    line_depth: int
    line_width: int
    line_style: str
    address_width: int
    pixel_width: int
    column_width: int
    span: int
    taps: tuple[int, ...]
    window_width: int
    position: tuple[Counter, ...]
    shifted: tuple[Counter, ...]
    final: Pixel
    first_due_h: int
    first_due_w: int
    due_width_h: int
    due_width_w: int
    queue: int
    queue_style: str
    waiting: int
    last_window: int
    window_index_width: int


@dataclass(frozen=True)
class SwgPlan:
    """One window generator. Widths in bits, times in cycles.

    `images` are when the first images leave until they repeat; from the last of them on every image leaves
    `cycles` after the one before it. `latency` counts from the first input word to the first output word.
    """

    module: str
    modules: tuple[str, ...]
    params: SwgParams
    structure: str
    ofm_h: int
    ofm_w: int
    ports: Ports
    in_words: int
    out_words: int
    buffer_bits: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]
    serial: SerialPlan | None
    parallel: ParallelPlan | None


def _windows(params: SwgParams, axis: str) -> int:
    """Windows along an axis, "h" or "w"; InputError if not one fits."""
    size, kernel, dilation = (getattr(params, f"{name}_{axis}") for name in ("ifm", "k", "dilation"))
    reach = (kernel - 1) * dilation + 1
    if reach > size:
        far = f" with dilation_{axis}={dilation} spans {reach}" if dilation > 1 else ""
        raise InputError(
            f"swg: k_{axis}={kernel}{far}, but ifm_{axis}={size}: a window must fit into the image; "
            f"legal is k_{axis} up to {(size - 1) // dilation + 1}, or pad the image"
        )
    return (size - reach) // getattr(params, f"stride_{axis}") + 1


def _divisors(ifm_ch: int, window: int) -> str:
    legal = [n for n in range(1, window + 1) if ifm_ch % n == 0 or (n > ifm_ch and window % n == 0)]
    return ", ".join(map(str, legal if len(legal) <= 12 else [*legal[:6], "...", *legal[-5:]]))


def _run_and_loops(loops: list[tuple[str, int, int]]) -> tuple[int, list[tuple[str, int, int]]]:
    """The words that follow each other directly, and the loops (name, passes, pitch) around them."""
    run, rest = 1, []
    for name, count, pitch in loops:
        if count == 1:
            continue
        if not rest and pitch == run:
            run *= count
        else:
            rest.append((name, count, pitch))
    return run, rest


def _walk(params: SwgParams, columns: int, rows: int) -> tuple[Walk, list[tuple[str, int, int]]]:
    """The walk with a buffer that just holds a window, and its loops (name, passes, move)."""
    pixel = params.ifm_ch // params.simd
    pitch = params.ifm_w * pixel
    run, loops = _run_and_loops(
        [
            ("word", pixel, 1),
            ("kx", params.k_w, params.dilation_w * pixel),
            ("ky", params.k_h, params.dilation_h * pitch),
        ]
    )
    moves, offset = ([("word", run, 1)] if run > 1 else []), run - 1
    jumps: tuple[int, ...] = ()
    for name, count, step in loops:
        moves.append((name, count, step - offset))
        jumps = (*jumps, *(jumps_in_pass for _ in range(count - 1) for jumps_in_pass in (step - offset, *jumps)))
        offset += (count - 1) * step
    column_step, row_step = params.stride_w * pixel, 0
    if columns > 1:
        moves.append(("ox", columns, column_step - offset))
    row_step = params.stride_h * pitch - (columns - 1) * column_step
    if rows > 1:
        moves.append(("oy", rows, row_step - offset))
    image = params.ifm_h * pitch
    last_window = (rows - 1) * params.stride_h * pitch + (columns - 1) * column_step
    walk = Walk(
        depth=max(2, offset + 1),
        run=run,
        jumps=jumps,
        column_step=column_step,
        row_step=row_step,
        image_step=image - last_window,
        columns=columns,
        rows=rows,
    )
    return walk, moves


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


def _style(params: SwgParams, width: int, depth: int) -> str:
    """LUT RAM or block RAM, whichever is cheaper; deep LUT RAM needs multiplexers, which a block RAM has inside."""
    if params.ram_style != "auto":
        return params.ram_style
    costs = family.get(params.family).costs
    return "block" if depth > costs.lut_ram_depth else costs.ram_style(width, depth)


_LEVEL_DOC = {
    "word": "word of the run",
    "kx": "column in the window",
    "ky": "row in the window",
    "ox": "window of the row",
    "oy": "row of windows",
}


def _serial(params: SwgParams, walk: Walk, moves: list[tuple[str, int, int]]) -> SerialPlan:
    depth = walk.depth
    address_width = (depth - 1).bit_length()
    names = [name for name, _, _ in moves]
    window_levels = [name for name in names if name in ("word", "kx", "ky")]
    walk_steps = [*((name, move) for name, _, move in moves), ("image", walk.image_step - walk.back)]
    farthest = max(move for _, move in walk_steps)
    # ahead - 1 lies between -farthest and depth + bonus - 1, and room - 1 between -1 and depth + farthest + bonus.
    ahead_width = 1 + max(farthest, depth + walk.bonus).bit_length()
    room_width = 1 + (depth + farthest + walk.bonus).bit_length()
    wraps = depth != 1 << address_width

    def freed(name: str, move: int) -> int:
        return {"ox": walk.column_step, "oy": walk.row_step}.get(name, move)

    return SerialPlan(
        depth=depth,
        wraps=wraps,
        address_width=address_width,
        hop_width=address_width + wraps,
        style=_style(params, params.simd * params.bits, depth),
        levels=counters((name, _LEVEL_DOC[name], count) for name, count, _ in moves),
        steps=tuple(
            Step(name, name in window_levels, move, freed(name, move), move % depth - depth * wraps)
            for name, move in walk_steps
        ),
        sets_free=bool(window_levels),
        ahead_width=ahead_width,
        room_width=room_width,
        early=walk.early,
        early_ox=walk.columns - 1 - walk.early,
        bonus=walk.bonus,
        gap=walk.gap,
        gap_width=counter_width(walk.gap),
    )


def _ends(size: int, kernel: int, stride: int, dilation: int) -> range:
    """The positions along an axis that complete a window."""
    return range((kernel - 1) * dilation, size, stride)


def _choose_queue(params: SwgParams, words: int, cycles: int) -> Columns:
    """The least that waits around the register window and yet lets an image pass in `cycles`, or comes nearest."""
    span = (params.k_w - 1) * params.dilation_w + 1
    most = params.k_h * params.dilation_h * params.ifm_w + params.stride_h * params.ifm_w + 2

    def attempt(queue: int, waiting: int) -> tuple[Columns, int]:
        columns = Columns(
            rows=params.ifm_h,
            columns=params.ifm_w,
            row_ends=_ends(*(getattr(params, f"{name}_h") for name in ("ifm", "k", "stride", "dilation"))),
            column_ends=_ends(*(getattr(params, f"{name}_w") for name in ("ifm", "k", "stride", "dilation"))),
            words=words,
            queue=queue,
            queue_latency=1 if queue == 2 else 2,
            waiting=waiting,
        )
        return columns, column_times(columns)[1]

    waiting = 0
    while (best := attempt(most, waiting)[1]) > cycles and waiting < span:
        waiting += 1
    low, high = 2, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if attempt(middle, waiting)[1] <= best else (middle + 1, high)
    return attempt(low, waiting)[0]


def _parallel(params: SwgParams, columns: int, rows: int) -> tuple[ParallelPlan, tuple[ImageTimes, ...], int]:
    """The parallel structure, when its images leave, and its cycles an image."""
    ifm_h, ifm_w, k_h, k_w = (getattr(params, name) for name in ("ifm_h", "ifm_w", "k_h", "k_w"))
    pixel = params.ifm_ch * params.bits
    words = k_h * k_w * params.ifm_ch // params.simd
    ends_h = _ends(ifm_h, k_h, params.stride_h, params.dilation_h)
    ends_w = _ends(ifm_w, k_w, params.stride_w, params.dilation_w)
    if words == 1:
        first, last = (y * ifm_w + x + 2 for y, x in ((ends_h[0], ends_w[0]), (ends_h[-1], ends_w[-1])))
        images, cycles = (ImageTimes(first, last),), ifm_h * ifm_w
        queue = waiting = 0
    else:
        chosen = _choose_queue(params, words, max(ifm_h * ifm_w, rows * columns * words))
        images, cycles = column_times(chosen)
        queue, waiting = chosen.queue, chosen.waiting
    position = counters((("x", "column", ifm_w), ("y", "row", ifm_h)))
    shifted = counters((("column", "the column that is shifted in next", ifm_w),)) if words > 1 else ()
    line_depth, line_width = params.dilation_h * ifm_w, (k_h - 1) * pixel
    return (
        ParallelPlan(
            words=words,
            word_width=params.simd * params.bits,
            last_word=words - 1,
            word_index_width=counter_width(words - 1),
            line_depth=line_depth,
            line_width=line_width,
            line_style=_style(params, line_width, line_depth),
            address_width=counter_width(line_depth - 1),
            pixel_width=pixel,
            column_width=k_h * pixel,
            span=ends_w[0] + 1,
            taps=tuple(
                ((k_w - 1 - kx) * params.dilation_w * k_h + ky) * pixel for ky in range(k_h) for kx in range(k_w)
            ),
            window_width=k_h * k_w * pixel,
            position=position,
            shifted=shifted,
            final=Pixel(ends_w[-1], ends_h[-1]),
            first_due_h=ends_h[0],
            first_due_w=ends_w[0],
            due_width_h=counter_width(max(ends_h[0], params.stride_h - 1)),
            due_width_w=counter_width(max(ends_w[0], params.stride_w - 1)),
            queue=queue,
            queue_style=fifo.choose_style(family.get(params.family).costs, k_h * pixel, queue) if queue else "",
            waiting=waiting,
            last_window=rows * columns - 1,
            window_index_width=counter_width(rows * columns - 1),
        ),
        images,
        cycles,
    )


_QUEUES = {"": (), "reg": ("finn_reg_slice",), "srl": ("finn_fifo_srl",), "lut": ("finn_fifo_ram",)}
_QUEUES["block"] = _QUEUES["lut"]


def build_plan(params: SwgParams) -> SwgPlan:
    """Choose structure and buffer, and work out when every image leaves."""
    ofm_h, ofm_w = (_windows(params, axis) for axis in "hw")
    ifm_ch, simd, bits = params.ifm_ch, params.simd, params.bits
    window = params.k_h * params.k_w * ifm_ch
    if ifm_ch % simd and (simd < ifm_ch or window % simd):
        raise InputError(
            f"swg: simd={simd} with ifm_ch={ifm_ch}, k_h={params.k_h}, k_w={params.k_w}: simd must divide the "
            f"channels, or be larger and divide the window; legal are {_divisors(ifm_ch, window)}"
        )
    in_ch = min(ifm_ch, simd)
    in_words, out_words = params.ifm_h * params.ifm_w * ifm_ch // in_ch, ofm_h * ofm_w * window // simd
    serial = parallel = None
    if simd <= ifm_ch:
        walk, moves = _walk(params, ofm_w, ofm_h)
        walk = _choose_buffer(walk, params, in_words, out_words)
        images, cycles = image_times(walk)
        serial, modules, buffer_bits = _serial(params, walk, moves), ("finn_ram",), walk.depth * simd * bits
    else:
        parallel, images, cycles = _parallel(params, ofm_w, ofm_h)
        modules = ("finn_ram",) if parallel.line_width and parallel.line_depth > 1 else ()
        if parallel.queue:
            modules += _QUEUES[parallel.queue_style] + (("finn_fifo_control",) if parallel.queue > 2 else ())
        else:
            modules += ("finn_reg_slice",)
        buffer_bits = parallel.line_depth * parallel.line_width
    return SwgPlan(
        module=params.name,
        modules=modules,
        params=params,
        structure="serial" if serial else "parallel",
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        ports=Ports.of(in_ch * bits, simd * bits),
        in_words=in_words,
        out_words=out_words,
        buffer_bits=buffer_bits,
        latency=images[0].first,
        cycles=cycles,
        images=images,
        serial=serial,
        parallel=parallel,
    )
