# SPDX-License-Identifier: Apache-2.0
"""Drafts to layers: scales, biases and quantisers become integer thresholds, the image an encoding, the end scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import MAX_WEIGHT_BITS, of_elements
from finn_gen.formats import params_npz
from finn_gen.formats.onnx.exact import LOW, Affine, Channel, common
from finn_gen.formats.onnx.graph import Node
from finn_gen.formats.onnx.matrix import sums_of
from finn_gen.formats.onnx.tensor import Draft, Stream, Sums, outlined
from finn_gen.network.model import Layer, Matrix, Shape, element_format
from finn_verif.ref.layers import ENCODINGS

MAX_LEVELS = 256
"""Different values of an element between two layers: eight bits."""
BYTES = 256
_ENCODINGS = ("threshold", *(f"uint{bits}" for bits in range(2, 8)), "q1.7", "uint8")
"""Encodings of the image, the first choice first. Those of signed numbers are the same but for an offset."""

Refuse = Callable[[str], InputError]


@dataclass(frozen=True, eq=False)
class Seen:
    """Where a layer's output can be compared with a tensor of the graph.

    layer   its index; -1 for the encoded image
    order   in the tensor's shape, the place of an element in the layer's output
    bit     whether elements 0 and 1 stand for -1 and +1
    factor, offset   by channel: the tensor is factor * x + offset
    scores  the matrix whose sums x is, where the layer gives scores
    edges   by channel: where thresholds lie among the sums of the layer's matrix, before they become whole numbers
    """

    tensor: str
    layer: int
    order: np.ndarray
    bit: bool
    factor: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]
    scores: Matrix | None = None
    edges: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Became:
    """What the report tells of a layer: the nodes that it was made of, the ends of its sums, the levels it gives."""

    layers: tuple[str, ...]
    nodes: tuple[Node, ...]
    sums: tuple[int, int] | None
    levels: int | None
    weights: str = ""


@dataclass
class Folded:
    """The layers so far, in the words of the description.

    `of_bytes` gives the named tensor [256, elements] for images of which all bytes are the same, from 0 to 255, as the
    graph is executed.
    """

    path: Path
    source: Shape
    of_bytes: Callable[[str], np.ndarray]
    encoding: str = ""
    layers: list[Layer] = field(default_factory=list)
    matrices: list[params_npz.Matrix] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    became: list[Became] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, layer: Layer) -> str:
        """Add a layer under a name of its own, which is returned."""
        name = f"l{len(self.layers)}_{layer.kind}"
        self.layers.append(replace(layer, name=name))
        return name


# --- steps to elements ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """Values in equal steps by channel: element k of channel c is the number factor[c] * k + offset[c]."""

    levels: int
    factor: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]

    def element(self, channel: int, value: Fraction) -> Fraction:
        """Which element a value is; no whole number if it is none."""
        return (value - self.offset[channel]) / self.factor[channel]

    def stream(self, shape: Shape) -> Stream:
        """The elements as a stream of an image's shape."""
        bits = max(1, (self.levels - 1).bit_length())
        sized = replace(shape, bits=bits, signed=False)
        if bits > 1:
            return Stream(sized, False, 0, self.levels - 1, self.factor, self.offset)
        half = tuple(factor / 2 for factor in self.factor)
        middle = tuple(offset + factor / 2 for offset, factor in zip(self.offset, self.factor, strict=True))
        return Stream(sized, True, -1, 1, half, middle)


def grid_of(values: Sequence[Sequence[Fraction]], pads: Sequence[Sequence[Fraction | None]]) -> Grid:
    """The grid with the fewest levels that has the values of each channel, in their order, and its pads.

    It is the same in all channels if it can be of `MAX_LEVELS`; else each has a scale of its own, and pads lie at the
    same element if they can.
    """
    wanted = [[*found, *(pad for pad in pad_values if pad is not LOW)] for found, pad_values in
              zip(values, pads, strict=True)]  # fmt: skip
    if all(found[0] <= found[-1] for found in values):
        low, step, levels = _line({value for found in wanted for value in found}, falls=False)
        if levels <= MAX_LEVELS:
            return Grid(levels, (step,) * len(values), (low,) * len(values))
    lines = [_line(set(want), falls=found[0] > found[-1]) for found, want in zip(values, wanted, strict=True)]
    first = [next((pad for pad in pad_values if pad is not LOW), None) for pad_values in pads]
    places = [0 if pad is None else int((pad - low) / step) for pad, (low, step, _) in zip(first, lines, strict=True)]
    shifts = [max(places) - place for place in places]
    levels = max(count + shift for (_, _, count), shift in zip(lines, shifts, strict=True))
    offsets = tuple(low - shift * step for (low, step, _), shift in zip(lines, shifts, strict=True))
    return Grid(levels, tuple(step for _, step, _ in lines), offsets)


