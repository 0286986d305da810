# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the sliding window generator, `finn:ip:swg`."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from finn_gen.base.counters import Counter, all_last, counter_width, counters
from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, byte_width, name_param
from finn_gen.base.template import render
from finn_gen.family.memory import lut_ram_luts
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.ip.fifo import plan as fifo
from finn_gen.timing.images import Columns, ImageTimes, Walk, column_times, image_times

MAX_WIDTH = 8192
SPARE = 0.05
"""By how much a buffer may exceed the words that a window spans without counting as a larger one."""
LUT_RAM_DEPTH = 64
"""A RAM64M is that deep (UG474); more words cost multiplexers too, which a block RAM has inside."""
LUTS_WORTH_A_BLOCK = 120
"""Memory in more LUTs than these goes to block RAM: xc7z045 has 218,600 LUTs and 1,090 RAMB18, 200 to one."""


@dataclass(frozen=True)
class Step:
    """What a read does when `condition` is the first in the list to hold ("" always does).

    The reader moves by `move` words, and `freed` of them are set free; inside a window that happens in the last
    window of an image alone. `hop` is added to the read address; it is a move forward less the depth, so that a sum
    that is not negative has wrapped. `ahead` is added to the words ahead, and `room`, a Verilog expression, to the
    room, less one. These are in two's complement.
    """

    condition: str
    move: int
    freed: int
    hop: int
    ahead: int
    room: str


@dataclass(frozen=True)
class SerialPlan:
    """The walk of the serial structure. Positions and sizes in words.

    `levels` are the loops inside an image that have more than one pass, `steps` the moves of the reader.
    `last_window`, `final_word` and `image_end` say when these are read; `sets_free` is whether a window has words
    that the last one of an image sets free one by one; `room_input` is what a cycle adds to the
    room. `early` > 0: the next image enters at the window that has `early` others after it in its image, which is
    read while `early_when` holds; `gap` words of the buffer are then left out.
    """

    depth: int
    wraps: bool
    address_width: int
    hop_width: int
    style: str
    levels: tuple[Counter, ...]
    steps: tuple[Step, ...]
    sets_free: bool
    last_window: str
    final_word: str
    image_end: str
    room_input: str
    ahead_width: int
    ahead_reset: int
    room_width: int
    early: int
    early_when: str
    ky_width: int
    bonus: int
    gap: int
    gap_width: int


