# SPDX-License-Identifier: Apache-2.0
"""A system under test: clock, reset, memory and the backend that a driver runs on."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from unittest import mock

from cocotb.clock import Clock
from cocotb.task import bridge
from cocotb.triggers import RisingEdge, Timer
from cocotb.utils import get_sim_time

from finn_driver import Overlay, description
from finn_sim.system.backend import SimulatorBackend
from finn_sim.system.memory import SystemMemory

Result = TypeVar("Result")
RESET_CYCLES = 8


class System:
    """An accelerator `dut` with control and DMA, described in the file `path`.

    latency    draws the cycles in which the memory answers a burst
    rng        as SimulatorBackend takes it
    interrupt  whether the driver sleeps until the interrupt
    """

    def __init__(
        self,
        dut: Any,
        path: Path,
        latency: Callable[[], int],
        rng: Random | None = None,
        interrupt: bool = True,
    ) -> None:
        self.dut, self.path = dut, path
        self.description = description.load(path)
        self.period_ns = round(1000 / self.description.clock_mhz / 2, 3) * 2
        self.memory = SystemMemory(dut, "m_axi", self.period_ns, latency)
        self.backend = SimulatorBackend(dut, self.memory, 1000 / self.period_ns, rng, interrupt)

    async def start(self) -> None:
        """Reset, and start the clock."""
        # The models take note of a reset by its edge alone, and before the first clock the outputs are anything.
        self.dut.aresetn.value = 1
        await Timer(1, "ns")
        self.dut.aresetn.value = 0
        await Timer(1, "ns")
        Clock(self.dut.aclk, self.period_ns, unit="ns").start()
        for _ in range(RESET_CYCLES):
            await RisingEdge(self.dut.aclk)
        self.dut.aresetn.value = 1
        await RisingEdge(self.dut.aclk)

    async def drive(self, program: Callable[[], Result]) -> Result:
        """Run a program that uses the driver, in a thread of its own.

        Where something else fails meanwhile, that thread never ends. It is a daemon, so that the simulator does.
        """
        with mock.patch("threading.Thread", functools.partial(threading.Thread, daemon=True)):
            return await bridge(program)()

    def open(self, **options: Any) -> Overlay:
        """The driver's overlay on this system; to be called by a program that runs in `drive`."""
        return Overlay(self.path, backend=self.backend, **options)

    def cycles(self) -> float:
        """Clock cycles since the simulation began."""
        return get_sim_time("ns") / self.period_ns

    def seconds(self, cycles: float) -> float:
        """So many clock cycles as the driver's clock sees them."""
        return cycles * self.period_ns * 1e-9
