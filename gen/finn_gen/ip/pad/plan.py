# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the image padder, `finn:ip:pad`."""

from dataclasses import dataclass
from typing import Any

from finn_gen.base.counters import Counter, all_last, counters
from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, byte_width, name_param
from finn_gen.base.template import render
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.timing.images import ImageTimes

MAX_WIDTH = 8192


@dataclass(frozen=True)
class PadPlan:
    """One padder. Widths in bits, times in cycles.

    The first image leaves as `images` says, every other one `cycles` after the one before it. `levels` count
    the output words, `in_image` says which of them come from the input, `image_end` which is the last; `leading` is
    whether the first is padding. `element` holds the bits of an element of padding.
    """

    module: str
    modules: tuple[str, ...]
    ifm_ch: int
    bits: int
    simd: int
    ifm_h: int
    ifm_w: int
    top: int
    bottom: int
    left: int
    right: int
    value: int
    tlast: bool
    ofm_h: int
    ofm_w: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
    in_words: int
    out_words: int
    levels: tuple[Counter, ...]
    in_image: str
    leading: bool
    image_end: str
    element: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]


def _element(value: str, bits: int) -> tuple[int, int]:
    """The value of a padding element as a number, and as the bits of the stream."""
    legal = "-1 (bit 0) or 1 (bit 1)" if bits == 1 else f"a whole number from {-(1 << bits - 1)} to {(1 << bits) - 1}"
    if value == "auto":
        number = -1 if bits == 1 else 0
    else:
        try:
            number = int(value)
        except ValueError:
            raise InputError(f"pad: value={value!r} with bits={bits}: it must be auto or {legal}") from None
    if number not in ((-1, 1) if bits == 1 else range(-(1 << bits - 1), 1 << bits)):
        raise InputError(f"pad: value={number} with bits={bits}: it must be auto or {legal}")
    return number, (number + 1) // 2 if bits == 1 else number % (1 << bits)


def _range(name: str, first: int, count: int, size: int, width: int) -> list[str]:
    """Verilog terms that hold where the counter `name` of `size` values is in `count` values from `first` on."""
    terms = [f"{name}_q >= {width}'d{first}"] if first else []
    return [*terms, f"{name}_q < {width}'d{first + count}"] if first + count < size else terms


def plan(values: dict[str, Any]) -> PadPlan:
    """Work out the word of padding and where the image lies."""
    ifm_ch, simd, bits = values["ifm_ch"], values["simd"], values["bits"]
    if ifm_ch % simd:
        raise InputError(f"pad: simd={simd} with ifm_ch={ifm_ch}: simd must divide the channels")
    number, element = _element(values["value"], bits)
    folds = ifm_ch // simd
    ofm_h = values["top"] + values["ifm_h"] + values["bottom"]
    ofm_w = values["left"] + values["ifm_w"] + values["right"]
    levels = counters((("fold", "word of the pixel", folds), ("x", "column", ofm_w), ("y", "row", ofm_h)))
    widths = {level.name: level.width for level in levels}
    terms = [
        *_range("y", values["top"], values["ifm_h"], ofm_h, widths.get("y", 0)),
        *_range("x", values["left"], values["ifm_w"], ofm_w, widths.get("x", 0)),
    ]
    out_words, width = ofm_h * ofm_w * folds, simd * bits
    return PadPlan(
        module=values["name"],
        modules=("finn_reg_slice",),
        **{name: values[name] for name in ("ifm_ch", "bits", "simd", "ifm_h", "ifm_w", *_SIDES, "tlast")},
        value=number,
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        in_width=width,
        out_width=width,
        in_tdata_width=byte_width(width),
        out_tdata_width=byte_width(width),
        in_words=values["ifm_h"] * values["ifm_w"] * folds,
        out_words=out_words,
        levels=levels,
        in_image=" && ".join(terms) or "1'b1",
        leading=values["top"] + values["left"] > 0,
        image_end=all_last(level.name for level in levels),
        element=element,
        latency=2,
        cycles=out_words,
        images=(ImageTimes(2, out_words + 1),),
    )


def emit(plan: PadPlan) -> dict[str, str | bytes]:
    """The padder's one file."""
    return {f"{plan.module}.v": render("ip/pad/pad.v.j2", plan=plan, digest=digest(plan))}


_SIDES = ("top", "bottom", "left", "right")

IP = Ip(
    name="pad",
    summary="padding of images, each side by its own amount",
    params=(
        name_param("finn_pad"),
        Param("ifm_ch", int, 8, "channels of the image", low=1, high=4096),
        Param("bits", int, 1, "bits of an element", low=1, high=32),
        Param("simd", int, 8, "elements of a word", low=1, high=4096),
        Param("ifm_h", int, 8, "rows of the image", low=1, high=4096),
        Param("ifm_w", int, 8, "columns of the image", low=1, high=4096),
        *(Param(side, int, 1, f"pixels added at the {side}", low=0, high=256) for side in _SIDES),
        Param("value", str, "auto", "value of an added element: a number, or auto for -1 in bits and 0 in numbers"),
        Param("tlast", bool, False, "mark the last word of an image at the output"),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"simd": 2, "tlast": 1},
        {"ifm_ch": 3, "simd": 3, "bits": 8, "top": 0, "left": 2, "right": 0, "value": "-128"},
        {"top": 0, "bottom": 0, "left": 0, "right": 0, "value": "1"},
        {"ifm_ch": 1, "simd": 1, "ifm_h": 1, "ifm_w": 1, "top": 0, "bottom": 2, "left": 0, "right": 0, "tlast": 1},
        {"ifm_h": 1, "ifm_w": 1, "ifm_ch": 1, "simd": 1, "top": 0, "bottom": 0, "left": 0, "right": 0, "tlast": 1},
    ),
    benchmarks=(
        Benchmark("30x30x64 bits by 1", {"ifm_ch": 64, "simd": 64, "ifm_h": 30, "ifm_w": 30}, {}),
        Benchmark("32x32x3 of 8 bits by 1", {"ifm_ch": 3, "simd": 3, "bits": 8, "ifm_h": 32, "ifm_w": 32}, {}),
    ),
)
