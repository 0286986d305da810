# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the matrix-vector-threshold unit, `finn:ip:mvtu`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from finn_gen import popcount
from finn_gen.errors import InputError
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.memory import BLOCK_BITS, Piece, block_rams, cut, lut_memory_luts
from finn_gen.params import Param, byte_width, name_param
from finn_gen.popcount import Tree
from finn_gen.ranges import of_sums
from finn_gen.registers import Field, Register, RegisterMap
from finn_gen.template import render

LATENCY_ALLOWANCE = 8
"""The first output word leaves at most this many cycles later than it takes to read the vector."""
LUTS_WORTH_A_BLOCK = 200
"""A RAMB18 is worth this many LUTs: xc7z045 has 218,600 LUTs and 1,090 RAMB18."""
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
    mw: int
    mh: int
    pe: int
    simd: int
    sf: int
    nf: int
    in_bits: int
    in_signed: bool
    out_bits: int
    levels: int
    result_width: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
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


def random_parameters(values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights and thresholds from the seed, the thresholds around the middle of the accumulator's range."""
    rng = np.random.default_rng(values["seed"])
    weights = rng.choice(np.array([-1, 1], dtype=np.int8), size=(values["mh"], values["mw"]))
    levels = _levels(values["out_bits"])
    if not levels:
        return weights, None
    sums = of_sums(values["mw"], values["in_bits"], values["in_signed"])
    spread, middle = max(1, (sums.high - sums.low) // 8), (sums.low + sums.high) // 2
    thresholds = rng.integers(middle - spread, middle + spread + 1, (values["mh"], levels))
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


def plan(values: dict[str, Any]) -> MvtuPlan:
    """The plan for weights from the file `params`, or from `seed` where none is given."""
    _check_folding(values)
    weights, thresholds = load_parameters(values["params"]) if values["params"] else random_parameters(values)
    return plan_unit(values, weights, thresholds)


def _check_folding(values: dict[str, Any]) -> None:
    owner = f"mvtu {values['name']}"
    for part, whole in (("pe", "mh"), ("simd", "mw")):
        if values[whole] % values[part]:
            legal = [d for d in range(1, values[whole] + 1) if values[whole] % d == 0]
            raise InputError(
                f"{owner}: {part}={values[part]} does not divide {whole}={values[whole]}; legal are "
                + ", ".join(map(str, legal))
            )
    if values["in_bits"] == 1 and values["in_signed"]:
        raise InputError(f"{owner}: in_signed=1 with in_bits=1: a single bit means -1 or +1; take in_signed=0")


def plan_unit(values: dict[str, Any], weights: np.ndarray, thresholds: np.ndarray | None) -> MvtuPlan:
    """The plan for `weights` (-1 or +1, [MH, MW]) and `thresholds` (whole numbers, [MH, 2^out_bits - 1]).

    `values` are the parameters of `IP`, checked. An output is the number of its row's thresholds t with
    t <= acc; thresholds beyond the accumulator's range are legal. With `out_bits` = 0 outputs are accumulators
    and there are no thresholds.
    """
    _check_folding(values)
    owner = f"mvtu {values['name']}"
    mw, mh, pe, simd = (values[k] for k in ("mw", "mh", "pe", "simd"))
    in_bits, out_bits = values["in_bits"], values["out_bits"]
    sf, nf = mw // simd, mh // pe
    bits = _check_weights(owner, np.asarray(weights), mh, mw)
    levels = _levels(out_bits)
    table = _check_thresholds(owner, None if thresholds is None else np.asarray(thresholds), mh, levels)

    sums = of_sums(mw, in_bits, values["in_signed"])
    # A single threshold is taken off at the start, so that an accumulator holds a difference, whose sign is the output.
    acc_width = sums.less(sums.thresholds).signed_width if out_bits == 1 else sums.width
    flips = (False,) * (in_bits - 1) + (values["in_signed"],)
    several = out_bits > 1
    storage = _choose_storage(owner, values, nf * sf, pe * simd)
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
    initial = _initial(bits, reachable if out_bits == 1 else None, values, acc_width)
    ladder = _table_plan(reachable, sums.thresholds.signed_width, nf) if several else None
    result_width = out_bits or sums.width
    fixed, negative = _offsets(values, mw)
    placed = _weights(storage, words, pe, simd)
    registers = _registers(placed, initial, ladder, operand_stages) if values["reload"] else None
    luts = tree.luts * (1 if storage == "constant" else pe) + pe * acc_width
    luts += lut_memory_luts(pe * simd, nf * sf, values["reload"]) if storage == "lut" else 0
    unfolded = luts if nf == sf == 1 else _unfolded_luts(mw, mh, in_bits, acc_width)
    return MvtuPlan(
        module=values["name"],
        modules=_modules(values, storage, initial, ladder, tree),
        mw=mw,
        mh=mh,
        pe=pe,
        simd=simd,
        sf=sf,
        nf=nf,
        in_bits=in_bits,
        in_signed=values["in_signed"],
        out_bits=out_bits,
        levels=levels,
        result_width=result_width,
        in_width=simd * in_bits,
        out_width=pe * result_width,
        in_tdata_width=byte_width(simd * in_bits),
        out_tdata_width=byte_width(pe * result_width),
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


def _choose_storage(owner: str, values: dict[str, Any], depth: int, width: int) -> str:
    """The storage asked for, or the cheapest where it is `auto`."""
    storage = values["storage"]
    if storage == "constant" and depth > MAX_CONSTANT_DEPTH:
        raise InputError(
            f"{owner}: storage=constant with mh/pe * mw/simd = {depth}: constants have at most "
            f"{MAX_CONSTANT_DEPTH} weight words; fold less, or take lut, block or auto"
        )
    if storage == "constant" and values["reload"]:
        raise InputError(f"{owner}: reload=1 with storage=constant: take lut, block or auto")
    if storage != "auto":
        return storage
    if depth <= MAX_CONSTANT_DEPTH and not values["reload"]:
        return "constant"
    reload = values["reload"]
    blocks = sum(block_rams(width, piece.depth, reload).bram18 for piece in cut(width, depth))
    return "lut" if lut_memory_luts(width, depth, reload) <= LUTS_WORTH_A_BLOCK * blocks else "block"


def _weight_words(bits: np.ndarray, pe: int, simd: int) -> list[int]:
    """Weights [MH, MW] as one integer an address nf*SF + sf; row nf*PE + p, column sf*SIMD + s is bit p*SIMD + s."""
    mh, mw = bits.shape
    folded = bits.reshape(mh // pe, pe, mw // simd, simd).transpose(0, 2, 1, 3).reshape(-1, pe * simd)
    packed = np.packbits(folded, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def _hexadecimal(words: Sequence[int], width: int) -> tuple[str, ...]:
    digits = -(-width // 4)
    return tuple(f"{word:0{digits}x}" for word in words)


def _weights(storage: str, words: list[int], pe: int, simd: int) -> WeightsPlan:
    width, depth = pe * simd, len(words)
    stored: list[int] = []
    if storage != "constant":
        mask = (1 << simd) - 1
        for word in words:
            rows = popcount.encode_weights([word >> (p * simd) & mask for p in range(pe)], simd)
            stored.append(sum(row << (p * simd) for p, row in enumerate(rows)))
    pieces = cut(width, depth) if storage == "block" else (Piece(0, depth, max(1, (depth - 1).bit_length()), 0),)
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
        efficiency=round(width * depth / (blocks * BLOCK_BITS), 4) if blocks else 0.0,
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


def _offsets(values: dict[str, Any], mw: int) -> tuple[int, int]:
    """What the sums of a row exceed the accumulator by: a fixed part, and one for each weight of -1.

    The tree adds popcounts. In plane b of a row with n weights of -1 the popcount is the sum of x_b*w plus n or,
    in the plane of the sign, MW - n less that sum. Planes weigh 2^b.
    """
    if values["in_bits"] == 1:
        return 0, 0
    top = 1 << (values["in_bits"] - 1)
    return (top * mw, -1) if values["in_signed"] else (0, 2 * top - 1)


def _initial(
    bits: np.ndarray, thresholds: np.ndarray | None, values: dict[str, Any], acc_width: int
) -> TablePlan | None:
    """What accumulators start from, None if that is zero everywhere.

    A single threshold goes in, so that the top bit of the accumulator tells acc >= t.
    """
    fixed, negative = _offsets(values, bits.shape[1])
    start = -fixed - negative * (~bits).sum(axis=1, dtype=np.int64)
    if thresholds is not None:
        start += (1 << (acc_width - 1)) - thresholds[:, 0]
    elif values["in_bits"] == 1:
        return None
    return _table_plan(start[:, np.newaxis], acc_width, values["mh"] // values["pe"])


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


def register_map(plan: MvtuPlan) -> RegisterMap | None:
    """The registers of a unit with reload=1; the memories behind them stand in `RegistersPlan.windows`."""
    if plan.registers is None:
        return None
    halt = Field("halt", 0, 1, "rw", "wait before the next vector, and let the memories be accessed")
    halted = Field("halted", 0, 1, "ro", "the unit waits; the memories can be accessed")
    return RegisterMap(
        name="mvtu",
        doc="weights and thresholds of a matrix-vector unit",
        size=1 << plan.registers.address_width,
        registers=(
            Register("CONTROL", 0, "rw", "halts the unit", (halt,)),
            Register("STATUS", 4, "ro", "whether the unit is halted", (halted,)),
        ),
    )


def memory_image(plan: MvtuPlan) -> dict[int, int]:
    """What the memories of a unit with reload=1 hold after reset: address of a register -> its 32 bits.

    Written in this order to the halted unit of another plan of the same shape, it turns that into this one.
    """
    tables = {"weights": plan.weights.stored}
    tables |= {"initial": plan.initial.words} if plan.initial else {}
    tables |= {"ladder": plan.ladder.words} if plan.ladder else {}
    image = {}
    for window in plan.registers.windows if plan.registers else ():
        for index, word in enumerate(tables[window.name]):
            for lane in range(window.lanes):
                address = window.base + 4 * (window.stride * index + lane)
                image[address] = int(word, 16) >> (32 * lane) & 0xFFFF_FFFF
    return image


def _modules(
    values: dict[str, Any], storage: str, initial: TablePlan | None, ladder: TablePlan | None, tree: Tree
) -> tuple[str, ...]:
    """Building blocks of rtl/ that the unit instantiates."""
    kinds = {cell.kind for cell in tree.cells}
    sf, nf = values["mw"] // values["simd"], values["mh"] // values["pe"]
    used = ["finn_add3", "finn_fifo_control", "finn_fifo_srl"]
    used += ["finn_lut6"] if popcount.LUT in kinds else []
    used += ["finn_lut5x2"] if popcount.LUT_PAIR in kinds else []
    used += ["finn_counter"] if kinds & {popcount.COUNTER, popcount.MIXED} else []
    if values["reload"]:
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


# --------------------------------------------------------------------------- text


def emit(plan: MvtuPlan) -> dict[str, str | bytes]:
    """The unit, its compressor tree, and its memories."""
    values = {"plan": plan, "tree": plan.tree, "digest": digest(plan), "padded": _padded, "group_bits": _group_bits}
    values |= {"level_sum": _level_sum, "index_of": _index_of, "write_word": _write_word, "read_lane": _read_lane}
    values["registers_word"] = {"weights": "word", "initial": "initial_q", "ladder": "ladder_q"}
    files: dict[str, str | bytes] = {
        f"{plan.module}_tree.v": render("ip/mvtu/tree.v.j2", **values),
    }
    if plan.weights.storage != "constant":
        files[f"{plan.module}_weights.v"] = render("ip/mvtu/weights.v.j2", **values)
        for index, piece in enumerate(plan.weights.pieces):
            words = plan.weights.stored[piece.base : piece.base + piece.depth]
            files[f"{plan.module}_weights_{index}.mem"] = "".join(f"{word}\n" for word in words)
    if plan.registers:
        files[f"{plan.module}_registers.v"] = render("ip/mvtu/registers.v.j2", **values)
        files[f"{plan.module}_map.h"] = render("ip/mvtu/map.h.j2", **values)
        files[f"{plan.module}_map.py"] = render("ip/mvtu/map.py.j2", **values)
    for name, table in (("initial", plan.initial), ("ladder", plan.ladder)):
        logic = name == "initial" and plan.weights.storage == "constant"
        if table and (plan.nf > 1 or plan.registers) and not logic:
            files[f"{plan.module}_{name}.mem"] = "".join(f"{word}\n" for word in table.words)
    files[f"{plan.module}.v"] = render("ip/mvtu/mvtu.v.j2", **values)
    return files


def _padded(signals: Sequence[str], count: int) -> str:
    """A Verilog concatenation with the first signal lowest, filled with zeros to `count` bits."""
    return ", ".join([popcount.ZERO] * (count - len(signals)) + list(reversed(signals)))


def _group_bits(vector: str, group: Sequence[int]) -> str:
    return ", ".join(f"{vector}[{bit}]" for bit in reversed(group))


def _index_of(window: Window, width: int) -> str:
    """Verilog: the word that `address` lies in, `width` bits wide."""
    bits = window.index_bits
    zeros = f"{width - bits}'d0"
    if not bits:
        return zeros
    low = 2 + window.lane_bits
    field = f"address[{low + bits - 1}:{low}]"
    return field if bits == width else f"{{{zeros}, {field}}}"


def _write_word(window: Window, width: int) -> str:
    """Verilog: the word that a write to its last register commits, `width` bits wide."""
    top = window.width - 32 * (window.lanes - 1)
    parts = [f"{width - window.width}'d0"] if window.width < width else []
    parts.append(f"data[{top - 1}:0]")
    parts += [f"stage_q[{32 * (window.lanes - 1) - 1}:0]"] if window.lanes > 1 else []
    return "{" + ", ".join(parts) + "}"


def _read_lane(window: Window, lane: int) -> str:
    """Verilog: 32 bits of a word, those beyond its end zero."""
    top = min(window.width, 32 * lane + 32)
    field = f"{window.name}_word[{top - 1}:{32 * lane}]"
    empty = 32 * lane + 32 - top
    return f"{{{empty}'d0, {field}}}" if empty else field


def _level_sum(plan: MvtuPlan) -> str:
    """Verilog: the number of bits that are set in `reached`."""
    pad = f"{plan.out_bits - 1}'d0"
    return " + ".join(f"{{{pad}, reached[{level}]}}" for level in range(plan.levels))


EXAMPLES = (
    {},
    {"mw": 16, "mh": 16, "pe": 1, "simd": 1},
    {"mw": 16, "mh": 16, "pe": 16, "simd": 16},
    {"mw": 20, "mh": 6, "pe": 3, "simd": 20, "storage": "lut"},
    {"mw": 24, "mh": 6, "pe": 2, "simd": 3, "out_bits": 0},
    {"mw": 27, "mh": 8, "pe": 4, "simd": 3, "in_bits": 8, "in_signed": True},
    {"mw": 20, "mh": 6, "pe": 6, "simd": 5, "out_bits": 2},
    {"mw": 20, "mh": 6, "pe": 6, "simd": 5, "out_bits": 2, "storage": "block", "in_bits": 4},
    {"mw": 40, "mh": 12, "pe": 3, "simd": 8, "out_bits": 0, "storage": "block", "in_bits": 3, "in_signed": True},
    {"mw": 36, "mh": 64, "pe": 1, "simd": 1, "storage": "block"},
    {"mw": 30, "mh": 8, "pe": 4, "simd": 10, "storage": "constant"},
    {"mw": 30, "mh": 8, "pe": 8, "simd": 10, "storage": "constant", "out_bits": 3, "in_bits": 2},
    {"mw": 64, "mh": 4, "pe": 2, "simd": 64, "storage": "constant"},
    {"mw": 48, "mh": 12, "pe": 3, "simd": 16, "storage": "lut", "reload": True},
    {"mw": 36, "mh": 64, "pe": 1, "simd": 1, "storage": "block", "reload": True, "out_bits": 2, "in_bits": 2},
    {"mw": 40, "mh": 8, "pe": 8, "simd": 40, "storage": "lut", "reload": True},
)
BENCHMARKS = (
    Benchmark("16x16, PE 1, SIMD 1", {"mw": 16, "mh": 16, "pe": 1, "simd": 1, "storage": "block"}, {}),
    Benchmark("256x256, PE 8, SIMD 32", {"mw": 256, "mh": 256, "pe": 8, "simd": 32, "storage": "block"}, {}),
    Benchmark("1024x1024, PE 16, SIMD 64", {"mw": 1024, "mh": 1024, "pe": 16, "simd": 64, "storage": "block"}, {}),
)

IP = Ip(
    name="mvtu",
    summary="matrix-vector-threshold unit for weights of -1 and +1",
    params=(
        name_param("finn_mvtu"),
        Param("mw", int, 64, "columns of the matrix: elements of an input vector", low=1, high=65536),
        Param("mh", int, 16, "rows of the matrix: elements of an output vector", low=1, high=65536),
        Param("pe", int, 4, "rows a cycle (processing elements); divides mh", low=1, high=4096),
        Param("simd", int, 16, "columns a cycle; divides mw", low=1, high=4096),
        Param("in_bits", int, 1, "bits of an input element; one bit means -1 or +1", low=1, high=8),
        Param("in_signed", bool, False, "input elements of several bits are signed"),
        Param("out_bits", int, 1, "bits of an output element, 0 for the accumulator itself", low=0, high=8),
        Param(
            "storage",
            str,
            "auto",
            "weights as logic, in LUTs, in block RAM, or in the cheapest of them",
            choices=("auto", "constant", "lut", "block"),
        ),
        Param("reload", bool, False, "weights and thresholds can be written and read through AXI-Lite"),
        Param("params", str, "", "file .npz with weights (-1, +1; [mh, mw]) and thresholds ([mh, 2^out_bits-1])"),
        Param("seed", int, 1, "seed of random weights and thresholds, where no file is given", low=0, high=2**31),
    ),
    plan=plan,
    emit=emit,
    examples=EXAMPLES,
    benchmarks=BENCHMARKS,
)
