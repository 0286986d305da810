# SPDX-License-Identifier: Apache-2.0
"""Networks as input: the YAML, the parameter file, BNN-PYNQ's folders. All of it is untrusted."""

from __future__ import annotations

import gzip
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finn_gen import layers
from finn_gen.base import yaml_file
from finn_gen.base.errors import InputError
from finn_gen.formats import bnn_pynq, description, params_npz
from finn_gen.formats.bnn_pynq import Expected
from finn_gen.formats.params_npz import Matrix
from finn_gen.network import model
from finn_sim import reference
from finn_verif.ref import layers as ref
from tests.lib.paths import DATA, GOLDEN, ROOT, needs_golden

GOOD = """\
format: 1
name: tiny
input: {height: 6, width: 5, channels: 2, encoding: q1.7}
parameters: tiny.npz
layers:
  - {kind: pad, padding: 1}
  - {kind: conv, channels: 4, kernel: 3}
  - {kind: pool, kernel: 2}
  - {kind: dense, units: 3, name: last}
  - {kind: label}
"""


def tiny_matrices() -> tuple[Matrix, ...]:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 2, (4, 18), np.uint8)
    last = rng.integers(0, 2, (3, 3 * 2 * 4), np.uint8)
    return Matrix(first, np.sort(rng.integers(-90, 90, (4, 1)))), Matrix(last, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.npz").write_bytes(params_npz.to_bytes(tiny_matrices()))
    return tmp_path


def load(folder: Path, text: str) -> model.Network:
    path = folder / "tiny.yaml"
    path.write_text(text)
    return description.load(path)


def test_a_network_is_read_with_the_shapes_of_every_layer(folder):
    network = load(folder, GOOD)
    assert [layer.kind for layer in network.layers] == ["pad", "conv", "pool", "dense", "label"]
    assert [str(layer.result) for layer in network.layers] == [
        "8x7x2 of 8 bits",
        "6x5x4 of 1 bit",
        "3x2x4 of 1 bit",
        "1x1x3 of 5 bits",
        "1x1x1 of 2 bits",
    ]
    assert network.scores.name == "last"
    conv = network.layers[1]
    assert conv.synapses == 6 * 5 * 4 * 18
    weights, thresholds = tiny_matrices()[0].weights, tiny_matrices()[0].thresholds
    assert (conv.matrix.weights == 2 * weights.astype(int) - 1).all()
    assert (conv.matrix.thresholds == thresholds).all()


BITS = GOOD.replace("kernel: 3}", "kernel: 3, weight_bits: 1, bits: 1}").replace(
    "units: 3,", "units: 3, weight_bits: 3,"
)
"""What the parameters fit: weights may have fewer bits."""


def test_bits_that_a_description_asks_for_are_kept(folder):
    network = load(folder, BITS)
    conv, dense = (layer for layer in network.layers if layer.matrix)
    assert (conv.weight_bits, conv.result_bits, dense.weight_bits, dense.result_bits) == (1, 1, 3, None)
    written = yaml_file.yaml.safe_load(description.to_files(network)[description.NETWORK_FILE])["layers"]
    assert written[1] == {"kind": "conv", "name": "l1_conv", "channels": 4, "kernel": [3, 3], "stride": [1, 1],
                          "weight_bits": 1, "bits": 1}  # fmt: skip
    assert [layer.result for layer in network.layers] == [layer.result for layer in load(folder, GOOD).layers]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", bits: 1}", ", bits: 2}", r"layers\[1\]: bits: 2; it must be 1, as the parameters hold 1 thresholds a row"),
        (", bits: 1}", ", bits: 5}", r"layers\[1\]: bits: 5; it must be a whole number from 1 to 4"),
        ("weight_bits: 3", "weight_bits: 0", r"layers\[3\]: weight_bits: 0; it must be a whole number from 1 to 4"),
        (
            "weight_bits: 3",
            "bits: 3",
            r"layers\[3\]: bits: 3; it must be left out: the outputs of this layer are scores",
        ),
        ("kernel: 2}", "kernel: 2, bits: 1}", "unknown field 'bits'"),
    ],
)
def test_bits_that_the_parameters_have_not_are_refused(folder, old, new, message):
    assert BITS.count(old) == 1
    with pytest.raises(InputError, match=message):
        load(folder, BITS.replace(old, new))


