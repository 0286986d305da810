# SPDX-License-Identifier: Apache-2.0
"""The files of a width converter."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.dwc.plan import DwcPlan


def emit(plan: DwcPlan) -> Files:
    """The converter's one file."""
    text = render("ip/dwc/dwc.v.j2", plan=plan, params=plan.params, digest=digest(plan))
    return {f"{plan.module}.v": text}
