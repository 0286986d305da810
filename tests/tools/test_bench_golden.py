# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of golden results counts as a class."""

import numpy as np

from tools.bench.golden import host_classes


def test_the_host_takes_the_highest_output_bit_that_is_set() -> None:
    limits = np.array([5, 5, 5])
    scores = np.array([[9, 5, 4], [5, 4, 9], [4, 4, 4], [0, 6, 6]])
    assert host_classes(scores, limits).tolist() == [1, 2, 0, 2]
