# SPDX-License-Identifier: Apache-2.0
"""Backend: processes of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from finn_work.slot import Slot


class Processes:
    """So many slots, each with a thread that waits for its child."""

    def __init__(self, jobs: int) -> None:
        self._slots = [Slot() for _ in range(jobs)]
        self._free: SimpleQueue[Slot] = SimpleQueue()
        for slot in self._slots:
            self._free.put(slot)
        self._pool = ThreadPoolExecutor(jobs)

    def submit(self, request: Mapping[str, Any], contents: Mapping[str, bytes]) -> Future:
        """The answer to come to a request."""
        return self._pool.submit(self._perform, request, contents)

    def answers(self, futures: Sequence[Future]) -> list[dict[str, Any]]:
        """The answers of futures that are done."""
        return [future.result() for future in futures]

    def _perform(self, request: Mapping[str, Any], contents: Mapping[str, bytes]) -> dict[str, Any]:
        slot = self._free.get()
        try:
            return slot.perform(request, contents)
        finally:
            self._free.put(slot)

    def close(self, run: str) -> None:
        """End what is still running."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for slot in self._slots:
            slot.stop(run)
        self._pool.shutdown()
        for slot in self._slots:
            slot.close()
