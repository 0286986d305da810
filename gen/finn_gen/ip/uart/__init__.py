# SPDX-License-Identifier: Apache-2.0
"""The host link over a serial line, `finn:ip:uart`."""

from finn_gen.ip import Benchmark, Ip, rendered
from finn_gen.ip.uart.area import area
from finn_gen.ip.uart.clock import clock
from finn_gen.ip.uart.params import UartParams
from finn_gen.ip.uart.plan import UartPlan, build_plan

IP = Ip(
    name="uart",
    summary="host link: frames over a serial line, to AXI4-Lite and to streams",
    params=UartParams,
    plan_type=UartPlan,
    plan=build_plan,
    emit=rendered("ip/uart/uart.v.j2"),
    area=area,
    clock=clock,
    examples=(
        {},
        {"clock_khz": 16_000, "baud": 1_000_000, "address_width": 20, "frame_bytes": 1},
        {"clock_khz": 200_000, "baud": 115_200, "address_width": 32, "frame_bytes": 3072, "family": "ecp5"},
    ),
    benchmarks=(
        Benchmark("3 Mbaud at 62.5 MHz", {}, {}),
        Benchmark("115,200 baud at 200 MHz", {"clock_khz": 200_000, "baud": 115_200}, {}),
    ),
)
