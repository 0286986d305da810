# SPDX-License-Identifier: Apache-2.0
"""Stands before pytest in simulations that `finn_verif.runner` starts: cocotb does not get it, all others do.

cocotb imports pytest where it can, which takes 0.2 s a simulation: for the type of a failed `pytest.raises`, and to
rewrite assertions, which the runner leaves off.
"""

import sys
from pathlib import Path

_importer = sys._getframe(1)
while "importlib" in _importer.f_code.co_filename and _importer.f_back:
    _importer = _importer.f_back
if _importer.f_globals.get("__name__", "").startswith("cocotb."):
    raise ModuleNotFoundError("cocotb does without pytest here", name="pytest")
sys.path = [entry for entry in sys.path if Path(entry) != Path(__file__).parent]
del sys.modules["pytest"]

import pytest  # noqa: E402, F401 (from here on it is in sys.modules, and what was asked for)
