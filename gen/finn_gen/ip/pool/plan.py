# SPDX-License-Identifier: Apache-2.0
"""What a max pooling is built of."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.base import groups
from finn_gen.base.counters import Counter, Due, counter_width, counters, due
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.base.ranges import of_elements
from finn_gen.base.verilog import lanes
from finn_gen.ip.pool.params import PoolParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Position:
    """A word of the image that enters: word of the pixel, column, row."""

    fold: int
    x: int
    y: int


@dataclass(frozen=True)
class Axis:
    """How windows of `k` positions, `stride` apart, lie along an axis. Widths in bits.

    `phase` counts positions modulo the stride, a window begins where it is zero. `open_windows` is how many windows are
    still open after a position: so many partial results are kept, `state_width` bits that `lanes` comparisons work on.
    Windows that lie `apart` have one, which begins with the lowest element.
    """

    k: int
    stride: int
    phase_width: int
    apart: bool
    open_windows: int
    lanes: int
    state_width: int
    kept_width: int

    @property
    def has_phase(self) -> bool:
        """Whether it has to be known where windows begin."""
        return self.k > 1 and self.stride > 1

    @property
    def last_phase(self) -> int:
        """The phase behind which a window begins."""
        return self.stride - 1


def _axis(k: int, stride: int, pe: int, bits: int) -> Axis:
    open_windows = -(-(k - 1) // stride)
    return Axis(
        k=k,
        stride=stride,
        phase_width=counter_width(stride - 1),
        apart=stride >= k,
        open_windows=open_windows,
        lanes=open_windows * pe,
        state_width=open_windows * pe * bits,
        kept_width=(open_windows - 1) * pe * bits,
    )


@dataclass(frozen=True)
class PoolPlan:
    """One max pooling. Widths in bits, times in cycles.

    `column_due` and `row_due` count down to the next column and row that ends windows; None where every one does.
    `phase_width`, `apart`, `open_windows`, `lanes` and `state_width` are those down the columns, see `Axis`; the buffer
    keeps a state for each of the `depth` words of an output row. A window begins with `lowest`, the lowest element.
    `final` is where the last window of an image ends.
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
    def grouped(self) -> bool:
        """Whether a word is several pixels, of which those of a window are compared before all else."""
        return self.params.pixels > 1

    @property
    def halves(self) -> bool:
        """Whether pixels of a word are compared."""
        return self.params.pixels > self.params.out_pixels

    @property
    def row_groups(self) -> int:
        """Input words of a row for each word of a pixel."""
        return groups.groups(self.params.ifm_w, self.params.pixels)

    @property
    def drops(self) -> bool:
        """Whether the last word of a row has too few pixels for a window."""
        return self.grouped and self.row_groups > self.depth

    @property
    def carries_last(self) -> bool:
        """Whether a TLAST goes with the words; that of an image of one word is always high."""
        return self.params.tlast and self.in_words > 1

    @property
    def one_place(self) -> bool:
        """Whether all words are of one place of the row, so that a register takes the place of the buffer."""
        return _one_place(self.params)

    @property
    def word_lanes(self) -> int:
        """Elements of an output word."""
        return self.params.out_pixels * self.params.pe

    @property
    def across(self) -> Axis:
        """Windows along the row; words of several pixels have theirs compared where they enter."""
        k, stride = (1, 1) if self.grouped else (self.params.kernel[1], self.params.steps[1])
        return _axis(k, stride, self.word_lanes, self.params.bits)

    @property
    def down(self) -> Axis:
        """Windows down the columns."""
        return _axis(self.params.kernel[0], self.params.steps[0], self.word_lanes, self.params.bits)

    @property
    def lanes_of_buffer(self) -> list[range]:
        """The bits of the buffer's lanes, each with addresses of its own: LUT RAM has an address pin a few bits."""
        return lanes(self.state_width) if self.style == "distributed" else [range(self.state_width)]

    @property
    def row_width(self) -> int:
        """Bits of the open windows along the row of all words of a pixel."""
        return self.across.state_width * self.folds

    @property
    def shifted_width(self) -> int:
        """Bits of them that stay when those of a word are shifted in."""
        return self.row_width - self.across.state_width


def _one_place(params: PoolParams) -> bool:
    """Whether each word works on what the one before it left: an image of one column, or as wide as a word."""
    return groups.groups(params.ifm_w, params.pixels) == 1 and params.pe == params.ifm_ch


