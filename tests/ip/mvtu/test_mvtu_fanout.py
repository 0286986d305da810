# SPDX-License-Identifier: Apache-2.0
"""How many copies a unit has of the address of a memory in LUTs."""

from __future__ import annotations

import numpy as np
import pytest

from finn_gen.family.columns import columns_of
from finn_gen.ip.mvtu import fanout


def _words(depth: int, width: int, seed: int) -> tuple[str, ...]:
    bits = np.random.default_rng(seed).integers(0, 2, (depth, width))
    return tuple(f"{int(''.join(map(str, row)), 2):0{-(-width // 4)}x}" for row in bits)


@pytest.mark.parametrize("depth", [2, 4, 8, 16, 32, 64])
@pytest.mark.parametrize("width", [16, 500, 4096])
def test_slices_have_no_more_columns_than_the_whole(depth: int, width: int) -> None:
    """Columns that are equal are one register: memories that share many are not cut, others are."""
    words = _words(depth, width, seed=depth * width)
    slices = fanout.lut_slices(words, width)
    whole = columns_of(words, width)
    parts = [columns_of(part, each) for part, each in zip(fanout.cut(words, slices), slices, strict=True)]
    assert sum(slices) == width
    assert sum(part.functions + part.shorter for part in parts) <= fanout.SHARED * (whole.functions + whole.shorter)
    if depth >= 32 and width > fanout.MOST:
        loads = max(part.functions * depth // fanout.LUT_WORDS for part in parts)
        assert loads <= 2 * fanout.MOST or len(slices) == fanout.MOST


@pytest.mark.parametrize("depth", [4, 8, 16, 64])
@pytest.mark.parametrize("width", [16, 500, 4096])
def test_unknown_words_are_cut_as_random_ones_are(depth: int, width: int) -> None:
    """A sketch of a plan has no words; what it assumes is near what random ones give."""
    sketched, random = fanout.even_slices(depth, width), fanout.lut_slices(_words(depth, width, seed=width), width)
    assert sum(sketched) == width
    assert len(sketched) <= 2 * len(random) and len(random) <= 2 * len(sketched)


@pytest.mark.parametrize(
    ("width", "words", "others", "lanes"), [(64, 16, 57, 1), (64, 16, 32, 0), (4, 64, 64, 0), (256, 3, 0, 2)]
)
def test_the_address_of_a_replayed_vector_has_copies_where_it_drives_much(
    width: int, words: int, others: int, lanes: int
) -> None:
    found = fanout.replay_lanes(width, words, others)
    assert len(found) == lanes
    assert not found or sum(found) == width


def test_a_lane_of_a_replayed_vector_drives_few_inputs() -> None:
    """Memories in LUTs have an address of up to six bits for every bit, of up to five for two."""
    for width in (200, 1000, 4096):
        assert all(lane <= 2 * fanout.MOST for lane in fanout.replay_lanes(width, 32, 0))
        assert all(lane <= fanout.MOST for lane in fanout.replay_lanes(width, 64, 0))
