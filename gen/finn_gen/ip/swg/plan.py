# SPDX-License-Identifier: Apache-2.0
"""What a sliding window generator is built of."""

from dataclasses import dataclass

from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.swg.parallel_plan import ParallelPlan, plan_parallel
from finn_gen.ip.swg.params import SwgParams
from finn_gen.ip.swg.serial_plan import SerialPlan, plan_serial
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class SwgPlan:
    """One window generator. Widths in bits, times in cycles.

    `images` are when the first images leave until they repeat; from the last of them on every image leaves
    `cycles` after the one before it. `latency` counts from the first input word to the first output word. There is one
    of the two structures, `serial` or `parallel`.
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


def _modules(parallel: ParallelPlan | None) -> tuple[str, ...]:
    """The building blocks of the parallel structure, or of the serial one."""
    if not parallel:
        return ("finn_ram",)
    lines = ("finn_line_buffer", "finn_ram") if parallel.lines.width and parallel.lines.depth > 1 else ()
    return lines + _QUEUES[parallel.queue_style]


def _check(params: SwgParams) -> None:
    window = params.k_h * params.k_w * params.ifm_ch
    if params.ifm_ch % params.simd and (params.simd < params.ifm_ch or window % params.simd):
        raise InputError(
            f"swg: simd={params.simd} with ifm_ch={params.ifm_ch}, k_h={params.k_h}, k_w={params.k_w}: simd must "
            f"divide the channels, or be larger and divide the window; legal are {_divisors(params.ifm_ch, window)}"
        )


def build_plan(params: SwgParams) -> SwgPlan:
    """Choose structure and buffer, and work out when every image leaves."""
    ofm_h, ofm_w = (_windows(params, axis) for axis in "hw")
    _check(params)
    in_ch = min(params.ifm_ch, params.simd)
    in_words = params.ifm_h * params.ifm_w * params.ifm_ch // in_ch
    out_words = ofm_h * ofm_w * params.k_h * params.k_w * params.ifm_ch // params.simd
    ports = Ports.of(in_ch * params.bits, params.simd * params.bits)
    serial = parallel = None
    if params.simd <= params.ifm_ch:
        serial, images, cycles = plan_serial(params, ofm_h, ofm_w, in_words, out_words)
        buffer_bits = serial.depth * ports.out_width
    else:
        parallel, images, cycles = plan_parallel(params, ofm_h, ofm_w)
        buffer_bits = parallel.lines.depth * parallel.lines.width
    return SwgPlan(
        module=params.name,
        modules=_modules(parallel),
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
    )
