# SPDX-License-Identifier: Apache-2.0
"""The AXI-Stream FIFO, `finn:ip:fifo`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.fifo.area import area, area_inside
from finn_gen.ip.fifo.clock import clock
from finn_gen.ip.fifo.params import FifoParams
from finn_gen.ip.fifo.plan import FifoPlan, build_plan
from finn_gen.ip.fifo.text import block, emit, facts
from finn_gen.ip.fifo.timing import TIMING

IP = Ip(
    name="fifo",
    summary="AXI-Stream FIFO with fill level and high-water mark",
    params=FifoParams,
    plan_type=FifoPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    area_inside=area_inside,
    timing=TIMING,
    block=block,
    facts=facts,
    examples=tuple(
        {"width": width, "depth": depth, "style": style, "tlast": tlast}
        for depth, style in (
            (1, "reg"),
            (2, "auto"),
            (3, "srl"),
            (17, "srl"),
            (18, "lut"),
            (513, "block"),
            (600, "block"),
        )
        for width, tlast in ((1, 0), (13, 1), (32, 0))
    ),
    benchmarks=(
        Benchmark("16 x 32", {"depth": 16, "width": 32}, {"total_luts": 50}),
        Benchmark("16 x 32, style srl", {"depth": 16, "width": 32, "style": "srl"}, {"total_luts": 50}),
        Benchmark("2 x 32", {"depth": 2, "width": 32}, {}),
        Benchmark("128 x 8", {"depth": 128, "width": 8}, {}),
        Benchmark("513 x 32", {"depth": 513, "width": 32}, {}),
    ),
)
