# SPDX-License-Identifier: Apache-2.0
"""What the main job needs to know of an accelerator: its network and a few numbers of its plan.

Both lie in the simulator's work folder, where the generated core puts them: the plan as finn.plan.json, the
network as finn.network.yaml with its parameters finn.parameters.npz.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.formats import description
from finn_gen.network import model
from finn_verif.plan import FILE as PLAN_FILE


@dataclass(frozen=True)
class Design:
    """Numbers of a plan: words and bits of the input, bits and number of scores, cycles.

    packed      the input carries one bit an element, else a byte
    interval    cycles from one image to the next, nothing stalling
    latency     cycles from the first input word to the last output word of an image
    """

    name: str
    folding: str
    clock_mhz: float
    packed: bool
    word_width: int
    words: int
    score_width: int
    score_signed: bool
    scores: int
    interval: int
    latency: int


def load(folder: Path) -> tuple[Design, model.Network]:
    """The accelerator of a work folder; InputError if a file or a field is missing."""
    path = folder / PLAN_FILE
    try:
        design = of_plan(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); it must be the accelerator's plan") from None
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: not the plan of an accelerator ({type(error).__name__}: {error})") from None
    return design, description.written(folder)


def of_plan(plan: Mapping[str, Any]) -> Design:
    """The numbers of a plan as finn_gen.accelerator.plan_json writes it."""
    words, scores = plan["input"], plan["scores"]
    return Design(
        name=plan["network"],
        folding=plan["folding"]["name"],
        clock_mhz=plan["clock_mhz"],
        packed=words["packed"],
        word_width=words["word_width"],
        words=words["words"],
        score_width=scores["width"],
        score_signed=scores["signed"],
        scores=scores["count"],
        interval=plan["interval"],
        latency=plan["latency"],
    )