def _line(values: set[Fraction], falls: bool) -> tuple[Fraction, Fraction, int]:
    """The first of equally far values among which all of `values` are, their distance, and how many they are."""
    low, high = min(values), max(values)
    step = common([value - low for value in values]) or Fraction(1)
    levels = max(2, int((high - low) / step) + 1)
    return (high, -step, levels) if falls else (low, step, levels)


def thresholds_of(
    found: Sequence[tuple[list[int], list[Fraction]]], grid: Grid, never: Sequence[int], always: Sequence[int]
) -> np.ndarray:
    """Thresholds int64 [rows, 2^n - 1] of the elements of a grid, from the steps of each row."""
    count = (1 << max(1, (grid.levels - 1).bit_length())) - 1
    result = np.empty((len(found), count), np.int64)
    for row, (steps, values) in enumerate(found):
        elements = [int(grid.element(row, value)) for value in values]
        result[row] = never[row]
        result[row, : elements[0]] = always[row]
        for threshold, before, after in zip(steps, elements, elements[1:], strict=False):
            result[row, before:after] = threshold
    return result


# --- drafts to layers -------------------------------------------------------------------------------------------------


def settle(folded: Folded, draft: Draft, by: Node) -> Stream:
    """Add the layers of a draft, since the node `by` needs its elements. Raises InputError."""
    if draft.sums is None:
        return _image(folded, draft, by)
    return _quantised(folded, draft, draft.sums, by)


def _quantised(folded: Folded, draft: Draft, sums: Sums, by: Node) -> Stream:
    """The layer of a matrix, with thresholds."""
    if any(channel.bounds is None for channel in draft.channels):
        raise by.refuse(
            f"takes {draft.name!r}, which is not quantised; a Quant, BipolarQuant, MultiThreshold or Sign must lie "
            f"between it and {sums.node.name!r} ({sums.node.kind})"
        )
    low, high = _turned(draft, sums)
    steps = [
        channel.staircase(int(least), int(most)) for channel, least, most in zip(draft.channels, low, high, strict=True)
    ]
    return _thresholded(folded, draft, sums, steps, by)


