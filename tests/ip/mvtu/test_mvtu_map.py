# SPDX-License-Identifier: Apache-2.0
"""The C header of a unit with reload: its functions give what the memories hold."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from finn_gen import ip
from finn_gen.ip.mvtu.matrix import WeightMatrix, drawn
from finn_gen.ip.mvtu.plan import MvtuPlan, plan_unit

UNITS = [
    {},
    {"in_bits": 4, "in_signed": 1},
    {"in_bits": 3, "out_bits": 2},
    {"w_bits": 2, "w_narrow": 1, "in_bits": 2},
    {"w_bits": 3, "in_bits": 2, "out_bits": 3},
    {"w_bits": 4, "out_bits": 0, "bias_bits": 6, "fraction": 3},
    {"in_bits": 2, "out_bits": 0, "bias_bits": 6, "fraction": 1},
]
SHAPE = {"mw": 6, "mh": 5, "pe": 1, "simd": 3, "storage": "lut", "reload": 1}


def arguments(plan: MvtuPlan, weights: np.ndarray, row: int) -> list[str]:
    """What `initial` takes for a row."""
    params, middle = plan.params, plan.thresholds.levels // 2
    low, high = WeightMatrix.of("unit", weights, params).reach(params)
    found = [plan.thresholds.rows[row][middle]] if params.out_bits else []
    if params.w_bits > 1 and params.out_bits:
        found += [low[row], high[row]]
    found += [plan.thresholds.biases[row]] if params.bias_bits else []
    if params.w_bits == 1:
        return [str(int(value)) for value in (*found, (weights[row] < 0).sum())]
    excess = " + ".join(f"{params.name}_excess({weight})" for weight in weights[row])
    return [*(str(int(value)) for value in found), excess]


@pytest.mark.parametrize("kind", UNITS, ids=str)
def test_the_header_gives_the_number_that_a_row_starts_from(tmp_path: Path, kind: dict) -> None:
    params = ip.get("mvtu").check(SHAPE | kind)
    rng = np.random.default_rng(3)
    weights = drawn(rng, params)
    levels = (1 << params.out_bits) - 1
    # Some beyond what any sum reaches.
    thresholds = np.sort(rng.integers(-200, 200, (params.mh, levels)), axis=1) if levels else None
    biases = rng.integers(-32, 32, params.mh) if params.bias_bits else None
    plan = plan_unit(params, weights, thresholds, biases)
    for name, text in ip.get("mvtu").emit(plan).items():
        if name.endswith(".h"):
            (tmp_path / name).write_text(text)
    mask = (1 << plan.thresholds.initial.lane_width) - 1
    calls = [f"{params.name}_initial({', '.join(arguments(plan, weights, row))})" for row in range(params.mh)]
    prints = "".join(f'printf("%llx\\n", (unsigned long long)({call} & {mask}LL));' for call in calls)
    (tmp_path / "main.c").write_text(
        f'#include <stdio.h>\n#include "{params.name}_map.h"\nint main(void) {{ {prints} return 0; }}\n'
    )
    build = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-o", "main", "main.c"]
    subprocess.run(build, cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout.split()
    assert [int(word, 16) for word in printed] == [int(word, 16) for word in plan.thresholds.initial.words]
