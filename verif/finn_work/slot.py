# SPDX-License-Identifier: Apache-2.0
"""A place where one piece runs at a time: a child process, which is started when it is needed, and again when it died.

Both backends run pieces in slots: the threads of `processes.Processes`, and of a Dask worker by `perform`.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from finn_work import identity
from finn_work.piece import Needs

TAIL = 2000
"""Characters, of what a piece printed, that are told when it fails."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LOADED = identity.of(Needs(()))["sources of finn_work"]
"""The sources of this package as this process has imported them, which may be older than those on the disk."""


class Slot:
    """A child process for pieces, one by one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._run: str | None = None

    def perform(self, request: Mapping[str, Any], contents: Mapping[str, bytes]) -> dict[str, Any]:
        """The child's answer to a request; `contents` by digest. A child that dies is the answer `died`."""
        serial = json.dumps([request["expected"], request["needs"]], sort_keys=True)
        if self._process is None or self._process.poll() is not None or self._serial != serial:
            self.close()
            self._start(serial)
        sent = sorted(contents.keys() - self._has)
        self._run = request["run"]
        try:
            self._connection.send_bytes(json.dumps({**request, "sent": sent}).encode())
            for digest in sent:
                self._connection.send_bytes(contents[digest])
            answer = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            answer = {"status": "died", "code": self._process.wait()}
        finally:
            self._run = None
        self._has |= set(sent)
        if answer["status"] in ("died", "raised"):
            answer["said"] = self._tail()
        return {**answer, "worker": f"{platform.node()} process {self._process.pid}"}

    def stop(self, run: str) -> None:
        """End the child, with what it started, if it is busy for this run; another thread waits for its answer."""
        if self._run == run:
            self.kill()

    def kill(self) -> None:
        """End the child, with what it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the child and what it started."""
        if self._process is not None:
            self.kill()
            self._process.wait()
            self._connection.close()
            self._lifeline.close()
            self._log.close()
            self._process = None

    def _start(self, serial: str) -> None:
        ours, theirs = socket.socketpair()
        self._lifeline, their_lifeline = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the child)
        descriptors = (theirs.fileno(), their_lifeline.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "finn_work.child", *map(str, descriptors)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            start_new_session=True,
            # A slot is one core: matrix products with more threads would wait for those of other slots.
            env={**os.environ, **dict.fromkeys(_THREADS, "1")},
        )
        theirs.close()
        their_lifeline.close()
        self._connection = Connection(ours.detach())
        self._serial, self._has = serial, set[str]()

    def _tail(self) -> str:
        """The end of what the child has printed."""
        end = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), TAIL, max(0, end - TAIL)).decode(errors="replace").strip()


_here = threading.local()
_slots: list[Slot] = []


def perform(request: Mapping[str, Any], digests: list[str], *contents: bytes) -> dict[str, Any]:
    """The answer to a request, by the slot of the thread that this is called in; `digests` are those of `contents`."""
    if other := _stale(request):
        return other
    if not hasattr(_here, "slot"):
        _here.slot = Slot()
        _slots.append(_here.slot)
    return _here.slot.perform(request, dict(zip(digests, contents, strict=True)))


def stop(run: str) -> None:
    """End the pieces of a run in all slots of this process."""
    for slot in _slots:
        slot.stop(run)


def ask(request: Mapping[str, Any]) -> dict[str, Any]:
    """What a worker is, by a child that is started for this request alone."""
    slot = Slot()
    try:
        return _stale(request) or slot.perform(request, {})
    finally:
        slot.close()


def _stale(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The refusal of a request by a process that has imported other sources than the one who asks."""
    if request["loaded"] == LOADED:
        return None
    there = f"this worker was started with other sources of finn_work ({LOADED} there, {request['loaded']} here)"
    return {"status": "refused", "differences": [f"{there}: start it anew"], "worker": platform.node()}


def apart(call: str, arguments: Mapping[str, Any], over: Callable[[], bool]) -> dict[str, Any] | None:
    """The answer to a call, `module:name`, in a process of its own.

    None where `over`, which is asked ten times a second, says so first; the process is ended, with what it started.
    """
    slot = Slot()
    request = {"run": "apart", "needs": {"packages": []}, "expected": {}, "call": call, "inputs": {}}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(slot.perform, {**request, "arguments": dict(arguments)}, {})
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    return answer.result(0.1)
                if over():
                    return None
        finally:
            slot.kill()
            pool.shutdown()
            slot.close()
