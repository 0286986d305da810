# SPDX-License-Identifier: Apache-2.0
"""Training on small made-up pictures: it learns, stops, resumes to the same bits, and folds to the same network."""

from __future__ import annotations

import json
import os
import random
import re
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

torch = pytest.importorskip("torch", reason="PyTorch is not installed: training is an extra of its own")
Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed: training is an extra of its own")

from finn_gen.base.errors import InputError  # noqa: E402
from finn_gen.formats import description, params_npz  # noqa: E402
from finn_gen.network.model import ENCODINGS, Shape, element_format  # noqa: E402
from finn_train import __main__ as cli  # noqa: E402
from finn_train import augment, data, fold, precision, recipes, subject  # noqa: E402
from finn_train.loop import Recipe, Stage  # noqa: E402
from finn_train.quantized import QuantizedNet  # noqa: E402
from finn_train.teacher import Lessons, School, Teacher  # noqa: E402
from train import publish  # noqa: E402

SHORT = Recipe(
    stages=(
        Stage("real", 1, 1e-2, quantized_weights=False, quantized_activations=False, teaches=True),
        Stage("binary", 2, 1e-2, latent_deviation=0.1, distil=0.5),
    ),
    batch=16,
    soft_label_views=2,
)

TAUGHT = Recipe(
    stages=(
        Stage("real", 1, 1e-2, quantized_weights=False, quantized_activations=False, distil=1.0, temperature=1.0),
        Stage("binary", 3, 1e-2, latent_deviation=0.1, distil=1.0, temperature=1.0),
    ),
    batch=16,
    teacher=Teacher(epochs=4, batch=16, channels=(4, 4, 4, 4), views=3),
)


