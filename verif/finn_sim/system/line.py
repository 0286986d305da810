# SPDX-License-Identifier: Apache-2.0
"""A serial line to a simulated system, as the driver's port: cocotbext-uart at its ends, and faults in between.

The driver runs in a thread of its own, as on `backend.SimulatorBackend`, or in another process at a
pseudo-terminal.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cocotb.task import resume
from cocotb.triggers import Timer
from cocotb.utils import get_sim_time
from cocotbext.uart import UartSink, UartSource

BUFFERED = 64
"""Bytes that `write` may leave to the line; more are waited for, as by a full buffer of a system."""
LONGEST_READ = 4
"""Bytes' times that `read` waits at most: simulated time is dear."""


@dataclass
class Faults:
    """Rates of bytes that are dropped, have a bit flipped, or come twice, and of a pause of `late_ns` before one.

    Of the bytes of the numbers `certain`, from 0, a bit is flipped whatever chance says.
    """

    rng: Random
    dropped: float = 0.0
    flipped: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    late_ns: float = 0.0
    certain: tuple[int, ...] = ()
    count: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)

    def on(self, data: bytes) -> bytes:
        """What is left of these bytes; `count` counts what was done to them."""
        out = bytearray()
        for byte in data:
            drawn = self.rng.random()
            sure = self.seen in self.certain
            self.seen += 1
            if drawn < self.dropped and not sure:
                self.count += 1
                continue
            flipped = sure or drawn < self.dropped + self.flipped
            self.count += flipped
            out.append(byte ^ (1 << self.rng.randrange(8) if flipped else 0))
            if drawn > 1 - self.doubled:
                self.count += 1
                out.append(byte)
        return bytes(out)

    def pause(self) -> int:
        """Nanoseconds to wait now."""
        return round(self.late_ns * self.rng.random()) if self.rng.random() < self.late else 0


class SimulatedLine:
    """The line of `dut`, of whole nanoseconds a bit; a `finn_driver.serial_backend.Port`."""

    def __init__(self, dut: Any, bit_ns: int, rng: Random) -> None:
        self.byte_ns = 10 * bit_ns
        baud = 1e9 / bit_ns
        self.into, self.out_of = UartSource(dut.rxd, baud=baud), UartSink(dut.txd, baud=baud)
        for model in (self.into, self.out_of):
            model.log.setLevel("ERROR")
        self.to_device, self.to_host = Faults(Random(rng.random())), Faults(Random(rng.random()))

    def write(self, data: bytes) -> None:
        resume(self.send)(data)

    def read(self, seconds: float) -> bytes:
        return resume(self.receive)(seconds)

    def time(self) -> float:
        return get_sim_time("sec")

    def close(self) -> None:
        """Nothing is to be given back."""

    async def send(self, data: bytes) -> None:
        """As `write`."""
        if pause := self.to_device.pause():
            await Timer(pause, "ns")
        self.into.write_nowait(self.to_device.on(data))
        while self.into.count() > BUFFERED:
            await Timer(self.byte_ns, "ns")

    async def receive(self, seconds: float) -> bytes:
        """As `read`."""
        if seconds and self.out_of.empty():
            await self.out_of.wait(LONGEST_READ * self.byte_ns, "ns")
        if self.out_of.empty():
            return b""
        if pause := self.to_host.pause():
            await Timer(pause, "ns")
        return self.to_host.on(bytes(self.out_of.read_nowait()))

    async def carry(self, terminal: int) -> None:
        """Carry bytes between the line and the master end of a pseudo-terminal, which does not block, for ever."""
        while True:
            try:
                data = os.read(terminal, BUFFERED)
            except (BlockingIOError, OSError):  # nothing there, or nobody has opened the other end
                data = b""
            if data:
                await self.send(data)
            out = await self.receive(0.0)
            if out:
                os.write(terminal, out)
            await Timer(self.byte_ns, "ns")
