# SPDX-License-Identifier: Apache-2.0
"""What FuseSoC's generators have in common: reading the request, and errors as FuseSoC shows them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SAID = "FINN_SAID"
"""Environment variable with a file: who calls FuseSoC, or its flow, prints at the end what is written there."""
# Waits for the end of a process, and says something then.
LAST_WORDS = """
import os, select, sys, time
try:
    select.select([os.pidfd_open(int(sys.argv[1]))], [], [], 10)
except (AttributeError, OSError):
    time.sleep(0.2)
sys.stderr.write(sys.argv[2])
"""


def serve(name: str, generate: Callable[[dict[str, Any]], None]) -> int:
    """Run `generate` with FuseSoC's request, the YAML file named on the command line.

    Returns 0, or 2 for bad input or a file that cannot be written. A generator runs with its output folder as the
    current one.
    """
    import yaml

    from finn_gen.base.errors import InputError

    request = yaml.safe_load(Path(sys.argv[1]).read_text())
    try:
        generate(request)
    except InputError as error:
        fail(f"ERROR: {name}, asked by {request.get('vlnv')}: {error}")
        return 2
    except OSError as error:
        hint = "; is another run using this work root? --work-root DIR gives this one its own"
        what = f"{error.filename or 'output folder'}: {error.strerror or error}"
        gone = hint if isinstance(error, FileNotFoundError) else ""
        fail(f"ERROR: {name}, asked by {request.get('vlnv')}: {what}{gone}")
        return 2
    return 0


def fail(sentence: str) -> None:
    """Say why the generator fails, now, and at the end of FuseSoC, which has lines of its own to say in between."""
    print(sentence, file=sys.stderr, flush=True)
    if SAID in os.environ:
        with Path(os.environ[SAID]).open("a", encoding="utf-8") as file:
            file.write(f"{sentence}\n")
        return
    # A flow that is not of this repository has nobody to do so.
    command = [sys.executable, "-c", LAST_WORDS, str(os.getppid()), f"{sentence}\n"]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)


def without(name: str, error: ModuleNotFoundError) -> int:
    """Say that a module which a generator needs is not there; the exit code."""
    fail(
        f"ERROR: {name}: {sys.executable} has no module {error.name}; "
        "`make setup` in finn's repository and activate its .venv, or pip install finn-gen"
    )
    return 1