def write_pictures(folder: Path, side: int, mode: str) -> Path:
    """Pictures of two classes: bright above, or bright below."""
    rng = np.random.default_rng(7)
    for part, count in (("train", 48), ("test", 16)):
        for name, rows in (("above", slice(0, side // 2)), ("below", slice(side // 2, side))):
            (folder / part / name).mkdir(parents=True)
            for i in range(count):
                x = rng.integers(0, 120, (side, side, 3), np.uint8)
                x[rows] += 130
                Image.fromarray(x).convert(mode).save(folder / part / name / f"{i}.png")
    return folder


SIZE = (11, 13, 3)


def write_network(
    path: Path, layers: list[dict], channels: int = 3, size: tuple[int, int] = SIZE[:2], encoding: str = "q1.7"
) -> Path:
    """A description without parameters."""
    source = {"height": size[0], "width": size[1], "channels": channels, "encoding": encoding}
    path.write_text(json.dumps({"format": 1, "name": "mine", "input": source, "layers": layers}))  # YAML as well
    return path


def random_layers(rng: random.Random) -> list[dict]:
    """Three layers with weights for pictures of SIZE, and others between them."""

    def bits() -> dict:
        return {"weight_bits": rng.randint(1, 4), "bits": rng.randint(1, 4)}

    def conv() -> dict:
        kernel, stride, dilation = ([rng.randint(1, 2) for _ in range(2)] for _ in range(3))
        return {"kind": "conv", "channels": 5, "kernel": kernel, "stride": stride, "dilation": dilation, **bits()}

    between = [
        {"kind": "pad", "padding": [rng.randint(0, 2) for _ in range(4)]},
        {"kind": "pool", "kernel": [2, rng.randint(1, 3)], "stride": rng.randint(1, 2)},
    ]
    found = [*rng.sample(between, rng.randint(0, 2)), conv(), *rng.sample(between, rng.randint(1, 2)), conv()]
    if rng.random() < 0.5:
        found += [{"kind": "dense", "units": 6, **bits()}]
    return [*found, {"kind": "dense", "units": 3, "weight_bits": rng.randint(1, 4)}]


def settle(net: QuantizedNet, pictures: np.ndarray) -> None:
    """Batch norm as for these pictures, and its means are sums that are possible."""
    net.momentum = 1.0
    with torch.no_grad():
        net(augment.encode(torch.tensor(pictures), net.network, torch.float32))
        for layer in net.layers[:-1]:
            layer.mean.div_(layer.unit).round_().mul_(layer.unit)
            layer.offset[1::2] = 0.5


def unsettle(net: QuantizedNet, seed: int) -> None:
    """Batch norm with offsets of both signs, tiny variances, and sums that hit a threshold exactly."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in net.layers[:-1]:
            layer.mean.copy_(torch.randint(-9, 9, layer.mean.shape, generator=generator))
            layer.variance.copy_(torch.rand(layer.variance.shape, generator=generator) * 300)
            layer.variance[::5] = 0
            layer.offset.copy_(torch.randn(layer.offset.shape, generator=generator))
            layer.offset[::3] = 0
            if layer.bits > 1:
                layer.log_gain.copy_(torch.randn(layer.log_gain.shape, generator=generator))
                layer.log_gain[::3] = 0


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(recipes.RECIPES, "sfc", SHORT)
    monkeypatch.setitem(recipes.TAUGHT, "sfc", TAUGHT)
    return write_pictures(tmp_path / "halves", 28, "L")


def train(pictures: Path, out: Path, network: str = "sfc", *options: str) -> int:
    return cli.main([network, "--data", str(pictures), "--dataset", "pictures", "-o", str(out), *options])


def test_training_on_own_pictures_learns_and_exports(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path) == 0
    network = description.load(tmp_path / "network.yaml")
    matrices = [layer.matrix for layer in network.layers if layer.matrix]
    assert [m.weights.shape for m in matrices] == [(256, 784), (256, 256), (256, 256), (2, 256)]
    assert network.classes == ("above", "below")
    record = json.loads((tmp_path / "parameters.json").read_text())
    assert record["test"]["right"] >= 28, "two halves are easy to tell apart; 16 of 32 is chance"
    card = (tmp_path / "README.md").read_text()
    assert "| Author | *to be filled in* |" in card and "| Licence | *to be filled in* |" in card


def test_a_stopped_run_resumes_to_the_same_bits(digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert train(digits, tmp_path / "straight") == 0
    original, calls = augment.affine, []

    def stop_now_and_then(pictures: torch.Tensor, generator: torch.Generator, strength: float) -> torch.Tensor:
        calls.append(None)
        if len(calls) in {3, 6, 20}:  # inside an epoch, at its last step, and in the last stage
            os.kill(os.getpid(), signal.SIGTERM)
        return original(pictures, generator, strength)

    monkeypatch.setattr(augment, "affine", stop_now_and_then)
    codes = [train(digits, tmp_path / "resumed") for _ in range(4)]
    assert codes == [3, 3, 3, 0]
    names = ("parameters.npz", "run/log.jsonl")
    straight, resumed = ([(tmp_path / run / name).read_bytes() for name in names] for run in ("straight", "resumed"))
    assert straight[0] == resumed[0]
    strip = [[{**json.loads(line), "seconds": 0} for line in log.splitlines()] for log in (straight[1], resumed[1])]
    assert strip[0] == strip[1]


def test_a_network_learns_from_a_teacher(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path, "sfc", "--teacher") == 0
    record = json.loads((tmp_path / "parameters.json").read_text())
    assert record["test"]["right"] >= 28
    assert record["recipe"]["teacher"]["views"] == 3
    assert record["command"].endswith(" --teacher")
    card = (tmp_path / "README.md").read_text()
    assert "a teacher of real numbers, convolutions to 4, 4, 4 and 4 channels, trained before for 4 epochs" in card
    assert "All stages see 3 fixed views of each picture" in card


def test_the_answers_are_the_teachers_and_not_the_labels(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = School.lessons

    def wrong(self: School) -> Lessons:
        lessons = original(self)
        return Lessons(lessons.pictures, lessons.logits.flip(2))

    monkeypatch.setattr(School, "lessons", wrong)
    assert train(digits, tmp_path, "sfc", "--teacher") == 0
    assert json.loads((tmp_path / "parameters.json").read_text())["test"]["right"] <= 4, "taught the other class"


def test_a_lesson_is_every_view_once_with_the_logits_to_it() -> None:
    views, pictures = 4, 6
    number = torch.arange(views * pictures).reshape(views, pictures)
    lessons = Lessons(number.to(torch.uint8)[..., None, None, None], number.half()[..., None])
    index = torch.tensor([5, 0, 3])
    seen = []
    for epoch in range(views):
        shown, logits = lessons.of(index, epoch)
        assert torch.equal(shown.flatten().int(), logits.flatten().int())
        assert torch.equal(shown.flatten() % pictures, index), "the pictures that were asked for"
        seen.append((shown.flatten() // pictures).tolist())
    assert all(sorted(column) == list(range(views)) for column in zip(*seen, strict=True))


@pytest.mark.parametrize("at", [5, 24, 27])
def test_a_run_stopped_around_its_teacher_resumes_to_the_same_bits(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Within an epoch of the teacher, at its last step, and while it answers."""
    assert train(digits, tmp_path / "straight", "sfc", "--teacher") == 0
    original, calls = School._input, []

    def stop_once(self: School, pictures: torch.Tensor) -> torch.Tensor:
        calls.append(None)
        if len(calls) == at:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, pictures)

    monkeypatch.setattr(School, "_input", stop_once)
    codes = [train(digits, tmp_path / "resumed", "sfc", "--teacher")]
    while codes[-1] == 3 and len(codes) < 4:
        codes.append(train(digits, tmp_path / "resumed", "sfc", "--teacher"))
    assert codes == [3, 0]
    files = [(tmp_path / run / "parameters.npz").read_bytes() for run in ("straight", "resumed")]
    assert files[0] == files[1]


@pytest.mark.parametrize("other", [("--seed", "2"), ()])
def test_the_file_of_another_teacher_is_refused(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], other: tuple[str, ...]
) -> None:
    assert train(digits, tmp_path, "sfc", "--teacher") == 0
    (tmp_path / "run" / "checkpoint.pt").unlink()
    if not other:
        (tmp_path / "run" / "teacher.pt").write_bytes(b"nothing")
    assert train(digits, tmp_path, "sfc", "--teacher", *other) == 2
    said = "belongs to another teacher, data set, input or seed" if other else "not a whole checkpoint"
    assert f"teacher.pt: {said}" in capsys.readouterr().err


def test_any_network_can_have_a_teacher(digits: Path, tmp_path: Path) -> None:
    """In colour too, of an odd size, with several bits."""
    layers = [
        {"kind": "conv", "channels": 4, "kernel": 3, "weight_bits": 2, "bits": 2},
        {"kind": "dense", "units": 2, "weight_bits": 2},
    ]
    pictures = write_pictures(tmp_path / "colour", 9, "RGB")
    path = write_network(tmp_path / "mine.yaml", layers, size=(9, 9))
    out = tmp_path / "out"
    assert cli.main([str(path), "--data", str(pictures), "-o", str(out), "--epochs", "2", "--teacher"]) == 0
    record = json.loads((out / "parameters.json").read_text())
    assert record["test"]["right"] >= 28
    assert all((stage["distil"], stage["teaches"]) == (1.0, False) for stage in record["recipe"]["stages"])


def test_a_finished_run_exports_again_without_training(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path) == 0
    first = (tmp_path / "parameters.npz").read_bytes()
    lines = (tmp_path / "run" / "log.jsonl").read_text()
    assert train(digits, tmp_path) == 0
    assert (tmp_path / "parameters.npz").read_bytes() == first
    assert (tmp_path / "run" / "log.jsonl").read_text() == lines


def test_a_run_that_goes_astray_is_told_and_its_checkpoint_kept(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = replace(SHORT.stages[1], rate=float("inf"), epochs=3)
    monkeypatch.setitem(recipes.RECIPES, "sfc", replace(SHORT, stages=(SHORT.stages[0], wild)))
    assert train(digits, tmp_path) == 2
    assert "the numbers grew beyond all bounds" in capsys.readouterr().err
    kept = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)
    assert all(value.isfinite().all() for value in kept["net"].values())
    assert not (tmp_path / "network.yaml").exists()


def test_the_last_stage_of_a_run_can_be_made_longer(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path) == 0
    run = tmp_path / "run"
    (run / "before_decay.pt").replace(run / "checkpoint.pt")
    assert train(digits, tmp_path, "sfc", "--epochs", "4") == 0
    epochs = [json.loads(line)["epoch"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert epochs == [1, 1, 2, 2, 3, 4]


def test_cnv_trains_on_colour_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        recipes.RECIPES, "cnv", replace(SHORT, stages=(SHORT.stages[0], replace(SHORT.stages[1], epochs=1)))
    )
    assert train(write_pictures(tmp_path / "halves", 32, "RGB"), tmp_path, "cnv") == 0
    matrices = params_npz.load(tmp_path / "parameters.npz")
    assert matrices[0].thresholds.shape == (64, 1)
    assert matrices[-1].weights.shape == (2, 512)


def test_folding_holds_for_any_batch_norm(tmp_path: Path) -> None:
    """Offsets of both signs, tiny variances and sums that hit a threshold exactly."""
    net = QuantizedNet(subject.named("cnv", data.files.CIFAR10_CLASSES), 3)
    unsettle(net, 4)
    pictures = np.random.default_rng(5).integers(0, 256, (6, 32, 32, 3), np.uint8)
    scores = fold.reference_scores(fold.fold(net), pictures)
    fold.prove(net, scores, pictures)
    with pytest.raises(fold.FoldError, match="pictures 0 to 5"):
        fold.prove(net, scores + np.eye(6, 10, dtype=int), pictures)


@pytest.mark.parametrize("seed", range(12))
def test_folding_holds_for_any_network(tmp_path: Path, seed: int) -> None:
    """Any encoding, weights and outputs of one to four bits, windows, padding and pooling of any kind."""
    rng = random.Random(seed)
    path = write_network(
        tmp_path / "net.yaml", random_layers(rng), encoding=list(ENCODINGS)[(seed * 5) % len(ENCODINGS)]
    )
    net = QuantizedNet(subject.described(path, ("a", "b", "c")), seed)
    net.rescale_latents(0.1)
    pictures = np.random.default_rng(seed).integers(0, 256, (40, *SIZE), np.uint8)
    settle(net, pictures)
    folded = fold.fold(net)
    scores = fold.reference_scores(folded, pictures)
    fold.prove(net, scores, pictures)
    assert len({tuple(row) for row in scores.tolist()}) > 1, "the pictures make a difference"
    for layer, trained in zip((layer for layer in folded.layers if layer.matrix), net.layers, strict=True):
        assert layer.matrix.format.bits <= trained.weight_bits
        assert layer.matrix.thresholds is None or layer.result.bits == trained.bits


def test_every_description_of_a_network_trains(tmp_path: Path, digits: Path) -> None:
    """From a YAML file to the files of the accelerator, weights and outputs of two bits."""
    layers = [
        {"kind": "conv", "channels": 8, "kernel": 3, "stride": 2, "weight_bits": 2, "bits": 2},
        {"kind": "pool", "kernel": 2},
        {"kind": "dense", "units": 2, "weight_bits": 2, "name": "scores"},
        {"kind": "label"},
    ]
    path = write_network(tmp_path / "mine.yaml", layers, channels=1, size=(28, 28))
    out = tmp_path / "out"
    assert cli.main([str(path), "--data", str(digits), "-o", str(out), "--epochs", "4"]) == 0
    network = description.load(out / "network.yaml")
    assert network.classes == ("above", "below")
    assert [layer.matrix.format.bits for layer in network.layers if layer.matrix] == [2, 2]
    pictures = [data.picture(path, (28, 28, 1)) for path in sorted(out.glob("pictures/*/*.png"))]
    assert len(pictures) == 10
    record = json.loads((out / "parameters.json").read_text())
    assert record["test"]["right"] >= 28
    assert (out / "classes.txt").read_text() == "above\nbelow\n"
    said = np.argmax(fold.reference_scores(network, np.stack(pictures)), 1)
    assert (said == [0] * 5 + [1] * 5).sum() >= 8


def test_a_maintainer_puts_a_network_among_the_carried_ones(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path / "out") == 0
    written = publish.publish(tmp_path / "out", tmp_path / "models")
    assert written.read_bytes() == (tmp_path / "out" / "parameters.npz").read_bytes()
    record = json.loads(written.with_suffix(".json").read_text())
    assert (record["file"], record["licence"], record["asked"]) == ("sfc_halves.npz", "Apache-2.0", None)
    assert "| Licence | Apache-2.0 |" in written.with_suffix(".md").read_text()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bfloat16_holds_every_input_exactly(encoding: str) -> None:
    source = Shape(1, 1, 1, *element_format(encoding))
    exact, short = (
        augment.table(encoding, source, dtype, torch.device("cpu")) for dtype in (torch.float64, torch.bfloat16)
    )
    assert torch.equal(exact, short.double())
    assert exact.abs().max() <= 1


@pytest.mark.parametrize(
    ("device", "processor", "numbers"),
    [
        ("cpu", "AVX2", torch.float32),
        ("cpu", "DEFAULT", torch.float32),
        ("cpu", "AVX512", torch.bfloat16),
        ("cuda", "AVX2", torch.bfloat16),
    ],
)
def test_numbers_are_those_that_the_device_computes_itself(monkeypatch, device, processor, numbers) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: processor)
    assert precision.fast(torch.device(device)) == numbers


@pytest.mark.parametrize("processor", ["AVX2", "AVX512"])
def test_a_teacher_and_its_pupil_learn_in_these_numbers(digits, tmp_path: Path, monkeypatch, processor: str) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: processor)
    assert train(digits, tmp_path / "out", "sfc", "--teacher", "--run", str(tmp_path / "run")) == 0
    assert (tmp_path / "out" / "parameters.npz").is_file()


