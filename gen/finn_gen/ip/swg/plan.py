# SPDX-License-Identifier: Apache-2.0
"""What a sliding window generator is built of."""

from dataclasses import dataclass, field

from finn_gen.base import groups
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.swg.grouped_plan import GroupedPlan, plan_grouped
from finn_gen.ip.swg.memory import Lines
from finn_gen.ip.swg.parallel_plan import ParallelPlan, plan_parallel
from finn_gen.ip.swg.params import SwgParams
from finn_gen.ip.swg.serial_plan import SerialPlan, plan_serial
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class SwgPlan:
    """One window generator. Widths in bits, times in cycles.

    `images` are when the first images leave until they repeat; from the last of them on every image leaves
    `cycles` after the one before it. `latency` counts from the first input word to the first output word. There is one
    of the three structures, `serial`, `parallel` or `grouped`.
    """

    module: str
    modules: tuple[str, ...]
    params: SwgParams
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
    grouped: GroupedPlan | None = field(default=None, metadata={"later": True})


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


_QUEUES = {"": ("finn_reg_slice",), "reg": ("finn_reg_slice",), "srl": ("finn_fifo_srl", "finn_fifo_control")}
_QUEUES |= dict.fromkeys(("lut", "block"), ("finn_fifo_ram", "finn_fifo_control"))
"""Building blocks of what waits before the register window, by its style; of the input where nothing does."""


def _modules(lines: Lines | None, queue_style: str) -> tuple[str, ...]:
    """The building blocks of a structure with line buffers, or of the serial one, which has none."""
    if not lines:
        return ("finn_ram",)
    memory = ("finn_line_buffer", "finn_ram") if lines.width and lines.depth > 1 else ()
    return memory + _QUEUES[queue_style]


def _waiting(parallel: ParallelPlan | None, grouped: GroupedPlan | None) -> tuple[Lines | None, str]:
    """The line buffers of a structure, and the style of its queue."""
    if grouped:
        return grouped.lines, ""
    return (parallel.lines, parallel.queue_style) if parallel else (None, "")


def _check(params: SwgParams) -> None:
    window = params.k_h * params.k_w * params.ifm_ch
    if params.ifm_ch % params.simd and (params.simd < params.ifm_ch or window % params.simd):
        raise InputError(
            f"swg: simd={params.simd} with ifm_ch={params.ifm_ch}, k_h={params.k_h}, k_w={params.k_w}: simd must "
            f"divide the channels, or be larger and divide the window; legal are {_divisors(params.ifm_ch, window)}"
        )


def _check_groups(params: SwgParams) -> None:
    """InputError for what several pixels a word cannot be asked of."""
    groups.check("swg", "pixels", params.pixels)
    if params.pixels == 1:
        return
    window = params.k_h * params.k_w * params.ifm_ch
    if params.simd != window:
        raise InputError(
            f"swg: pixels={params.pixels} with simd={params.simd}: words of several windows hold them whole; legal is "
            f"simd={window}, k_h x k_w x ifm_ch, or pixels=1"
        )
    for axis in "hw":
        stride = getattr(params, f"stride_{axis}")
        if stride > 1:
            raise InputError(
                f"swg: pixels={params.pixels} with stride_{axis}={stride}: several windows a word lie side by side; "
                f"legal is stride_{axis}=1, or pixels=1"
            )


def build_plan(params: SwgParams) -> SwgPlan:
    """Choose structure and buffer, and work out when every image leaves."""
    ofm_h, ofm_w = (_windows(params, axis) for axis in "hw")
    _check(params)
    _check_groups(params)
    in_ch = min(params.ifm_ch, params.simd)
    in_words = params.ifm_h * groups.groups(params.ifm_w, params.pixels) * params.ifm_ch // in_ch
    out_words = ofm_h * groups.groups(ofm_w, params.pixels) * params.k_h * params.k_w * params.ifm_ch // params.simd
    ports = Ports.of(params.pixels * in_ch * params.bits, params.pixels * params.simd * params.bits)
    serial = parallel = grouped = None
    if params.pixels > 1:
        grouped, images, cycles = plan_grouped(params, ofm_w)
        buffer_bits = grouped.lines.depth * grouped.lines.width
    elif params.simd <= params.ifm_ch:
        serial, images, cycles = plan_serial(params, ofm_h, ofm_w, in_words, out_words)
        buffer_bits = serial.depth * ports.out_width
    else:
        parallel, images, cycles = plan_parallel(params, ofm_h, ofm_w)
        buffer_bits = parallel.lines.depth * parallel.lines.width
    return SwgPlan(
        module=params.name,
        modules=_modules(*_waiting(parallel, grouped)),
        params=params,
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        ports=ports,
        in_words=in_words,
        out_words=out_words,
        buffer_bits=buffer_bits,
        latency=images[0].first,
        cycles=cycles,
        images=images,
        serial=serial,
        parallel=parallel,
        grouped=grouped,
    )
