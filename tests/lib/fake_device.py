# SPDX-License-Identifier: Apache-2.0
"""A software model of an accelerator's registers and memory, for tests of drivers: slow, obvious, and easy to break."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from finn_driver import AllocationError, Backend, BusError
from finn_driver.accelerator import IDENTITY
from finn_driver.description import Description, RegisterMap, Window

MEMORY = 0x10_0000
MEMORY_BYTES = 1 << 22
ACCESS_TIME = 1e-7
RESET_TIME = 1e-6
ERRORS = ("slave_error", "decode_error", "misaligned", "bad_length", "bad_count", "oversized", "overrun", "frame")


@dataclass
class Job:
    base: int
    length: int
    count: int
    done: int = 0


@dataclass
class Channel:
    """Registers of a channel, the jobs that it has, and what became of them."""

    registers: dict[str, int] = field(default_factory=dict)
    jobs: deque[Job] = field(default_factory=deque)
    flags: set[str] = field(default_factory=set)
    finished: int = 0
    images: int = 0
    error_address: int = 0

    def stop(self, flag: str, address: int = 0) -> None:
        self.flags.add(flag)
        self.jobs.clear()
        self.error_address = address


class FakeBuffer(np.ndarray):
    """What this side sees of a buffer; the device has its own copy.

    As PYNQ's: whatever numpy makes of a buffer, views and copies, carries an address that is counted on from where the
    processor sees it, and `flush` and `invalidate` move as many bytes from there on, whatever the strides.
    """

    device: FakeDevice | None = None
    device_address: int | None = None
    memory: bytearray | None = None
    offset = 0
    owner = False

    def __array_finalize__(self, other: object) -> None:
        if isinstance(other, FakeBuffer) and other.device is not None:
            offset = self.ctypes.data - other.ctypes.data
            self.device, self.memory = other.device, other.memory
            self.device_address, self.offset = other.device_address + offset, other.offset + offset

    def flush(self) -> None:
        self.device.write_memory(self.device_address, self.memory[self.offset : self.offset + self.nbytes])

    def invalidate(self) -> None:
        self.memory[self.offset : self.offset + self.nbytes] = self.device.read_memory(self.device_address, self.nbytes)

    def freebuffer(self) -> None:
        if self.owner:
            self.device.buffers.remove(self.device_address)


class FakeDevice(Backend):
    """An accelerator that answers an image's bytes with `answer(bytes)`.

    constants     values of registers that differ from what the description says
    faults        (first, last, flag): bus errors of the memory
    dead          nothing moves any more, and no reset ends
    stalled       nothing moves until a reset
    wrong_frames  images that the accelerator counts as too short
    """

    def __init__(self, description: Description, answer: Callable[[bytes], bytes]) -> None:
        self.description, self.answer = description, answer
        self.constants = {
            "IDENTITY": IDENTITY,
            "VERSION": description.version,
            "NAME_DIGEST_LO": description.name_digest & 0xFFFF_FFFF,
            "NAME_DIGEST_HI": description.name_digest >> 32,
            "PLAN_DIGEST_LO": description.plan_digest & 0xFFFF_FFFF,
            "PLAN_DIGEST_HI": description.plan_digest >> 32,
        }
        self.faults: list[tuple[int, int, str]] = []
        self.dead = self.stalled = False
        self.wrong_frames = 0
        self.memory = bytearray(MEMORY_BYTES)
        self.buffers: list[int] = []
        self.units: dict[str, dict[int, int]] = {window.name: {} for window in description.reloadable}
        self.halted: dict[str, int] = dict.fromkeys(self.units, 0)
        self.starts: list[tuple[str, Job]] = []
        self.overlaps = self.resets = self.acknowledged = 0
        self.now, self.access_time = 0.0, ACCESS_TIME
        self._next = MEMORY
        self._names = {**_addresses(description.ctrl), **_addresses(description.dma)}
        self._enables: dict[str, int] = {}
        self._counting, self._frames = 0, 0
        self._busy_until = 0.0
        self._short = False
        self._reset()

    # --- the backend's interface ----------------------------------------------------------------------------------

    @property
    def clock_mhz(self) -> float:
        return self.description.clock_mhz

    def time(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """Until the next image is through, which may raise the interrupt."""
        self._pass(min(seconds, self.image_time))

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        size = -(-math.prod(shape) * dtype.itemsize // 8) * 8
        if self._next + size > MEMORY + MEMORY_BYTES:
            raise AllocationError(f"no {size} bytes left")
        memory = bytearray(b"\xa5" * (math.prod(shape) * dtype.itemsize))
        buffer = np.frombuffer(memory, dtype).reshape(shape).view(FakeBuffer)
        buffer.device, buffer.device_address, buffer.memory, buffer.owner = self, self._next, memory, True
        self.buffers.append(self._next)
        self._next += size
        return buffer

    def read(self, address: int) -> int:
        self._pass(self.access_time)
        for window in self.description.reloadable:
            if window.base <= address < window.base + window.size:
                return self._read_unit(window, address - window.base)
        table, name, index = self._name(address)
        return self._read_dma(name) if table == "dma" else self._read_ctrl(name, index)

    def write(self, address: int, value: int) -> None:
        self._pass(self.access_time)
        for window in self.description.reloadable:
            if window.base <= address < window.base + window.size:
                return self._write_unit(window, address - window.base, value)
        table, name, _ = self._name(address)
        return self._write_dma(name, value) if table == "dma" else self._write_ctrl(name, value)

    # --- control --------------------------------------------------------------------------------------------------

    def _name(self, address: int) -> tuple[str, str, int]:
        if address % 4 or address not in self._names:
            raise BusError(f"no register at {address:#x}")
        return self._names[address]

    def _bit(self, table: RegisterMap, register: str, name: str, value: int) -> int:
        return table.registers[register].fields[name].of(value)

    def _bits(self, table: RegisterMap, register: str, **fields: int) -> int:
        return sum(value << table.registers[register].fields[name].low for name, value in fields.items())

    def _read_ctrl(self, name: str, index: int) -> int:
        ctrl = self.description.ctrl
        if name == "STATUS":
            resetting = int(self.now < self._busy_until)
            return self._bits(ctrl, name, resetting=resetting, counting=self._counting, clearing=0)
        if name == "CONTROL":
            return self._bits(ctrl, name, count=self._counting)
        counters = {
            "FRAMES_IN": self._frames,
            "FRAMES_OUT": self._frames,
            "SHORT_FRAMES": self.wrong_frames if self._short else 0,
            "CYCLES_LO": self._frames * self.description.interval,
            "BUSY_LO": self._frames * (index + 1),
            "STALLED_LO": self._frames * (index + 2),
            "INTERRUPT_STATUS": self._bits(ctrl, "INTERRUPT_STATUS", short_frame=int(self._short)),
            "INTERRUPT_ENABLE": self._enables.get("ctrl", 0),
        }
        return self.constants.get(name, counters.get(name, 0))

    def _write_ctrl(self, name: str, value: int) -> None:
        ctrl = self.description.ctrl
        if name == "INTERRUPT_ENABLE":
            self._enables["ctrl"] = value
        if name == "INTERRUPT_STATUS" and self._bit(ctrl, name, "short_frame", value):
            self._short = False
        if name != "CONTROL":
            return
        self._counting = self._bit(ctrl, name, "count", value)
        if self._bit(ctrl, name, "clear", value):
            self._frames = 0
        if self._bit(ctrl, name, "soft_reset", value):
            self._reset()

    def _reset(self) -> None:
        self.resets += 1
        self.channels = {"MM2S": Channel(), "S2MM": Channel()}
        self.results: deque[bytes] = deque()
        self.stalled = False
        self._busy_until = math.inf if self.dead else self.now + RESET_TIME

    # --- DMA ------------------------------------------------------------------------------------------------------

    def _read_dma(self, name: str) -> int:
        if name == "INTERRUPT_ENABLE":
            return self._enables.get("dma", 0)
        side, register = name.split("_", 1)
        channel = self.channels[side]
        if register == "STATUS":
            state = {
                "busy": int(bool(channel.jobs)),
                "full": int(len(channel.jobs) > 1),
                "jobs": channel.finished % 16,
            }
            return self._bits(self.description.dma, name, **state, **dict.fromkeys(channel.flags, 1))
        found = {"DONE": channel.images, "ERROR_ADDRESS_LO": channel.error_address}
        return found.get(register, channel.registers.get(register, 0) if register != "START" else 0)

    def _write_dma(self, name: str, value: int) -> None:
        if self.now < self._busy_until:
            raise BusError("the DMA is in reset")
        if name == "INTERRUPT_ENABLE":
            self._enables["dma"] = value
            return
        side, register = name.split("_", 1)
        channel = self.channels[side]
        if register == "STATUS":
            cleared = {flag for flag in channel.flags if self._bit(self.description.dma, name, flag, value)}
            self.acknowledged += "done" in cleared
            channel.flags -= cleared
        elif register == "START":
            self._start(side, channel)
        else:
            channel.registers[register] = value

    def _start(self, side: str, channel: Channel) -> None:
        values = channel.registers
        job = Job(values["BASE_LO"] | values["BASE_HI"] << 32, values["LENGTH"], values["COUNT"])
        wrong = {
            "misaligned": job.base % 8 != 0,
            "bad_length": job.length == 0,
            "bad_count": job.count == 0,
            "oversized": job.base + job.length * job.count > 1 << 32,
            "overrun": len(channel.jobs) > 1 or bool(channel.flags & set(ERRORS)),
        }
        channel.flags |= {flag for flag, is_so in wrong.items() if is_so}
        if not any(wrong.values()):
            self.overlaps += len(channel.jobs)
            channel.jobs.append(job)
            self.starts.append((side, job))

    @property
    def image_time(self) -> float:
        return self.description.interval / self.description.clock_mhz / 1e6

    def _pass(self, seconds: float) -> None:
        """Let time go by: an image is moved each `image_time`."""
        before = int(self.now / self.image_time)
        self.now += seconds
        for _ in range(int(self.now / self.image_time) - before):
            if not (self.dead or self.stalled):
                self._move()

    def _move(self) -> None:
        source, sink = self.channels["MM2S"], self.channels["S2MM"]
        if source.jobs and not source.flags & set(ERRORS) and len(self.results) < 2:
            job = source.jobs[0]
            data = self._access(source, job)
            if data is not None:
                self.results.append(self.answer(data))
                self._frames += self._counting
                self._short |= self.wrong_frames > 0
                self._advance(source)
        if sink.jobs and self.results and not sink.flags & set(ERRORS):
            job, result = sink.jobs[0], self.results.popleft()
            if len(result) != job.length:
                sink.stop("frame")
            elif self._access(sink, job, result) is not None:
                self._advance(sink)

    def _access(self, channel: Channel, job: Job, result: bytes | None = None) -> bytes | None:
        """Read an image or write a result; None after a bus error."""
        channel.images = job.done
        start = job.base + job.done * job.length
        for first, last, flag in self.faults:
            if start <= last and start + job.length > first:
                channel.stop(flag, max(start, first) & ~7)
                return None
        if result is None:
            return self.read_memory(start, job.length)
        self.write_memory(start, result)
        return result

    @staticmethod
    def _advance(channel: Channel) -> None:
        job = channel.jobs[0]
        job.done += 1
        channel.images = job.done
        if job.done == job.count:
            channel.jobs.popleft()
            channel.finished += 1
            channel.flags.add("done")

    def read_memory(self, address: int, size: int) -> bytes:
        return bytes(self.memory[address - MEMORY : address - MEMORY + size])

    def write_memory(self, address: int, data: bytes) -> None:
        self.memory[address - MEMORY : address - MEMORY + len(data)] = data

    # --- units ----------------------------------------------------------------------------------------------------

    def _read_unit(self, window: Window, address: int) -> int:
        if address in (window.control, window.status):
            return self.halted[window.name]
        return self.units[window.name].get(self._halted(window, address), 0)

    def _write_unit(self, window: Window, address: int, value: int) -> None:
        if address == window.control:
            self.halted[window.name] = value & 1
        else:
            self.units[window.name][self._halted(window, address)] = value

    def _halted(self, window: Window, address: int) -> int:
        if not self.halted[window.name]:
            raise BusError(f"{window.name} has not halted")
        return address


def _addresses(table: RegisterMap) -> dict[int, tuple[str, str, int]]:
    return {
        table.base + register.offset + index * register.stride: (table.name, register.name, index)
        for register in table.registers.values()
        for index in range(register.count)
    }
