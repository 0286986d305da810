# SPDX-License-Identifier: Apache-2.0
"""The recipe of each network: how long, how fast, what is quantized when."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from finn_train import augment
from finn_train.augment import Augment
from finn_train.loop import Recipe, Stage
from finn_train.teacher import Teacher

TEACHER = Stage("real", 10, 2e-3, quantized_weights=False, quantized_activations=False, teaches=True, decay=0.7)
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
            Stage("binary activations", 5, 3e-3, quantized_weights=False, warmup=0.07, decay=0.0),
            Stage("binary", 100, 6e-3, latent_deviation=0.1, warmup=0.0, decay=0.5),
        ),
        batch=128,
        shards=2,
    ),
}
REAL = Stage("real", 4, 2e-3, quantized_weights=False, quantized_activations=False, distil=1.0, temperature=1.0)
PUPIL = Stage("binary", 100, 1e-2, latent_deviation=0.1, distil=1.0, temperature=1.0, decay=0.7)
TAUGHT = {
    "sfc": Recipe(stages=(REAL, PUPIL), batch=512, teacher=Teacher()),
    "lfc": Recipe(stages=(REAL, replace(PUPIL, epochs=60)), batch=512, teacher=Teacher()),
}
"""With a teacher."""
STEPS = 6_000
"""About how many steps any other network is trained for, if that is within EPOCHS."""
EPOCHS = (10, 150)
BATCHES = (8, 128)
BATCHES_AN_EPOCH = 40
"""As many at least, if batches of BATCHES allow it."""


@dataclass(frozen=True)
class Variants:
    """Random variants of pictures, and what a card says of them."""

    augment: Augment
    text: str


DIGITS = (
    "Grey levels are rotated (12 degrees), stretched (12 %), sheared (0.15) and shifted (2 pixels) by at most that much"
    " times the strength before they become bits."
)


def _shifted(shift: Augment, reach: str, flip: bool) -> Variants:
    flipped = ", every second one flipped left to right" if flip else ""
    text = f"Pictures are shifted by up to {reach} times the strength each way, borders mirrored{flipped}."
    return Variants(functools.partial(shift, flip=flip), text)


def recipe(network: str) -> Recipe:
    """The recipe of one of the networks that have their own."""
    return RECIPES[network]


def taught(network: str, recipe: Recipe) -> Recipe:
    """The recipe with a teacher: every stage learns from its answers alone."""
    if network in TAUGHT:
        return TAUGHT[network]
    teacher = Teacher(epochs=recipe.stages[0].epochs, batch=recipe.batch)
    stages = tuple(replace(s, teaches=False, distil=1.0, temperature=1.0) for s in recipe.stages)
    return replace(recipe, stages=stages, soft_label_views=0, teacher=teacher)


def general(pictures: int) -> Recipe:
    """The recipe of any other network, by the number of training pictures: real numbers first, which then teach."""
    batch = min(max(pictures // BATCHES_AN_EPOCH, BATCHES[0]), BATCHES[1])
    batch = min(1 << batch.bit_length() - 1, pictures)
    epochs = min(max(round(STEPS * batch / pictures), EPOCHS[0]), EPOCHS[1])
    first = max(epochs // 5, 1)
    return Recipe(
        stages=(
            replace(TEACHER, epochs=first, rate=3e-3),
            Stage("quantized", epochs - first, 6e-3, latent_deviation=0.1, distil=0.5, decay=0.6),
        ),
        batch=batch,
        soft_label_views=2,
    )


def variants(network: str, dataset: str) -> Variants:
    """Small affine changes for grey digits; shifts for colour pictures, flipped unless they show digits."""
    if network != "cnv":
        return Variants(augment.affine, DIGITS)
    return _shifted(augment.shift, "4 pixels", dataset != "svhn")


def general_variants(flip: bool) -> Variants:
    """Shifts for pictures of any kind, flipped where that is asked for."""
    return _shifted(augment.small_shift, "an eighth of the shorter side", flip)
