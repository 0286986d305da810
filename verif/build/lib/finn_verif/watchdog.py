# SPDX-License-Identifier: Apache-2.0
"""Hang detector: something must move within a bounded number of cycles."""

from collections.abc import Callable


class HangError(AssertionError):
    """No word moved for longer than the core may take."""


class Watchdog:
    """Counts the cycles in which the core had something to do and nothing held it back, yet no word moved.

    limit   longest legal pause in cycles
    report  says where every stream stands, for the message
    """

    def __init__(self, limit: int, report: Callable[[], str]) -> None:
        self._limit = limit
        self._report = report
        self._idle = 0

    def step(self, cycle: int, moved: bool) -> None:
        """Take one cycle; `moved` is true when a word passed or a throttle stood in the way.

        Raises HangError.
        """
        if moved:
            self._idle = 0
            return
        self._idle += 1
        if self._idle > self._limit:
            raise HangError(f"cycle {cycle}: hang, no word moved for {self._limit} cycles; {self._report()}")
