# SPDX-License-Identifier: Apache-2.0
"""Matrix-vector-threshold unit: foldings, kinds of inputs and outputs, storages; the layers of trained networks."""

from pathlib import Path

import numpy as np
import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.cli import main
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.memory import BLOCK_BITS, cut
from finn_gen.ip.mvtu.plan import MvtuPlan, plan_unit
from finn_verif.ref.stream import to_words
from tests.lib import bnn_pynq, harness
from tests.lib.paths import GOLDEN, needs_golden

SHAPES = [
    # corners: PE = 1, SIMD = 1, PE = MH, SIMD = MW, one of everything
    {"mw": 1, "mh": 1, "pe": 1, "simd": 1},
    {"mw": 16, "mh": 16, "pe": 1, "simd": 1},
    {"mw": 12, "mh": 6, "pe": 6, "simd": 1},
    {"mw": 15, "mh": 7, "pe": 1, "simd": 15},
    {"mw": 33, "mh": 5, "pe": 5, "simd": 33},
    # sizes that are no power of two, and long and short folds
    {"mw": 36, "mh": 10, "pe": 2, "simd": 12},
    {"mw": 21, "mh": 9, "pe": 3, "simd": 7},
    {"mw": 64, "mh": 16, "pe": 4, "simd": 16},
    {"mw": 128, "mh": 4, "pe": 2, "simd": 64},
    {"mw": 4, "mh": 8, "pe": 1, "simd": 2},
    {"mw": 130, "mh": 4, "pe": 2, "simd": 65},
]
KINDS = [
    {"out_bits": 0},
    {"out_bits": 2},
    {"in_bits": 2},
    {"in_bits": 2, "in_signed": 1, "out_bits": 0},
    {"in_bits": 3, "out_bits": 3},
    {"in_bits": 4, "in_signed": 1, "out_bits": 2},
    {"in_bits": 8, "in_signed": 1},
    {"in_bits": 8, "out_bits": 0},
]
SEVERAL = [
    {"w_bits": 2, "w_narrow": 1},
    {"w_bits": 2, "in_bits": 2, "out_bits": 2},
    {"w_bits": 2, "w_narrow": 1, "in_bits": 2, "out_bits": 0, "bias_bits": 5},
    {"w_bits": 3, "in_bits": 4, "in_signed": 1, "out_bits": 4},
    {"w_bits": 4, "in_bits": 8, "out_bits": 0, "bias_bits": 7, "fraction": 3},
    {"w_bits": 4, "w_narrow": 1, "out_bits": 3},
    {"w_bits": 3, "in_bits": 2, "in_signed": 1},
    {"out_bits": 0, "bias_bits": 9, "fraction": 4},
]
COPIED = [
    # Of the weights' address, of rows and starts, of the accumulators' steps; the ladder's rows as well.
    {"mw": 32, "mh": 144, "pe": 16, "simd": 16, "storage": "lut"},
    {"mw": 24, "mh": 72, "pe": 8, "simd": 8, "storage": "lut", "in_bits": 2, "out_bits": 2},
    # Of starts alone, in the one pass over constants; of the ladder's rows, where the initial values are logic.
    {"mw": 60, "mh": 18, "pe": 18, "simd": 20, "storage": "constant"},
    {"mw": 8, "mh": 256, "pe": 8, "simd": 8, "storage": "lut", "in_bits": 3, "out_bits": 3},
    # Of the address of many block RAMs.
    {"mw": 64, "mh": 148, "pe": 74, "simd": 32, "storage": "block"},
    # Of the slot of the vector that is replayed: of two lanes, and beside many block RAMs.
    {"mw": 768, "mh": 4, "pe": 1, "simd": 256, "storage": "lut"},
    {"mw": 384, "mh": 16, "pe": 8, "simd": 96, "storage": "block"},
    # One word a vector.
    {"mw": 16, "mh": 272, "pe": 16, "simd": 16, "storage": "lut", "out_bits": 0, "bias_bits": 6},
]
PIXELS = [
    {"pixels": 2, "mw": 8, "mh": 4},
    {"pixels": 4, "mw": 27, "mh": 5, "in_bits": 8, "in_signed": 1},
    {"pixels": 8, "mw": 9, "mh": 3, "in_bits": 2, "out_bits": 2, "w_bits": 2, "w_narrow": 1},
    {"pixels": 2, "mw": 33, "mh": 7, "out_bits": 0, "bias_bits": 5, "storage": "lut"},
]
FOLDINGS = [{"pe": 2, "simd": 3}, {"pe": 6, "simd": 12}]
STORAGES = [("lut", 4), ("block", 4), ("constant", 12), ("lut", 12), ("block", 12)]
RELOADS = [
    {"mw": 48, "mh": 12, "pe": 3, "simd": 16, "storage": "lut"},
    {"mw": 36, "mh": 16, "pe": 2, "simd": 1, "storage": "block", "out_bits": 2, "in_bits": 2},
    {"mw": 40, "mh": 8, "pe": 8, "simd": 40, "storage": "lut"},
    {"mw": 18, "mh": 9, "pe": 3, "simd": 18, "storage": "lut", "out_bits": 0},
    {"mw": 18, "mh": 6, "pe": 6, "simd": 9, "storage": "block", "in_bits": 4, "in_signed": 1},
    {"mw": 16, "mh": 9, "pe": 3, "simd": 4, "storage": "lut", "w_bits": 2, "w_narrow": 1, "in_bits": 2, "out_bits": 2},
    {
        "mw": 10,
        "mh": 4,
        "pe": 2,
        "simd": 5,
        "storage": "block",
        "w_bits": 4,
        "out_bits": 0,
        "bias_bits": 5,
        "fraction": 2,
    },
]