@dataclass(frozen=True)
class ParallelPlan:
    """Line buffers, a register window and, for windows of more than one word, a queue and an output register.

    The line buffers are one memory of `line_depth` words of `line_width` bits: rows further up are `line_depth`
    pixels each behind the one below. `span` columns of `column_width` bits make the register window, the newest
    one lowest; `taps` are the lowest bits of the pixels of a window, in the order of the output. A row or a column
    ends a window where its `due` counter, `first_due_h` or `_w` at the first one, is zero.
    `queue` columns wait before the register window and `waiting` windows behind it.
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
    row_end: str
    shifted_row_end: str
    image_end: str
    final_pixel: str
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
    structure: str
    ifm_ch: int
    bits: int
    simd: int
    ifm_h: int
    ifm_w: int
    k_h: int
    k_w: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    prefetch: bool
    tlast: bool
    ofm_h: int
    ofm_w: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    in_words: int
    out_words: int
    buffer_bits: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]
    serial: SerialPlan | None
    parallel: ParallelPlan | None


def _windows(values: dict[str, Any], axis: str) -> int:
    """Windows along an axis, "h" or "w"; InputError if not one fits."""
    size, kernel, dilation = (values[f"{name}_{axis}"] for name in ("ifm", "k", "dilation"))
    reach = (kernel - 1) * dilation + 1
    if reach > size:
        far = f" with dilation_{axis}={dilation} spans {reach}" if dilation > 1 else ""
        raise InputError(
            f"swg: k_{axis}={kernel}{far}, but ifm_{axis}={size}: a window must fit into the image; "
            f"legal is k_{axis} up to {(size - 1) // dilation + 1}, or pad the image"
        )
    return (size - reach) // values[f"stride_{axis}"] + 1


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


def _walk(values: dict[str, Any], columns: int, rows: int) -> tuple[Walk, list[tuple[str, int, int]]]:
    """The walk with a buffer that just holds a window, and its loops (name, passes, move)."""
    pixel = values["ifm_ch"] // values["simd"]
    pitch = values["ifm_w"] * pixel
    run, loops = _run_and_loops(
        [
            ("word", pixel, 1),
            ("kx", values["k_w"], values["dilation_w"] * pixel),
            ("ky", values["k_h"], values["dilation_h"] * pitch),
        ]
    )
    moves, offset = ([("word", run, 1)] if run > 1 else []), run - 1
    jumps: tuple[int, ...] = ()
    for name, count, step in loops:
        moves.append((name, count, step - offset))
        jumps = (*jumps, *(jumps_in_pass for _ in range(count - 1) for jumps_in_pass in (step - offset, *jumps)))
        offset += (count - 1) * step
    column_step, row_step = values["stride_w"] * pixel, 0
    if columns > 1:
        moves.append(("ox", columns, column_step - offset))
    row_step = values["stride_h"] * pitch - (columns - 1) * column_step
    if rows > 1:
        moves.append(("oy", rows, row_step - offset))
    image = values["ifm_h"] * pitch
    last_window = (rows - 1) * values["stride_h"] * pitch + (columns - 1) * column_step
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


def _early(walk: Walk, values: dict[str, Any], cycles: int) -> Walk | None:
    """`walk` with a buffer hardly larger than a window spans that takes at most `cycles` an image.

    The buffer is full of the last windows' rows when the next image could enter, but in each of them the columns
    to the left are done with. The next image goes there: the few words between are left out.
    """
    pixel, plain = values["ifm_ch"] // values["simd"], walk.depth
    strided = max(values[f"{name}_{axis}"] for name in ("stride", "dilation") for axis in "hw") > 1
    if strided or values["k_h"] == 1 or len(walk.jumps) != values["k_h"] - 1:
        return None
    rows = (values["k_h"] - 1) * values["ifm_w"] * pixel
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
            bonus=values["ifm_w"] * pixel,
            image_step=walk.image_step + gap,
        )
        if image_times(bold)[1] <= cycles:
            return bold
    return None


def _choose_buffer(walk: Walk, values: dict[str, Any], in_words: int, out_words: int) -> Walk:
    """The smallest buffer that keeps the promise: no bubble with `prefetch`, else one window's span of them."""
    best, pixel = max(in_words, out_words), values["ifm_ch"] // values["simd"]
    if values["prefetch"]:
        return _smallest(walk, best)
    bound = best + (values["k_h"] - 1) * values["dilation_h"] * values["ifm_w"]
    bound += (values["k_w"] - 1) * values["dilation_w"] + 1
    small = _smallest(walk, bound)
    if small.depth > (1 + SPARE) * walk.depth and pixel > 1:
        return _early(walk, values, bound) or small
    return small


def _style(width: int, depth: int) -> str:
    """LUT RAM or block RAM, whichever is cheaper."""
    luts = lut_ram_luts(width, depth)
    return "distributed" if luts <= LUTS_WORTH_A_BLOCK and depth <= LUT_RAM_DEPTH else "block"


_LEVEL_DOC = {
    "word": "word of the run",
    "kx": "column in the window",
    "ky": "row in the window",
    "ox": "window of the row",
    "oy": "row of windows",
}


