# SPDX-License-Identifier: Apache-2.0
"""The simulated schedule obeys what holds of every schedule."""

import random

import pytest

from finn_work.schedule import Overhead, simulate

FREE = Overhead(0, 0)


def test_pieces_that_divide_among_workers_take_their_share_of_the_time() -> None:
    assert simulate([2.0] * 12, 4, FREE).seconds == 6
    assert simulate([2.0] * 12, 5, FREE).seconds == 6
    assert simulate([2.0] * 12, 100, FREE).seconds == 2


def test_a_worker_that_is_free_first_takes_the_next_piece() -> None:
    assert simulate([5, 1, 1, 1, 1], 2, FREE).seconds == 5
    assert simulate([1, 1, 1, 1, 5], 2, FREE).seconds == 7


def test_what_bounds_it_is_named() -> None:
    assert simulate([1.0] * 100, 2, FREE).bound == "work over workers"
    assert simulate([1.0, 9.0], 2, FREE).bound == "longest piece"
    assert simulate([1.0] * 100, 100, Overhead(0.5, 0)).bound == "dispatch"
    assert simulate([1.0] * 4, 4, Overhead(0, 1, 40)).bound == "start"


def test_dispatch_is_one_after_the_other_and_the_start_comes_before() -> None:
    assert simulate([1.0] * 10, 10, Overhead(0.5, 0)).seconds == pytest.approx(6)
    assert simulate([1.0], 1, Overhead(0.5, 2, 3)).seconds == pytest.approx(6.5)


def test_no_schedule_beats_its_bounds_and_none_is_worse_than_one_worker() -> None:
    rng = random.Random(7)
    for _ in range(200):
        pieces = [rng.uniform(0.1, 5) for _ in range(rng.randint(1, 40))]
        workers = rng.randint(1, 20)
        overhead = Overhead(rng.uniform(0, 0.2), rng.uniform(0, 2), rng.uniform(0, 2))
        found = simulate(pieces, workers, overhead)
        assert found.seconds >= max(sum(pieces) / workers, *pieces, overhead.dispatch * len(pieces))
        assert found.seconds <= simulate(pieces, 1, overhead).seconds + 1e-9
        assert 0 < found.efficiency <= 1


def test_nothing_to_do_or_nobody_to_do_it_is_refused() -> None:
    for pieces, workers in (([], 2), ([1.0], 0)):
        with pytest.raises(ValueError, match="a piece and a worker"):
            simulate(pieces, workers, FREE)
