# SPDX-License-Identifier: Apache-2.0
"""Settings shared by all tests: one seed for the run, printed in the header."""

import os

from finn_verif import seed


def pytest_configure(config) -> None:
    """Choose the seed once; workers of pytest-xdist inherit it."""
    os.environ["SEED"] = str(seed.choose())


def pytest_report_header(config) -> str:
    """Tell how to repeat the run."""
    return (
        f"SEED={os.environ['SEED']} (repeats this run), SIM={os.environ.get('SIM', 'as each test chooses')}"
    )
