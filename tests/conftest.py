# SPDX-License-Identifier: Apache-2.0
"""Settings and fixtures shared by all tests: one seed for the run, and the rendering of an IP to simulate it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finn_gen import ip
from finn_gen.base.digest import digest
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_verif import runner, seed


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed once; workers of pytest-xdist inherit it."""
    os.environ["SEED"] = str(seed.choose())


def pytest_report_header(config: pytest.Config) -> str:
    """Tell how to repeat the run."""
    return f"SEED={os.environ['SEED']} repeats this run; SIM={os.environ.get('SIM', '(as each test chooses)')}"


@pytest.fixture
def simulate_ip() -> Callable[..., runner.Result]:
    """A function that renders an IP and runs its test bench on it.

    `simulate_ip("dwc", "icarus", in_width=8, out_width=64)` renders finn_gen.ip.dwc with these parameters and
    runs the module tests.ip.dwc.tb_dwc (another one with `bench`); SIM in the environment overrides the simulator.
    `build_args` go to the compiler, `only` is a pattern of the tests to run.
    """

    def simulate(
        name: str,
        sim: str,
        bench: str | None = None,
        build_args: tuple[str, ...] = (),
        only: str | None = None,
        **values: Any,
    ) -> runner.Result:
        plan = ip.get(name).build(values)
        folder = runner.build_root() / "ip" / f"{plan.module}-{digest(plan)}"
        files = of_core(plan).folder(plain=True)
        write_tree(folder, files)
        sources = [folder / line for line in (folder / f"{plan.module}.f").read_text().split()]
        data: list[Path] = [folder / path for path in files if path.endswith(".mem")]
        return runner.simulate(
            sources,
            plan.module,
            bench or f"tests.ip.{name}.tb_{name}",
            plan=plan,
            data=data,
            sim=sim,
            build_args=build_args,
            test_filter=only,
        )

    return simulate
