# SPDX-License-Identifier: Apache-2.0
"""The files of a FIFO."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.fifo.plan import FifoPlan

_STORAGE = {"reg": "registers", "srl": "shift registers", "lut": "LUT RAM", "block": "block RAM"}


def emit(plan: FifoPlan) -> Files:
    """The FIFO's one file; its storage is a building block of rtl/."""
    text = render("ip/fifo/fifo.v.j2", plan=plan, params=plan.params, storage=_STORAGE[plan.style], digest=digest(plan))
    return {f"{plan.module}.v": text}
