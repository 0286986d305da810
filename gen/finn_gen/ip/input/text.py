# SPDX-License-Identifier: Apache-2.0
"""The files of an input stage."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.input.plan import InputPlan


def emit(plan: InputPlan) -> Files:
    """The stage's one file; frames are guarded and numbers converted by building blocks of rtl/."""
    return {f"{plan.module}.v": render("ip/input/input.v.j2", plan=plan, params=plan.params, digest=digest(plan))}
