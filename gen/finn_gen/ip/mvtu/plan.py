# SPDX-License-Identifier: Apache-2.0
"""What a matrix-vector-threshold unit is built of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.ports import Ports
from finn_gen.base.ranges import of_sums
from finn_gen.family.costs import Costs, Piece
from finn_gen.ip.mvtu import popcount
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.popcount import Tree

LATENCY_ALLOWANCE = 8
"""The first output word leaves at most this many cycles later than it takes to read the vector."""
MAX_CONSTANT_DEPTH = 1 << popcount.MAX_ADDRESS_BITS
MAX_LEVELS = 255


@dataclass(frozen=True)
class WeightsPlan:
    """Where the weights are.

    `words` are hexadecimal, one an address, row `p` of the address in bits `[p*SIMD +: SIMD]`, column s of it
    in bit s. A memory holds `stored`, the same words encoded by `popcount.encode_weights`.
    """

    storage: str
    depth: int
    width: int
    address_width: int
    words: tuple[str, ...]
    stored: tuple[str, ...]
    pieces: tuple[Piece, ...]
    blocks: int
    efficiency: float


@dataclass(frozen=True)
class TablePlan:
    """A table with one word a neuron fold (address nf): `lanes` numbers of `lane_width` bits a row, row 0 lowest."""

    depth: int
    address_width: int
    lane_width: int
    lanes: int
    width: int
    words: tuple[str, ...]
    style: str


@dataclass(frozen=True)
class Window:
    """A memory in the address map: word i lies at `base + 4 * stride * i`, in `lanes` registers of 32 bits.

    `lane_bits` and `index_bits` are the address bits of a register in its word and of a word; `size_bits` those
    of the whole window.
    """

    name: str
    base: int
    depth: int
    width: int
    lanes: int
    stride: int
    lane_bits: int
    index_bits: int
    size_bits: int


@dataclass(frozen=True)
class RegistersPlan:
    """The AXI-Lite slave: width of its addresses, of an index and of the widest word, and its windows."""

    address_width: int
    index_width: int
    word_width: int
    stage_width: int
    wait_stages: int
    names: tuple[str, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class MvtuPlan:
    """One matrix-vector-threshold unit. Widths in bits, latency and interval in cycles.

    `luts` are those of the sums, the accumulators and a weight memory in LUTs, `unfolded_luts` those of the same
    matrix unfolded to constants, a vector a cycle. `interval` is from vector to vector; `latency` from taking the
    first input word to offering the first output word, when nothing stalls. `initial` holds what accumulators start
    from, `ladder` the thresholds of outputs of several bits, `levels` a row.
    """

    module: str
    modules: tuple[str, ...]
    params: MvtuParams
    sf: int
    nf: int
    levels: int
    result_width: int
    ports: Ports
    acc_low: int
    acc_high: int
    acc_signed: bool
    acc_width: int
    flips: tuple[bool, ...]
    weights: WeightsPlan
    tree: Tree
    initial: TablePlan | None
    ladder: TablePlan | None
    thresholds: tuple[tuple[int, ...], ...]
    registers: RegistersPlan | None
    initial_fixed: int
    initial_negative: int
    shared_width: int
    sf_width: int
    sf_is_power: bool
    row_width: int
    operand_stages: int
    fifo_depth: int
    fifo_count_width: int
    interval: int
    latency: int
    ones_width: int
    padded_simd: int
    popcount_masks: tuple[tuple[int, str], ...]
    luts: int
    unfolded_luts: int
    unfolding_pays: bool
    memory_bits: int


# --------------------------------------------------------------------------- parameters from files


def load_parameters(path: str) -> tuple[np.ndarray, np.ndarray | None]:
    """`weights` and `thresholds` (None if absent) of an .npz file; nothing in it is executed."""
    rule = "it must be an .npz file of plain arrays"
    try:
        file = np.load(Path(path), allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise InputError(f"mvtu: params={path}: {rule}, not a single array")
        with file:
            if "weights" not in file.files:
                raise InputError(f"mvtu: params={path}: it has no array 'weights', only {sorted(file.files)}")
            return file["weights"], file["thresholds"] if "thresholds" in file.files else None
    except InputError:
        raise
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"mvtu: params={path}: {rule}: {error}") from None


def random_parameters(params: MvtuParams) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights and thresholds from the seed, the thresholds around the middle of the accumulator's range."""
    rng = np.random.default_rng(params.seed)
    weights = rng.choice(np.array([-1, 1], dtype=np.int8), size=(params.mh, params.mw))
    levels = _levels(params.out_bits)
    if not levels:
        return weights, None
    sums = of_sums(params.mw, params.in_bits, params.in_signed)
    spread, middle = max(1, (sums.high - sums.low) // 8), (sums.low + sums.high) // 2
    thresholds = rng.integers(middle - spread, middle + spread + 1, (params.mh, levels))
    return weights, np.sort(thresholds, axis=1).astype(np.int32)


def _levels(out_bits: int) -> int:
    return (1 << out_bits) - 1


def _check_weights(owner: str, weights: np.ndarray, mh: int, mw: int) -> np.ndarray:
    """`weights` as bits [MH, MW], 1 for +1; InputError if they are no matrix of +1 and -1 of that shape."""
    if weights.shape != (mh, mw):
        raise InputError(f"{owner}: weights of shape {weights.shape}: it must be (mh, mw) = ({mh}, {mw})")
    wrong = ~np.isin(weights, (-1, 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(f"{owner}: weights[{row}, {column}]={weights[row, column]}: legal are -1 and +1")
    return weights > 0


def _check_thresholds(owner: str, thresholds: np.ndarray | None, mh: int, levels: int) -> np.ndarray:
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


# --------------------------------------------------------------------------- planning


def build_plan(params: MvtuParams) -> MvtuPlan:
    """The plan for weights from the file `params`, or from `seed` where none is given."""
    _check_folding(params)
    weights, thresholds = load_parameters(params.params) if params.params else random_parameters(params)
    return plan_unit(params, weights, thresholds)


def _check_folding(params: MvtuParams) -> None:
    owner = f"mvtu {params.name}"
    for part, whole in (("pe", "mh"), ("simd", "mw")):
        if getattr(params, whole) % getattr(params, part):
            legal = [d for d in range(1, getattr(params, whole) + 1) if getattr(params, whole) % d == 0]
            raise InputError(
                f"{owner}: {part}={getattr(params, part)} does not divide {whole}={getattr(params, whole)}; legal are "
                + ", ".join(map(str, legal))
            )
    if params.in_bits == 1 and params.in_signed:
        raise InputError(f"{owner}: in_signed=1 with in_bits=1: a single bit means -1 or +1; take in_signed=0")


def plan_unit(params: MvtuParams, weights: np.ndarray, thresholds: np.ndarray | None) -> MvtuPlan:
    """The plan for `weights` (-1 or +1, [MH, MW]) and `thresholds` (whole numbers, [MH, 2^out_bits - 1]).

    `params` are the parameters of `IP`, checked. An output is the number of its row's thresholds t with
    t <= acc; thresholds beyond the accumulator's range are legal. With `out_bits` = 0 outputs are accumulators
    and there are no thresholds.
    """
    _check_folding(params)
    owner = f"mvtu {params.name}"
    mw, mh, pe, simd = params.mw, params.mh, params.pe, params.simd
    in_bits, out_bits = params.in_bits, params.out_bits
    sf, nf = mw // simd, mh // pe
    bits = _check_weights(owner, np.asarray(weights), mh, mw)
    levels = _levels(out_bits)
    table = _check_thresholds(owner, None if thresholds is None else np.asarray(thresholds), mh, levels)

    sums = of_sums(mw, in_bits, params.in_signed)
    # A single threshold is taken off at the start, so that an accumulator holds a difference, whose sign is the output.
    acc_width = sums.less(sums.thresholds).signed_width if out_bits == 1 else sums.width
    flips = (False,) * (in_bits - 1) + (params.in_signed,)
    several = out_bits > 1
    costs = family.get(params.family).costs
    storage = _choose_storage(owner, params, costs, nf * sf, pe * simd)
    operand_stages = 2 if storage == "block" else 1
    buffered = nf > 1
    stage_limit = LATENCY_ALLOWANCE - 1 - buffered - operand_stages - several

    shape = popcount.Shape(simd, flips, acc_width, stage_limit)
    words = _weight_words(bits, pe, simd)
    if storage == "constant":
        rows = [[w >> (p * simd) & ((1 << simd) - 1) for w in words] for p in range(pe)]
        tree = popcount.plan_constant_tree(rows, shape)
    else:
        tree = popcount.plan_memory_tree(shape)
    latency = sf + operand_stages + tree.stages + 1 + buffered + several
    if latency > sf + LATENCY_ALLOWANCE:
        raise InputError(f"{owner}: simd={simd}: the sum takes {tree.stages} stages, {stage_limit} are possible")
    # `way` is the number of cycles from issue to the count of the FIFO. Results on the way when the count reaches
    # the limit still fit in; at the limit there are enough to last until the next one comes after a stall.
    way = operand_stages + tree.stages + several + 1
    limit = 1 << (-(-(way + 1) // sf)).bit_length()
    fifo_depth = max(3, limit - 1 - (-way // sf))
    reachable = table.clip(sums.thresholds.low, sums.thresholds.high)
    initial = _initial(bits, reachable if out_bits == 1 else None, params, acc_width)
    ladder = _table_plan(reachable, sums.thresholds.signed_width, nf) if several else None
    result_width = out_bits or sums.width
    fixed, negative = _offsets(params, mw)
    placed = _weights(costs, storage, words, pe, simd)
    registers = _registers(placed, initial, ladder, operand_stages) if params.reload else None
    luts = tree.luts * (1 if storage == "constant" else pe) + pe * acc_width
    luts += costs.lut_memory_luts(pe * simd, nf * sf, params.reload) if storage == "lut" else 0
    unfolded = luts if nf == sf == 1 else _unfolded_luts(mw, mh, in_bits, acc_width)
    return MvtuPlan(
        module=params.name,
        modules=_modules(params, storage, initial, ladder, tree),
        params=params,
        sf=sf,
        nf=nf,
        levels=levels,
        result_width=result_width,
        ports=Ports.of(simd * in_bits, pe * result_width),
        acc_low=sums.low,
        acc_high=sums.high,
        acc_signed=sums.signed,
        acc_width=acc_width,
        flips=flips,
        weights=placed,
        tree=tree,
        initial=initial,
        ladder=ladder,
        thresholds=tuple(tuple(int(t) for t in row) for row in table),
        registers=registers,
        initial_fixed=fixed,
        initial_negative=negative,
        shared_width=simd * in_bits + len(tree.parities),
        sf_is_power=sf & (sf - 1) == 0,
        sf_width=max(1, (sf - 1).bit_length()),
        row_width=max(1, (nf - 1).bit_length()),
        operand_stages=operand_stages,
        fifo_depth=fifo_depth,
        fifo_count_width=fifo_depth.bit_length(),
        interval=nf * sf,
        latency=latency,
        ones_width=simd.bit_length(),
        padded_simd=1 << (simd - 1).bit_length(),
        popcount_masks=_popcount_masks(simd),
        luts=luts,
        unfolded_luts=unfolded,
        unfolding_pays=unfolded < luts,
        memory_bits=0 if storage == "constant" else mh * mw,
    )


def _unfolded_luts(mw: int, mh: int, planes: int, acc_width: int) -> int:
    """LUTs, within a fifth, of the sums of the same matrix as constants with PE = MH and SIMD = MW.

    Of every three inputs rows share four carries and a parity at most, two functions a LUT; half a plane's bits
    are then carries that each row adds for itself, two of them a LUT, and a last row of adders.
    """
    adders = planes * mw / 2
    shared = adders * (min(4, mh) + 1) / 2
    return round(1.08 * (shared + mh * adders / 2)) + mh * acc_width


def _choose_storage(owner: str, params: MvtuParams, costs: Costs, depth: int, width: int) -> str:
    """The storage asked for, or the cheapest where it is `auto`."""
    storage = params.storage
    if storage == "constant" and depth > MAX_CONSTANT_DEPTH:
        raise InputError(
            f"{owner}: storage=constant with mh/pe * mw/simd = {depth}: constants have at most "
            f"{MAX_CONSTANT_DEPTH} weight words; fold less, or take lut, block or auto"
        )
    if storage == "constant" and params.reload:
        raise InputError(f"{owner}: reload=1 with storage=constant: take lut, block or auto")
    if storage != "auto":
        return storage
    if depth <= MAX_CONSTANT_DEPTH and not params.reload:
        return "constant"
    reload = params.reload
    blocks = sum(costs.block_rams(width, piece.depth, reload).bram18 for piece in costs.cut(width, depth))
    return "lut" if costs.lut_memory_luts(width, depth, reload) <= costs.luts_worth_a_block * blocks else "block"


def _weight_words(bits: np.ndarray, pe: int, simd: int) -> list[int]:
    """Weights [MH, MW] as one integer an address nf*SF + sf; row nf*PE + p, column sf*SIMD + s is bit p*SIMD + s."""
    mh, mw = bits.shape
    folded = bits.reshape(mh // pe, pe, mw // simd, simd).transpose(0, 2, 1, 3).reshape(-1, pe * simd)
    packed = np.packbits(folded, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def _hexadecimal(words: Sequence[int], width: int) -> tuple[str, ...]:
    digits = -(-width // 4)
    return tuple(f"{word:0{digits}x}" for word in words)


def _weights(costs: Costs, storage: str, words: list[int], pe: int, simd: int) -> WeightsPlan:
    width, depth = pe * simd, len(words)
    stored: list[int] = []
    if storage != "constant":
        mask = (1 << simd) - 1
        for word in words:
            rows = popcount.encode_weights([word >> (p * simd) & mask for p in range(pe)], simd)
            stored.append(sum(row << (p * simd) for p, row in enumerate(rows)))
    pieces = costs.cut(width, depth) if storage == "block" else (Piece(0, depth, max(1, (depth - 1).bit_length()), 0),)
    blocks = sum(piece.blocks for piece in pieces)
    return WeightsPlan(
        storage=storage,
        depth=depth,
        width=width,
        address_width=max(1, (depth - 1).bit_length()),
        words=_hexadecimal(words, width),
        stored=_hexadecimal(stored, width),
        pieces=pieces,
        blocks=blocks,
        efficiency=round(width * depth / (blocks * costs.block_bits), 4) if blocks else 0.0,
    )


def _table_plan(numbers: np.ndarray, lane_width: int, nf: int) -> TablePlan:
    """`numbers` [MH, lanes] as a table of NF words."""
    mask = (1 << lane_width) - 1
    words = []
    for rows in numbers.reshape(nf, -1):
        words.append(sum((int(n) & mask) << (i * lane_width) for i, n in enumerate(rows)))
    width = numbers.size // nf * lane_width
    return TablePlan(
        depth=nf,
        address_width=max(1, (nf - 1).bit_length()),
        lane_width=lane_width,
        lanes=numbers.shape[1],
        width=width,
        words=_hexadecimal(words, width),
        style="distributed" if nf <= 256 else "block",
    )


def _offsets(params: MvtuParams, mw: int) -> tuple[int, int]:
    """What the sums of a row exceed the accumulator by: a fixed part, and one for each weight of -1.

    The tree adds popcounts. In plane b of a row with n weights of -1 the popcount is the sum of x_b*w plus n or,
    in the plane of the sign, MW - n less that sum. Planes weigh 2^b.
    """
    if params.in_bits == 1:
        return 0, 0
    top = 1 << (params.in_bits - 1)
    return (top * mw, -1) if params.in_signed else (0, 2 * top - 1)


def _initial(bits: np.ndarray, thresholds: np.ndarray | None, params: MvtuParams, acc_width: int) -> TablePlan | None:
    """What accumulators start from, None if that is zero everywhere.

    A single threshold goes in, so that the top bit of the accumulator tells acc >= t.
    """
    fixed, negative = _offsets(params, bits.shape[1])
    start = -fixed - negative * (~bits).sum(axis=1, dtype=np.int64)
    if thresholds is not None:
        start += (1 << (acc_width - 1)) - thresholds[:, 0]
    elif params.in_bits == 1:
        return None
    return _table_plan(start[:, np.newaxis], acc_width, params.mh // params.pe)


def _registers(
    weights: WeightsPlan, initial: TablePlan | None, ladder: TablePlan | None, operand_stages: int
) -> RegistersPlan:
    """The address map: control and status first, then the memories, each at a multiple of its window's size."""
    memories = [("weights", weights.depth, weights.width)]
    memories += [("initial", initial.depth, initial.width)] if initial else []
    memories += [("ladder", ladder.depth, ladder.width)] if ladder else []
    windows, end = [], 8
    for name, depth, width in memories:
        lanes = -(-width // 32)
        lane_bits, index_bits = (lanes - 1).bit_length(), (depth - 1).bit_length()
        size_bits = max(3, 2 + lane_bits + index_bits)
        base = -(-end >> size_bits) << size_bits
        windows.append(Window(name, base, depth, width, lanes, 1 << lane_bits, lane_bits, index_bits, size_bits))
        end = base + (1 << size_bits)
    widest = max(width for _, _, width in memories)
    return RegistersPlan(
        address_width=max(4, (end - 1).bit_length()),
        index_width=max(1, *(window.index_bits for window in windows)),
        word_width=widest,
        stage_width=32 * (-(-widest // 32) - 1),
        wait_stages=operand_stages + 1,
        names=tuple(name for name, _, _ in memories),
        windows=tuple(windows),
    )


def _modules(
    params: MvtuParams, storage: str, initial: TablePlan | None, ladder: TablePlan | None, tree: Tree
) -> tuple[str, ...]:
    """Building blocks of rtl/ that the unit instantiates."""
    kinds = {cell.kind for cell in tree.cells}
    sf, nf = params.mw // params.simd, params.mh // params.pe
    used = ["finn_add3", "finn_fifo_control", "finn_fifo_srl"]
    used += ["finn_lut6"] if popcount.LUT in kinds else []
    used += ["finn_lut5x2"] if popcount.LUT_PAIR in kinds else []
    used += ["finn_counter"] if kinds & {popcount.COUNTER, popcount.MIXED} else []
    if params.reload:
        used += ["finn_axil_slave", "finn_ram"]
    else:
        used += ["finn_rom", "finn_lut_rom"] if storage != "constant" or (ladder and nf > 1) else []
    used += ["finn_reg_slice"] if nf > 1 and sf == 1 else []
    return tuple(sorted(used))


def _popcount_masks(simd: int) -> tuple[tuple[int, str], ...]:
    """(shift, mask) of the steps of a popcount by halves of a word of `simd` bits, for simulation."""
    steps, shift, width = [], 1, 1 << (simd - 1).bit_length()
    while shift < width:
        ones = (1 << shift) - 1
        mask = sum(ones << k for k in range(0, width, 2 * shift))
        steps.append((shift, f"{mask:x}"))
        shift *= 2
    return tuple(steps)
