# SPDX-License-Identifier: Apache-2.0
"""Plan and text of max pooling, `finn:ip:pool`."""

from dataclasses import dataclass
from typing import Any

from finn_gen.base.counters import Counter, all_last, counter_width, counters
from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, byte_width, name_param
from finn_gen.base.template import render
from finn_gen.family.memory import lut_ram_luts
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.timing.images import ImageTimes

LUTS_WORTH_A_BLOCK = 120
"""Memory in more LUTs than these goes to block RAM: xc7z045 has 218,600 LUTs and 1,090 RAMB18, 200 to one."""


@dataclass(frozen=True)
class PoolPlan:
    """One max pooling. Widths in bits, times in cycles.

    Along each axis `phase` counts positions modulo the stride, a window begins where it is zero; `due` counts down
    to the next end of a window, from `first_due` at the first position. `open_windows` is how many windows are
    still open after a position: so many partial results are kept for each of the `depth` words of an output row.
    Windows that lie `apart` have one, which begins with `lowest`, the lowest element.
    The first image leaves as `images` says, every other one `cycles` after the one before it.
    """

    module: str
    modules: tuple[str, ...]
    ifm_ch: int
    bits: int
    signed: bool
    pe: int
    ifm_h: int
    ifm_w: int
    k: int
    stride: int
    tlast: bool
    ofm_h: int
    ofm_w: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    in_words: int
    out_words: int
    folds: int
    levels: tuple[Counter, ...]
    pixel_end: str
    row_end: str
    image_end: str
    final_word: str
    phase_width: int
    first_due: int
    due_width: int
    apart: bool
    lowest: int
    open_windows: int
    lanes: int
    state_width: int
    depth: int
    address_width: int
    style: str
    buffer_bits: int
    slice_module: str
    slice_width: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]


def _style(width: int, depth: int) -> str:
    """LUT RAM or block RAM, whichever is cheaper."""
    luts = lut_ram_luts(width, depth)
    return "distributed" if luts <= LUTS_WORTH_A_BLOCK else "block"


def _check(values: dict[str, Any]) -> None:
    if values["ifm_ch"] % values["pe"]:
        raise InputError(f"pool: pe={values['pe']} with ifm_ch={values['ifm_ch']}: pe must divide the channels")
    if values["signed"] and values["bits"] == 1:
        raise InputError("pool: signed=1 with bits=1: bit 0 is -1 and bit 1 is +1 already; legal is signed=0")
    for axis in ("ifm_h", "ifm_w"):
        if values["k"] > values[axis]:
            raise InputError(
                f"pool: k={values['k']} with {axis}={values[axis]}: a window must fit into the image; "
                f"legal is k from 1 to {min(values['ifm_h'], values['ifm_w'])}"
            )


