# SPDX-License-Identifier: Apache-2.0
"""Dask clusters of processes on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PATIENCE_S = 30


class LocalCluster:
    """A scheduler and workers, each a process that can be killed; they start in a folder that is no checkout."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self._file = folder, folder / "scheduler.json"
        self.workers: list[subprocess.Popen] = []
        words = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--scheduler-file", str(self._file)]
        self.scheduler = self._start([*words, "--no-dashboard"])
        wait_for(lambda: self._file.is_file() and self._file.read_text().endswith("}"))
        self.address: str = json.loads(self._file.read_text())["address"]

    def add_worker(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen:
        """Start a worker of one thread; it comes some time later."""
        words = ["worker", self.address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder)]
        self.workers.append(self._start([*words, "--name", f"worker{len(self.workers)}"], environment))
        return self.workers[-1]

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers have come."""
        from distributed import Client

        with Client(self.address, timeout=PATIENCE_S, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=PATIENCE_S)

    def close(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            kill(process)

    def _start(self, words: list[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen:
        log = (self.folder / f"{words[0]}{len(self.workers)}.log").open("wb")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def kill(process: subprocess.Popen) -> None:
    """Kill a process and those that it has started, as a machine that fails would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


@contextlib.contextmanager
def local_cluster(folder: Path, workers: int, port: int = 0) -> Iterator[LocalCluster]:
    """A cluster with so many workers, which have come."""
    cluster = LocalCluster(folder, port)
    try:
        for _ in range(workers):
            cluster.add_worker()
        if workers:
            cluster.wait_for_workers(workers)
        yield cluster
    finally:
        cluster.close()
