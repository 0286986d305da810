# SPDX-License-Identifier: Apache-2.0
"""Progress of what takes long, on a terminal."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

_DELAY_S = 2
Item = TypeVar("Item")


def progress(what: str, items: Iterable[Item]) -> Iterator[Item]:
    """The items, one by one; how many are done shows on standard error after two seconds, if that is a terminal."""
    return iter(tqdm(items, what, leave=False, delay=_DELAY_S, disable=None))
