# SPDX-License-Identifier: Apache-2.0
"""Make the simulator's exit code tell whether the cocotb tests passed.

cocotb writes `results.xml` and lets the simulator end with 0 whatever the tests said, and
`fusesoc run` looks at the exit code only (edalize#493). The handler reads the results when Python ends
and leaves with 1 when a test failed, or when none ran at all. A simulator that spins without time going on, as
a combinational loop makes it, is ended after FINN_TIMEOUT seconds (600 unless given).
"""

import atexit
import faulthandler
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

TIMEOUT = 600


def install() -> None:
    """Register the handler and start the timeout. The package calls it when it is imported inside a simulator."""
    # Its thread needs no Python to run, and leaves with 1.
    faulthandler.dump_traceback_later(float(os.environ.get("FINN_TIMEOUT", TIMEOUT)), exit=True)
    results = Path(os.environ.get("COCOTB_RESULTS_FILE", "results.xml")).absolute()
    results.unlink(missing_ok=True)  # a verdict of an earlier run must not pass for this one's
    atexit.register(_leave, results)


def verdict(results: Path) -> str | None:
    """Say what is wrong with a results file of cocotb, in one line; None when tests ran and all passed."""
    if not results.is_file():
        return f"no test ran to its end: {results.name} was not written"
    ran, failed = 0, []
    for case in ElementTree.parse(results).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        ran += 1
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')}.{case.get('name')}")
    if not ran:
        return f"no test ran: {results.name} lists none"
    if failed:
        return f"{len(failed)} of {ran} tests failed, the first: {failed[0]}"
    return None


def _leave(results: Path) -> None:
    faulthandler.cancel_dump_traceback_later()
    problem = verdict(results)
    if problem is None:
        return
    print(f"ERROR: {problem}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)  # the only way to hand an exit code through the simulator's own ending