def _turned(draft: Draft, sums: Sums) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the sums once rows of channels that fall are negated."""
    falls = np.array([channel.falls for channel in draft.channels])
    return np.where(falls, -sums.high, sums.low), np.where(falls, -sums.low, sums.high)


def _thresholded(
    folded: Folded, draft: Draft, sums: Sums, steps: Sequence[tuple[list[int], list[Fraction]]], by: Node
) -> Stream:
    """The layer of a matrix with thresholds where `steps` of the negated or plain sums lie."""
    low, high = _turned(draft, sums)
    falls = np.array([channel.falls for channel in draft.channels])
    grid = grid_of([values for _, values in steps], [channel.pads for channel in draft.channels])
    if grid.levels > MAX_LEVELS:
        raise by.refuse(
            f"takes {draft.name!r}, whose elements have {grid.levels} levels in equal steps; legal are up to "
            f"{MAX_LEVELS} (8 bits), the zeros of a padding among them"
        )
    weights = np.where(falls[:, None], -sums.weights, sums.weights)
    thresholds = thresholds_of(steps, grid, [int(n) + 1 for n in high], [int(n) for n in low])
    _add_matrix(folded, sums, Matrix.of_products(_small(sums.node, weights), sums.bits, thresholds))
    name = folded.add(sums.layer)
    ends = (int(sums.low.min()), int(sums.high.max()))
    kind = f"{sums.weights.shape[0]}x{sums.weights.shape[1]}, {int(weights.min())} to {int(weights.max())}"
    moved = _moves(folded, draft, grid)
    folded.became.append(Became((name, *moved), tuple(draft.nodes), ends, grid.levels, kind))
    stream = grid.stream(draft.shape)
    _see(folded, draft, stream, tuple(_edges(channel) for channel in draft.channels))
    return stream


def _edges(channel: Channel) -> tuple[float, ...]:
    """Where its bounds lie, of the negated sum where it falls."""
    sign = -1 if channel.falls else 1
    return tuple(float(sign * bound.at) for bound in channel.bounds or () if bound.at is not None)


def _small(node: Node, weights: np.ndarray) -> np.ndarray:
    """Whole numbers as weights. InputError for those of more than four bits."""
    legal = of_elements(MAX_WEIGHT_BITS, signed=True)
    if weights.min() < legal.low or weights.max() > legal.high:
        raise node.refuse(
            f"its weights are whole multiples from {weights.min()} to {weights.max()} of a row's step, once scales and "
            f"signs are folded into them; legal are {legal.low} to {legal.high} (up to {MAX_WEIGHT_BITS} bits)"
        )
    return weights.astype(np.int8)


def _add_matrix(folded: Folded, sums: Sums, matrix: Matrix) -> None:
    ends = np.iinfo(np.int32)
    if matrix.thresholds is not None and (abs(sums.low).max() > ends.max or abs(sums.high).max() >= ends.max):
        raise sums.node.refuse("its sums need more than 32 bits")
    thresholds = None if matrix.thresholds is None else matrix.thresholds.astype(np.int32)
    folded.matrices.append(params_npz.Matrix(matrix.weights, thresholds, matrix.biases, matrix.fraction))


def _moves(folded: Folded, draft: Draft, grid: Grid, lowest: int = 0) -> list[str]:
    """Add what follows the elements, of which `lowest` is the least; the names of these layers."""
    names, pads = [], 0
    for given, node in draft.moves:
        layer = given
        if layer.kind == "pad":
            places = {
                Fraction(lowest) if channel.pads[pads] is LOW else grid.element(index, channel.pads[pads])
                for index, channel in enumerate(draft.channels)
            }
            pads += 1
            if len(places) > 1:
                raise node.refuse("pads with a number that is not the same level in all channels of what it pads")
            layer = replace(layer, value=int(places.pop()))
        names.append(folded.add(layer))
    return names


def _see(folded: Folded, draft: Draft, stream: Stream, edges: tuple[tuple[float, ...], ...] = ()) -> None:
    order, later = draft.seen or (draft.order, len(draft.moves))
    last = len(folded.layers) - 1 - (len(draft.moves) - later)
    folded.seen.append(Seen(draft.name, last, order, stream.bit, stream.factor, stream.offset, None, edges))


# --- the image --------------------------------------------------------------------------------------------------------


def _image(folded: Folded, draft: Draft, by: Node) -> Stream:
    """The encoding of the image, and where no encoding is what the graph makes of a byte, a layer of thresholds."""
    first = folded.source
    tables = _tables(folded, draft)
    if all(len(set(table)) == 1 for table in tables):
        raise by.refuse(
            "takes the image quantised to one level, whatever the byte: does the model expect another range of numbers "
            "than 0 to 1? (--input-range LOW HIGH)"
        )
    for encoding in _ENCODINGS:
        grid = _encoded(encoding, tables, draft.channels)
        if grid:
            return _as_encoded(folded, draft, encoding, grid)
    folded.encoding = "uint8"
    pixels = Stream(replace(first, bits=8), False, 0, BYTES - 1, (Fraction(1),) * first.channels,
                    (Fraction(0),) * first.channels)  # fmt: skip
    layer = outlined(by, "conv", {"channels": first.channels, "kernel": 1}, first)
    whole = np.eye(first.channels, dtype=np.int64)
    sums, _ = sums_of(by, layer, (whole, np.ones(whole.shape)), pixels, [Fraction(0)] * first.channels)
    if any(channel.bounds is None for channel in draft.channels):
        raise by.refuse(
            "takes the image clipped and not quantised; legal is an image that is scaled, or a Quant, BipolarQuant or "
            "MultiThreshold of it"
        )
    steps = [_steps(table, channel.falls) for table, channel in zip(tables, draft.channels, strict=True)]
    return _thresholded(folded, draft, sums, steps, by)


def _steps(table: Sequence[Fraction], falls: bool) -> tuple[list[int], list[Fraction]]:
    """Where the values of bytes change, or of their negatives; and the values."""
    bytes_ = range(0, -BYTES, -1) if falls else range(BYTES)
    numbers = sorted(bytes_)
    values = [table[abs(number)] for number in numbers]
    places = [i for i in range(1, BYTES) if values[i] != values[i - 1]]
    return [numbers[i] for i in places], [values[0], *(values[i] for i in places)]


def _tables(folded: Folded, draft: Draft) -> list[tuple[Fraction, ...]]:
    """What every byte becomes, by channel: exactly, and where it is quantised the level that the execution takes.

    The numbers of the model that bytes stand for are rounded themselves, so that the execution says what they become.
    """
    known: dict[str, tuple[Fraction, ...]] = {}
    found = []
    for channel in draft.channels:
        key = repr((channel.parts, channel.bounds, channel.values))
        if key not in known:
            known[key] = tuple(channel.of(Fraction(byte)) for byte in range(BYTES))
        found.append(known[key])
    mixed = any(pad is not LOW for channel in draft.channels for pad in channel.pads[: _own_pads(draft)])
    if mixed or all(channel.bounds is None for channel in draft.channels):
        return found
    order = (draft.seen or (draft.order,))[0].reshape(-1)
    executed = folded.of_bytes(draft.name)
    places = {index: place for place, index in enumerate(order % len(draft.channels))}
    snapped: dict[tuple, tuple[Fraction, ...]] = {}
    for index, (channel, table) in enumerate(zip(draft.channels, found, strict=True)):
        key = (table, executed[:, places[index]].tobytes())
        if channel.bounds is not None:
            if key not in snapped:
                snapped[key] = _snapped(channel, table, executed[:, places[index]])
            found[index] = snapped[key]
    return found


def _own_pads(draft: Draft) -> int:
    """Pads that are in the tensor itself, and not asked for by the node that takes it."""
    moves = draft.moves if draft.seen is None else draft.moves[: draft.seen[1]]
    return sum(layer.kind == "pad" for layer, _ in moves)


def _snapped(channel: Channel, table: tuple[Fraction, ...], executed: np.ndarray) -> tuple[Fraction, ...]:
    """The channel's values that are the nearest to what is executed, if they go one way as those of the table do."""
    values = sorted(set(channel.values))
    numbers = np.array([float(value) for value in values])
    nearest = np.abs(numbers[None, :] - executed[:, None].astype(np.float64)).argmin(axis=1)
    found = tuple(values[place] for place in nearest)
    steps = np.diff(nearest)
    return found if (steps >= 0).all() or (steps <= 0).all() else table