def test_weights_of_more_bits_than_asked_for_are_refused(folder):
    first, last = tiny_matrices()
    wide = Matrix(first.numbers * 3, first.thresholds)
    (folder / "tiny.npz").write_bytes(params_npz.to_bytes((wide, last)))
    load(folder, BITS.replace("weight_bits: 1,", "weight_bits: 3,"))
    with pytest.raises(
        InputError, match=r"weight_bits: 1; it must be 3, as the parameters hold weights -3 to 3, or more"
    ):
        load(folder, BITS)


def test_a_description_without_parameters_takes_those_that_are_given(folder):
    text = GOOD.replace("parameters: tiny.npz\n", "")
    with pytest.raises(InputError, match=r"parameters: missing; it must be the path of an \.npz file"):
        load(folder, text)
    assert description.load(folder / "tiny.yaml", folder / "tiny.npz").scores.name == "last"


def test_classes_name_the_scores(folder):
    assert load(folder, GOOD).classes == ()
    assert load(folder, GOOD + "classes: [a, to go, '7']\n").classes == ("a", "to go", "7")


@pytest.mark.parametrize(
    "classes",
    [
        "abc",
        "[a, b]",
        "[a, b, c, d]",
        "[a, b, b]",
        "[a, b, 7]",
        "[a, b, '']",
        r'[a, b, "c\e[31m"]',
        f"[a, b, {'c' * 65}]",
    ],
)
def test_classes_that_are_not_a_printable_name_each_are_refused(classes, folder):
    with pytest.raises(InputError, match=r"tiny\.yaml: classes: .* it must be a list of 3 different names"):
        load(folder, GOOD + f"classes: {classes}\n")


@pytest.mark.parametrize(("encoding", "shape"), [("uint3", "3 bits"), ("int8", "8 bits"), ("uint8", "8 bits")])
def test_numbers_of_few_bits_are_an_input(encoding, shape, folder):
    network = load(folder, GOOD.replace("q1.7", encoding))
    assert str(network.source) == f"6x5x2 of {shape}"
    assert network.source.signed == encoding.startswith("int")
    assert (network.layers[0].source.bits, network.layers[0].source.signed) == (
        network.source.bits,
        "u" not in encoding,
    )


def test_a_folder_of_bnn_pynq_goes_with_its_own_encodings_alone(folder):
    (folder / "tiny.yaml").write_text(GOOD.replace("q1.7", "uint8"))
    with pytest.raises(InputError, match=r"encoding: 'uint8'; with a folder of BNN-PYNQ it must be one of bits, thres"):
        description.load(folder / "tiny.yaml", folder)


def test_raw_scores_of_wide_inputs_are_signed_and_wide_enough(tmp_path):
    (tmp_path / "tiny.npz").write_bytes(params_npz.to_bytes((Matrix(np.ones((3, 4), np.uint8), None),)))
    text = "format: 1\nname: t\ninput: {channels: 4, encoding: q1.7}\nparameters: tiny.npz\n"
    text += "layers: [{kind: dense, units: 3}]"
    result = load(tmp_path, text).layers[0].result
    # Four times -128 or +128 is the extreme.
    assert result.signed
    assert result.bits == 11


