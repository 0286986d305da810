# SPDX-License-Identifier: Apache-2.0
"""The files of a max pooling."""

from dataclasses import asdict

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import Loops
from finn_gen.ip import Files
from finn_gen.ip.pool.plan import PoolPlan


def emit(plan: PoolPlan) -> Files:
    """The pooling's one file."""
    text = render(
        "ip/pool/pool.v.j2",
        plan=plan,
        params=plan.params,
        loops=Loops(plan.levels),
        final=asdict(plan.final),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}
