# SPDX-License-Identifier: Apache-2.0
"""Print what planning takes, CPU seconds and memory, for networks that are large or odd; `make bench-plan` calls it.

Each case is planned by a Python of its own, start and loading of the compiled model included; what a machine compiles
the first time is compiled before.
"""

import argparse
import multiprocessing
import resource
import tempfile
from pathlib import Path

from finn_gen.base.errors import InputError
from finn_gen.request import Request
from tests.lib import outside_networks
from tools.report import Figure, table, write_figures

SECONDS_ASKED = {"carried": 1.0, "outside": 5.0, "other": 10.0}
MEBIBYTES_ASKED = 1024
CASES = (
    *(("cnv", words, "carried") for words in ({"folding": "paper"}, {"folding": "fix"}, {"folding": "bnn-pynq"})),
    *(("cnv", {"fps": rate}, "outside") for rate in (700.0, 100.0, 10.0, 1.0, 0.001)),
    ("prime", {"folding": "max"}, "outside"),
    ("img224", {"fps": 60.0}, "outside"),
    ("deepdense", {"folding": "fix"}, "outside"),
    ("deep20", {"folding": "fix"}, "outside"),
    ("vgg16", {"fps": 40.0}, "other"),
    ("wide", {"folding": "max"}, "other"),
    ("sfc_like", {"folding": "max"}, "other"),
    ("cnv", {"folding": "max"}, "other"),
)
"""Network, what is asked for, and which time it may take."""


def main() -> None:
    """Plan every case and print a line for each."""
    parser = argparse.ArgumentParser(prog="bench-plan", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    only = parser.parse_args().only
    Request("sfc").plan()  # compiles
    rows, figures = [], []
    with tempfile.TemporaryDirectory() as folder:
        for network, words, kind in CASES:
            name = (
                f"{network} {' '.join(f'{key}={value:g}' if key == 'fps' else value for key, value in words.items())}"
            )
            if only not in name:
                continue
            path = network if network == "cnv" else str(outside_networks.write(Path(folder), network))
            seconds, mebibytes, text = _measured(Request(path, **words))
            asked = SECONDS_ASKED[kind]
            rows.append((name, f"{seconds:.1f}", f"{asked:g}", f"{mebibytes:.0f}", text))
            figures += [
                Figure(f"{name}: time", round(seconds, 2), "CPU s", asked),
                Figure(f"{name}: memory", round(mebibytes), "MiB", MEBIBYTES_ASKED),
            ]
    print(table(("network", "CPU s", "asked", "MiB", "plan"), rows))
    write_figures("planning", figures)


def _measured(request: Request) -> tuple[float, float, str]:
    """CPU seconds and MiB that planning takes in a process of its own, and what comes of it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_plan, args=(request, theirs))
    process.start()
    found = ours.recv()
    process.join()
    return found


def _plan(request: Request, answer) -> None:
    try:
        plan = request.plan()
        text = f"every {plan.interval:,} cycles, {sum(stage.inserted for stage in plan.stages)} FIFOs"
        text += "" if plan.smallest_fifos else ", not the smallest"
    except InputError as error:
        text = f"refused: {error}"
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer.send((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text))


if __name__ == "__main__":
    main()
