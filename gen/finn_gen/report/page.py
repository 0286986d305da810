# SPDX-License-Identifier: Apache-2.0
"""The page around the parts of a report."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from finn_gen import __version__
from finn_gen.report import scale

HOME = "finn_gen.report"


@dataclass(frozen=True)
class Verdict:
    """What stands on top: whether all is well, None where nothing was tried, and what is to say, a heading first."""

    good: bool | None
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """A figure that is seen first, and a few words below it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A section of the page; `body` is HTML."""

    anchor: str
    title: str
    body: Markup


@functools.cache
def environment(package: str = HOME) -> Environment:
    """The environment of the templates in the folder templates/ of `package`, which may use the macros of this one."""
    env = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(HOME)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["short"] = scale.short
    env.filters["count"] = lambda number: f"{number:,}"
    env.filters["percent"] = lambda share: f"{100 * share:.1f}"
    return env


def part(anchor: str, title: str, package: str = HOME, **values: Any) -> Part:
    """The part that the template <anchor>.html.j2 of `package` makes of `values`."""
    body = environment(package).get_template(f"{anchor}.html.j2").render(**values)
    return Part(anchor, title, Markup(body))


def missing(anchor: str, title: str, why: str) -> Part:
    """A part that cannot be given, and why."""
    return Part(anchor, title, Markup('<p class="missing">{}</p>').format(why))


def page(title: str, subtitle: str, verdict: Verdict, cards: Sequence[Card], parts: Sequence[Part]) -> str:
    """The whole page."""
    return (
        environment()
        .get_template("page.html.j2")
        .render(title=title, subtitle=subtitle, verdict=verdict, cards=cards, parts=parts, version=__version__)
    )
