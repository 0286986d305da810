# SPDX-License-Identifier: Apache-2.0
"""The image padder, `finn:ip:pad`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.pad.area import area
from finn_gen.ip.pad.clock import clock
from finn_gen.ip.pad.params import PadParams
from finn_gen.ip.pad.plan import PadPlan, build_plan
from finn_gen.ip.pad.text import emit
from finn_gen.ip.pad.timing import TIMING

IP = Ip(
    name="pad",
    summary="padding of images, each side by its own amount",
    params=PadParams,
    plan_type=PadPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    timing=TIMING,
    examples=(
        {},
        {"simd": 2, "tlast": 1},
        {"ifm_ch": 3, "simd": 3, "bits": 8, "top": 0, "left": 2, "right": 0, "value": "-128"},
        {"top": 0, "bottom": 0, "left": 0, "right": 0, "value": "1"},
        {"ifm_ch": 1, "simd": 1, "ifm_h": 1, "ifm_w": 1, "top": 0, "bottom": 2, "left": 0, "right": 0, "tlast": 1},
        {"ifm_h": 1, "ifm_w": 1, "ifm_ch": 1, "simd": 1, "top": 0, "bottom": 0, "left": 0, "right": 0, "tlast": 1},
    ),
    benchmarks=(
        Benchmark("30x30x64 bits by 1", {"ifm_ch": 64, "simd": 64, "ifm_h": 30, "ifm_w": 30}, {}),
        Benchmark("32x32x3 of 8 bits by 1", {"ifm_ch": 3, "simd": 3, "bits": 8, "ifm_h": 32, "ifm_w": 32}, {}),
    ),
)
