# SPDX-License-Identifier: Apache-2.0
"""The tree of all PEs with constant weights and a single address, where rows share sums.

Two rows of -1 and +1 agree in some columns and differ in the others. With S the sum of the products in those and D in
these, for the weights of the first row, the one row is S + D and the other S - D: both sums are added once. Of r rows
there are up to 2^(r-1) such classes of columns. The more rows, the fewer products each adds of its own and the more
sums of classes; about four rows cost least for some hundred columns.

A difference takes no cell: -b = ~b - 1 for a bit b, whose inverse costs nothing in the LUTs that follow. What the ones
add up to is known, and the row's offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finn_gen.ip.mvtu.tree.build import Bit, Builder, Draft, Heap, applied, draft
from finn_gen.ip.mvtu.tree.cells import Shape
from finn_gen.ip.mvtu.tree.schedule import shared_schedule

SIZES = (2, 3, 4, 5)
"""Rows of a cluster that are tried."""


@dataclass(frozen=True)
class Cluster:
    """Rows, and the class of each column: two columns are of the same one in which the rows agree and differ alike."""

    rows: tuple[int, ...]
    classes: np.ndarray

    @property
    def lanes(self) -> list[np.ndarray]:
        """The columns of each class."""
        return [np.flatnonzero(self.classes == each) for each in range(self.classes.max() + 1)]


def clusters(bits: np.ndarray, size: int) -> list[Cluster]:
    """The rows of `bits` [PE, SIMD] in clusters of `size`, the last one of what is left.

    To each one's first row come those that split the classes the least: rows that are alike share most.
    """
    left, found = list(range(len(bits))), []
    while left:
        rows, classes = [left.pop(0)], np.zeros(bits.shape[1], np.int64)
        while len(rows) < size and left:
            differs = bits[left] ^ bits[rows[0]]
            member = np.eye(classes.max() + 1)[classes]
            ones = differs @ member
            split = np.log2(ones + 1) + np.log2(member.sum(axis=0) - ones + 1)
            best = int(split.sum(axis=1).argmin())
            classes = np.unique(2 * classes + differs[best], return_inverse=True)[1]
            rows.append(left.pop(best))
        found.append(Cluster(tuple(rows), classes))
    return found


def expected(found: Sequence[Cluster], planes: int) -> float:
    """About what clusters take in LUTs, half a one for each bit that counters remove."""
    total = 0.0
    for cluster in found:
        sizes = np.bincount(cluster.classes) * ((1 << planes) - 1)
        left = np.minimum(np.floor(np.log2(sizes)) + 1, np.bincount(cluster.classes) * planes).sum()
        total += (len(cluster.classes) * planes - left + len(cluster.rows) * left) / 2
    return total


def best_clusters(bits: np.ndarray, planes: int) -> list[Cluster]:
    """Those of the size that is expected to take the fewest LUTs."""
    return min((clusters(bits, size) for size in SIZES), key=lambda found: expected(found, planes))


def clustered(bits: np.ndarray, shape: Shape) -> Draft:
    """The tree for weights `bits` [PE, SIMD], 0 for -1, whose inputs have the planes of `shape`."""
    builder = Builder(shape)
    heaps: list[Heap] = [[[] for _ in range(shape.width)] for _ in bits]
    offsets = [0] * len(bits)
    for cluster in best_clusters(bits, shape.planes):
        for lanes in cluster.lanes:
            _add(builder, bits, cluster.rows, lanes, heaps, offsets)
    modulus = 1 << shape.width
    return draft(builder, heaps, tuple(offset % modulus for offset in offsets))


def _add(  # noqa: PLR0917 - what it adds of, and to
    builder: Builder,
    bits: np.ndarray,
    rows: Sequence[int],
    lanes: np.ndarray,
    heaps: Sequence[Heap],
    offsets: list[int],
) -> None:
    """Add the products of the columns `lanes`, in which `rows` agree and differ alike, to the heaps of the rows."""
    shape, first = builder.shape, rows[0]
    heap: Heap = [[] for _ in range(shape.width)]
    for plane, flip in enumerate(shape.flips):
        # Upright where the product is the input bit itself: for a weight of +1, or -1 in the plane of the sign.
        heap[plane] = [
            Bit(builder.shared((plane * shape.simd + lane,)), bool(bits[first, lane]) == flip, 0)
            for lane in lanes.tolist()
        ]
    if len(rows) > 1:
        heap = applied(builder, heap, shared_schedule(tuple(map(len, heap)), len(rows)))
    # Each product and its opposite are one together, so the opposites add up to so many less the products.
    together = len(lanes) * ((1 << shape.planes) - 1)
    ones = sum(len(column) << place for place, column in enumerate(heap))
    for row in rows:
        opposite = bool(bits[row, lanes[0]] != bits[first, lanes[0]])
        for mine, shared in zip(heaps[row], heap, strict=True):
            mine += [bit._replace(inverted=bit.inverted ^ opposite) for bit in shared]
        offsets[row] += (ones - together) * opposite