def _check(params: PoolParams) -> None:
    if params.ifm_ch % params.pe:
        raise InputError(f"pool: pe={params.pe} with ifm_ch={params.ifm_ch}: pe must divide the channels")
    if params.signed and params.bits == 1:
        raise InputError("pool: signed=1 with bits=1: bit 0 is -1 and bit 1 is +1 already; legal is signed=0")
    named = ("k", "k_w" if params.k_w else "k")
    for side, name, axis in zip(params.kernel, named, ("ifm_h", "ifm_w"), strict=True):
        size = getattr(params, axis)
        if side > size:
            most = size if params.k_w else min(params.ifm_h, params.ifm_w)
            raise InputError(
                f"pool: {name}={side} with {axis}={size}: a window must fit into the image; "
                f"legal is {name} from 1 to {most}"
            )


def _check_groups(params: PoolParams) -> None:
    """InputError for what several pixels a word cannot be asked of."""
    groups.check("pool", "pixels", params.pixels)
    if params.pixels == 1:
        return
    k_w, stride_w = params.kernel[1], params.steps[1]
    if params.pe != params.ifm_ch:
        raise InputError(
            f"pool: pixels={params.pixels} with pe={params.pe}: words of several pixels hold all their channels; "
            f"legal is pe={params.ifm_ch}, or pixels=1"
        )
    if k_w != stride_w or params.pixels % stride_w:
        raise InputError(
            f"pool: pixels={params.pixels} with {k_w} columns a window and {stride_w} from one to the next: every "
            "window must lie within a word; legal are as many columns as steps, which divide the pixels, or pixels=1"
        )


def build_plan(params: PoolParams) -> PoolPlan:
    """Work out the counters, the buffer and the times."""
    _check(params)
    _check_groups(params)
    (k_h, k_w), (stride_h, stride_w), pe = params.kernel, params.steps, params.pe
    ofm_h, ofm_w = (params.ifm_h - k_h) // stride_h + 1, (params.ifm_w - k_w) // stride_w + 1
    ports = Ports.of(params.pixels * pe * params.bits, params.out_pixels * pe * params.bits)
    compares = ("finn_max",) if max(k_h, k_w) > 1 else ()
    ifm_h, ifm_w, row = (
        params.ifm_h,
        groups.groups(params.ifm_w, params.pixels),
        groups.groups(ofm_w, params.out_pixels),
    )
    if params.pixels > 1:
        # Behind the comparison within a word an output word is a column of a row of words.
        k_w = stride_w = 1
    folds = params.ifm_ch // pe
    levels = counters((("fold", "word of the pixel", folds), ("x", "column", ifm_w), ("y", "row", ifm_h)))
    depth, down = row * folds, _axis(k_h, stride_h, params.out_pixels * pe, params.bits)
    in_words = ifm_h * ifm_w * folds
    final = Position(folds - 1, (row - 1) * stride_w + k_w - 1, (ofm_h - 1) * stride_h + k_h - 1)
    first_word = ((k_h - 1) * ifm_w + k_w - 1) * folds
    last_word = (final.y * ifm_w + final.x) * folds + final.fold
    # Two words that follow each other may both end a window, unless a pixel is one word and windows are apart along
    # the row, and no window ends with the first word of the next row.
    slice_module = "finn_half_slice" if folds == 1 and stride_w > 1 and k_w > 1 else "finn_reg_slice"
    compares += ("finn_ram",) if k_h > 1 and not _one_place(params) else ()
    return PoolPlan(
        module=params.name,
        modules=(slice_module, *compares),
        params=params,
        ofm_h=ofm_h,
        ofm_w=ofm_w,
        ports=ports,
        in_words=in_words,
        out_words=ofm_h * depth,
        folds=folds,
        levels=levels,
        final=final,
        phase_width=down.phase_width,
        column_due=None if params.pixels > 1 else due(range(k_w - 1, ifm_w, stride_w)),
        row_due=due(range(k_h - 1, ifm_h, stride_h)),
        apart=down.apart,
        lowest=of_elements(params.bits, params.signed).low % (1 << params.bits),
        open_windows=down.open_windows,
        lanes=down.lanes,
        state_width=down.state_width,
        depth=depth,
        address_width=counter_width(depth - 1),
        style=family.get(params.family).costs.ram_style(down.state_width, depth),
        buffer_bits=depth * down.state_width,
        slice_module=slice_module,
        slice_width=ports.out_width + (params.tlast and in_words > 1),
        latency=first_word + 2,
        cycles=in_words,
        images=(ImageTimes(first_word + 2, last_word + 2),),
    )
