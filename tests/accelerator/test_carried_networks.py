# SPDX-License-Identifier: Apache-2.0
"""The networks that the repository carries, with their trained parameters, on pictures of the repository.

They run in their own Verilog testbench, without and with stalls at both ends. CNV is not simulated in Icarus here: one
image takes a minute and a half of a processor. Nor is LFC at its fastest. `.ci/run` does both once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finn_gen.family.resources import Resources
from finn_gen.network.model import Network
from finn_gen.request import Request
from finn_sim import pictures
from tests.lib.carried import carried
from tests.lib.paths import SAMPLES
from tests.lib.testbench import IMAGES, build, check_cycles, run, skip_unless_asked, write_vectors

# Percent of the cycles with a word offered and with one taken.
STALLS = ((100, 30), (25, 100), (60, 50))


def samples(network: Network) -> np.ndarray:
    """The first pictures that are of the network's classes."""
    shape = (network.source.height, network.source.width, network.source.channels)
    return pictures.load(None, shape, network.classes, IMAGES, SAMPLES).images


@pytest.mark.parametrize(
    ("net", "folding", "sim"),
    [
        ("sfc", "paper", "icarus"),
        ("sfc", "fix", "verilator"),
        ("lfc", "fix", "verilator"),
        pytest.param("cnv", "bnn-pynq", "verilator", marks=pytest.mark.lengthy),
    ],
)
def test_carried_networks_score_their_samples_with_and_without_stalls(
    net: str, folding: str, sim: str, tmp_path: Path
) -> None:
    skip_unless_asked(sim)
    found = carried(net, folding)
    command = build(tmp_path, found, sim)
    write_vectors(tmp_path, found, samples(found.network))
    times = run(tmp_path, command)
    assert times[0]["end"] - times[0]["start"] == found.latency
    assert times[-1]["end"] - times[-2]["end"] == found.interval
    for valid, ready in STALLS:
        run(tmp_path, command, f"+valid_percent={valid}", f"+ready_percent={ready}", "+seed=7")


# Cycles an image of 1,024 pixels, images a second at 200 MHz, the LUTs that it may take, pixels at once where there are
# several.
@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("interval", "fps", "luts", "pixels"), [(512, 390_625.0, 110_000, 2), (256, 781_250.0, 190_000, 4)]
)
def test_cnv_takes_several_pixels_a_cycle(interval: int, fps: float, luts: int, pixels: int, tmp_path: Path) -> None:
    skip_unless_asked("verilator")
    found = Request("cnv", fps=fps).plan()
    assert [fold.pixels for fold in found.folding.layers.values()] == [pixels] * 2 + [1] * 7
    assert found.interval == interval and found.latency < 3_000
    assert found.resources.fits(Resources(luts, 437_200, 1_090))
    command = build(tmp_path, found, "verilator")
    write_vectors(tmp_path, found, samples(found.network))
    times = run(tmp_path, command, "+boundaries")
    assert times[-1]["end"] - times[-2]["end"] == interval
    check_cycles(tmp_path, found)
    for valid, ready in STALLS:
        run(tmp_path, command, f"+valid_percent={valid}", f"+ready_percent={ready}", "+seed=7")
