# SPDX-License-Identifier: Apache-2.0
"""The files of the control core."""

from finn_gen.base.digest import digest
from finn_gen.base.registers import localparams
from finn_gen.base.template import render
from finn_gen.base.verilog import number, span
from finn_gen.ip import Files
from finn_gen.ip.ctrl.plan import FRAME_COUNTERS, SIZE, CtrlPlan
from finn_gen.ip.ctrl.registers import ARRAY, constants, register_map

_OFFSET_BITS = (SIZE - 1).bit_length()


def _within(address_width: int, base: int, size: int) -> str:
    """Verilog that holds where an address is in `size` bytes, a power of two, from a multiple of it on."""
    low = (size - 1).bit_length()
    return f"address{span(low, address_width)} == {address_width - low}'{f'h{base // size:x}' if base else 'd0'}"


def _boundary_place(index_width: int) -> str:
    """Verilog: the place of the counter of a boundary at `offset`, two registers of 32 bits each from `ARRAY` on."""
    bits = ARRAY.bit_length() - 1 - 3
    lower = f"offset{span(3, 3 + min(index_width, bits))}"
    return f"{{!offset[{3 + bits}], {lower}}}" if index_width > bits else lower


def emit(plan: CtrlPlan) -> Files:
    """The core's one file; counters, soft reset and the two sides of AXI4-Lite are building blocks of rtl/."""
    table = register_map(plan)
    text = render(
        "ip/ctrl/ctrl.v.j2",
        plan=plan,
        params=plan.params,
        map=table,
        constants=constants(plan),
        localparams=localparams(table, _OFFSET_BITS),
        frame_counters=FRAME_COUNTERS,
        in_registers=_within(plan.address_width, 0, SIZE),
        in_windows=[_within(plan.address_width, window.base, window.size) for window in plan.windows],
        boundary_place=_boundary_place(plan.index_width),
        frame_places=[number(plan.index_width, place) for place in range(2 * plan.params.boundaries, plan.counters)],
        low_width=min(32, plan.params.counter_width),
        high_width=max(0, plan.params.counter_width - 32),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}
