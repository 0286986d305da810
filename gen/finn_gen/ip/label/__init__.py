# SPDX-License-Identifier: Apache-2.0
"""Label selection, `finn:ip:label`."""

from finn_gen.ip import Benchmark, Ip, rendered
from finn_gen.ip.label.area import area
from finn_gen.ip.label.clock import clock
from finn_gen.ip.label.params import LabelParams
from finn_gen.ip.label.plan import LabelPlan, build_plan
from finn_gen.ip.label.timing import TIMING

IP = Ip(
    name="label",
    summary="index of the largest score",
    params=LabelParams,
    plan_type=LabelPlan,
    plan=build_plan,
    emit=rendered("ip/label/label.v.j2"),
    area=area,
    clock=clock,
    timing=TIMING,
    examples=(
        {},
        {"tlast": 1, "score": 1},
        {"pe": 2, "signed": 1},
        {"pe": 10, "bits": 9, "score": 1, "signed": 1},
        {"labels": 15, "pe": 5, "bits": 8},
        {"labels": 1, "bits": 1},
        {"labels": 300, "pe": 3, "bits": 1, "score": 1},
    ),
    benchmarks=(
        Benchmark("10 of 16 bits", {}, {}),
        Benchmark("10 of 16 bits with score", {"score": 1}, {}),
        Benchmark("10 of 16 bits, PE 10", {"pe": 10}, {}),
        Benchmark("1000 of 16 bits signed", {"labels": 1000, "signed": 1}, {}),
    ),
)
