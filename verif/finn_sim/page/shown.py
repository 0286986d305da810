# SPDX-License-Identifier: Apache-2.0
"""Pictures with what was said of them, and which classes are taken for which."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finn_gen.report.page import Part, missing, part
from finn_sim.accel.report import short
from finn_sim.pictures import Pictures

PACKAGE = "finn_sim.page"
MOST_SHOWN = 48
MOST_SCORES = 10
MOST_CLASSES = 24
"""Classes of the largest confusion table; of more, pairs are listed."""


@dataclass(frozen=True)
class Said:
    """What was said of a picture: a class, scores of all classes or None, whether the reference says the same."""

    index: int
    label: int
    scores: Sequence[int] | None
    equal: bool


@dataclass(frozen=True)
class Score:
    """A class's score as a bar; `length` is from 0 to 1."""

    name: str
    score: int
    length: float
    chosen: bool


@dataclass(frozen=True)
class Card:
    """A picture to print. `image` is PNG in base64, or None where that cannot be made."""

    index: int
    name: str
    image: str | None
    alt: str
    label: str | None
    predicted: str
    right: bool | None
    equal: bool
    scores: tuple[Score, ...]
    more: int


def png(image: np.ndarray) -> str | None:
    """A picture, uint8 [H, W, C], as PNG in base64; None without pillow, or where it has neither 1 nor 3 channels."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return None
    if image.shape[2] not in (1, 3):
        return None
    stored = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(stored, "PNG", optimize=True)
    return base64.b64encode(stored.getvalue()).decode()


def pictures_part(pictures: Pictures, classes: Sequence[str], said: Sequence[Said], note: str = "") -> Part:
    """The pictures: of many those that differ from the reference, then wrong ones, then the first."""
    if not said:
        return missing("pictures", "Pictures", "No picture came to an answer.")
    names = short(classes)
    cards = [_card(pictures, names, each) for each in _chosen(pictures, said)]
    plain = any(card.image is None for card in cards)
    origin = pictures.origin.replace(f"{Path.cwd()}/", "")  # where others read the page, their folders are others
    values = {"cards": cards, "all": len(said), "origin": origin, "note": note, "plain": plain}
    return part("pictures", "Pictures", PACKAGE, **values)


def _right(pictures: Pictures, each: Said) -> bool | None:
    return None if pictures.labels is None else each.label == int(pictures.labels[each.index])


def _chosen(pictures: Pictures, said: Sequence[Said]) -> list[Said]:
    ranked = sorted(said, key=lambda each: (each.equal, _right(pictures, each) is not False, each.index))
    return sorted(ranked[:MOST_SHOWN], key=lambda each: each.index)


def _name(classes: Sequence[str], index: int) -> str:
    return classes[index] if 0 <= index < len(classes) else "unknown"


def _card(pictures: Pictures, classes: Sequence[str], each: Said) -> Card:
    label = None if pictures.labels is None else _name(classes, int(pictures.labels[each.index]))
    predicted = _name(classes, each.label)
    alt = f"picture {each.index + 1}, {pictures.names[each.index]}" + (f", of class {label}" if label else "")
    scores = tuple(_scores(classes, each))
    image = png(pictures.images[each.index])
    right = _right(pictures, each)
    more = len(each.scores or ()) - len(scores)
    name = pictures.names[each.index]
    return Card(each.index + 1, name, image, alt, label, predicted, right, each.equal, scores, more)


def _scores(classes: Sequence[str], each: Said) -> list[Score]:
    if not each.scores:
        return []
    low, high = min(each.scores), max(each.scores)
    best = range(len(each.scores))
    if len(best) > MOST_SCORES:
        best = sorted(best, key=lambda index: -each.scores[index])[:MOST_SCORES]
    return [
        Score(
            _name(classes, index),
            each.scores[index],
            0.06 + 0.94 * (each.scores[index] - low) / max(1, high - low),
            index == each.label,
        )
        for index in best
    ]


def confusion_part(pictures: Pictures, classes: Sequence[str], said: Sequence[Said]) -> Part:
    """How often which class was taken for which."""
    title = "Confusion table"
    if pictures.labels is None:
        return missing("confusion", title, "These pictures have no labels, so that nobody knows what is right.")
    if not said:
        return missing("confusion", title, "No picture came to an answer.")
    counts = Counter((int(pictures.labels[each.index]), each.label) for each in said)
    names = short(classes)
    table = []
    if len(classes) <= MOST_CLASSES:
        columns = range(len(classes))
        table = [(names[row], row, [counts[row, column] for column in columns]) for row in columns]
    pairs = sorted(((n, a, b) for (a, b), n in counts.items() if a != b), key=lambda pair: (-pair[0], pair[1:]))
    wrong = [(_name(names, a), _name(names, b), n) for n, a, b in pairs]
    right = sum(n for (a, b), n in counts.items() if a == b)
    values = {"names": names, "table": table, "wrong": wrong, "right": right, "all": len(said)}
    return part("confusion", title, PACKAGE, **values)
