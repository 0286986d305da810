# SPDX-License-Identifier: Apache-2.0
"""What a padder is built of."""

from dataclasses import dataclass

from finn_gen.base.counters import Counter, counters
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.base.ranges import of_elements
from finn_gen.ip.pad.params import PadParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class PadPlan:
    """One padder. Widths in bits, times in cycles.

    The first image leaves as `images` says, every other one `cycles` after the one before it. `levels` count
    the output words, `leading` is whether the first of them is padding. `element` holds the bits of an element of it.
    """

    module: str
    modules: tuple[str, ...]
    params: PadParams
    value: int
    ofm_h: int
    ofm_w: int
    ports: Ports
    in_words: int
    out_words: int
    levels: tuple[Counter, ...]
    leading: bool
    element: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]


def _element(value: str, bits: int) -> tuple[int, int]:
    """The value of a padding element as a number, and as the bits of the stream."""
    lowest, highest = of_elements(bits, signed=True).low, of_elements(bits, signed=False).high
    legal = "-1 (bit 0) or 1 (bit 1)" if bits == 1 else f"a whole number from {lowest} to {highest}"
    if value == "auto":
        number = -1 if bits == 1 else 0
    else:
        try:
            number = int(value)
        except ValueError:
            raise InputError(f"pad: value={value!r} with bits={bits}: it must be auto or {legal}") from None
    if number not in ((-1, 1) if bits == 1 else range(lowest, highest + 1)):
        raise InputError(f"pad: value={number} with bits={bits}: it must be auto or {legal}")
    return number, (number + 1) // 2 if bits == 1 else number % (1 << bits)


def build_plan(params: PadParams) -> PadPlan:
    """Work out the word of padding and where the image lies."""
    ifm_ch, simd, bits = params.ifm_ch, params.simd, params.bits
    if ifm_ch % simd:
        raise InputError(f"pad: simd={simd} with ifm_ch={ifm_ch}: simd must divide the channels")
    number, element = _element(params.value, bits)
    folds = ifm_ch // simd
    ofm_h = params.top + params.ifm_h + params.bottom
    ofm_w = params.left + params.ifm_w + params.right
    levels = counters((("fold", "word of the pixel", folds), ("x", "column", ofm_w), ("y", "row", ofm_h)))
    out_words, width = ofm_h * ofm_w * folds, simd * bits
    return PadPlan(
        module=params.name,
        modules=("finn_reg_slice",),
        params=params,
        value=number,
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        ports=Ports.of(width, width),
        in_words=params.ifm_h * params.ifm_w * folds,
        out_words=out_words,
        levels=levels,
        leading=params.top + params.left > 0,
        element=element,
        latency=2,
        cycles=out_words,
        images=(ImageTimes(2, out_words + 1),),
    )