def _encoded(encoding: str, tables: Sequence[tuple[Fraction, ...]], channels: Sequence[Channel]) -> Grid | None:
    """The grid of an encoding's elements, if every byte is what the tables say and there are elements for pads."""
    elements = [int(element) for element in ENCODINGS[encoding](np.arange(BYTES))]
    low, high = elements[0], elements[-1]
    known: dict[tuple, Affine | None] = {}
    lines = []
    for table, channel in zip(tables, channels, strict=True):
        if table not in known:
            factor = (table[-1] - table[0]) / (high - low)
            line = Affine(factor, table[0] - factor * low)
            fits = all(line.of(Fraction(x)) == value for x, value in zip(elements, table, strict=True))
            known[table] = line if fits and factor else None
        line = known[table]
        if line is None or (channel.pooled or 0) < 0:  # the largest value would be that of the least byte
            return None
        for pad in channel.pads:
            place = low if pad is LOW else (pad - line.offset) / line.factor
            if place != int(place) or not low <= place <= high:
                return None
        lines.append(line)
    return Grid(high - low + 1, tuple(line.factor for line in lines), tuple(line.offset for line in lines))


def _as_encoded(folded: Folded, draft: Draft, encoding: str, grid: Grid) -> Stream:
    """The image in an encoding, and what follows it before the first matrix."""
    bits, signed = element_format(encoding)
    folded.encoding = encoding
    shape = replace(draft.shape, bits=bits, signed=signed)
    if bits == 1:
        stream = grid.stream(shape)
    else:
        elements = of_elements(bits, signed)
        stream = Stream(shape, False, elements.low, elements.high, grid.factor, grid.offset)
    names = _moves(folded, draft, grid, stream.low if bits > 1 else 0)
    folded.became.append(Became((f"input: {encoding}", *names), tuple(draft.nodes), None, None))
    _see(folded, draft, stream)
    return stream


