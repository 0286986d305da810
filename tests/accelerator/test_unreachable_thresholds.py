# SPDX-License-Identifier: Apache-2.0
"""The smallest network with a threshold that no sum reaches, as a user would write it, in every storage."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from finn_gen.formats import description, params_npz
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.network import plan_network
from tests.lib import testbench

NETWORK = {
    "format": 1,
    "name": "unreachable",
    "input": {"height": 1, "width": 1, "channels": 3, "encoding": "bits"},
    "parameters": "net.npz",
    "layers": [{"kind": "conv", "channels": 1, "kernel": 1}, {"kind": "dense", "units": 1}],
}
INPUTS = np.array([[[[number >> bit & 1 for bit in range(3)]]] for number in range(8)], np.uint8) * 255
STORAGES = [("constant", False), ("lut", False), ("block", False), ("lut", True), ("block", True)]


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
@pytest.mark.parametrize(("storage", "reload"), STORAGES)
def test_a_network_whose_third_threshold_no_sum_reaches(tmp_path: Path, storage: str, reload: bool, sim: str) -> None:
    """Of three bits, of which three match at most, two thresholds are reached at most."""
    testbench.skip_unless_asked(sim)
    matrices = (
        params_npz.Matrix(np.ones((1, 3), np.uint8), np.array([[1, 2, 4]], np.int32)),
        params_npz.Matrix(np.ones((1, 1), np.uint8), None),
    )
    (tmp_path / "net.npz").write_bytes(params_npz.to_bytes(matrices))
    (tmp_path / "net.yaml").write_text(yaml.safe_dump(NETWORK, sort_keys=False))
    network = description.load(tmp_path / "net.yaml")
    layers = {layer.name: LayerFolding(1, layer.matrix.weights.shape[1], storage) for layer in network.layers}
    plan = plan_network(network, Folding("unfolded", layers, reload=reload))
    command = testbench.build(tmp_path, plan, sim)
    testbench.write_vectors(tmp_path, plan, INPUTS)
    testbench.run(tmp_path, command, images=len(INPUTS))
    scores = (tmp_path / "scores.mem").read_text().split()
    assert [int(score, 16) for score in scores] == [0, 1, 1, 2, 1, 2, 2, 2]
