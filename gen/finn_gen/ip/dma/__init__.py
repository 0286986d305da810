# SPDX-License-Identifier: Apache-2.0
"""The DMA between AXI4 memory and AXI-Streams, `finn:ip:dma`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.dma.area import area
from finn_gen.ip.dma.clock import clock
from finn_gen.ip.dma.params import DmaParams
from finn_gen.ip.dma.plan import DmaPlan, build_plan
from finn_gen.ip.dma.registers import bus_parameters, register_map
from finn_gen.ip.dma.text import emit

IP = Ip(
    name="dma",
    summary="AXI4 memory to stream and stream to memory, by images",
    params=DmaParams,
    plan_type=DmaPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    clock=clock,
    registers=register_map,
    bus_parameters=bus_parameters,
    examples=(
        {},
        {"address_width": 40, "mm2s_width": 8, "s2mm_width": 8},
        {"address_width": 64, "mm2s_width": 16, "s2mm_width": 32, "burst": 4},
        {"address_width": 33, "mm2s_width": 32, "s2mm_width": 16, "burst": 2, "mm2s_bursts": 2, "s2mm_bursts": 2},
        {"mm2s_bursts": 3, "s2mm_bursts": 64},
    ),
    benchmarks=(
        Benchmark("64 to 64 bits", {}, {}),
        Benchmark("64 bits in, 8 out", {"s2mm_width": 8}, {}),
        Benchmark("8 to 8 bits", {"mm2s_width": 8, "s2mm_width": 8}, {}),
        Benchmark("64 to 64 bits, addresses of 40 bits", {"address_width": 40}, {}),
    ),
)
