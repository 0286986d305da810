# SPDX-License-Identifier: Apache-2.0
"""Weights and thresholds that are given in a file, or drawn at random."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.base.ranges import of_elements
from finn_gen.ip.mvtu import matrix, thresholds
from finn_gen.ip.mvtu.params import MvtuParams

Arrays = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]
"""Weights as numbers [MH, MW], thresholds [MH, levels] and biases [MH], None where there are none."""


def load(path: str) -> Arrays:
    """`weights`, `thresholds` and `biases` (None if absent) of an .npz file; nothing in it is executed."""
    rule = "it must be an .npz file of plain arrays"
    try:
        file = np.load(Path(path), allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise InputError(f"mvtu: params={path}: {rule}, not a single array")
        with file:
            if "weights" not in file.files:
                raise InputError(f"mvtu: params={path}: it has no array 'weights', only {sorted(file.files)}")
            return file["weights"], *(file[name] if name in file.files else None for name in ("thresholds", "biases"))
    except InputError:
        raise
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"mvtu: params={path}: {rule}: {error}") from None


def draw(params: MvtuParams) -> Arrays:
    """Weights and thresholds from the seed, the thresholds around the middle of the accumulator's range."""
    rng = np.random.default_rng(params.seed)
    weights = matrix.drawn(rng, params)
    levels = thresholds.level_count(params.out_bits)
    compared = thresholds.drawn(rng, matrix.sums(params), params.mh, levels) if levels else None
    bias = of_elements(params.bias_bits, signed=True) if params.bias_bits else None
    return weights, compared, rng.integers(bias.low, bias.high + 1, params.mh) if bias else None
