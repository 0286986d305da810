# SPDX-License-Identifier: Apache-2.0
"""Where a unit's weights are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from finn_gen import family
from finn_gen.base.counters import counter_width
from finn_gen.base.errors import InputError
from finn_gen.family.costs import Costs, Piece
from finn_gen.ip.mvtu import fanout
from finn_gen.ip.mvtu.matrix import WeightMatrix
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.tree import MAX_ADDRESS_BITS

MAX_CONSTANT_DEPTH = 1 << MAX_ADDRESS_BITS
CONSTANT = "constant"


@dataclass(frozen=True)
class Weights:
    """The words of a matrix and their storage.

    `words` are hexadecimal, one an address, row `p` of the address in bits `[p*SIMD +: SIMD]`, column s of it
    in bit s; with weights of n bits in `[p*SIMD*n +: SIMD*n]`, bit k of column s in bit k*SIMD + s of it. A memory
    holds `stored`, the same words as the tree takes them, in `pieces`, and each of those in `slices`: columns side by
    side, each of which has an address of its own.
    """

    storage: str
    depth: int
    width: int
    address_width: int
    words: tuple[str, ...]
    stored: tuple[str, ...]
    pieces: tuple[Piece, ...]
    blocks: int
    slices: tuple[int, ...] = field(default=(), metadata={"later": True})

    @property
    def constant(self) -> bool:
        """Whether they are logic and no memory."""
        return self.storage == CONSTANT


def plan_weights(params: MvtuParams, matrix: WeightMatrix, costs: Costs, sketch: bool = False) -> Weights:
    """The words of the matrix in the storage that is asked for, or the cheapest; InputError if it cannot hold them.

    A `sketch` has the words of constants alone.
    """
    depth, width = params.mh // params.pe * (params.mw // params.simd), params.pe * params.simd * params.w_bits
    storage = storage_for(params)
    left_out = sketch and storage != CONSTANT
    words = () if left_out else matrix.words(params.pe, params.simd)
    whole = (Piece(0, depth, counter_width(depth - 1), 0),)
    pieces = costs.cut(width, depth) if storage == "block" else whole
    stored = () if storage == CONSTANT or left_out else matrix.stored(params.pe, params.simd)
    blocks = sum(piece.blocks for piece in pieces)
    slices = (width,)
    if depth > 1 and not params.reload and storage != CONSTANT:
        if blocks:
            slices = fanout.block_slices(width, blocks)
        else:
            slices = fanout.even_slices(width, depth, width) if left_out else fanout.lut_slices(stored, width)
    return Weights(
        storage=storage,
        depth=depth,
        width=width,
        address_width=counter_width(depth - 1),
        words=words,
        stored=stored,
        pieces=pieces,
        blocks=blocks,
        slices=slices,
    )


def storage_for(params: MvtuParams) -> str:
    """The storage asked for, or the cheapest where it is `auto`; InputError for constants that cannot be."""
    owner, storage, costs = f"mvtu {params.name}", params.storage, family.get(params.family).costs
    depth = params.mh // params.pe * (params.mw // params.simd)
    width = params.pe * params.simd * params.w_bits
    if storage == CONSTANT and depth > MAX_CONSTANT_DEPTH:
        raise InputError(
            f"{owner}: storage=constant with mh/pe * mw/simd = {depth}: constants have at most "
            f"{MAX_CONSTANT_DEPTH} weight words; fold less, or take lut, block or auto"
        )
    if storage == CONSTANT and params.reload:
        raise InputError(f"{owner}: reload=1 with storage=constant: take lut, block or auto")
    if storage != "auto":
        return storage
    if depth <= MAX_CONSTANT_DEPTH and not params.reload:
        return CONSTANT
    reload = params.reload
    blocks = sum(costs.block_rams(width, piece.depth, reload).bram18 for piece in costs.cut(width, depth))
    return "lut" if costs.lut_memory_luts(width, depth, reload) <= costs.luts_worth_a_block * blocks else "block"


def hexadecimal(words: Sequence[int], width: int) -> tuple[str, ...]:
    """Words of `width` bits as memories take them."""
    digits = -(-width // 4)
    return tuple(f"{word:0{digits}x}" for word in words)
