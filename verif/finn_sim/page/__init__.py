# SPDX-License-Identifier: Apache-2.0
"""The report of a simulation as one HTML page: the parts of `finn_gen.report`, with what only a run knows.

activity     what the test bench writes of every stage
shown        pictures with label, prediction and scores, and which classes are taken for which
accelerator  the page of `make run`
system       the page of `make system`
"""

import os

VARIABLE = "REPORT"
"""Environment variable that asks for a report."""
FILE = "report.html"


def wanted() -> bool:
    """Whether the environment asks for a report: REPORT is set, to anything but nothing or 0."""
    return os.environ.get(VARIABLE, "") not in ("", "0")
