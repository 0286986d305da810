# SPDX-License-Identifier: Apache-2.0
"""Files of weights for reloadable accelerators: what they hold, and which accelerators they are for."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finn_gen.base.errors import InputError
from finn_gen.cli import main
from finn_gen.emit import weights
from finn_gen.ip.mvtu.registers import memory_image
from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request
from tests.lib import random_networks

SEED = 8


def planned(folder: Path, parameters: Path | None = None, target: int = 2000, reload: bool = True) -> NetworkPlan:
    path = folder / "net.yaml"
    if not path.exists():
        random_networks.write(folder, SEED)
    return random_networks.planned(path, target, reload, parameters)


def arrays(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_a_file_holds_every_register_of_every_unit_in_the_order_of_writing(tmp_path: Path) -> None:
    found = planned(tmp_path)
    fields = arrays(weights.weights_file(found))
    assert fields.pop("format") == 1
    assert fields.pop("layout").tobytes().decode() == weights.layout_digest(found)
    assert len(found.reloadable) == len(fields) > 0
    for stage in found.reloadable:
        got = fields[f"window_{found.inner_name(stage)}"]
        assert [tuple(pair) for pair in got.tolist()] == list(memory_image(stage.plan).items())


def test_the_layout_is_that_of_the_folding_and_not_of_the_parameters(tmp_path: Path) -> None:
    found = planned(tmp_path)
    other = planned(tmp_path, random_networks.other_parameters(tmp_path))
    assert weights.layout_digest(other) == weights.layout_digest(found)
    assert weights.weights_file(other) != weights.weights_file(found)
    assert weights.weights_file(found) == weights.weights_file(planned(tmp_path))
    slower = planned(tmp_path, target=100)
    assert [stage.plan.params for stage in slower.reloadable] != [stage.plan.params for stage in found.reloadable]
    assert weights.layout_digest(slower) != weights.layout_digest(found)


def test_fixed_weights_have_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no unit is reloadable"):
        weights.weights_file(planned(tmp_path, reload=False))


def test_the_command_writes_the_file_of_other_parameters(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    random_networks.write(tmp_path, SEED)
    net, path = tmp_path / "net.yaml", tmp_path / "new.npz"
    other = random_networks.other_parameters(tmp_path)
    asked = Request(str(net), fps=200e6 / 2000, reload=True)
    words = ["--parameters", str(other), "--fps", str(asked.fps), "-o", str(path)]
    assert main(["weights", str(net), *words]) == 0
    assert path.read_bytes() == weights.weights_file(replace(asked, parameters=other).plan())
    assert path.read_bytes() != weights.weights_file(asked.plan())
    assert f"layout {weights.layout_digest(asked.plan())}" in capsys.readouterr().out
    assert main(["weights", str(tmp_path / "net.yaml"), "--parameters", "none.npz", "-o", str(path)]) == 2
    assert "none.npz: cannot be read" in capsys.readouterr().err