def plan(values: dict[str, Any]) -> PoolPlan:
    """Work out the counters, the buffer and the times."""
    _check(values)
    k, stride, pe = values["k"], values["stride"], values["pe"]
    ifm_h, ifm_w, folds = values["ifm_h"], values["ifm_w"], values["ifm_ch"] // pe
    ofm_h, ofm_w = (ifm_h - k) // stride + 1, (ifm_w - k) // stride + 1
    levels = counters((("fold", "word of the pixel", folds), ("x", "column", ifm_w), ("y", "row", ifm_h)))
    names = [level.name for level in levels]
    width, depth, open_windows = pe * values["bits"], ofm_w * folds, -(-(k - 1) // stride)
    in_words = ifm_h * ifm_w * folds
    final = {"fold": folds - 1, "x": (ofm_w - 1) * stride + k - 1, "y": (ofm_h - 1) * stride + k - 1}
    first_word = ((k - 1) * ifm_w + k - 1) * folds
    last_word = (final["y"] * ifm_w + final["x"]) * folds + final["fold"]
    # Two words that follow each other may both end a window, unless a pixel is one word and windows are apart, and
    # no window ends with the first word of the next image.
    slice_module = "finn_half_slice" if folds == 1 and stride > 1 and k > 1 else "finn_reg_slice"
    return PoolPlan(
        module=values["name"],
        modules=(slice_module, *(("finn_max", "finn_ram") if k > 1 else ())),
        **{name: values[name] for name in _KEPT},
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        in_width=width,
        out_width=width,
        in_tdata_width=byte_width(width),
        out_tdata_width=byte_width(width),
        in_words=in_words,
        out_words=ofm_h * depth,
        folds=folds,
        levels=levels,
        pixel_end=all_last(name for name in names if name == "fold"),
        row_end=all_last(name for name in names if name != "y"),
        image_end=all_last(names),
        final_word=" && ".join(f"{level.name}_q == {level.width}'d{final[level.name]}" for level in levels) or "1'b1",
        phase_width=counter_width(stride - 1),
        first_due=k - 1,
        due_width=counter_width(max(k, stride) - 1),
        apart=stride >= k,
        lowest=1 << values["bits"] - 1 if values["signed"] else 0,
        open_windows=open_windows,
        lanes=open_windows * pe,
        state_width=open_windows * width,
        depth=depth,
        address_width=counter_width(depth - 1),
        style=_style(open_windows * width, depth),
        buffer_bits=depth * open_windows * width,
        slice_module=slice_module,
        slice_width=width + values["tlast"],
        latency=first_word + 2,
        cycles=in_words,
        images=(ImageTimes(first_word + 2, last_word + 2),),
    )


def emit(plan: PoolPlan) -> dict[str, str | bytes]:
    """The pooling's one file."""
    return {f"{plan.module}.v": render("ip/pool/pool.v.j2", plan=plan, digest=digest(plan))}


_KEPT = ("ifm_ch", "bits", "signed", "pe", "ifm_h", "ifm_w", "k", "stride", "tlast")

IP = Ip(
    name="pool",
    summary="max pooling, a word a cycle",
    params=(
        name_param("finn_pool"),
        Param("ifm_ch", int, 8, "channels of the image", low=1, high=4096),
        Param("bits", int, 1, "bits of an element", low=1, high=8),
        Param("signed", bool, False, "elements are in two's complement"),
        Param("pe", int, 8, "channels of a word", low=1, high=4096),
        Param("ifm_h", int, 8, "rows of the image", low=1, high=4096),
        Param("ifm_w", int, 8, "columns of the image", low=1, high=4096),
        Param("k", int, 2, "rows and columns of a window", low=1, high=64),
        Param("stride", int, 2, "pixels from a window to the next, along both axes", low=1, high=64),
        Param("tlast", bool, False, "mark the last word of an image at the output"),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"tlast": 1},
        {"pe": 2, "bits": 3, "signed": 1, "ifm_h": 7, "ifm_w": 9, "k": 3, "tlast": 1},
        {"pe": 4, "bits": 8, "k": 3, "stride": 1},
        {"k": 5, "stride": 2, "bits": 2, "pe": 8},
        {"k": 1, "stride": 1},
        {"k": 1, "stride": 3, "pe": 1, "tlast": 1},
        {"k": 2, "stride": 3, "ifm_ch": 3, "pe": 3, "ifm_h": 2, "ifm_w": 2},
        {"k": 1, "stride": 2, "ifm_ch": 1, "pe": 1, "ifm_h": 1, "ifm_w": 1, "tlast": 1},
        {"k": 8, "stride": 8},
    ),
    benchmarks=(
        Benchmark("2x2 on 28x28x64 bits", {"ifm_ch": 64, "pe": 64, "ifm_h": 28, "ifm_w": 28}, {}),
        Benchmark("2x2 on 10x10x128 bits", {"ifm_ch": 128, "pe": 128, "ifm_h": 10, "ifm_w": 10}, {}),
        Benchmark("2x2 on 28x28x64 bits, PE 16", {"ifm_ch": 64, "pe": 16, "ifm_h": 28, "ifm_w": 28}, {}),
        Benchmark(
            "3x3 by 2 on 28x28x16 of 4 bits",
            {"ifm_ch": 16, "pe": 16, "bits": 4, "ifm_h": 28, "ifm_w": 28, "k": 3},
            {},
        ),
    ),
)