BAD = [
    ("format: 1", "format: 2", "format: 2; it must be a whole number from 1 to 1"),
    ("name: tiny", "name: ../evil", "'../evil'"),
    ("name: tiny", "name: module", "keyword"),
    ("name: tiny", "", "name: missing"),
    ("name: tiny", "name: tiny\nname: tiny", "occurs twice"),
    ("name: tiny", "nam: tiny", "name: missing"),
    ("name: tiny", "name: tiny\nlayer: 3", "unknown field 'layer'; did you mean layers?"),
    ("encoding: q1.7", "encoding: q1.8", "encoding: 'q1.8'; it must be one of bits, threshold, q1.7"),
    ("encoding: q1.7", "encoding: uint9", "encoding: 'uint9'; it must be one of bits, threshold, q1.7, uint2, uint3"),
    ("height: 6", "height: 0", "height: 0; it must be a whole number from 1 to 4096"),
    ("height: 6", "height: true", "height: True"),
    ("height: 6", "height: 1e3", "height: "),
    ("parameters: tiny.npz", "parameters: none.npz", "none.npz: cannot be read"),
    ("parameters: tiny.npz", "parameters: 3", "parameters: 3; it must be the path"),
    ("kind: conv", "kind: convolution", f"kind: 'convolution'; it must be one of {', '.join(layers.NAMES)}"),
    ("channels: 4,", "", "layers[1]: channels: missing"),
    ("channels: 4,", "channels: 5,", "layers[1]: the parameters hold 4x18 weights; this layer has 5x18"),
    ("kernel: 3}", "kernel: 9}", "kernel: 9x9; it must fit the image of 8x7"),
    ("kernel: 3}", "kernel: [3, 3, 3]}", "a list of 2 of them"),
    ("kernel: 3}", "kernel: 3, stride: 0}", "stride: 0; it must be a whole number from 1 to 64"),
    ("kernel: 3}", "kernel: 3, strid: 1}", "did you mean stride?"),
    ("kernel: 3}", "kernel: 3, dilation: 0}", "dilation: 0; it must be a whole number from 1 to 64"),
    ("kernel: 3}", "kernel: 3, dilation: [3, 4]}", "3x3 with dilation 3x4 spans 7x9; it must fit the image of 8x7"),
    ("kernel: 3}", "kernel: 3, groups: 2}", "layers[1]: groups: not supported: an output channel sums over all"),
    (
        "kernel: 3}",
        "kernel: 3, padding: same}",
        "padding: not supported: this layer adds none; put a layer of kind pad",
    ),
    ("kernel: 2}", "kernel: 2, ceil_mode: true}", "layers[2]: ceil_mode: not supported: sizes are rounded down"),
    ("kernel: 2}", "kernel: 2, dilation: 2}", "layers[2]: dilation: not supported: a conv layer alone has it"),
    ("padding: 1", "padding: same", "padding: 'same'; it must be a whole number from 0 to 64, or a list of 4 of them"),
    ("padding: 1", "padding: 1, value: 128", "value: 128; it must be a whole number from -128 to 127"),
    ("name: last", "name: l2_pool", "a name of its own"),
    ("name: last", "name: [1]", "letter"),
    ("  - {kind: label}", "  - {kind: label}\n  - {kind: label}", "nothing can follow a label layer"),
    ("  - {kind: label}", "  - {kind: pool, kernel: 1}", "raw scores, which only a label layer takes"),
    ("  - {kind: dense, units: 3, name: last}\n  - {kind: label}", "", "1 more layers than conv and dense layers"),
    ("  - {kind: label}", "  - label", "must be a mapping of fields, not 'label'"),
    ("layers:", "layers: &a [*a]\nmore:", "aliases are not allowed"),
    ("format: 1", "format: !!python/object/apply:os.system [true]", "not a YAML file that can be used"),
    ("format: 1", "format: [", "not a YAML file that can be used"),
    ("format: 1", "- 1", "not a YAML file"),
]


