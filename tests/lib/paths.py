# SPDX-License-Identifier: Apache-2.0
"""Where things lie: the repository, and data beside it that is not carried, without which some tests are skipped."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
SAMPLES = MODELS / "samples"

DATA = ROOT.parent / "shared" / "data"
"""Data sets, and of BNN-PYNQ parameters and golden values."""
GOLDEN = DATA / "bnn-pynq"

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data sets in ../shared/data are not there")
needs_golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden values in ../shared/data are not there")
