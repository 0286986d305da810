# SPDX-License-Identifier: Apache-2.0
"""Max pooling, `finn:ip:pool`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.pool.area import area
from finn_gen.ip.pool.params import PoolParams
from finn_gen.ip.pool.plan import PoolPlan, build_plan
from finn_gen.ip.pool.text import emit
from finn_gen.ip.pool.timing import TIMING

IP = Ip(
    name="pool",
    summary="max pooling, a word a cycle",
    params=PoolParams,
    plan_type=PoolPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    timing=TIMING,
    examples=(
        {},
        {"tlast": 1},
        {"pe": 2, "bits": 3, "signed": 1, "ifm_h": 7, "ifm_w": 9, "k": 3, "tlast": 1},
        {"pe": 4, "bits": 8, "k": 3, "stride": 1},
        {"k": 5, "stride": 2, "bits": 2, "pe": 8},
        {"k": 1, "stride": 1},
        {"k": 1, "stride": 3, "pe": 1, "tlast": 1},
        {"k": 2, "k_w": 1, "tlast": 1},
        {"k": 1, "k_w": 3, "stride": 1, "stride_w": 2, "bits": 2, "pe": 4},
        {"k": 3, "k_w": 2, "stride": 1, "stride_w": 2},
        {"k": 3, "k_w": 1, "stride": 2, "ifm_w": 1, "bits": 2},
        {"k": 2, "stride": 3, "ifm_ch": 3, "pe": 3, "ifm_h": 2, "ifm_w": 2},
        {"k": 1, "stride": 2, "ifm_ch": 1, "pe": 1, "ifm_h": 1, "ifm_w": 1, "tlast": 1},
        {"k": 8, "stride": 8},
        {"pixels": 4, "ifm_w": 9, "tlast": 1},
        {"pixels": 8, "ifm_ch": 2, "pe": 2, "bits": 3, "signed": 1, "k": 3, "k_w": 4, "stride_w": 4, "ifm_w": 21},
        {"pixels": 2, "ifm_ch": 3, "pe": 3, "k_w": 1, "stride_w": 1, "ifm_w": 2, "tlast": 1},
    ),
    benchmarks=(
        Benchmark("2x2 on 28x28x64 bits", {"ifm_ch": 64, "pe": 64, "ifm_h": 28, "ifm_w": 28}, {}),
        Benchmark("2x2 on 10x10x128 bits", {"ifm_ch": 128, "pe": 128, "ifm_h": 10, "ifm_w": 10}, {}),
        Benchmark("2x2 on 28x28x64 bits, PE 16", {"ifm_ch": 64, "pe": 16, "ifm_h": 28, "ifm_w": 28}, {}),
        Benchmark(
            "3x3 by 2 on 28x28x16 of 4 bits",
            {"ifm_ch": 16, "pe": 16, "bits": 4, "ifm_h": 28, "ifm_w": 28, "k": 3},
            {},
        ),
        Benchmark(
            "2x2 on 28x28x64 bits, 4 pixels a word", {"ifm_ch": 64, "pe": 64, "ifm_h": 28, "ifm_w": 28, "pixels": 4}, {}
        ),
    ),
)
