# SPDX-License-Identifier: Apache-2.0
"""Register slice, the building block."""

import pytest

from finn_gen.base.library import building_block
from finn_verif.runner import simulate


@pytest.mark.parametrize(("width", "sim"), [(1, "icarus"), (13, "icarus"), (64, "icarus"), (13, "verilator")])
def test_every_width_passes_every_word(width: int, sim: str) -> None:
    simulate(
        [building_block("finn_reg_slice")],
        "finn_reg_slice",
        "tests.rtl.reg_slice.tb_reg_slice",
        parameters={"WIDTH": width},
        sim=sim,
    )
