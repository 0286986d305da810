# SPDX-License-Identifier: Apache-2.0
"""Python's collector of objects that hold each other, put off."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Do without the collector: it goes over everything again and again while large plans are made.

    A tree has hundreds of thousands of cells, none of which holds what holds it; making it took twice as long with the
    collector.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
