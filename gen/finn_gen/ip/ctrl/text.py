# SPDX-License-Identifier: Apache-2.0
"""The files of the control core."""

from finn_gen.base.digest import digest
from finn_gen.base.registers import localparams
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.ctrl.plan import FRAME_COUNTERS, CtrlPlan
from finn_gen.ip.ctrl.registers import ARRAY, constants, register_map


def emit(plan: CtrlPlan) -> Files:
    """The core's one file; counters, soft reset and the two sides of AXI4-Lite are building blocks of rtl/."""
    table = register_map(plan)
    text = render(
        "ip/ctrl/ctrl.v.j2",
        plan=plan,
        params=plan.params,
        map=table,
        constants=constants(plan),
        localparams=localparams(table, 12),
        frame_counters=FRAME_COUNTERS,
        first_index=(len(FRAME_COUNTERS) - ARRAY // 8) % (1 << 9),
        low_width=min(32, plan.params.counter_width),
        high_width=max(0, plan.params.counter_width - 32),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}
