# SPDX-License-Identifier: Apache-2.0
"""The files of a padder."""

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.base.verilog import Loops, all_of
from finn_gen.ip import Files
from finn_gen.ip.pad.plan import PadPlan


def emit(plan: PadPlan) -> Files:
    """The padder's one file."""
    text = render(
        "ip/pad/pad.v.j2",
        plan=plan,
        params=plan.params,
        loops=Loops(plan.levels),
        pads=plan.out_words > plan.in_words,
        in_image=_in_image(plan),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}


def _in_image(plan: PadPlan) -> str:
    """Verilog that holds where an output word comes from the input."""
    widths = {level.name: level.width for level in plan.levels}
    params = plan.params
    return all_of(
        (
            *_range("y", params.top, params.ifm_h, plan.ofm_h, widths.get("y", 0)),
            *_range("x", params.left, params.ifm_w, plan.ofm_w, widths.get("x", 0)),
        )
    )


def _range(name: str, first: int, count: int, size: int, width: int) -> list[str]:
    """Verilog terms that hold where the counter `name` of `size` params is in `count` params from `first` on."""
    terms = [f"{name}_q >= {width}'d{first}"] if first else []
    return [*terms, f"{name}_q < {width}'d{first + count}"] if first + count < size else terms
