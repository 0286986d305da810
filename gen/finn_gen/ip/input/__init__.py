# SPDX-License-Identifier: Apache-2.0
"""The input stage of an accelerator, `finn:ip:input`."""

from finn_gen.ip import Benchmark, Ip, rendered
from finn_gen.ip.input.area import area
from finn_gen.ip.input.clock import clock
from finn_gen.ip.input.params import InputParams
from finn_gen.ip.input.plan import InputPlan, build_plan
from finn_gen.ip.input.timing import TIMING

IP = Ip(
    name="input",
    summary="input of an accelerator: whole frames, pixels turned into elements",
    params=InputParams,
    plan_type=InputPlan,
    plan=build_plan,
    emit=rendered("ip/input/input.v.j2"),
    area=area,
    clock=clock,
    timing=TIMING,
    examples=(
        {},
        {"encoding": "bits", "elements": 12, "word_width": 4},
        {"encoding": "threshold", "elements": 20, "word_width": 24},
        {"encoding": "threshold", "packed": 1, "elements": 784},
        {"encoding": "bits", "elements": 5, "word_width": 8},
        {"encoding": "uint3", "elements": 20, "word_width": 24},
        {"encoding": "uint8", "elements": 4},
        {"encoding": "int2", "elements": 9, "word_width": 8},
        {"encoding": "int8", "elements": 4, "word_width": 16},
    ),
    benchmarks=(
        Benchmark("32x32x3 bytes in words of 64 bits", {"elements": 3072}, {}),
        Benchmark("28x28 bytes to bits", {"encoding": "threshold", "elements": 784}, {}),
        Benchmark("28x28 bits, packed", {"encoding": "threshold", "packed": 1, "elements": 784}, {}),
    ),
)