def test_a_shift_moves_the_picture_and_mirrors_its_border() -> None:
    pictures = torch.arange(8 * 8).reshape(1, 8, 8, 1).to(torch.uint8).expand(64, 8, 8, 1)
    moved = augment.shift(pictures, torch.Generator().manual_seed(1), 0.5, flip=False)
    wide = np.pad(pictures[0, ..., 0].numpy(), 2, mode="reflect")
    crops = {wide[dy : dy + 8, dx : dx + 8].tobytes() for dy in range(5) for dx in range(5)}
    found = {p[..., 0].numpy().tobytes() for p in moved}
    assert found <= crops
    assert len(found) > 10


@pytest.mark.parametrize(("size", "reach"), [((8, 24), 1), ((32, 32), 4), ((1, 50), 0)])
def test_a_shift_suits_the_size_of_the_picture(size: tuple[int, int], reach: int) -> None:
    pictures = torch.zeros(2000, *size, 1, dtype=torch.uint8)
    place = size[0] // 2, size[1] // 2
    pictures[:, place[0], place[1]] = 255
    moved = augment.small_shift(pictures, torch.Generator().manual_seed(1), 1.0, flip=False)[..., 0].numpy()
    found = {tuple(np.argwhere(p)[0] - place) for p in moved}
    assert max(abs(d) for pair in found for d in pair) == reach
    assert len(found) == (2 * reach + 1) ** 2


