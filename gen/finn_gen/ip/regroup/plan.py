# SPDX-License-Identifier: Apache-2.0
"""What a regrouping of pixels is built of."""

from dataclasses import dataclass
from enum import StrEnum

from finn_gen.base.counters import Counter, counter_width, counters
from finn_gen.base.errors import InputError
from finn_gen.base.groups import check, groups, has_tail
from finn_gen.base.ports import Ports
from finn_gen.ip.regroup.params import RegroupParams
from finn_gen.timing.images import ImageTimes


class Kind(StrEnum):
    """Whether words become narrower or wider; a slice where each row is one word on both sides."""

    DOWN = "down"
    UP = "up"
    SLICE = "slice"


@dataclass(frozen=True)
class RegroupPlan:
    """One regrouping. Widths in bits, times in cycles.

    A row is `row_in` words and leaves as `row_out`. The wider word is `ratio` narrow ones, the last one of a row `tail`
    of them, fewer; `lanes` are ever used. `position` counts the input words of an image.
    The first image leaves as `images` says, every other one `cycles` after the one before it.
    """

    module: str
    modules: tuple[str, ...]
    params: RegroupParams
    ports: Ports
    in_words: int
    out_words: int
    kind: Kind
    row_in: int
    row_out: int
    ratio: int
    tail: int
    lanes: int
    position: tuple[Counter, ...]
    index_width: int
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]

    @property
    def lane_width(self) -> int:
        """Bits of a narrow word."""
        return min(self.ports.in_width, self.ports.out_width)

    @property
    def used_width(self) -> int:
        """Bits of an input word that are ever used."""
        return self.ports.in_width if self.kind is Kind.UP else self.lanes * self.lane_width

    @property
    def given_width(self) -> int:
        """Bits of an output word that are ever used; those above are zero."""
        return self.lanes * self.lane_width if self.kind is Kind.UP else self.lane_width

    @property
    def ends(self) -> tuple[int, ...]:
        """The last lanes of wide words: those of a row's last one, and of the others, if there are any."""
        wide_words = self.row_in if self.kind is Kind.DOWN else self.row_out
        return (self.tail - 1, self.ratio - 1) if wide_words > 1 else (self.tail - 1,)


def _check(params: RegroupParams) -> None:
    for name in ("in_pixels", "out_pixels"):
        check("regroup", name, getattr(params, name))
    few, many = sorted((params.in_pixels, params.out_pixels))
    if few == many or not has_tail(params.ifm_w, few, many):
        raise InputError(
            f"regroup: in_pixels={params.in_pixels} and out_pixels={params.out_pixels} with ifm_w={params.ifm_w}: rows "
            "of whole words, for which finn:ip:dwc is there; legal are rows whose last wider word is not full"
        )


def build_plan(params: RegroupParams) -> RegroupPlan:
    """Count the words of rows and images."""
    _check(params)
    few, many = sorted((params.in_pixels, params.out_pixels))
    row_in, row_out = (groups(params.ifm_w, pixels) for pixels in (params.in_pixels, params.out_pixels))
    in_words, out_words = params.ifm_h * row_in, params.ifm_h * row_out
    ratio, wider, width = many // few, params.out_pixels == many, params.ifm_ch * params.bits
    kind = Kind.SLICE if row_in == row_out else Kind.UP if wider else Kind.DOWN
    # A wide word leaves behind the last narrow one that it takes, a narrow one behind the wide one it is of.
    latency = min(ratio, row_in) if kind is Kind.UP else 1
    cycles = max(in_words, out_words)
    words = (("x", "word of the row", row_in),) if kind is not Kind.SLICE else ()
    rows = (("y", "row", params.ifm_h),) if params.tlast else ()
    return RegroupPlan(
        module=params.name,
        modules=("finn_reg_slice",) if kind is Kind.SLICE else (),
        params=params,
        ports=Ports.of(params.in_pixels * width, params.out_pixels * width),
        in_words=in_words,
        out_words=out_words,
        kind=kind,
        row_in=row_in,
        row_out=row_out,
        ratio=ratio,
        tail=groups(params.ifm_w, few) % ratio,
        lanes=min(ratio, max(row_in, row_out)),
        position=counters((*words, *rows)),
        index_width=counter_width(ratio - 1),
        latency=latency,
        cycles=cycles,
        images=(ImageTimes(latency, cycles),),
    )
