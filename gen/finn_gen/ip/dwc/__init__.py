# SPDX-License-Identifier: Apache-2.0
"""The AXI-Stream width converter, `finn:ip:dwc`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.dwc.area import area
from finn_gen.ip.dwc.clock import clock
from finn_gen.ip.dwc.params import DwcParams
from finn_gen.ip.dwc.plan import DwcPlan, build_plan
from finn_gen.ip.dwc.text import emit
from finn_gen.ip.dwc.timing import TIMING

IP = Ip(
    name="dwc",
    summary="AXI-Stream width converter, any ratio",
    params=DwcParams,
    plan_type=DwcPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    timing=TIMING,
    examples=tuple(
        {"in_width": in_width, "out_width": out_width, "tlast": tlast}
        for in_width, out_width in (
            (12, 12),
            (64, 8),
            (2, 1),
            (24, 8),
            (8, 64),
            (1, 2),
            (4, 12),
            (16, 24),
            (24, 16),
            (5, 7),
            (13, 17),
            (17, 13),
        )
        for tlast in (0, 1)
    ),
    benchmarks=(
        Benchmark("64 to 8", {"in_width": 64, "out_width": 8}, {"lc": 71, "ff": 88}),
        Benchmark("64 to 8 with TLAST", {"in_width": 64, "out_width": 8, "tlast": 1}, {}),
        Benchmark("8 to 64", {"in_width": 8, "out_width": 64}, {}),
        Benchmark("8 to 64 with TLAST", {"in_width": 8, "out_width": 64, "tlast": 1}, {}),
        Benchmark("24 to 64", {"in_width": 24, "out_width": 64}, {}),
        Benchmark("61 to 64", {"in_width": 61, "out_width": 64}, {}),
        Benchmark("125 to 128", {"in_width": 125, "out_width": 128}, {}),
        Benchmark("125 to 128 with TLAST", {"in_width": 125, "out_width": 128, "tlast": 1}, {}),
    ),
)
