# SPDX-License-Identifier: Apache-2.0
"""The process in which pieces run, one after another: `python -m finn_work.child FD FD`, started by `slot.Slot`.

By the first descriptor, a socket, come messages of one line of JSON and what belongs to it; the second one ends when
whoever started this process does, which then ends too, with every program that a piece has started.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from finn_work import identity
from finn_work.piece import Needs


def main() -> None:
    """Serve until nobody asks any more."""
    asked, lifeline = (int(word) for word in sys.argv[1:])
    os.set_inheritable(asked, False)
    os.set_inheritable(lifeline, False)
    threading.Thread(target=_die_with, args=(lifeline,), daemon=True).start()
    identity.use_checkout()
    connection = Connection(asked)
    with tempfile.TemporaryDirectory(prefix="finn_work_") as folder:
        while True:
            try:
                request = json.loads(connection.recv_bytes())
                for digest in request["sent"]:
                    (Path(folder) / digest).write_bytes(connection.recv_bytes())
            except EOFError:
                return
            connection.send_bytes(json.dumps(_answer(request, Path(folder))).encode())


def _die_with(lifeline: int) -> None:
    """Wait for the end of the process that started this one; it may have been killed."""
    while os.read(lifeline, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _answer(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What became of a request: `status` is done, raised or refused."""
    found = identity.of(Needs(**{name: tuple(words) for name, words in request["needs"].items()}))
    if request["call"] is None:
        return {"status": "done", "value": found, "seconds": 0.0}
    if other := identity.differences(request["expected"], found):
        return {"status": "refused", "differences": other}
    start = time.perf_counter()
    try:
        module, _, name = request["call"].partition(":")
        function = getattr(importlib.import_module(module), name)
        paths = {keyword: folder / digest for keyword, digest in request["inputs"].items()}
        value = function(**request["arguments"], **paths)
        json.dumps(value)
    except Exception as error:
        return {
            "status": "raised",
            "kind": type(error).__name__,
            "words": str(error),
            "trace": traceback.format_exc(),
        }
    return {"status": "done", "value": value, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    main()
