# SPDX-License-Identifier: Apache-2.0
"""Registers that select or address wide words are copies, and synthesis leaves them: none drives more than 64 pins."""

import shutil
from pathlib import Path

import pytest

from finn_gen.base.library import building_block
from finn_gen.ip import Benchmark
from tools.synth import rendered
from tools.timing.netlist import Netlist
from tools.timing.synthesis import FAMILIES, TWINS, synthesize

MOST = 64
WIDE = {
    "finn_reg_slice": {"WIDTH": 130},
    "finn_half_slice": {"WIDTH": 130},
    "finn_fifo_ram": {"WIDTH": 130, "DEPTH": 33, "RAM_STYLE": '"distributed"'},
    "finn_line_buffer": {"WIDTH": 130, "DEPTH": 20, "ADDRESSES": 32},
}
"""Building blocks for words of more bits than a register may drive."""
PARTS = {"finn_fifo_ram": ["finn_fifo_control"], "finn_line_buffer": ["finn_ram"]}
CORES = [
    ("dwc", {"in_width": 24, "out_width": 64}),
    ("pool", {"ifm_ch": 16, "pe": 16, "bits": 8, "ifm_h": 28, "ifm_w": 28, "k": 3}),
]


def most_driven(netlist: Netlist) -> tuple[int, str]:
    """The most pins that a register drives, and its name."""
    cells = [cell for cell in netlist.cells if cell.kind.startswith(("FDRE", "FDSE", "TRELLIS_FF"))]
    assert len(cells) > MOST, "no wide word is left"
    driven = ((netlist.fanout.get(bit, 0), netlist.net(bit)) for cell in cells for _, _, bit in cell.outputs())
    return max(driven)


@pytest.mark.parametrize("family", ["xc7", pytest.param("ecp5", marks=pytest.mark.lengthy)])
@pytest.mark.parametrize("block", WIDE)
def test_a_register_of_a_building_block_drives_few_pins(block: str, family: str, tmp_path: Path) -> None:
    files = [building_block(name) for name in (block, *PARTS.get(block, ()))]
    copies = [Path(shutil.copy(file, tmp_path)) for file in files]
    sets = [f"chparam -set {name} {value} {block}" for name, value in WIDE[block].items()]
    count, name = most_driven(synthesize(copies, block, family, tmp_path, before=sets))
    assert count <= MOST, name


@pytest.mark.lengthy
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("core", "values"), CORES)
def test_a_register_of_a_core_drives_few_pins(core: str, values: dict, family: str, tmp_path: Path) -> None:
    files, top = rendered(core, Benchmark("wide", values, {}), tmp_path, TWINS[family])
    count, name = most_driven(synthesize(files, top, family, tmp_path))
    assert count <= MOST, name
