# SPDX-License-Identifier: Apache-2.0
"""The recipe of each network: how long, how fast, what is binary when."""

from __future__ import annotations

import functools
from dataclasses import replace

from . import augment
from .augment import Augment
from .loop import Recipe, Stage

TEACHER = Stage("real", 10, 2e-3, binary_weights=False, binary_activations=False, teaches=True, decay=0.7)
RECIPES = {
    "sfc": Recipe(
        stages=(
            replace(TEACHER, strength=0.5),
            Stage("binary", 90, 1e-2, latent_deviation=0.1, distil=0.8, decay=0.6, strength=0.5),
        ),
        batch=256,
        soft_label_views=4,
    ),
    "lfc": Recipe(
        stages=(
            TEACHER,
            Stage("binary", 40, 1e-2, latent_deviation=0.1, distil=0.8, decay=0.6),
            Stage("binary, bent less", 20, 4e-3, distil=0.8, decay=0.9, strength=0.5),
        ),
        batch=256,
        soft_label_views=4,
    ),
    "cnv": Recipe(
        stages=(
            Stage("binary activations", 5, 3e-3, binary_weights=False, warmup=0.07, decay=0.0),
            Stage("binary", 100, 6e-3, latent_deviation=0.1, warmup=0.0, decay=0.5),
        ),
        batch=128,
        shards=2,
    ),
}
DIGITS = (
    "Grey levels are rotated (12 degrees), stretched (12 %), sheared (0.15) and shifted (2 pixels) by at most that much"
    " times the strength before they become bits."
)
AUGMENTATION = {
    "sfc": DIGITS,
    "lfc": DIGITS,
    "cnv": "Pictures are shifted by up to 4 pixels times the strength each way, borders mirrored; where left and right"
    " mean nothing they are flipped too.",
}
ASKED = {"sfc_mnist": 97.5, "lfc_mnist": 98.6, "cnv_cifar10": 81.0}
"""Accuracy, in per cent of the test set, that the project asks of each network it carries."""


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
