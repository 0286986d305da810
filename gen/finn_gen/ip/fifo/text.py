# SPDX-License-Identifier: Apache-2.0
"""The files of a FIFO."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.words import counted
from finn_gen.ip import Block, Facts, Files
from finn_gen.ip.fifo.plan import FifoPlan

_STORAGE = {"reg": "registers", "srl": "shift registers", "lut": "LUT RAM", "block": "block RAM"}


def emit(plan: FifoPlan) -> Files:
    """The FIFO's one file, a wrapper around finn_fifo of rtl/."""
    text = render("ip/fifo/fifo.v.j2", plan=plan, params=plan.params, storage=_STORAGE[plan.style], digest=digest(plan))
    return {f"{plan.module}.v": text}


def block(plan: FifoPlan) -> Block:
    """The building block that a FIFO between two stages is an instance of."""
    asked, width = plan.params, plan.count_width
    parameters = {"WIDTH": str(asked.width), "DEPTH": str(asked.depth), "STYLE": f'"{plan.style}"'}
    return Block("finn_fifo", parameters, {"count": width, "high_water": width})


def facts(plan: FifoPlan) -> Facts:
    """Its depth."""
    return Facts(holds=counted(plan.params.depth, "word"))
