# SPDX-License-Identifier: Apache-2.0
"""A machine at the other end of a serial line, behind finn:ip:uart."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import Protocol

import numpy as np

from finn_driver import link
from finn_driver.backend import Backend
from finn_driver.errors import AllocationError, BusError, DeviceNotFoundError, LinkError

POLL = 0.005
"""Seconds that a read waits for a byte where there is nothing to send."""
PATIENCE = 0.05
"""Seconds that a byte may be late on its way through drivers and USB, in addition to what the line takes."""
BITS = 10
"""Of a byte on the line."""
READS, WRITES = link.PAYLOAD // 4, link.PAYLOAD // 8
"""Accesses that fit into a frame."""


class Port(Protocol):
    """A serial port, 8N1."""

    def write(self, data: bytes) -> None:
        """Send all bytes; may return before they have left."""

    def read(self, seconds: float) -> bytes:
        """What has come, b"" if nothing does within so long."""

    def time(self) -> float:
        """Seconds since some moment."""

    def close(self) -> None:
        """Give the port back."""


class SerialPort:
    """A port of the machine through pyserial. Raises DeviceNotFoundError."""

    def __init__(self, name: str, baud: int) -> None:
        try:
            import serial
        except ModuleNotFoundError:
            raise DeviceNotFoundError(
                f"{name}: pyserial is not installed, which opens serial ports: pip install 'finn-driver[serial]'"
            ) from None
        try:
            self._port = serial.Serial(name, baud, timeout=POLL)
        except (OSError, ValueError, serial.SerialException) as error:
            raise DeviceNotFoundError(
                f"{name}: cannot be opened at {baud} baud ({error}); check the name, and that you may use it"
            ) from None
        # Else a chip of FTDI gathers bytes for 16 ms. Not every port and system can do it.
        with contextlib.suppress(AttributeError, NotImplementedError, OSError, ValueError):
            self._port.set_low_latency_mode(True)
        self._errors = (OSError, serial.SerialException)
        self._name = name

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except self._errors as error:
            raise LinkError(f"{self._name}: cannot be written ({error})") from None

    def read(self, seconds: float) -> bytes:
        try:
            first = self._port.read(1) if seconds or self._port.in_waiting else b""
            return first + self._port.read(self._port.in_waiting) if first else b""
        except self._errors as error:
            raise LinkError(f"{self._name}: cannot be read ({error})") from None

    def time(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        self._port.close()


class SerialBackend(Backend):
    """Registers and streams through a port.

    baud      of the line, by which it is judged how long an answer may take
    patience  seconds that an answer may take besides
    attempts  questions without an answer after which the link is given up
    """

    def __init__(
        self, port: Port, clock_mhz: float, baud: int, patience: float = PATIENCE, attempts: int = link.ATTEMPTS
    ) -> None:
        self._port, self._clock_mhz = port, clock_mhz
        window = link.WINDOW * (link.PAYLOAD + link.HEAD + link.TAIL) * BITS / baud
        self.link = link.Link(patience + 2.5 * window, attempts)
        self._results = bytearray()
        self._replies: deque[bytes] = deque()
        self._opened = False

    @property
    def clock_mhz(self) -> float:
        return self._clock_mhz

    # --- the link -----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the link anew: what is under way is given up on both sides. Raises LinkError."""
        self.link.open()
        self._replies.clear()
        self._results.clear()
        self._opened = True
        while not self.link.opened:
            self.pump()

    def pump(self) -> None:
        """Send what is to be sent, take what comes; waits a little where there is nothing to do. Raises LinkError."""
        out = self.link.output(self._port.time())
        if out:
            self._port.write(out)
        data = self._port.read(0 if out else POLL)
        self.link.input(data, self._port.time())
        while self.link.replies:
            payload = self.link.replies.popleft()
            if payload[0] == link.RESULTS:
                self._results += payload[1:]
            else:
                self._replies.append(payload[1:])

    def stream(self, data: bytes) -> None:
        """Queue bytes of images."""
        self.link.wake(self._port.time())
        for start in range(0, len(data), link.PAYLOAD):
            self.link.send(link.STREAM, data[start : start + link.PAYLOAD])

    @property
    def frames_left(self) -> int:
        """Frames that were queued and have not been carried out."""
        return self.link.left

    @property
    def results_held(self) -> int:
        """Bytes of results that have come and were not taken."""
        return len(self._results)

    def take_results(self, count: int) -> bytes:
        """The first bytes of results."""
        taken = bytes(self._results[:count])
        del self._results[:count]
        return taken

    def discard_results(self) -> None:
        """Forget results that have come."""
        self._results.clear()

    # --- registers ----------------------------------------------------------------------------------------------

    def read(self, address: int) -> int:
        return self.read_many([address])[0]

    def write(self, address: int, value: int) -> None:
        self.write_many([(address, value)])

    def read_many(self, addresses: list[int]) -> list[int]:
        found: list[int] = []
        for start in range(0, len(addresses), READS):
            part = addresses[start : start + READS]
            data = self._access(link.READ, b"".join(each.to_bytes(4, "little") for each in part), "read of", part[0])
            found += [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        return found

    def write_many(self, pairs: list[tuple[int, int]]) -> None:
        for start in range(0, len(pairs), WRITES):
            part = pairs[start : start + WRITES]
            words = b"".join(each.to_bytes(4, "little") for pair in part for each in pair)
            self._access(link.WRITE, words, "write to", part[0][0])

    def _access(self, kind: int, payload: bytes, access: str, address: int) -> bytes:
        """The data of a reply. Raises BusError, LinkError."""
        if not self._opened:
            self.open()
        self.link.wake(self._port.time())
        self.link.send(kind, payload)
        while not self._replies:
            self.pump()
        *data, response = self._replies.popleft()
        if response:
            raise BusError(f"the {access} {address:#x} and what follows was answered with an error ({response})")
        return bytes(data)

    # --- the machine --------------------------------------------------------------------------------------------

    def allocate(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        raise AllocationError("an accelerator behind a serial line reaches no memory: use classify()")

    def wait(self, seconds: float) -> None:
        self.pump()

    def time(self) -> float:
        return self._port.time()

    def close(self) -> None:
        self._port.close()
