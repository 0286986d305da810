# SPDX-License-Identifier: Apache-2.0
"""The netlist of a point of every core, after synthesis for 7-series and ECP5, passes the core's own test bench."""

from pathlib import Path

import pytest

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_verif import runner
from tests.gate_level import gates
from tools.timing.synthesis import TWINS

POINTS = {
    "ctrl": {},
    "dma": {},
    "dwc": {"in_width": 24, "out_width": 16, "tlast": 1},
    "fifo": {"width": 9, "depth": 40},
    "input": {"encoding": "threshold", "elements": 48},
    "label": {"pe": 2, "signed": 1, "score": 1},
    "mvtu": {"mw": 20, "mh": 6, "pe": 3, "simd": 5, "storage": "block"},
    "pad": {"ifm_ch": 4, "simd": 2, "ifm_h": 5, "ifm_w": 4},
    "pool": {"ifm_ch": 4, "pe": 2, "bits": 3, "ifm_h": 6, "ifm_w": 6},
    "regroup": {"ifm_ch": 2, "in_pixels": 4, "out_pixels": 2, "ifm_h": 3, "ifm_w": 9},
    "swg": {"ifm_ch": 2, "simd": 2, "ifm_h": 6, "ifm_w": 6},
    "uart": {"clock_khz": 100_000, "baud": 25_000_000, "address_width": 10, "frame_bytes": 40},
}


@pytest.fixture
def simulate_gates(tmp_path: Path):
    """A function that synthesizes a core for a family and runs its test bench on the netlist."""

    def simulate(core: str, family: str, flip: tuple[int, int] | None = None) -> runner.Result:
        plan = ip.get(core).build(POINTS[core])
        built = of_core(plan)
        write_tree(tmp_path, built.folder())
        files = [tmp_path / path for path in built.listed(TWINS[family])]
        netlist, *models = gates.of(files, plan.module, family, tmp_path)
        if flip:
            netlist = gates.with_flipped_bit(netlist, *flip)
        return runner.simulate(
            [netlist, *models],
            plan.module,
            f"tests.ip.{core}.tb_{core}",
            plan=plan,
            sim="icarus",
            name=f"gates-{core}-{family}{'-flipped' if flip else ''}",
        )

    return simulate


def test_every_core_has_a_point() -> None:
    assert sorted(POINTS) == sorted(ip.NAMES)


@pytest.mark.parametrize("family", gates.FAMILIES)
@pytest.mark.parametrize(
    "core", [pytest.param(core, marks=pytest.mark.lengthy) if core in ("dma", "uart") else core for core in POINTS]
)
def test_a_netlist_passes_the_bench_of_its_core(simulate_gates, core: str, family: str) -> None:
    if (core, family) == ("uart", "xc7"):
        pytest.skip("Yosys writes this core's block RAMs at port A, which the model of RAMB18E1 does not hold")
    simulate_gates(core, family)


@pytest.mark.parametrize("family", gates.FAMILIES)
def test_a_flipped_bit_of_a_truth_table_is_noticed(
    simulate_gates, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One bit of one table: not every random stream of scores comes by it.
    monkeypatch.setenv("SEED", "1")
    with pytest.raises(runner.SimulationError):
        simulate_gates("label", family, flip=(0, 0))
