# SPDX-License-Identifier: Apache-2.0
"""Reference models of streams, against numpy's own bit packing and cases by hand."""

import random

import numpy as np
import pytest

from finn_verif.ref.stream import Partial, from_groups, pack, recut, recut_frame, to_groups, unpack


def bits(words: list[int], width: int) -> np.ndarray:
    return np.array([word >> i & 1 for word in words for i in range(width)], dtype=np.uint8)


def test_the_first_element_is_the_lowest_lane() -> None:
    assert pack([1, 2, 3], 4) == 0x321
    assert unpack(0x321, 4, 3) == [1, 2, 3]


def test_a_negative_element_is_packed_in_twos_complement() -> None:
    assert pack([-1, 1, -2], 3) == 0b110_001_111


@pytest.mark.parametrize(("in_width", "out_width"), [(8, 8), (64, 8), (8, 64), (5, 7), (7, 5), (1, 3), (3, 1)])
def test_recut_keeps_every_bit_in_order(in_width: int, out_width: int) -> None:
    words = [random.Random(7).getrandbits(in_width) for _ in range(31)]
    result = recut(words, in_width, out_width)
    assert len(result) == 31 * in_width // out_width
    seen = bits(result, out_width)
    assert np.array_equal(seen, bits(words, in_width)[: len(seen)])


def test_a_frame_ends_with_a_word_padded_with_zeros() -> None:
    assert recut_frame([0x1F, 0x1F, 0x1F], 5, 7) == [0x7F, 0x7F, 0x01]
    assert recut_frame([0xFF], 8, 64) == [0xFF]
    assert recut_frame([0xABCD], 16, 8) == [0xCD, 0xAB]


def test_no_word_gives_no_word() -> None:
    assert recut([], 5, 7) == recut_frame([], 5, 7) == []


def test_rows_of_groups_begin_with_a_word_of_their_own() -> None:
    image = np.arange(1, 7).reshape(2, 3, 1)
    words = to_groups(image, 2, 4)
    assert words == [0x21, 0x03, 0x54, 0x06]
    assert np.array_equal(from_groups([0x21, 0xF3, 0x54, 0xA6], 2, 4, image.shape), image)


def test_lanes_without_a_pixel_are_any_bits_and_no_other_is() -> None:
    whole, partial = to_groups(np.array([[[1], [2], [3]]]), 2, 4)
    assert all(partial == word and word == partial for word in (0xF3, 0x03))
    assert all(partial != word and word != partial for word in (0xF2, 0x02))
    assert whole == 0x21 and not isinstance(whole, Partial)


def test_a_negative_pixel_of_a_group_comes_back() -> None:
    image = np.array([[[-1, 2], [-3, 0], [1, -4]]])
    assert np.array_equal(from_groups(to_groups(image, 2, 3), 2, 3, image.shape, signed=True), image)
