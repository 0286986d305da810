# SPDX-License-Identifier: Apache-2.0
"""Networks of shapes that users brought are planned in seconds; `make bench-plan` measures them."""

from pathlib import Path

import pytest

from finn_gen import request
from finn_gen.base.errors import InputError
from finn_gen.plan import cheapest, fifo_sizing, rate
from finn_gen.plan.cheapest import followed
from finn_gen.plan.search import Parts, Search
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


def test_what_takes_too_long_to_follow_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifo_sizing, "MOST_WORDS", 10_000)
    path = str(outside_networks.write(tmp_path, "primeimg"))
    with pytest.raises(InputError, match=r"^primeimg_l\w+: it gives [0-9,]+ words an image, .*ask for a higher rate"):
        Request(path, fps=10.0).plan()


def test_a_slow_rate_gets_a_plan_that_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, _ = request.load(str(outside_networks.write(tmp_path, "primeimg")))
    search = Search(Parts(network), rate.DEFAULT_WEIGHTS)
    slow = followed(search, request.ANY)
    monkeypatch.setattr(cheapest, "MOST_FOLLOWED", search.words(request.ANY) // 2)
    fast = followed(search, request.ANY)
    assert search.words(fast.target) <= cheapest.MOST_FOLLOWED < search.words(slow.target)
    assert search.cost(fast.target) >= search.cost(slow.target)
    # Where no folding has so few words the fastest is taken, and refused if its FIFOs cannot be sized.
    monkeypatch.setattr(cheapest, "MOST_FOLLOWED", 1)
    assert followed(search, request.ANY).target < fast.target