# --- wrong input ------------------------------------------------------------------------------------------------------


def test_a_missing_data_set_is_named_with_its_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cnv", "--data", str(tmp_path), "--run", str(tmp_path / "r")]) == 2
    message = capsys.readouterr().err
    assert "data_batch_1.bin: missing" in message
    assert "cs.toronto.edu" in message


@pytest.mark.parametrize("damage", ["cut", "label"])
def test_a_damaged_cifar_batch_is_refused(tmp_path: Path, damage: str) -> None:
    content = bytearray(10_000 * 3073)
    if damage == "label":
        content[3073] = 10
    (tmp_path / "data_batch_1.bin").write_bytes(content[:-1] if damage == "cut" else content)
    with pytest.raises(InputError, match=r"data_batch_1\.bin"):
        data.cifar10(tmp_path)


def test_a_damaged_mnist_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\3" + bytes(100))
    with pytest.raises(InputError, match="train-images-idx3-ubyte: not an IDX file"):
        data.mnist(tmp_path)


def test_svhn_reads_the_official_layout_and_calls_label_ten_zero(tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(0, 256, (32, 32, 3, 4), np.uint8)
    for part in ("train", "test"):
        scipy.io.savemat(tmp_path / f"{part}_32x32.mat", {"X": x, "y": np.array([[10], [1], [9], [2]], np.uint8)})
    found = data.svhn(tmp_path)
    assert found.train_y.tolist() == [0, 1, 9, 2]
    assert np.array_equal(found.test_x[2], x[..., 2])
    (tmp_path / "test_32x32.mat").write_bytes(b"not a MATLAB file")
    with pytest.raises(InputError, match=r"test_32x32\.mat"):
        data.svhn(tmp_path)


def test_own_pictures_need_some_in_every_class(tmp_path: Path) -> None:
    write_pictures(tmp_path, 28, "L")
    for path in (tmp_path / "test" / "below").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="below: no pictures"):
        data.pictures(tmp_path, (28, 28, 1))


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path, 28, "L")
    (tmp_path / "train" / "above" / "0.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"0\.png: not a readable picture"):
        data.pictures(tmp_path, (28, 28, 1))


def test_a_checkpoint_of_another_run_is_refused(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(digits, tmp_path) == 0
    assert train(digits, tmp_path, "sfc", "--seed", "2") == 2
    assert "another network, data set, recipe or seed" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_refused(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.pt").write_bytes(b"nothing")
    assert train(digits, tmp_path) == 2
    assert "not a whole checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": 4}, r"layers\[1\]: units: 4; it must be 2, a score for each class of the data \(above, below\)"),
        ({"bits": 2}, r"layers\[1\]: bits: 2; it must be left out"),
        ({"kind": "conv", "units": None, "channels": 2, "kernel": 3}, r"layers\[1\]: scores of 24x24 pixels"),
        ({"weight_bits": 5}, r"weight_bits: 5; it must be a whole number from 1 to 4"),
        ({"weight_bit": 2}, "did you mean weight_bits"),
    ],
)
def test_a_network_that_cannot_be_trained_is_refused(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict, message: str
) -> None:
    last = {name: value for name, value in ({"kind": "dense", "units": 2} | change).items() if value is not None}
    layers = [{"kind": "conv", "channels": 4, "kernel": 3}, last]
    path = write_network(tmp_path / "mine.yaml", layers, channels=1, size=(28, 28))
    assert cli.main([str(path), "--data", str(digits), "-o", str(tmp_path / "out")]) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_a_network_that_training_did_not_write_is_not_written_over(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_network(tmp_path / "network.yaml", [{"kind": "dense", "units": 2}], channels=1, size=(28, 28))
    before = path.read_bytes()
    assert cli.main([str(path), "--data", str(digits), "-o", str(tmp_path)]) == 2
    assert "is the network to be trained and would be written over" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_folders_of_classes_alone_are_parted(tmp_path: Path) -> None:
    whole = write_pictures(tmp_path, 28, "L") / "train"
    found = data.pictures(whole, (28, 28, 1))
    assert (len(found.train_x), len(found.test_x)) == (78, 18), "48 pictures a class, every fifth for the test"
    assert found.train_y[:6].tolist() == [0, 1, 0, 1, 0, 1], "any stretch has all classes"
    turned = data.pictures(whole, (28, 28, 1), ("below", "above"))
    assert turned.classes == ("below", "above")
    assert np.array_equal(turned.train_x[turned.train_y == 0], found.train_x[found.train_y == 1])
    with pytest.raises(InputError, match="has folders above, below; the classes are to be left, right"):
        data.pictures(whole, (28, 28, 1), ("left", "right"))
