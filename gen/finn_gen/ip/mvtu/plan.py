# SPDX-License-Identifier: Apache-2.0
"""What a matrix-vector-threshold unit is built of."""

import functools
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from finn_gen import family
from finn_gen.base import groups
from finn_gen.base.counters import counter_width
from finn_gen.base.errors import InputError
from finn_gen.base.limits import VECTOR_BITS, WORD_BITS
from finn_gen.base.ports import Ports
from finn_gen.ip.mvtu import arrays, fanout, matrix, thresholds
from finn_gen.ip.mvtu.accumulator import Accumulator, plan_accumulator
from finn_gen.ip.mvtu.matrix import WeightMatrix
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.registers import Registers, plan_registers
from finn_gen.ip.mvtu.thresholds import Thresholds, plan_thresholds
from finn_gen.ip.mvtu.tree import ONE, Kind, Shape, Tree, plan_constant_tree, plan_memory_tree
from finn_gen.ip.mvtu.weights import Weights, plan_weights

LATENCY_ALLOWANCE = 8
"""The first output word leaves at most this many cycles later than it takes to read the vector."""


@dataclass(frozen=True)
class Fold:
    """The matrix in time: `sf` words of a vector, `nf` passes over it; widths of the counters of both."""

    sf: int
    nf: int
    sf_width: int
    nf_width: int

    @property
    def last_word(self) -> int:
        """The last word of a vector."""
        return self.sf - 1

    @property
    def last_pass(self) -> int:
        """The last pass over a vector."""
        return self.nf - 1

    @property
    def replayed(self) -> bool:
        """Whether a vector is kept in a memory for the passes after the first."""
        return self.sf > 1 and self.nf > 1

    @property
    def sf_is_power(self) -> bool:
        """Whether a pass and a word of it, side by side, are the address of the weights."""
        return self.sf & (self.sf - 1) == 0


@dataclass(frozen=True)
class Pipeline:
    """Cycles from a word's issue: to the sums, and from the last sum to its comparison with thresholds.

    `way` is the number of cycles from issue to the FIFO, which holds `fifo_depth` results; words are issued while
    there are fewer than `limit` in it.
    """

    operand_stages: int
    compare_stages: int
    way: int
    limit: int
    fifo_depth: int
    fifo_count_width: int


@dataclass(frozen=True)
class MvtuPlan:
    """One matrix-vector-threshold unit. Widths in bits, latency and interval in cycles.

    `interval` is from vector to vector; `latency` from taking the first input word to offering the first output word,
    when nothing stalls. `result_width` is the width of an output element. `row_group` rows share a copy of the
    registers that let accumulators add and start anew, `input_group` rows a copy of the input. `replay_lanes` are
    columns of the vector that is replayed, with a copy of the address each; none where that is the counter of words.

    With several pixels a word `ports` are those of all copies of the unit, all else is of each of them: see `unit`.
    """

    module: str
    modules: tuple[str, ...]
    params: MvtuParams
    ports: Ports
    fold: Fold
    weights: Weights
    accumulator: Accumulator
    thresholds: Thresholds
    tree: Tree
    pipeline: Pipeline
    registers: Registers | None
    result_width: int
    interval: int
    latency: int
    row_group: int = field(default=0, metadata={"later": True})
    input_group: int = field(default=0, metadata={"later": True})
    replay_lanes: tuple[int, ...] = field(default=(), metadata={"later": True})

    @property
    def unit(self) -> "MvtuPlan":
        """The unit for one vector a word, of which there is a copy for each: the plan itself where there is one."""
        if self.params.pixels == 1:
            return self
        params = replace(self.params, name=f"{self.module}_unit", pixels=1)
        return replace(self, module=params.name, params=params, ports=_ports(params, self.result_width))


def _ports(params: MvtuParams, result_width: int) -> Ports:
    """The streams of the copies side by side."""
    return Ports.of(params.pixels * params.simd * params.in_bits, params.pixels * params.pe * result_width)


def build_plan(params: MvtuParams) -> MvtuPlan:
    """The plan for weights from the file `params`, or from `seed` where none is given."""
    _check(params)
    return plan_unit(params, *(arrays.load(params.params) if params.params else arrays.draw(params)))


