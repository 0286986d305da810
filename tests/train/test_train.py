# SPDX-License-Identifier: Apache-2.0
"""Training on small made-up pictures: it learns, stops, resumes to the same bits, and folds to the same network."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

torch = pytest.importorskip("torch", reason="PyTorch is not installed: training is an extra of its own")
Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed: training is an extra of its own")

from finn_gen.base.errors import InputError  # noqa: E402
from finn_gen.formats import params_npz  # noqa: E402
from finn_verif.ref import layers  # noqa: E402
from train import __main__ as cli  # noqa: E402
from train import augment, data, fold, recipes  # noqa: E402
from train.binary import BinaryNet  # noqa: E402
from train.loop import Recipe, Stage  # noqa: E402
from train.topologies import topology  # noqa: E402

SHORT = Recipe(
    stages=(
        Stage("real", 1, 1e-2, binary_weights=False, binary_activations=False, teaches=True),
        Stage("binary", 2, 1e-2, latent_deviation=0.1, distil=0.5),
    ),
    batch=16,
    soft_label_views=2,
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


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(recipes.RECIPES, "sfc", SHORT)
    return write_pictures(tmp_path / "halves", 28, "L")


def train(pictures: Path, out: Path, network: str = "sfc", *options: str) -> int:
    return cli.main(
        [
            *(network, "--data", str(pictures), "--dataset", "pictures", "--run", str(out / "run")),
            *("--models", str(out / "models"), *options),
        ]
    )


def test_training_on_own_pictures_learns_and_exports(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path) == 0
    matrices = params_npz.load(tmp_path / "models" / "sfc_halves.npz")
    assert [m.weights.shape for m in matrices] == [(256, 784), (256, 256), (256, 256), (2, 256)]
    record = json.loads((tmp_path / "models" / "sfc_halves.json").read_text())
    assert record["classes"] == ["above", "below"]
    assert record["test"]["right"] >= 28, "two halves are easy to tell apart; 16 of 32 is chance"
    assert "sfc_halves" in (tmp_path / "models" / "sfc_halves.md").read_text()


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
    names = ("models/sfc_halves.npz", "run/log.jsonl")
    straight, resumed = ([(tmp_path / run / name).read_bytes() for name in names] for run in ("straight", "resumed"))
    assert straight[0] == resumed[0]
    strip = [[{**json.loads(line), "seconds": 0} for line in log.splitlines()] for log in (straight[1], resumed[1])]
    assert strip[0] == strip[1]


def test_a_finished_run_exports_again_without_training(digits: Path, tmp_path: Path) -> None:
    assert train(digits, tmp_path) == 0
    first = (tmp_path / "models" / "sfc_halves.npz").read_bytes()
    lines = (tmp_path / "run" / "log.jsonl").read_text()
    assert train(digits, tmp_path) == 0
    assert (tmp_path / "models" / "sfc_halves.npz").read_bytes() == first
    assert (tmp_path / "run" / "log.jsonl").read_text() == lines


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
    matrices = params_npz.load(tmp_path / "models" / "cnv_halves.npz")
    assert matrices[0].thresholds.shape == (64, 1)
    assert matrices[-1].weights.shape == (2, 512)


def test_folding_holds_for_any_batch_norm(tmp_path: Path) -> None:
    """Offsets of both signs, tiny variances and sums that hit a threshold exactly."""
    net = BinaryNet(topology("cnv"), 3)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for layer in net.layers[:-1]:
            layer.mean.copy_(torch.randint(-9, 9, layer.mean.shape, generator=generator))
            layer.variance.copy_(torch.rand(layer.variance.shape, generator=generator) * 300)
            layer.variance[::5] = 0
            layer.offset.copy_(torch.randn(layer.offset.shape, generator=generator))
            layer.offset[::3] = 0
    pictures = np.random.default_rng(5).integers(0, 256, (6, 32, 32, 3), np.uint8)
    scores = fold.reference_scores(net.topology, fold.fold(net), pictures)
    fold.prove(net, scores, pictures)
    with pytest.raises(fold.FoldError, match="pictures 0 to 5"):
        fold.prove(net, scores + np.eye(6, 10, dtype=int), pictures)


def test_the_input_code_is_the_references() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    q17 = augment.encode(torch.tensor(every), 8, torch.float64)[0, 0].numpy() * 128
    bits = augment.encode(torch.tensor(every), 1, torch.float64)[0, 0].numpy()
    assert np.array_equal(q17, layers.q17(every)[0, ..., 0])
    assert np.array_equal(bits, 2 * layers.pixel_bits(every)[0, ..., 0] - 1)
    assert torch.equal(augment.Q17.to(torch.bfloat16).long(), augment.Q17), "bfloat16 must hold every input exactly"


def test_a_shift_moves_the_picture_and_mirrors_its_border() -> None:
    pictures = torch.arange(8 * 8).reshape(1, 8, 8, 1).to(torch.uint8).expand(64, 8, 8, 1)
    moved = augment.shift(pictures, torch.Generator().manual_seed(1), 0.5, flip=False)
    wide = np.pad(pictures[0, ..., 0].numpy(), 2, mode="reflect")
    crops = {wide[dy : dy + 8, dx : dx + 8].tobytes() for dy in range(5) for dx in range(5)}
    found = {p[..., 0].numpy().tobytes() for p in moved}
    assert found <= crops
    assert len(found) > 10


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
