# SPDX-License-Identifier: Apache-2.0
"""The recipe of each network: how long, how fast, what is binary when."""

from __future__ import annotations

import functools
from dataclasses import replace

from . import augment
from .augment import Augment
from .loop import Recipe, Stage

RECIPES = {
    "sfc": Recipe(
        stages=(
            Stage("real", 30, 3e-3, binary_weights=False, binary_activations=False, teaches=True, decay=0.7),
            Stage("binary", 150, 1e-2, latent_deviation=0.2, distil=0.9),
        ),
        batch=256,
        soft_label_views=8,
    ),
    "lfc": Recipe(
        stages=(
            Stage("real", 30, 3e-3, binary_weights=False, binary_activations=False, teaches=True, decay=0.7),
            Stage("binary", 100, 1e-2, latent_deviation=0.2, distil=0.9),
        ),
        batch=256,
        soft_label_views=8,
    ),
    "cnv": Recipe(
        stages=(
            Stage("real", 6, 3e-3, binary_weights=False, binary_activations=False, teaches=True, decay=0.7),
            Stage("binary activations", 2, 2e-3, binary_weights=False, distil=0.7, decay=0.0),
            Stage("binary", 40, 3e-3, latent_deviation=0.1, distil=0.7, warmup=0.0, decay=0.3),
        ),
        batch=128,
        soft_label_views=4,
    ),
}
AUGMENTATION = {
    "sfc": "Grey levels are rotated, stretched, sheared and shifted a little before they become bits.",
    "lfc": "Grey levels are rotated, stretched, sheared and shifted a little before they become bits.",
    "cnv": "Pictures are shifted by up to 4 pixels each way, borders mirrored; where left and right"
    " mean nothing they are flipped too.",
}


def recipe(network: str, epochs: int | None = None) -> Recipe:
    """The recipe of a network; `epochs`, if given, sets the length of the last stage."""
    found = RECIPES[network]
    if epochs is None:
        return found
    return replace(found, stages=(*found.stages[:-1], replace(found.stages[-1], epochs=epochs)))


def augmentation(network: str, dataset: str) -> Augment:
    """Small affine changes for grey digits; shifts for colour pictures, flipped unless they show digits."""
    if network != "cnv":
        return augment.affine
    return functools.partial(augment.shift, flip=dataset != "svhn")
