# SPDX-License-Identifier: Apache-2.0
"""The thresholds of a unit: what is compared, and what of it accumulators start from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from finn_gen.base.counters import counter_width
from finn_gen.base.errors import InputError
from finn_gen.base.ranges import Range, of_elements
from finn_gen.ip.mvtu import fanout
from finn_gen.ip.mvtu.accumulator import Accumulator
from finn_gen.ip.mvtu.matrix import WeightMatrix
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.weights import hexadecimal


@dataclass(frozen=True)
class Table:
    """A table with one word a neuron fold (address nf): `lanes` numbers of `lane_width` bits a row, row 0 lowest.

    `slices` are columns of memories side by side, each of which has an address of its own.
    """

    depth: int
    address_width: int
    lane_width: int
    lanes: int
    width: int
    words: tuple[str, ...]
    style: str
    slices: tuple[int, ...] = field(default=(), metadata={"later": True})


@dataclass(frozen=True)
class Thresholds:
    """`levels` thresholds a row, as they are given in `rows`.

    `initial` holds what accumulators start from, None if that is zero; the middle threshold of a row is in it, and so
    are the `biases` of scores. `ladder` holds the other thresholds of outputs of several bits, for accumulators without
    their highest bit, which tells whether the middle one is reached: first those below the middle one, which have to
    be exceeded, then those above it, which have to be reached.
    """

    levels: int
    rows: tuple[tuple[int, ...], ...]
    initial: Table | None
    ladder: Table | None
    biases: tuple[int, ...] = field(default=(), metadata={"later": True})


def level_count(out_bits: int) -> int:
    """Thresholds a row for outputs of so many bits."""
    return (1 << out_bits) - 1


def checked(owner: str, thresholds: np.ndarray | None, mh: int, levels: int) -> np.ndarray:
    """`thresholds` as integers [MH, levels]; InputError for a wrong shape, kind or order."""
    if thresholds is None:
        thresholds = np.zeros((mh, 0), dtype=np.int64)
    if thresholds.ndim == 1 and levels == 1:
        thresholds = thresholds[:, np.newaxis]
    if thresholds.shape != (mh, levels):
        raise InputError(
            f"{owner}: thresholds of shape {thresholds.shape}: it must be (mh, 2^out_bits - 1) = ({mh}, {levels})"
        )
    if thresholds.size and not np.issubdtype(thresholds.dtype, np.integer):
        raise InputError(f"{owner}: thresholds are {thresholds.dtype}: they must be whole numbers")
    down = np.argwhere(np.diff(thresholds.astype(np.int64), axis=1) < 0)
    if down.size:
        row, level = down[0]
        pair = f"{thresholds[row, level]}, {thresholds[row, level + 1]}"
        raise InputError(f"{owner}: thresholds[{row}, {level}:{level + 2}]={pair}: a row must not descend")
    return thresholds.astype(np.int64)


def checked_biases(owner: str, biases: np.ndarray | None, mh: int, bits: int) -> np.ndarray | None:
    """`biases` as integers [MH]; InputError where they are missing, too many, or no numbers of `bits` bits."""
    if not bits:
        if biases is not None:
            raise InputError(f"{owner}: biases are given, but bias_bits=0: it must be the bits of the widest one")
        return None
    if biases is None:
        raise InputError(f"{owner}: bias_bits={bits}, but no biases are given")
    if biases.shape != (mh,) or not np.issubdtype(biases.dtype, np.integer):
        raise InputError(
            f"{owner}: biases are {biases.dtype} of shape {biases.shape}: they must be whole numbers of shape ({mh},)"
        )
    legal = of_elements(bits, signed=True)
    wrong = np.flatnonzero((biases < legal.low) | (biases > legal.high))
    if wrong.size:
        raise InputError(
            f"{owner}: biases[{wrong[0]}]={biases[wrong[0]]}: "
            f"with bias_bits={bits} legal are {legal.low} to {legal.high}"
        )
    return biases.astype(np.int64)


def drawn(rng: np.random.Generator, sums: Range, mh: int, levels: int) -> np.ndarray:
    """Random thresholds [MH, levels] around the middle of the range of the sums."""
    spread, middle = max(1, (sums.high - sums.low) // 8), (sums.low + sums.high) // 2
    found = rng.integers(middle - spread, middle + spread + 1, (mh, levels))
    return np.sort(found, axis=1).astype(np.int32)


def plan_thresholds(
    params: MvtuParams,
    matrix: WeightMatrix,
    numbers: np.ndarray,
    accumulator: Accumulator,
    biases: np.ndarray | None = None,
    *,
    logic: bool = False,
    offsets: tuple[int, ...] = (),
) -> Thresholds:
    """The tables for thresholds [MH, levels] that accumulators are compared with, or biases [MH] of scores.

    What accumulators start from is `logic` beside constant weights, and no memory. `offsets` [MH] are what the sums of
    a tree are too large by.
    """
    nf, width = params.mh // params.pe, accumulator.width
    low, high = matrix.reach(params)
    reachable = numbers.clip(low[:, np.newaxis], high[:, np.newaxis] + 1)
    starts = matrix.starts(accumulator.excess)
    if offsets:
        starts = starts - np.array(offsets)
    starts = starts << accumulator.fraction
    if biases is not None:
        starts = starts + biases
    others = None
    if params.out_bits:
        # The top bit of the accumulator tells acc >= t.
        middle = reachable[:, numbers.shape[1] // 2] - (1 << (width - 1))
        starts = starts - middle
        half = numbers.shape[1] // 2
        others = np.delete(reachable, half, axis=1) - middle[:, np.newaxis] - (np.arange(2 * half) < half)
    whole = params.in_bits == 1 and params.w_bits == 1 and not offsets
    zero = whole and not params.out_bits and not params.bias_bits
    return Thresholds(
        levels=numbers.shape[1],
        rows=tuple(tuple(map(int, row)) for row in numbers),
        initial=None if zero else _table(params, starts[:, np.newaxis], width, nf, logic),
        ladder=_table(params, others, width - 1, nf) if params.out_bits > 1 else None,
        biases=() if biases is None else tuple(map(int, biases)),
    )


def _table(params: MvtuParams, numbers: np.ndarray, lane_width: int, nf: int, logic: bool = False) -> Table:
    """`numbers` [MH, lanes] as a table of NF words."""
    mask = (1 << lane_width) - 1
    words = []
    for rows in numbers.reshape(nf, -1):
        words.append(sum((int(n) & mask) << (i * lane_width) for i, n in enumerate(rows)))
    width = numbers.size // nf * lane_width
    stored, style = hexadecimal(words, width), "distributed" if nf <= 256 else "block"
    sliced = style == "distributed" and nf > 1 and not params.reload and not logic
    return Table(
        depth=nf,
        address_width=counter_width(nf - 1),
        lane_width=lane_width,
        lanes=numbers.shape[1],
        width=width,
        words=stored,
        style=style,
        slices=fanout.lut_slices(stored, width) if sliced else (width,),
    )