def plan_unit(
    params: MvtuParams,
    weights: np.ndarray | WeightMatrix,
    given: np.ndarray | None,
    biases: np.ndarray | None = None,
    *,
    sketch: bool = False,
) -> MvtuPlan:
    """The plan for `weights` ([MH, MW] of the format) and thresholds (whole numbers, [MH, 2^out_bits - 1]).

    `params` are the parameters of `IP`, checked. An output is the number of its row's thresholds t with
    t <= acc; thresholds beyond the accumulator's range are legal. With `out_bits` = 0 there are no thresholds, and
    outputs are scores, (acc << fraction) + bias, of `biases` [MH] where `bias_bits` is not 0.

    A `sketch` lacks the words of a memory: enough to see what the unit takes, soon.
    """
    _check(params)
    owner = f"mvtu {params.name}"
    known = isinstance(weights, WeightMatrix)
    words = weights if known else WeightMatrix.of(owner, np.asarray(weights), params)
    levels = thresholds.level_count(params.out_bits)
    numbers = thresholds.checked(owner, None if given is None else np.asarray(given), params.mh, levels)
    added = thresholds.checked_biases(
        owner, None if biases is None else np.asarray(biases), params.mh, params.bias_bits
    )
    sf, nf = params.mw // params.simd, params.mh // params.pe
    fold = Fold(sf, nf, counter_width(sf - 1), counter_width(nf - 1))
    accumulator = plan_accumulator(params, words)
    result_width = params.out_bits or accumulator.sums.width
    _check_rows(params, accumulator, result_width)
    placed = plan_weights(params, words, family.get(params.family).costs, sketch)
    operand_stages = 2 if placed.storage == "block" else 1
    compare_stages = int(params.out_bits > 1)
    tree = _tree(params, placed, accumulator, LATENCY_ALLOWANCE - 1 - (nf > 1) - operand_stages - compare_stages)
    tables = plan_thresholds(params, words, numbers, accumulator, added, logic=placed.constant, offsets=tree.offsets)
    lanes = _replay_lanes(params, fold, placed, operand_stages)
    return MvtuPlan(
        module=params.name,
        modules=_modules(params, fold, placed, tables, tree, accumulator.width, copied=bool(lanes)),
        params=params,
        ports=_ports(params, result_width),
        fold=fold,
        weights=placed,
        accumulator=accumulator,
        thresholds=tables,
        tree=tree,
        pipeline=_pipeline(operand_stages, compare_stages, tree.stages, sf),
        registers=plan_registers(placed, tables, operand_stages) if params.reload else None,
        result_width=result_width,
        interval=nf * sf,
        latency=sf + operand_stages + tree.stages + compare_stages + 1 + (nf > 1),
        row_group=fanout.row_groups(params.pe, accumulator.width),
        input_group=params.pe if placed.constant else fanout.row_groups(params.pe, _readers(tree)),
        replay_lanes=lanes,
    )


def _check(params: MvtuParams) -> None:
    owner = f"mvtu {params.name}"
    for part, whole in (("pe", "mh"), ("simd", "mw")):
        if getattr(params, whole) % getattr(params, part):
            legal = [d for d in range(1, getattr(params, whole) + 1) if getattr(params, whole) % d == 0]
            raise InputError(
                f"{owner}: {part}={getattr(params, part)} does not divide {whole}={getattr(params, whole)}; legal are "
                + ", ".join(map(str, legal))
            )
    _check_pixels(owner, params)
    if params.pe * params.simd * params.w_bits > VECTOR_BITS:
        raise InputError(
            f"{owner}: pe={params.pe} with simd={params.simd}: pe * simd{' * w_bits' if params.w_bits > 1 else ''}, "
            f"the bits of a word of weights, must be at most {VECTOR_BITS:,}"
        )
    if params.w_narrow and params.w_bits == 1:
        raise InputError(f"{owner}: w_narrow=1 with w_bits=1: a single bit means -1 or +1; take w_narrow=0")
    for name in ("bias_bits", "fraction"):
        if params.out_bits and getattr(params, name):
            raise InputError(
                f"{owner}: {name}={getattr(params, name)} with out_bits={params.out_bits}: "
                "only scores, out_bits=0, have it"
            )
    if params.in_bits == 1 and params.in_signed:
        raise InputError(f"{owner}: in_signed=1 with in_bits=1: a single bit means -1 or +1; take in_signed=0")


def _check_pixels(owner: str, params: MvtuParams) -> None:
    """InputError if there cannot be so many vectors a word: copies take whole vectors and give whole results."""
    groups.check(owner, "pixels", params.pixels)
    if params.pixels == 1:
        return
    if (params.pe, params.simd) != (params.mh, params.mw):
        raise InputError(
            f"{owner}: pixels={params.pixels} with pe={params.pe}, simd={params.simd}: several vectors a word are "
            f"computed with all rows and columns at once, pe={params.mh}, simd={params.mw}; else pixels=1"
        )
    if params.reload:
        raise InputError(f"{owner}: pixels={params.pixels} with reload=1: copies cannot be written; take pixels=1")


