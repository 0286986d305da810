# SPDX-License-Identifier: Apache-2.0
"""The files of a label selection."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.label.plan import LabelPlan


def emit(plan: LabelPlan) -> Files:
    """The selection's one file."""
    return {f"{plan.module}.v": render("ip/label/label.v.j2", plan=plan, params=plan.params, digest=digest(plan))}
