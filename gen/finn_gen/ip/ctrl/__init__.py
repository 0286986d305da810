# SPDX-License-Identifier: Apache-2.0
"""The control core of an accelerator, `finn:ip:ctrl`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.ctrl.area import area
from finn_gen.ip.ctrl.clock import clock
from finn_gen.ip.ctrl.params import MOST_BOUNDARIES, CtrlParams
from finn_gen.ip.ctrl.plan import CtrlPlan, build_plan
from finn_gen.ip.ctrl.registers import register_map
from finn_gen.ip.ctrl.text import emit

_TEN = "dma:12 " + " ".join(f"layer{n}:{12 + n % 4}" for n in range(9))

IP = Ip(
    name="ctrl",
    summary="AXI4-Lite control of an accelerator: identity, counters, soft reset, interrupt, windows",
    params=CtrlParams,
    plan_type=CtrlPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    registers=register_map,
    examples=(
        {},
        {"boundaries": 1, "counter_width": 10, "windows": "a:4"},
        {"boundaries": 6, "counter_width": 32, "windows": "dma:12 conv0:16"},
        {"boundaries": 7, "counter_width": 33, "windows": "conv0:14 dma:12 fc:5"},
        {"boundaries": 30, "counter_width": 64, "windows": _TEN, "network": "cnv", "digest": "0123456789abcdef"},
        {"boundaries": MOST_BOUNDARIES, "windows": "dma:24"},
    ),
    benchmarks=(
        Benchmark("2 boundaries, 1 window", {}, {}),
        Benchmark("30 boundaries, 1 window", {"boundaries": 30}, {}),
        Benchmark("30 boundaries, 10 windows", {"boundaries": 30, "windows": _TEN}, {}),
    ),
)