@pytest.mark.parametrize(("old", "new", "words"), BAD)
def test_a_wrong_description_is_refused_with_file_field_and_rule(old, new, words, folder):
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        load(folder, GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert words in message
    assert str(folder) in message
    assert message.count("\n") <= 1
    assert len(message) < 400 + len(str(folder))


def test_a_file_that_is_no_text_is_refused(folder):
    (folder / "tiny.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="not a YAML file"):
        description.load(folder / "tiny.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        description.load(folder / "other.yaml")
    (folder / "tiny.yaml").write_bytes(b"a" * (yaml_file.MAX_YAML_BYTES + 1))
    with pytest.raises(InputError, match="larger than"):
        description.load(folder / "tiny.yaml")


FUZZ = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(data=st.data())
def test_any_damage_to_a_description_gives_a_network_or_an_input_error(data, folder):
    text = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        text[start:end] = data.draw(st.binary(max_size=6) | st.sampled_from([b"-1", b"[", b"{", b"&a", b"1e99", b": "]))
    (folder / "tiny.yaml").write_bytes(bytes(text))
    try:
        description.load(folder / "tiny.yaml")
    except InputError as error:
        assert str(error).count("\n") <= 1


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner))


@FUZZ
@given(item=st.dictionaries(st.sampled_from(["kind", "kernel", "channels", "name", "stride", "dilation"]), nested))
def test_any_layer_gives_a_network_or_an_input_error(item):
    source = model.Shape(6, 5, 2)
    try:
        description.chain("file", source, [item], tiny_matrices())
    except InputError as error:
        assert str(error).startswith("file: ")


def write_folder(
    folder: Path,
    weights: np.ndarray,
    thresholds: np.ndarray | None,
    pe: int,
    simd: int,
    *,
    layer: int = 0,
    bits: int = 1,
):
    """A BNN-PYNQ folder of one more layer, folded without a rest.

    Weights [rows, cols] are bits, or of two bits numbers; thresholds are [rows] or [rows, 2].
    """
    rows, cols = weights.shape
    lanes = np.arange(0, simd * bits, bits, dtype=np.uint64)
    codes = (weights & (1 << bits) - 1).astype(np.uint64)
    words = (codes.reshape(rows // pe, pe, cols // simd, simd) << lanes).sum(3, dtype=np.uint64)
    for p in range(pe):
        words[:, p].astype("<u8").tofile(folder / f"{layer}-{p}-weights.bin")
        if thresholds is not None:
            thresholds.reshape(rows // pe, pe, -1)[:, p].astype("<i8").tofile(folder / f"{layer}-{p}-thres.bin")


@pytest.mark.parametrize(("pe", "simd"), [(1, 1), (4, 3), (2, 12), (8, 6)])
def test_a_bnn_pynq_folder_gives_its_rows_and_columns_back(pe, simd, tmp_path):
    rng = np.random.default_rng(pe)
    weights, strict = rng.integers(0, 2, (8, 12)), rng.integers(-5, 12, 8)
    weights[0, simd - 1] = 1  # the highest lane is in use
    write_folder(tmp_path, weights, strict, pe, simd)
    (matrix,) = bnn_pynq.load(tmp_path, [Expected(8, 12)])
    assert (matrix.weights == weights).all()
    assert (matrix.thresholds[:, 0] == strict + 1).all()
    # acc > t/2 for integers
    (matrix,) = bnn_pynq.load(tmp_path, [Expected(8, 12, fraction_bits=1)])
    for acc in range(-8, 16):
        assert ((matrix.thresholds[:, 0] <= acc) == (2 * acc > strict)).all()


FOLDED = ((12, 20, 4, 8), (16, 12, 2, 6), (8, 16, 4, 4))
"""Rows and columns of three layers as a folder has them, PE and SIMD; 15 of the first one's columns and 5 of the last
one's rows are the network's."""


def bnn_pynq_sums(x: np.ndarray, layers: list, first_bits: int) -> np.ndarray:
    """The sums of the last layer as BNN-PYNQ's own hardware has them: outputs of -1, 0 and +1, padding of -1."""
    for layer, (numbers, strict) in enumerate(layers):
        padding = np.full((len(x), numbers.shape[1] - x.shape[1]), -1 if first_bits == 1 else 0)
        sums = np.hstack([x, padding]) @ numbers.T
        if layer == len(layers) - 1:
            return sums
        shift = 1 if first_bits > 1 and layer == 0 else 0
        x = (strict.T[:, None] < sums << shift).sum(axis=0) - 1
    raise AssertionError


@pytest.mark.parametrize("last_compares", [False, True])
@pytest.mark.parametrize("encoding", ["bits", "q1.7"])
@pytest.mark.parametrize("bits", [1, 2])
def test_folders_with_outputs_of_two_bits_give_the_sums_of_their_own_arithmetic(
    tmp_path: Path, bits: int, encoding: str, last_compares: bool
) -> None:
    rng = np.random.default_rng(bits)
    given = []
    for layer, (rows, cols, pe, simd) in enumerate(FOLDED):
        kept_rows, kept_cols = (5 if layer == 2 else rows), (15 if layer == 0 else cols)
        padded = -(-kept_cols // simd) * simd
        numbers = np.full((rows, padded), 1 if bits == 1 else 0)
        numbers[:kept_rows, :kept_cols] = rng.choice((-1, 1) if bits == 1 else (-1, 0, 1), (kept_rows, kept_cols))
        numbers[0, simd - 1] = 1  # the highest lane is in use
        spread = 300 if layer == 0 and encoding == "q1.7" else 5
        strict = np.sort(rng.integers(-spread, spread, (rows, 2)), axis=1)
        strict[kept_rows:] = 32767
        compares = layer < 2 or last_compares
        written = strict[:, :1] if layer == 2 else strict
        codes = (numbers + 1) // 2 if bits == 1 else numbers
        write_folder(tmp_path, codes, written if compares else None, pe, simd, layer=layer, bits=bits)
        given.append((numbers, strict))
    text = (
        f"format: 1\nname: t\ninput: {{channels: 15, encoding: {encoding}}}\nparameters: none.npz\nlayers:\n"
        "  - {kind: dense, units: 12}\n  - {kind: dense, units: 16}\n  - {kind: dense, units: 5}\n  - {kind: label}\n"
    )
    (tmp_path / "net.yaml").write_text(text)
    network = description.load(tmp_path / "net.yaml", tmp_path)
    assert [layer.result.bits for layer in network.layers[:2]] == [2, 2]
    images = rng.integers(0, 256, (200, 1, 1, 15), np.uint8)
    x = ref.ENCODINGS[encoding](images).reshape(200, 15)
    first_bits = network.layers[0].source.bits
    expected = bnn_pynq_sums(2 * x - 1 if first_bits == 1 else x, given, first_bits)[:, :5]
    assert np.array_equal(reference.scores(network, images), expected)
    assert any("rows 5 to 7 are filler" in note for note in network.notes)


@needs_golden
def test_lfc_of_two_bits_gives_the_golden_sums() -> None:
    network = description.load(ROOT / "accel" / "lfc" / "lfc.yaml", GOLDEN / "lfcW1A2_mnist")
    golden = np.load(GOLDEN / "lfcW1A2_mnist_t10k.npz")["sums"]
    raw = gzip.decompress((DATA / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28, 1)[:200]
    assert np.array_equal(reference.scores(network, images), golden[: len(images)])


def test_padding_of_a_bnn_pynq_folder_is_cut_and_must_add_nothing(tmp_path):
    weights = np.ones((8, 12), int)
    weights[:5, :10] = np.random.default_rng(3).integers(0, 2, (5, 10))
    write_folder(tmp_path, weights, None, 4, 6)
    (matrix,) = bnn_pynq.load(tmp_path, [Expected(5, 10)])
    assert (matrix.weights == weights[:5, :10]).all()
    weights[2, 11] = 0
    write_folder(tmp_path, weights, None, 4, 6)
    with pytest.raises(InputError, match="columns from 10 on must be padding of ones"):
        bnn_pynq.load(tmp_path, [Expected(5, 10)])


@pytest.mark.parametrize(
    ("strict", "fraction_bits", "filler", "words"),
    [
        (None, 0, 1, "rows 5 to 7 are filler that can never win (weights of +1 alone), and left out"),
        (None, 0, 0, "row 6 is no filler that can never win (weights of +1 alone)"),
        (12, 0, 0, "rows 5 to 7 are filler that can never win (a threshold above every sum), and left out"),
        (11, 0, 1, "row 6 is no filler that can never win (a threshold above every sum)"),
        (12 << 8, 1, 0, "rows 5 to 7 are filler"),
        ((12 << 8) - 1, 1, 0, "row 6 is no filler"),
    ],
)
def test_rows_beyond_the_networks_are_filler_or_an_error(
    strict: int | None, fraction_bits: int, filler: int, words: str, tmp_path: Path
) -> None:
    weights, thresholds = np.ones((8, 12), int), None
    weights[:5] = np.random.default_rng(3).integers(0, 2, (5, 12))
    weights[6, 3] = filler  # the only one that may mean something
    if strict is not None:
        thresholds = np.full(8, 32767)
        thresholds[:5], thresholds[6] = 4, strict
    write_folder(tmp_path, weights, thresholds, 4, 6)
    notes: list[str] = []
    for raw in (False, True):
        wanted = [Expected(5, 12, fraction_bits, raw)]
        if "no filler" in words:
            with pytest.raises(InputError) as caught:
                bnn_pynq.load(tmp_path, wanted)
            assert f"{tmp_path}: layer 0 has 8 rows, the network 5, and {words}" in str(caught.value)
        else:
            (matrix,) = bnn_pynq.load(tmp_path, wanted, notes)
            assert (matrix.weights == weights[:5]).all()
            assert words in notes[-1]


@pytest.fixture
def digits(tmp_path: Path) -> tuple[Path, Path]:
    """A network of three classes, and a folder of BNN-PYNQ with four rows, the last one filler."""
    (tmp_path / "net.yaml").write_text(
        "{format: 1, name: net, input: {channels: 12, encoding: bits}, parameters: none.npz, classes: [deer, dog, cat],"
        " layers: [{kind: dense, units: 3}, {kind: label}]}"
    )
    weights = np.ones((4, 12), int)
    weights[:3] = np.random.default_rng(3).integers(0, 2, (3, 12))
    (tmp_path / "bnn").mkdir()
    write_folder(tmp_path / "bnn", weights, None, 2, 6)
    return tmp_path / "net.yaml", tmp_path / "bnn"


LONG = "Vehicles that are longer than this, including what they draw and carry, must not pass here from May on"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"Zero\r\nOne\r\nTwo", ("Zero", "One", "Two")),
        (b"\xef\xbb\xbf0\n1\n2\n\n\n", ("0", "1", "2")),
        (f"{LONG} 1\n{LONG} 2\nx".encode(), (f"{LONG} 1", f"{LONG} 2", "x")),
        (b"a\n\nb", ("a", "1", "b")),
        (b"a\na\n0", ("a (0)", "a (1)", "0")),
        (b"a\tb\n\x1b[31m\nc\xe9", ("a b", "[31m", "c\N{REPLACEMENT CHARACTER}")),
        (b"a\nb\n", ("a", "b", "2")),
    ],
)
def test_parameters_bring_the_names_of_their_classes(text: bytes, names: tuple, digits: tuple[Path, Path]) -> None:
    path, bnn = digits
    assert description.load(path, bnn).classes == ("deer", "dog", "cat")
    assert "no classes.txt in it" in description.load(path, bnn).notes[1]
    (bnn / "classes.txt").write_bytes(text)
    found = description.load(path, bnn)
    assert found.classes == names
    assert "row" in found.notes[0] and len(found.notes) == 1 + (names[2] == "2" and text[:2] == b"a\n")
    # Of a file that is given the names are taken first.
    given = bnn.with_name("given.txt")
    given.write_text("x\ny\nz\n")
    assert description.load(path, bnn, given).classes == ("x", "y", "z")
    # They come through to where the pictures are judged, however long they are.
    for name, content in description.to_files(found).items():
        (bnn / name).write_bytes(content.encode() if isinstance(content, str) else content)
    assert description.written(bnn).classes == names


@pytest.mark.parametrize(
    ("record", "names"),
    [
        ('{"file": "own.npz", "classes": ["0", "1", "2"]}', ("0", "1", "2")),
        ('{"file": "own.npz", "classes": ["0", "1"]}', ("deer", "dog", "cat")),
        ('{"file": "another.npz", "classes": ["0", "1", "2"]}', ("deer", "dog", "cat")),
        ('{"file": "own.npz", "classes": [0, 1, 2]}', ("deer", "dog", "cat")),
        ('["classes"]', ("deer", "dog", "cat")),
        ("[" * 10_000, ("deer", "dog", "cat")),
    ],
)
def test_parameters_of_training_bring_the_names_of_their_record(
    record: str, names: tuple, digits: tuple[Path, Path]
) -> None:
    path, _ = digits
    parameters = path.with_name("own.npz")
    parameters.write_bytes(params_npz.to_bytes((Matrix(np.ones((3, 12), np.uint8), None),)))
    assert description.load(path, parameters).classes == ("deer", "dog", "cat")
    parameters.with_suffix(".json").write_text(record)
    assert description.load(path, parameters).classes == names


@pytest.mark.parametrize("text", [b"", b"\n \n", b"a\nb\nc\nd\n", b"x" * (1 << 20) + b"y"])
def test_what_names_no_classes_of_the_network_is_refused(text: bytes, digits: tuple[Path, Path]) -> None:
    path, bnn = digits
    (bnn / "classes.txt").write_bytes(text)
    with pytest.raises(InputError, match=r"classes\.txt: "):
        description.load(path, bnn)
    with pytest.raises(InputError, match=r"none\.txt: cannot be read .* a class's name a line"):
        description.load(path, bnn, bnn / "none.txt")


def test_a_damaged_bnn_pynq_folder_is_refused_with_the_file(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        bnn_pynq.load(tmp_path / "none", [Expected(8, 12)])
    with pytest.raises(InputError, match=r"no file <layer>-<pe>-weights\.bin"):
        bnn_pynq.load(tmp_path, [Expected(8, 12)])
    write_folder(tmp_path, np.ones((8, 12), int), np.zeros(8, int), 4, 6)
    with pytest.raises(InputError, match="holds 1 layers; the network has 2"):
        bnn_pynq.load(tmp_path, [Expected(8, 12), Expected(8, 8)])
    for rows, cols in ((8, 14), (8, 20), (9, 12)):
        with pytest.raises(InputError, match=f"do not hold {rows}x{cols} weights"):
            bnn_pynq.load(tmp_path, [Expected(rows, cols)])
    path = tmp_path / "0-1-weights.bin"
    whole = path.read_bytes()
    for damage, words in ((whole[:-1], "multiple of 8"), (b"", "multiple of 8"), (whole[:-8], "words; the others")):
        path.write_bytes(damage)
        with pytest.raises(InputError, match=words):
            bnn_pynq.load(tmp_path, [Expected(8, 12)])
    path.unlink()
    with pytest.raises(InputError, match=r"0-1-weights.bin: missing"):
        bnn_pynq.load(tmp_path, [Expected(8, 12)])


WIDE = """\
format: 1
name: wide
input: {{height: {height}, channels: {channels}, encoding: bits}}
parameters: none.npz
layers: [{{kind: dense, units: {units}, name: l0}}, {{kind: dense, units: {units}, name: l1}}]
"""


def wide(folder: Path, channels: int, units: int, height: int = 1) -> str:
    """What is said about two dense layers of so many units whose parameters are to come from a folder."""
    np.ones(1, "<u8").tofile(folder / "0-0-weights.bin")
    (folder / "wide.yaml").write_text(WIDE.format(channels=channels, units=units, height=height))
    with pytest.raises(InputError) as caught:
        description.load(folder / "wide.yaml", folder)
    return str(caught.value)


def test_a_folder_allocates_no_more_than_a_parameter_file_may_hold(tmp_path):
    # Half a gigabyte of bits in the first layer, four gigabytes of elements.
    assert "layers[0]: 65536x65536 weights; rows and columns go up to 65536, the" in wide(tmp_path, 65_536, 65_536)
    assert "layers[0]: 1x80000 weights; rows and columns go up to 65536, the" in wide(tmp_path, 40_000, 1, height=2)


def test_the_layers_of_a_folder_are_bounded_together(tmp_path, monkeypatch):
    monkeypatch.setattr(params_npz, "MAX_BYTES", 200 * (160 + 200) // 8 - 1)
    assert "layers[1]: 200x200 weights; " in wide(tmp_path, 160, 200)
    monkeypatch.setattr(params_npz, "MAX_BYTES", 200 * (160 + 200) // 8)
    assert "holds 1 layers; the network has 2" in wide(tmp_path, 160, 200)


@needs_golden
def test_bnn_pynq_itself_is_imported():
    cnv = bnn_pynq.load(
        GOLDEN / "cnvW1A1_cifar10",
        [Expected(*shape) for shape in ((64, 27, 1), (64, 576), (128, 576), (128, 1152), (256, 1152), (256, 2304))]
        + [Expected(*shape) for shape in ((512, 256), (512, 512), (10, 512))],
    )
    assert [matrix.weights.shape[0] for matrix in cnv] == [64, 64, 128, 128, 256, 256, 512, 512, 10]
    assert cnv[-1].thresholds is None
    lfc = bnn_pynq.load(
        GOLDEN / "lfcW1A1_mnist",
        [Expected(1024, 784), Expected(1024, 1024), Expected(1024, 1024), Expected(10, 1024)],
    )
    assert textwrap.shorten(str(lfc[-1].thresholds.ravel().tolist()), 80) == (
        "[665, 646, 645, 645, 666, 660, 645, 641, 695, 675]"
    )


def test_the_module_that_writes_parameters_is_reached_from_the_package() -> None:
    """Scripts of users import it from there."""
    import finn_gen

    assert finn_gen.params_npz is params_npz
    with pytest.raises(AttributeError, match="no attribute 'popcount'"):
        _ = finn_gen.popcount


@pytest.mark.parametrize("cols", (4, 5))
@pytest.mark.parametrize("bits", (1, 2))
@pytest.mark.parametrize("values", [(-1, 1), (-1, 0, 1)])
def test_thresholds_and_scores_of_sums_of_products_mean_the_same_of_what_is_accumulated(
    cols: int, bits: int, values: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(cols)
    weights = rng.choice(np.array(values, np.int8), (3, cols))
    weights[0, :2] = values[:2]
    x = rng.integers(0, 1 << bits, (50, cols))
    products = (ref.signs(x) if bits == 1 else x).astype(np.int64) @ weights.T
    thresholds, biases = np.sort(rng.integers(-4, 5, (3, 3)), axis=1), np.array([-5, 0, 9])
    compared = model.Matrix.of_products(weights, bits, thresholds)
    reached = (thresholds.T[:, None] <= products).sum(axis=0)
    assert np.array_equal(ref.matrix(x, weights, compared.thresholds, bits), reached)
    scored = model.Matrix.of_products(weights, bits, biases=biases, fraction=2)
    scores = ref.matrix(x, weights, None, bits, biases=scored.biases, fraction=scored.fraction)
    assert np.array_equal(scores, (products << 2) + biases)
