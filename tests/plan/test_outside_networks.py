# SPDX-License-Identifier: Apache-2.0
"""Networks of shapes that users brought are planned in seconds; `make bench-plan` measures them."""

from pathlib import Path

import pytest

from finn_gen.base.errors import InputError
from finn_gen.plan import fifo_sizing
from finn_gen.request import Request
from tests.lib import outside_networks


@pytest.mark.parametrize(
    ("name", "words", "interval"),
    [
        ("one", {"folding": "fix"}, 16_384),
        ("primeimg", {"folding": "fix"}, 16_384),
        ("wide", {"folding": "fix"}, 16_384),
        ("deepdense", {"folding": "fix"}, 16_384),
        ("prime", {"folding": "max"}, 997),
        ("prime", {"fps": 100_000.0}, 2_000),
    ],
)
def test_it_is_planned(name: str, words: dict, interval: int, tmp_path: Path) -> None:
    plan = Request(str(outside_networks.write(tmp_path, name)), **words).plan()
    assert plan.interval <= interval
    assert plan.smallest_fifos


def test_a_large_network_gets_fifos_that_are_large_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifo_sizing, "MOST_STEPS", 1_000_000)  # the full search takes some ten seconds
    plan = Request(str(outside_networks.write(tmp_path, "deep20")), folding="fix").plan()
    assert plan.interval == 16_384
    assert not plan.smallest_fifos


def test_what_takes_too_long_to_follow_is_refused(tmp_path: Path) -> None:
    path = str(outside_networks.write(tmp_path, "vgg16"))
    with pytest.raises(InputError, match=r"^vgg16_l2_pad: it gives [0-9,]+ words an image, .*ask for a higher rate"):
        Request(path, fps=10.0).plan()