def _serial(values: dict[str, Any], walk: Walk, moves: list[tuple[str, int, int]]) -> SerialPlan:
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
    hop_width = address_width + wraps

    def freed(name: str, move: int) -> int:
        return {"ox": walk.column_step, "oy": walk.row_step}.get(name, move)

    def room(name: str, move: int) -> str:
        def constant(release: int) -> str:
            return f"{room_width}'d{(release - 1) % (1 << room_width)}"

        if name in window_levels:
            return f"set_free ? {constant(move)} : {constant(0)}"
        return constant(freed(name, move))

    steps = tuple(
        Step(
            condition=f"!{name}_last" if name != "image" else "",
            move=move,
            freed=freed(name, move),
            hop=(move % depth - depth * wraps) % (1 << hop_width),
            ahead=-move % (1 << ahead_width),
            room=room(name, move),
        )
        for name, move in walk_steps
    )
    none = (1 << room_width) - 1
    room_input = f"read ? room_step : {room_width}'d{none}"
    if walk.early:
        bonus = f"{room_width}'d{(walk.bonus - 1) % (1 << room_width)}"
        room_input = f"complete ? {bonus} : {room_input}"
    style = values["ram_style"]
    early_ox = walk.columns - 1 - walk.early
    widths = {name: counter_width(count - 1) for name, count, _ in moves}
    return SerialPlan(
        depth=depth,
        wraps=wraps,
        address_width=address_width,
        hop_width=hop_width,
        style=_style(values["simd"] * values["bits"], depth) if style == "auto" else style,
        levels=counters((name, _LEVEL_DOC[name], count) for name, count, _ in moves),
        steps=steps,
        sets_free=bool(window_levels),
        last_window=all_last([name for name in names if name in ("ox", "oy")]),
        final_word=all_last(window_levels),
        image_end=all_last(names),
        room_input=room_input,
        ahead_width=ahead_width,
        ahead_reset=(1 << ahead_width) - 1,
        room_width=room_width,
        early=walk.early,
        early_when=" && ".join(
            [*(f"{name}_last" for name in names if name == "oy"), f"ox_q == {widths.get('ox')}'d{early_ox}"]
        ),
        ky_width=widths.get("ky", 1),
        bonus=walk.bonus,
        gap=walk.gap,
        gap_width=counter_width(walk.gap),
    )


def _ends(size: int, kernel: int, stride: int, dilation: int) -> range:
    """The positions along an axis that complete a window."""
    return range((kernel - 1) * dilation, size, stride)


