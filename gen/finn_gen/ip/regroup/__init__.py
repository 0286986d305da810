# SPDX-License-Identifier: Apache-2.0
"""Words of other numbers of pixels, `finn:ip:regroup`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.regroup.area import area
from finn_gen.ip.regroup.clock import clock
from finn_gen.ip.regroup.params import RegroupParams
from finn_gen.ip.regroup.plan import RegroupPlan, build_plan
from finn_gen.ip.regroup.text import emit
from finn_gen.ip.regroup.timing import TIMING

IP = Ip(
    name="regroup",
    summary="words of other numbers of pixels, row by row",
    params=RegroupParams,
    plan_type=RegroupPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    timing=TIMING,
    examples=(
        {},
        {"in_pixels": 1, "out_pixels": 4, "tlast": 1},
        {"in_pixels": 8, "out_pixels": 2, "ifm_w": 13, "ifm_ch": 3, "tlast": 1},
        {"in_pixels": 4, "out_pixels": 2, "ifm_w": 14, "bits": 2},
        {"in_pixels": 2, "out_pixels": 4, "ifm_w": 5, "ifm_ch": 3, "bits": 3},
        {"in_pixels": 1, "out_pixels": 8, "ifm_w": 3, "ifm_ch": 1, "ifm_h": 1, "tlast": 1},
        {"in_pixels": 8, "out_pixels": 1, "ifm_w": 3, "ifm_ch": 1, "tlast": 1},
        {"in_pixels": 4, "out_pixels": 1, "ifm_w": 1, "tlast": 1},
        {"in_pixels": 1, "out_pixels": 2, "ifm_w": 1, "ifm_h": 1, "ifm_ch": 3, "tlast": 1},
    ),
    benchmarks=(
        Benchmark(
            "4 to 2 of 64 bits, rows of 14",
            {"ifm_ch": 64, "in_pixels": 4, "out_pixels": 2, "ifm_h": 14, "ifm_w": 14},
            {},
        ),
        Benchmark(
            "8 to 1 of 64 bits, rows of 5", {"ifm_ch": 64, "in_pixels": 8, "out_pixels": 1, "ifm_h": 5, "ifm_w": 5}, {}
        ),
        Benchmark(
            "1 to 4 of 64 bits, rows of 30",
            {"ifm_ch": 64, "in_pixels": 1, "out_pixels": 4, "ifm_h": 30, "ifm_w": 30},
            {},
        ),
    ),
)