# --- scores -----------------------------------------------------------------------------------------------------------


def scores(folded: Folded, draft: Draft, end: Node) -> None:
    """Add the last layer, whose sums are the scores. Raises InputError."""
    lines = [channel.line for channel in draft.channels]
    if draft.sums is None or draft.moves or any(line is None for line in lines):
        draft = _as_sums(folded, draft, end)
        lines = [channel.line for channel in draft.channels]
    sums = draft.sums
    signs = np.array([-1 if line.factor < 0 else 1 for line in lines])
    unit = common([line.factor for line in lines]) or Fraction(1)
    multiples = np.array([min(int(abs(line.factor) / unit), 1 << 20) for line in lines])
    weights = sums.weights * (signs * multiples)[:, None]
    if abs(weights).max() > 1 << MAX_WEIGHT_BITS - 1:
        raise end.refuse(
            "the scores of the classes have different scales, whose ratios are no small whole numbers: legal is one "
            f"scale for all, or weights of up to {MAX_WEIGHT_BITS} bits once the ratios are folded into them"
        )
    offsets = [line.offset / unit for line in lines]
    biases, fraction = biases_of(end, offsets, sums, weights)
    matrix = Matrix.of_products(_small(sums.node, weights), sums.bits, None, biases, fraction)
    _add_matrix(folded, sums, matrix)
    name = folded.add(sums.layer)
    kind = f"{weights.shape[0]}x{weights.shape[1]}, {int(weights.min())} to {int(weights.max())}"
    ends = (int(sums.low.min()), int(sums.high.max()))
    folded.became.append(Became((name,), tuple(draft.nodes), ends, None, kind))
    factor = tuple(unit if line.factor else Fraction(0) for line in lines)
    offset = tuple(line.offset for line in lines)
    if biases is None and any(offset):
        folded.notes.append("an offset that is the same for all classes is left out of the scores")
    folded.seen.append(Seen(draft.name, len(folded.layers) - 1, draft.order, False, factor, offset, matrix))


def _as_sums(folded: Folded, draft: Draft, end: Node) -> Draft:
    """Elements that are the output themselves, passed through a matrix that changes nothing."""
    stream = settle(folded, draft, end)
    shape = draft.shape
    if shape.height * shape.width == 1:
        layer = outlined(end, "dense", {"units": shape.channels}, shape)
    else:
        layer = outlined(end, "conv", {"channels": shape.channels, "kernel": 1}, shape)
    whole = np.eye(shape.channels, dtype=np.int64)
    sums, channels = sums_of(end, layer, (whole, np.ones(whole.shape)), stream, [Fraction(0)] * shape.channels)
    return Draft(draft.order, shape, channels, sums, draft.name)


def biases_of(end: Node, offsets: Sequence[Fraction], sums: Sums, weights: np.ndarray) -> tuple[np.ndarray | None, int]:
    """Biases int64 [rows] and the bits of their fraction; None where one offset for all changes no order.

    With the fewest bits with which any two rows compare, and are equal, as with the offsets themselves: those bits
    tell the fractions of the offsets from each other and, if one is a whole number, from 0. So biases are at most one
    unit of their last bit too small.
    """
    if len(set(offsets)) == 1:
        return None, 0
    rests = sorted({offset - math.floor(offset) for offset in offsets})
    for fraction in range(params_npz.MAX_FRACTION):
        if len({math.floor(rest * 2**fraction) for rest in rests}) == len(rests):
            biases = [math.floor(offset * 2**fraction) for offset in offsets]
            if max(map(abs, biases)) < params_npz.MAX_BIAS >> 2:
                return np.array(biases, np.int64), fraction
            break
    raise end.refuse(
        "the offsets of the classes' scores lie so near to each other, or are so large, that a fraction of "
        f"{params_npz.MAX_FRACTION - 1} bits does not tell them apart"
    )
