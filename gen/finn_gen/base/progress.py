# SPDX-License-Identifier: Apache-2.0
"""Progress of what takes long, on a terminal."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

_DELAY_S = 2
Item = TypeVar("Item")


def progress(what: str, items: Iterable[Item]) -> Iterator[Item]:
    """The items, one by one; how many are done shows on standard error after two seconds, if that is a terminal."""
    return iter(tqdm(items, what, leave=False, delay=_DELAY_S, disable=None))


def starting(what: str) -> None:
    """Say on standard error what is going to take some seconds, if that is a terminal."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr, flush=True)
