# SPDX-License-Identifier: Apache-2.0
"""The cycles of a run beside the cycle model: every kind of difference is told."""

import dataclasses

import numpy as np
import pytest

from finn_gen.report.measured import Measured
from finn_gen.request import Request
from finn_gen.timing import chain
from finn_sim.accel import cycles

IMAGES = 3


@pytest.fixture(scope="module")
def plan():
    return Request("sfc", fps=1e6).plan()


@pytest.fixture
def seen(plan) -> Measured:
    """What a run of the model's cycles shows: it ends with the last result."""
    trace = chain.trace([stage.plan for stage in plan.stages], IMAGES + 1)
    over = trace.last > trace.last[-1, IMAGES - 1]
    return Measured(np.where(over, -1, trace.first), np.where(over, -1, trace.last))


def test_the_cycles_of_the_model_are_no_difference(plan, seen) -> None:
    assert cycles.difference(plan, seen, IMAGES) == ""


@pytest.mark.parametrize("which", ["first", "last"])
def test_a_word_at_another_cycle_is_told(plan, seen, which: str) -> None:
    for boundary, image in np.argwhere(seen.last >= 0).tolist():
        times = getattr(seen, which).copy()
        times[boundary, image] += 1
        wrong = dataclasses.replace(seen, **{which: times})
        assert cycles.difference(plan, wrong, IMAGES).startswith(f"boundary {boundary}, image {image}: cycles (")


def test_a_word_that_is_missing_is_told(plan, seen) -> None:
    for boundary, image in np.argwhere(seen.last[:, :IMAGES] >= 0).tolist():
        last = seen.last.copy()
        last[boundary, image] = -1
        said = cycles.difference(plan, dataclasses.replace(seen, last=last), IMAGES)
        assert said.startswith(f"boundary {boundary}, image {image}: nothing passed")


def test_an_image_that_is_missing_is_told(plan, seen) -> None:
    short = Measured(seen.first[:, : IMAGES - 1], seen.last[:, : IMAGES - 1])
    assert f"image {IMAGES - 1}: nothing passed" in cycles.difference(plan, short, IMAGES)