def _choose_queue(values: dict[str, Any], words: int, cycles: int) -> Columns:
    """The least that waits around the register window and yet lets an image pass in `cycles`, or comes nearest."""
    span = (values["k_w"] - 1) * values["dilation_w"] + 1
    most = values["k_h"] * values["dilation_h"] * values["ifm_w"] + values["stride_h"] * values["ifm_w"] + 2

    def attempt(queue: int, waiting: int) -> tuple[Columns, int]:
        columns = Columns(
            rows=values["ifm_h"],
            columns=values["ifm_w"],
            row_ends=_ends(*(values[f"{name}_h"] for name in ("ifm", "k", "stride", "dilation"))),
            column_ends=_ends(*(values[f"{name}_w"] for name in ("ifm", "k", "stride", "dilation"))),
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


def _parallel(values: dict[str, Any], columns: int, rows: int) -> tuple[ParallelPlan, tuple[ImageTimes, ...], int]:
    """The parallel structure, when its images leave, and its cycles an image."""
    ifm_h, ifm_w, k_h, k_w = (values[name] for name in ("ifm_h", "ifm_w", "k_h", "k_w"))
    pixel = values["ifm_ch"] * values["bits"]
    words = k_h * k_w * values["ifm_ch"] // values["simd"]
    ends_h = _ends(ifm_h, k_h, values["stride_h"], values["dilation_h"])
    ends_w = _ends(ifm_w, k_w, values["stride_w"], values["dilation_w"])
    if words == 1:
        first, last = (y * ifm_w + x + 2 for y, x in ((ends_h[0], ends_w[0]), (ends_h[-1], ends_w[-1])))
        images, cycles = (ImageTimes(first, last),), ifm_h * ifm_w
        queue = waiting = 0
    else:
        chosen = _choose_queue(values, words, max(ifm_h * ifm_w, rows * columns * words))
        images, cycles = column_times(chosen)
        queue, waiting = chosen.queue, chosen.waiting
    position = counters((("x", "column", ifm_w), ("y", "row", ifm_h)))
    names = [level.name for level in position]
    shifted = counters((("column", "the column that is shifted in next", ifm_w),)) if words > 1 else ()
    line_depth, line_width = values["dilation_h"] * ifm_w, (k_h - 1) * pixel
    style = values["ram_style"]
    final = {"x": ends_w[-1], "y": ends_h[-1]}
    return (
        ParallelPlan(
            words=words,
            word_width=values["simd"] * values["bits"],
            last_word=words - 1,
            word_index_width=counter_width(words - 1),
            line_depth=line_depth,
            line_width=line_width,
            line_style=_style(line_width, line_depth) if style == "auto" else style,
            address_width=counter_width(line_depth - 1),
            pixel_width=pixel,
            column_width=k_h * pixel,
            span=ends_w[0] + 1,
            taps=tuple(
                ((k_w - 1 - kx) * values["dilation_w"] * k_h + ky) * pixel for ky in range(k_h) for kx in range(k_w)
            ),
            window_width=k_h * k_w * pixel,
            position=position,
            shifted=shifted,
            row_end=all_last(name for name in names if name == "x"),
            shifted_row_end=all_last(level.name for level in (shifted if words > 1 else position) if level.name != "y"),
            image_end=all_last(names),
            final_pixel=" && ".join(f"{level.name}_q == {level.width}'d{final[level.name]}" for level in position),
            first_due_h=ends_h[0],
            first_due_w=ends_w[0],
            due_width_h=counter_width(max(ends_h[0], values["stride_h"] - 1)),
            due_width_w=counter_width(max(ends_w[0], values["stride_w"] - 1)),
            queue=queue,
            queue_style=fifo.choose_style(k_h * pixel, queue) if queue else "",
            waiting=waiting,
            last_window=rows * columns - 1,
            window_index_width=counter_width(rows * columns - 1),
        ),
        images,
        cycles,
    )


_QUEUES = {"": (), "reg": ("finn_reg_slice",), "srl": ("finn_fifo_srl",), "lut": ("finn_fifo_ram",)}
_QUEUES["block"] = _QUEUES["lut"]


def plan(values: dict[str, Any]) -> SwgPlan:
    """Choose structure and buffer, and work out when every image leaves."""
    ofm_h, ofm_w = (_windows(values, axis) for axis in "hw")
    ifm_ch, simd, bits = values["ifm_ch"], values["simd"], values["bits"]
    window = values["k_h"] * values["k_w"] * ifm_ch
    if ifm_ch % simd and (simd < ifm_ch or window % simd):
        raise InputError(
            f"swg: simd={simd} with ifm_ch={ifm_ch}, k_h={values['k_h']}, k_w={values['k_w']}: simd must divide the "
            f"channels, or be larger and divide the window; legal are {_divisors(ifm_ch, window)}"
        )
    in_ch = min(ifm_ch, simd)
    in_words, out_words = values["ifm_h"] * values["ifm_w"] * ifm_ch // in_ch, ofm_h * ofm_w * window // simd
    serial = parallel = None
    if simd <= ifm_ch:
        walk, moves = _walk(values, ofm_w, ofm_h)
        walk = _choose_buffer(walk, values, in_words, out_words)
        images, cycles = image_times(walk)
        serial, modules, buffer_bits = _serial(values, walk, moves), ("finn_ram",), walk.depth * simd * bits
    else:
        parallel, images, cycles = _parallel(values, ofm_w, ofm_h)
        modules = ("finn_ram",) if parallel.line_width and parallel.line_depth > 1 else ()
        if parallel.queue:
            modules += _QUEUES[parallel.queue_style] + (("finn_fifo_control",) if parallel.queue > 2 else ())
        else:
            modules += ("finn_reg_slice",)
        buffer_bits = parallel.line_depth * parallel.line_width
    return SwgPlan(
        module=values["name"],
        modules=modules,
        structure="serial" if serial else "parallel",
        **{name: values[name] for name in _KEPT},
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        in_width=in_ch * bits,
        out_width=simd * bits,
        in_tdata_width=byte_width(in_ch * bits),
        out_tdata_width=byte_width(simd * bits),
        in_words=in_words,
        out_words=out_words,
        buffer_bits=buffer_bits,
        latency=images[0].first,
        cycles=cycles,
        images=images,
        serial=serial,
        parallel=parallel,
    )


def emit(plan: SwgPlan) -> dict[str, str | bytes]:
    """The generator's one file."""
    return {f"{plan.module}.v": render("ip/swg/swg.v.j2", plan=plan, digest=digest(plan))}


_KEPT = (
    "ifm_ch",
    "bits",
    "simd",
    "ifm_h",
    "ifm_w",
    "k_h",
    "k_w",
    "stride_h",
    "stride_w",
    "dilation_h",
    "dilation_w",
    "prefetch",
    "tlast",
)


def _axis(name: str, default: int, high: int, doc: str) -> tuple[Param, Param]:
    return (
        Param(f"{name}_h", int, default, f"{doc}, vertically", low=1, high=high),
        Param(f"{name}_w", int, default, f"{doc}, horizontally", low=1, high=high),
    )


IP = Ip(
    name="swg",
    summary="sliding window generator, a word or a whole window a cycle",
    params=(
        name_param("finn_swg"),
        Param("ifm_ch", int, 8, "channels of the image", low=1, high=4096),
        Param("bits", int, 1, "bits of an element", low=1, high=32),
        Param("simd", int, 8, "elements of an output word", low=1, high=MAX_WIDTH),
        *_axis("ifm", 8, 4096, "pixels of the image"),
        *_axis("k", 3, 11, "pixels of a window"),
        *_axis("stride", 1, 64, "pixels from a window to the next"),
        *_axis("dilation", 1, 64, "pixels from an element of a window to the next"),
        Param("prefetch", bool, False, "a larger buffer, so that there is no bubble between two images"),
        Param("ram_style", str, "auto", "memory of the buffer", choices=("auto", "distributed", "block")),
        Param("tlast", bool, False, "mark the last word of an image at the output"),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"simd": 2, "tlast": 1},
        {"simd": 4, "prefetch": 1, "ram_style": "block"},
        {"ifm_ch": 64, "simd": 32, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 3, "simd": 1, "bits": 8, "ifm_h": 9, "stride_h": 2, "stride_w": 3, "dilation_w": 2, "tlast": 1},
        {"ifm_ch": 2, "simd": 1, "ifm_h": 8, "ifm_w": 1, "k_h": 5, "k_w": 1},
        {"ifm_ch": 2, "simd": 2, "ifm_h": 1, "ifm_w": 8, "k_h": 1, "k_w": 1},
        {"ifm_ch": 1, "simd": 1, "ifm_h": 1, "ifm_w": 1, "k_h": 1, "k_w": 1, "tlast": 1},
        {"ifm_ch": 2, "simd": 18},
        {"ifm_ch": 1, "simd": 9, "bits": 8, "dilation_h": 2, "stride_w": 2, "tlast": 1},
        {"ifm_ch": 2, "simd": 6, "tlast": 1},
        {"ifm_ch": 2, "simd": 9, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 64, "simd": 192, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 1, "simd": 5, "k_h": 2, "k_w": 5, "ifm_h": 3, "ifm_w": 12},
        {"ifm_ch": 1, "simd": 2, "k_h": 1, "k_w": 4, "ifm_h": 1},
        {"ifm_ch": 1, "simd": 4, "k_h": 4, "k_w": 1, "ifm_w": 1},
    ),
    benchmarks=(
        *(
            Benchmark(f"CNV layer {layer}", values, {"lc": 100})
            for layer, values in enumerate(
                {"ifm_ch": ifm_ch, "bits": bits, "simd": simd, "ifm_h": size, "ifm_w": size}
                for ifm_ch, bits, simd, size in (
                    (3, 8, 3, 32),
                    (64, 1, 32, 30),
                    (64, 1, 32, 14),
                    (128, 1, 32, 12),
                    (128, 1, 32, 5),
                    (256, 1, 32, 3),
                )
            )
        ),
        *(
            Benchmark(name, {"ifm_ch": 64, "simd": simd, "ifm_h": 30, "ifm_w": 30}, {})
            for name, simd in (("layer 1, a window a word", 576), ("layer 1, a row of a window a word", 192))
        ),
    ),
)
