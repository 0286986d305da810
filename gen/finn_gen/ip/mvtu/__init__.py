# SPDX-License-Identifier: Apache-2.0
"""The matrix-vector-threshold unit, `finn:ip:mvtu`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.mvtu.area import area
from finn_gen.ip.mvtu.clock import clock
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.plan import MvtuPlan, build_plan, plan_unit
from finn_gen.ip.mvtu.registers import memory_image, register_map
from finn_gen.ip.mvtu.text import emit, facts
from finn_gen.ip.mvtu.timing import TIMING

__all__ = ("IP", "memory_image", "plan_unit")

EXAMPLES = (
    {},
    {"mw": 16, "mh": 16, "pe": 1, "simd": 1},
    {"mw": 16, "mh": 16, "pe": 16, "simd": 16},
    {"mw": 20, "mh": 6, "pe": 3, "simd": 20, "storage": "lut"},
    {"mw": 24, "mh": 6, "pe": 2, "simd": 3, "out_bits": 0},
    {"mw": 27, "mh": 8, "pe": 4, "simd": 3, "in_bits": 8, "in_signed": True},
    {"mw": 20, "mh": 6, "pe": 6, "simd": 5, "out_bits": 2},
    {"mw": 20, "mh": 6, "pe": 6, "simd": 5, "out_bits": 2, "storage": "block", "in_bits": 4},
    {"mw": 40, "mh": 12, "pe": 3, "simd": 8, "out_bits": 0, "storage": "block", "in_bits": 3, "in_signed": True},
    {"mw": 36, "mh": 64, "pe": 1, "simd": 1, "storage": "block"},
    {"mw": 30, "mh": 8, "pe": 4, "simd": 10, "storage": "constant"},
    {"mw": 30, "mh": 8, "pe": 8, "simd": 10, "storage": "constant", "out_bits": 3, "in_bits": 2},
    {"mw": 64, "mh": 4, "pe": 2, "simd": 64, "storage": "constant"},
    {"mw": 48, "mh": 12, "pe": 3, "simd": 16, "storage": "lut", "reload": True},
    {"mw": 36, "mh": 64, "pe": 1, "simd": 1, "storage": "block", "reload": True, "out_bits": 2, "in_bits": 2},
    {"mw": 40, "mh": 8, "pe": 8, "simd": 40, "storage": "lut", "reload": True},
    {"mw": 24, "mh": 8, "pe": 4, "simd": 12, "storage": "lut", "w_bits": 2, "w_narrow": True, "in_bits": 2},
    {"mw": 32, "mh": 144, "pe": 16, "simd": 16, "storage": "lut"},
    {
        "mw": 24,
        "mh": 8,
        "pe": 2,
        "simd": 8,
        "storage": "block",
        "w_bits": 4,
        "in_bits": 3,
        "in_signed": True,
        "out_bits": 4,
    },
    {
        "mw": 30,
        "mh": 8,
        "pe": 4,
        "simd": 10,
        "storage": "constant",
        "w_bits": 3,
        "out_bits": 0,
        "bias_bits": 6,
        "fraction": 2,
    },
    {
        "mw": 24,
        "mh": 8,
        "pe": 4,
        "simd": 12,
        "storage": "block",
        "w_bits": 2,
        "in_bits": 2,
        "out_bits": 2,
        "reload": True,
    },
    {"mw": 9, "mh": 3, "pe": 3, "simd": 9, "pixels": 2},
    {"mw": 16, "mh": 4, "pe": 4, "simd": 16, "pixels": 4, "in_bits": 2},
)
BENCHMARKS = (
    Benchmark("16x16, PE 1, SIMD 1", {"mw": 16, "mh": 16, "pe": 1, "simd": 1, "storage": "block"}, {}),
    Benchmark("256x256, PE 8, SIMD 32", {"mw": 256, "mh": 256, "pe": 8, "simd": 32, "storage": "block"}, {}),
    Benchmark("1024x1024, PE 16, SIMD 64", {"mw": 1024, "mh": 1024, "pe": 16, "simd": 64, "storage": "block"}, {}),
)

IP = Ip(
    name="mvtu",
    summary="matrix-vector-threshold unit for weights of one to four bits",
    params=MvtuParams,
    plan_type=MvtuPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    registers=register_map,
    timing=TIMING,
    facts=facts,
    examples=EXAMPLES,
    benchmarks=BENCHMARKS,
)