def _check_rows(params: MvtuParams, accumulator: Accumulator, result_width: int) -> None:
    """InputError if tools do not take what the rows of a cycle need side by side."""
    owner, pe = f"mvtu {params.name}", params.pe
    if pe * result_width > WORD_BITS:
        raise InputError(
            f"{owner}: pe={pe} rows of {result_width} bits: an output word must have at most {WORD_BITS:,} bits"
        )
    levels, bits = thresholds.level_count(params.out_bits), accumulator.sums.thresholds.signed_width
    if pe * levels * bits > VECTOR_BITS:
        raise InputError(
            f"{owner}: pe={pe} rows of {levels} thresholds of {bits} bits: they must have at most {VECTOR_BITS:,} bits"
        )


def _tree(params: MvtuParams, weights: Weights, accumulator: Accumulator, stages: int) -> Tree:
    """The tree that adds a word's products, in at most `stages` stages; InputError if it takes more."""
    width = accumulator.width - accumulator.fraction
    shape = Shape(params.simd, matrix.flips(params), width, stages, params.w_bits, matrix.several(params))
    constant = functools.partial(_constant_tree, weights.words, params.pe, params.simd * params.w_bits)
    tree = (constant if weights.constant else plan_memory_tree)(shape)
    if tree.stages > stages:
        raise InputError(
            f"mvtu {params.name}: simd={params.simd}: the sum takes {tree.stages} stages, {stages} are possible"
        )
    return tree


@functools.lru_cache(maxsize=64)
def _constant_tree(words: tuple[str, ...], pe: int, width: int, shape: Shape) -> Tree:
    """The tree for constants. Whoever looks for a folding asks for the same ones again."""
    return plan_constant_tree(matrix.rows_of([int(word, 16) for word in words], pe, width), shape)


def _pipeline(operand_stages: int, compare_stages: int, sum_stages: int, sf: int) -> Pipeline:
    """Results on the way when the count reaches the limit still fit in; at the limit there are enough to last until
    the next one comes after a stall. The limit is a power of two, and the highest bit of the count tells it. Behind
    comparisons it is at least 4: the FIFO's memory then is a shift register in LUTs, and fewer results would be in
    registers, with as many LUTs choosing between them. Sums have no time left to get to a shift register."""
    way = operand_stages + sum_stages + compare_stages
    limit = max(4 if compare_stages else 2, 1 << (-(-(way + 2) // sf)).bit_length())
    depth = max(3, limit - 1 - (-(way + 1) // sf))
    return Pipeline(operand_stages, compare_stages, way, limit, depth, depth.bit_length())


def _replay_lanes(params: MvtuParams, fold: Fold, weights: Weights, operand_stages: int) -> tuple[int, ...]:
    """The lanes of the replay buffer. Where its words go to a register at once it may take block RAM instead."""
    width = params.simd * params.in_bits
    in_block = operand_stages == 2 and family.get(params.family).costs.block_is_cheaper(width, fold.sf)
    if not fold.replayed or in_block:
        return ()
    shared = fold.sf_is_power and len(weights.slices) == 1 and not weights.constant
    in_luts = min(fanout.MOST, weights.width * -(-weights.depth // fanout.LUT_WORDS))
    return fanout.replay_lanes(width, fold.sf, (weights.blocks or in_luts) if shared else 0)


def _readers(tree: Tree) -> int:
    """The most cells and registers of a tree that read the same one of its shared inputs."""
    read = Counter(net for cell in tree.cells for net in cell.inputs)
    read.update(register.source for register in tree.registers)
    return max(read[net] for net in range(ONE + 1, tree.first_select))


def _modules(  # noqa: PLR0917 - parts of a plan
    params: MvtuParams, fold: Fold, weights: Weights, tables: Thresholds, tree: Tree, width: int, copied: bool
) -> tuple[str, ...]:
    """Building blocks of rtl/ that the unit instantiates."""
    kinds = {cell.kind for cell in tree.cells}
    used = ["finn_add3", "finn_fifo_control", "finn_fifo_srl"]
    used += ["finn_lut6"] if Kind.LUT in kinds else []
    used += ["finn_lut5x2"] if Kind.LUT_PAIR in kinds else []
    used += ["finn_reaches"] if tables.ladder else []
    used += ["finn_and_add"] if Kind.AND_ADD in kinds else []
    used += ["finn_counter"] if kinds & {Kind.COUNTER, Kind.MIXED} else []
    if params.reload:
        used += ["finn_axil_slave", "finn_ram"]
    else:
        used += ["finn_rom", "finn_lut_rom"] if not weights.constant or (tables.ladder and fold.nf > 1) else []
    sliced = [each for each in (tables.initial, tables.ladder) if each and len(each.slices) > 1 and fold.nf > 1]
    grouped = fold.sf > 1 and fanout.row_groups(params.pe, width) < params.pe
    many = not weights.constant and fanout.row_groups(params.pe, _readers(tree)) < params.pe
    used += ["finn_copies"] if sliced or grouped or many or copied or len(weights.slices) > 1 else []
    used += ["finn_reg_slice"] if fold.nf > 1 and fold.sf == 1 else []
    return tuple(sorted(used))
