# SPDX-License-Identifier: Apache-2.0
"""What a max pooling is built of."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.counters import Counter, Due, counter_width, counters, due
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.ip.pool.params import PoolParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Position:
    """A word of the image that enters: word of the pixel, column, row."""

    fold: int
    x: int
    y: int


@dataclass(frozen=True)
class PoolPlan:
    """One max pooling. Widths in bits, times in cycles.

    Along each axis `phase` counts positions modulo the stride, a window begins where it is zero; `due` counts down
    to the next end of a window; None where every position is one. `open_windows` is how many windows are
    still open after a position: so many partial results are kept for each of the `depth` words of an output row.
    Windows that lie `apart` have one, which begins with `lowest`, the lowest element. `final` is where the last window
    of an image ends.
    The first image leaves as `images` says, every other one `cycles` after the one before it.
    """

    module: str
    modules: tuple[str, ...]
    params: PoolParams
    ofm_h: int
    ofm_w: int
    ports: Ports
    in_words: int
    out_words: int
    folds: int
    levels: tuple[Counter, ...]
    final: Position
    phase_width: int
    column_due: Due | None
    row_due: Due | None
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

    @property
    def carries_last(self) -> bool:
        """Whether a TLAST goes with the words; that of an image of one word is always high."""
        return self.params.tlast and self.in_words > 1

    @property
    def last_phase(self) -> int:
        """The phase behind which a window begins."""
        return self.params.stride - 1

    @property
    def kept_width(self) -> int:
        """Bits of the open windows that are still open when one has ended."""
        return self.state_width - self.ports.in_width

    @property
    def row_width(self) -> int:
        """Bits of the open windows of all words of a pixel."""
        return self.state_width * self.folds

    @property
    def shifted_width(self) -> int:
        """Bits of them that stay when those of a word are shifted in."""
        return self.row_width - self.state_width


def _check(params: PoolParams) -> None:
    if params.ifm_ch % params.pe:
        raise InputError(f"pool: pe={params.pe} with ifm_ch={params.ifm_ch}: pe must divide the channels")
    if params.signed and params.bits == 1:
        raise InputError("pool: signed=1 with bits=1: bit 0 is -1 and bit 1 is +1 already; legal is signed=0")
    for axis in ("ifm_h", "ifm_w"):
        if params.k > getattr(params, axis):
            raise InputError(
                f"pool: k={params.k} with {axis}={getattr(params, axis)}: a window must fit into the image; "
                f"legal is k from 1 to {min(params.ifm_h, params.ifm_w)}"
            )


def build_plan(params: PoolParams) -> PoolPlan:
    """Work out the counters, the buffer and the times."""
    _check(params)
    k, stride, pe = params.k, params.stride, params.pe
    ifm_h, ifm_w, folds = params.ifm_h, params.ifm_w, params.ifm_ch // pe
    ofm_h, ofm_w = (ifm_h - k) // stride + 1, (ifm_w - k) // stride + 1
    levels = counters((("fold", "word of the pixel", folds), ("x", "column", ifm_w), ("y", "row", ifm_h)))
    width, depth, open_windows = pe * params.bits, ofm_w * folds, -(-(k - 1) // stride)
    in_words = ifm_h * ifm_w * folds
    final = Position(folds - 1, (ofm_w - 1) * stride + k - 1, (ofm_h - 1) * stride + k - 1)
    first_word = ((k - 1) * ifm_w + k - 1) * folds
    last_word = (final.y * ifm_w + final.x) * folds + final.fold
    # Two words that follow each other may both end a window, unless a pixel is one word and windows are apart, and
    # no window ends with the first word of the next image.
    slice_module = "finn_half_slice" if folds == 1 and stride > 1 and k > 1 else "finn_reg_slice"
    return PoolPlan(
        module=params.name,
        modules=(slice_module, *(("finn_max", "finn_ram") if k > 1 else ())),
        params=params,
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        ports=Ports.of(width, width),
        in_words=in_words,
        out_words=ofm_h * depth,
        folds=folds,
        levels=levels,
        final=final,
        phase_width=counter_width(stride - 1),
        column_due=due(range(k - 1, ifm_w, stride)),
        row_due=due(range(k - 1, ifm_h, stride)),
        apart=stride >= k,
        lowest=1 << params.bits - 1 if params.signed else 0,
        open_windows=open_windows,
        lanes=open_windows * pe,
        state_width=open_windows * width,
        depth=depth,
        address_width=counter_width(depth - 1),
        style=family.get(params.family).costs.ram_style(open_windows * width, depth),
        buffer_bits=depth * open_windows * width,
        slice_module=slice_module,
        slice_width=width + (params.tlast and in_words > 1),
        latency=first_word + 2,
        cycles=in_words,
        images=(ImageTimes(first_word + 2, last_word + 2),),
    )