# The cells of the compressor tree in place of the sum that simulates fast.
CELLS = ("-DFINN_CELLS",)


@pytest.mark.parametrize("form", [(), CELLS], ids=["sum", "cells"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_computes(simulate_ip, shape: dict, form: tuple[str, ...]) -> None:
    simulate_ip("mvtu", "icarus", build_args=form, **shape)


@pytest.mark.parametrize("shape", COPIED, ids=str)
def test_units_with_copies_of_registers_compute(simulate_ip, shape: dict) -> None:
    assert "finn_copies" in ip.get("mvtu").build(shape).modules
    simulate_ip("mvtu", "icarus", **shape)


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
@pytest.mark.parametrize("shape", PIXELS, ids=str)
def test_several_vectors_a_word_compute_side_by_side(simulate_ip, shape: dict, sim: str) -> None:
    simulate_ip("mvtu", sim, pe=shape["mh"], simd=shape["mw"], **shape)


@pytest.mark.parametrize("shape", PIXELS, ids=str)
def test_copies_take_what_one_takes_each(shape: dict) -> None:
    one = {"pe": shape["mh"], "simd": shape["mw"], **shape, "pixels": 1}
    copies, unit = (ip.get("mvtu").build(each) for each in (one | shape, one))
    assert ip.estimate(copies) == ip.estimate(unit) * shape["pixels"]
    assert (copies.latency, copies.interval) == (unit.latency, unit.interval)


@pytest.mark.parametrize("folding", FOLDINGS, ids=str)
@pytest.mark.parametrize("kind", [*KINDS, *SEVERAL], ids=str)
def test_every_kind_of_input_and_output_computes(simulate_ip, kind: dict, folding: dict) -> None:
    simulate_ip("mvtu", "icarus", mw=12, mh=6, **kind, **folding)


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
@pytest.mark.parametrize("shape", RELOADS, ids=str)
def test_weights_and_thresholds_reload(simulate_ip, shape: dict, sim: str) -> None:
    simulate_ip("mvtu", sim, bench="tests.ip.mvtu.tb_mvtu_reload", reload=1, **shape)


@pytest.mark.parametrize(
    ("shape", "storage"),
    [
        ({"mw": 64, "mh": 8, "pe": 8, "simd": 8}, "constant"),
        ({"mw": 64, "mh": 8, "pe": 8, "simd": 8, "reload": 1}, "lut"),
        # For one RAMB18: 112 LUTs, 336, 144 and, where they are a RAM and no ROM, 228.
        ({"mw": 512, "mh": 10, "pe": 1, "simd": 4}, "lut"),
        ({"mw": 256, "mh": 64, "pe": 1, "simd": 16}, "block"),
        ({"mw": 144, "mh": 64, "pe": 1, "simd": 36}, "lut"),
        ({"mw": 144, "mh": 64, "pe": 1, "simd": 36, "reload": 1}, "block"),
    ],
    ids=str,
)
def test_auto_takes_the_cheapest_storage(shape: dict, storage: str) -> None:
    assert ip.get("mvtu").build(shape).weights.storage == storage


@pytest.mark.parametrize(("storage", "simd"), STORAGES)
def test_every_storage_gives_the_same_results(simulate_ip, storage: str, simd: int) -> None:
    simulate_ip("mvtu", "icarus", mw=24, mh=8, pe=2, simd=simd, storage=storage)


@pytest.mark.parametrize("storage", ["constant", "lut", "block"])
@pytest.mark.parametrize("kind", SEVERAL, ids=str)
def test_weights_of_several_bits_give_the_same_results_by_cells_in_every_storage(
    simulate_ip, kind: dict, storage: str
) -> None:
    simulate_ip("mvtu", "icarus", build_args=CELLS, mw=10, mh=8, pe=4, simd=5, storage=storage, **kind)


@pytest.mark.parametrize(
    ("kind", "form"),
    [(KINDS[3], ()), (KINDS[5], CELLS), (SEVERAL[1], ()), (SEVERAL[3], CELLS), (SEVERAL[4], ())],
    ids=str,
)
def test_units_compute_on_verilator(simulate_ip, kind: dict, form: tuple[str, ...]) -> None:
    simulate_ip("mvtu", "verilator", build_args=form, mw=36, mh=10, pe=2, simd=12, **kind)


@pytest.mark.parametrize("storage", ["constant", "lut", "block"])
@pytest.mark.parametrize("columns", [1, 2, 3, 7, 15])
def test_thresholds_that_no_sum_reaches_are_never_reached(simulate_ip, tmp_path, columns: int, storage: str) -> None:
    """A number of columns that is a power of two less one fills the sum's bits, and the threshold lies one above."""
    thresholds = [[1, columns, columns + 1], [-5, 0, 2**31 - 1], [columns + 1] * 3, [-(2**31)] * 3]
    np.savez(tmp_path / "p.npz", weights=np.ones((4, columns), np.int8), thresholds=np.array(thresholds))
    shape = {"mw": columns, "mh": 4, "pe": 2, "simd": columns, "out_bits": 2}
    simulate_ip("mvtu", "icarus", **shape, storage=storage, params=str(tmp_path / "p.npz"))


@pytest.mark.parametrize("columns", [0, 1, 8])
def test_an_accumulator_has_the_bits_that_its_weights_can_use(simulate_ip, tmp_path, columns: int) -> None:
    """Weights of 0 add nothing: the sums of 8 columns reach as far as the others, down to 0 alone."""
    weights = np.zeros((4, 8), np.int8)
    weights[:, :columns] = -1
    thresholds = np.array([[-columns, 0, columns + 1], [0, 0, 1], [-columns - 1, -columns, -columns], [-9, 9, 9]])
    np.savez(tmp_path / "p.npz", weights=weights, thresholds=thresholds)
    kind = {"mw": 8, "mh": 4, "pe": 2, "simd": 4, "w_bits": 2, "w_narrow": 1, "in_bits": 2, "out_bits": 2}
    kind |= {"storage": "lut", "params": str(tmp_path / "p.npz")}
    for reload, width in ((0, (3 * columns + 1).bit_length() + 1), (1, 6)):
        assert ip.get("mvtu").build({**kind, "reload": reload}).accumulator.width == width
    simulate_ip("mvtu", "icarus", build_args=CELLS, **kind)
    np.savez(tmp_path / "p.npz", weights=weights, thresholds=thresholds[:, 1:2])
    simulate_ip("mvtu", "icarus", build_args=CELLS, **{**kind, "out_bits": 1})


SMALL = {"mw": 6, "mh": 4, "pe": 2, "simd": 3}
WEIGHTS = np.ones((4, 6), dtype=np.int8)
ZERO = WEIGHTS.copy()
ZERO[1, 2] = 0
WRONG = [
    ({"pe": 3}, {}, "pe=3 does not divide mh=4; legal are 1, 2, 4"),
    ({"simd": 4}, {}, "simd=4 does not divide mw=6; legal are 1, 2, 3, 6"),
    ({"in_signed": True}, {}, "in_signed=1 with in_bits=1"),
    ({"pixels": 3, "pe": 4, "simd": 6}, {}, "pixels=3: legal are 1, 2, 4, 8"),
    ({"pixels": 2, "pe": 4}, {}, "pixels=2 with pe=4, simd=3: several vectors a word are computed with all rows and"),
    ({"pixels": 2, "simd": 6}, {}, "pixels=2 with pe=2, simd=6: several vectors a word are computed with all rows and"),
    ({"pixels": 2, "pe": 4, "simd": 6, "reload": True}, {}, "pixels=2 with reload=1: copies cannot be written"),
    (
        {"storage": "constant", "pe": 1, "simd": 1},
        {},
        "storage=constant with mh/pe * mw/simd = 24: constants have at most 8",
    ),
    ({"storage": "constant", "reload": True}, {}, "reload=1 with storage=constant: take lut, block or auto"),
    ({}, {"weights": WEIGHTS.T}, r"weights of shape (6, 4): it must be (mh, mw) = (4, 6)"),
    ({}, {"weights": ZERO}, "weights[1, 2]=0: legal are -1 and +1"),
    ({}, {"thresholds": np.zeros((4, 2), int)}, "thresholds of shape (4, 2): it must be (mh, 2^out_bits - 1) = (4, 1)"),
    ({}, {"thresholds": np.zeros((4, 1))}, "thresholds are float64: they must be whole numbers"),
    ({"out_bits": 2}, {"thresholds": np.array([[1, 3, 2]] * 4)}, "thresholds[0, 1:3]=3, 2: a row must not descend"),
]


@pytest.mark.parametrize(("settings", "arrays", "message"), WRONG, ids=[message for _, _, message in WRONG])
def test_wrong_input_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture, settings: dict, arrays: dict, message: str
) -> None:
    values = SMALL | {"name": "layer_7"} | settings
    if arrays:
        levels = (1 << values.get("out_bits", 1)) - 1
        whole = {"weights": WEIGHTS, "thresholds": np.zeros((4, levels), int)} | arrays
        np.savez(tmp_path / "params.npz", **whole)
        values["params"] = str(tmp_path / "params.npz")
    output = tmp_path / "out"
    words = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    assert main(["ip", "mvtu", *words, "-o", str(output)]) == 2
    error = capsys.readouterr().err
    assert message in error and "layer_7" in error
    assert not output.exists()


@pytest.mark.parametrize("content", [b"", b"PK no archive", np.zeros(2).tobytes()])
def test_parameter_file_that_is_no_archive_of_arrays_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "params.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"it must be an \.npz file of plain arrays"):
        ip.get("mvtu").build({"params": str(tmp_path / "params.npz")})


def test_pickled_arrays_are_not_executed(tmp_path: Path) -> None:
    np.savez(tmp_path / "params.npz", weights=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="plain arrays"):
        ip.get("mvtu").build({"params": str(tmp_path / "params.npz")})


def test_thresholds_beyond_the_range_are_legal() -> None:
    values = ip.get("mvtu").check(SMALL)
    far = plan_unit(values, WEIGHTS, np.array([[-1000], [1000], [0], [7]]))
    near = plan_unit(values, WEIGHTS, np.array([[0], [7], [0], [7]]))
    assert far.thresholds.initial == near.thresholds.initial


def stream(plan: MvtuPlan, folder: Path, inputs: np.ndarray, outputs: np.ndarray) -> None:
    """Run vectors [N, MW] through the unit on Icarus, without Python in the loop; outputs [N, MH] must come out, a
    vector every interval."""
    files = of_core(plan).folder(plain=True)
    write_tree(folder, files)
    core = harness.Core(
        plan.module,
        [folder / name for name in files if name.endswith(".v")],
        plan.ports.in_tdata_width,
        plan.ports.out_tdata_width,
    )
    words = [word for vector in inputs for word in to_words(vector, plan.params.simd, plan.params.in_bits)]
    results = [word for vector in outputs for word in to_words(vector, plan.params.pe, plan.result_width)]
    built = harness.build(core, folder, "icarus", max(len(words), len(results)))
    built.check(words, results, interval=len(inputs) * plan.interval - plan.fold.sf)


def patches(image: np.ndarray, kernel: int) -> np.ndarray:
    """The windows of an image [H, W, C] as vectors, ordered (ky, kx, channel)."""
    height, width, _ = image.shape
    rows, columns = range(height - kernel + 1), range(width - kernel + 1)
    return np.array([image[y : y + kernel, x : x + kernel].ravel() for y in rows for x in columns])


# Layer of cnvW1A1: name of its input, kernel, PE, SIMD of BNN-PYNQ (FINN's facts), as its parameter files are cut.
CNV_LAYERS = [
    ("in_q1p7", 3, 16, 3), ("L0", 3, 32, 32), ("P1", 3, 16, 32), ("L2", 3, 16, 32), ("P3", 3, 4, 32),
    ("L4", 3, 1, 32), ("L5", 1, 1, 4), ("L6", 1, 1, 8), ("L7", 1, 4, 1),
]  # fmt: skip
LFC_FOLDINGS = [(32, 64), (64, 32), (32, 64), (16, 8)]
MOST_SYNAPSES = 3_000_000  # that are simulated for a layer: Icarus does about as many a second


def check_layer(folder: Path, values: dict, parameters: tuple, inputs: np.ndarray, outputs: np.ndarray) -> None:
    """A layer with its trained parameters turns the golden inputs into the golden outputs, at the planned rate."""
    weights, thresholds = parameters
    mh, mw = weights.shape
    arrays = {"weights": weights.astype(np.int8) * 2 - 1}
    if thresholds is not None:
        arrays["thresholds"] = thresholds
    np.savez(folder / "params.npz", **arrays)
    plan = ip.get("mvtu").build(values | {"mw": mw, "mh": mh, "params": str(folder / "params.npz")})
    # A plane of inputs of several bits costs Icarus as much as a whole input of one bit, and more for the sum.
    most = max(1, MOST_SYNAPSES // (mw * mh * plan.params.in_bits**2))
    chosen = np.random.default_rng(1).permutation(len(inputs))[:most]
    stream(plan, folder, inputs[chosen], outputs[chosen])


@needs_golden
@pytest.mark.parametrize(
    "layer", [pytest.param(layer, marks=pytest.mark.lengthy) if layer == 2 else layer for layer in range(9)]
)
def test_layers_of_cnv_reproduce_the_golden_outputs(tmp_path: Path, layer: int) -> None:
    golden = np.load(GOLDEN / "cnvW1A1_deer_bin_layers.npz")
    weights, thresholds = bnn_pynq.cnv(GOLDEN / "cnvW1A1_cifar10")[layer]
    name, kernel, pe, simd = CNV_LAYERS[layer]
    image = golden[name]
    inputs = patches(image.reshape(1, 1, -1) if kernel == 1 else image, kernel)
    outputs = golden[f"L{layer}"].reshape(len(inputs), -1)
    values = {"pe": pe, "simd": simd, "out_bits": int(thresholds is not None)}
    if layer == 0:
        values |= {"in_bits": 8, "in_signed": 1}
    check_layer(tmp_path, values, (weights, thresholds), inputs, outputs)


@needs_golden
@pytest.mark.parametrize("out_bits", [0, 1])
@pytest.mark.parametrize("layer", range(4))
def test_layers_of_lfc_reproduce_the_golden_outputs(tmp_path: Path, layer: int, out_bits: int) -> None:
    golden = np.load(GOLDEN / "lfcW1A1_mnist3_layers.npz")
    weights, thresholds = bnn_pynq.lfc(GOLDEN / "lfcW1A1_mnist")[layer]
    pe, simd = LFC_FOLDINGS[layer]
    inputs = golden["in832" if layer == 0 else f"act{layer - 1}"][None]
    outputs = golden[f"act{layer}" if out_bits else f"pop{layer}"][None]
    values = {"pe": pe, "simd": simd, "out_bits": out_bits}
    check_layer(tmp_path, values, (weights, thresholds if out_bits else None), inputs, outputs)


def test_memories_of_cnv_fill_their_blocks() -> None:
    shapes = [(2304, 128), (18432, 32), (32768, 4), (32768, 8)]  # depth and width of layers 4 to 7
    held = sum(depth * width for depth, width in shapes)
    blocks = sum(piece.blocks for depth, width in shapes for piece in cut(width, depth))
    assert held / (blocks * BLOCK_BITS) >= 0.8


@pytest.mark.parametrize(
    ("simd", "in_bits", "out_bits"), [(1024, 1, 1), (256, 1, 2), (128, 8, 1), (64, 8, 2), (48, 8, 0), (960, 1, 1)]
)
def test_wide_words_are_summed_within_the_latency_that_is_promised(simd: int, in_bits: int, out_bits: int) -> None:
    """As far as `finn_gen.folding` goes; beyond, a sentence says that the sum takes too long."""
    signed = in_bits > 1
    values = {"mw": 2 * simd, "mh": 4, "pe": 2, "simd": simd, "in_bits": in_bits, "in_signed": signed}
    plan = ip.get("mvtu").build({**values, "out_bits": out_bits, "storage": "block"})
    assert plan.latency <= plan.fold.sf + 8


def test_a_word_that_is_too_wide_to_be_summed_in_time_is_refused() -> None:
    with pytest.raises(InputError, match="simd=2048: the sum takes 5 stages, 4 are possible"):
        ip.get("mvtu").build({"mw": 4096, "mh": 4, "pe": 2, "simd": 2048, "storage": "block"})
