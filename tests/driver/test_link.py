# SPDX-License-Identifier: Apache-2.0
"""The driver's end of the serial link on a software model of the other one: whatever a line does, all passes once."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from finn_driver import (
    Accelerator,
    AllocationError,
    BusError,
    DescriptionError,
    DeviceNotFoundError,
    LinkError,
    link,
)
from finn_driver.serial_backend import SerialBackend
from finn_verif import seed
from tests.lib.fake_link import FakeDevice, crc

PATIENCE = 30.0


class Line:
    """A port to a model; bytes are dropped, flipped and doubled at a rate, time goes on by 1 a read."""

    def __init__(self, device: FakeDevice, rng: Random, rate: float = 0.0) -> None:
        self.device, self.rng, self.rate = device, rng, rate
        self.now, self.came, self.dead = 0.0, bytearray(), False

    def spoiled(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            drawn = self.rng.random() / self.rate if self.rate else 9.0
            if drawn >= 1:
                out.append(byte ^ (1 << self.rng.randrange(8) if drawn < 2 else 0))
            if 2 <= drawn < 3:
                out.append(byte)
        return bytes(out)

    def write(self, data: bytes) -> None:
        if not self.dead:
            self.came += self.spoiled(self.device.feed(self.spoiled(data)))

    def read(self, seconds: float) -> bytes:
        self.now += 1
        count = self.rng.randint(1, 40)
        data = bytes(self.came[:count])
        del self.came[:count]
        return data

    def time(self) -> float:
        return self.now

    def close(self) -> None:
        self.dead = True


def backend(device: FakeDevice, rng: Random, rate: float = 0.0) -> tuple[SerialBackend, Line]:
    line = Line(device, rng, rate)
    found = SerialBackend(line, 75.0, 3_000_000)
    found.link = link.Link(PATIENCE)
    return found, line


@pytest.mark.parametrize("rate", [0.0, 0.0003, 0.001])
@pytest.mark.parametrize("index", range(4))
def test_everything_passes_once_and_in_order(rate: float, index: int) -> None:
    rng = seed.rng(f"link {rate} {index}")
    device = FakeDevice(7, lambda image: bytes((sum(image) & 255, image[0])))
    found, _ = backend(device, rng, rate)
    found.open()
    data = rng.randbytes(7 * 300)
    found.stream(data)
    wanted = b"".join(bytes((sum(data[i : i + 7]) & 255, data[i])) for i in range(0, len(data), 7))
    pairs = [(4 * rng.randrange(100), rng.getrandbits(32)) for _ in range(70)]
    found.write_many(pairs)
    addresses = [address for address, _ in pairs]
    assert found.read_many(addresses) == [dict(pairs)[address] for address in addresses]
    while found.results_held < len(wanted):
        found.pump()
    assert found.take_results(len(wanted)) == wanted and found.results_held == 0
    assert bytes(device.stream) == data
    if not rate:
        assert found.link.statistics.sent_again == 0


def test_a_bad_line_is_a_line_that_was_bad() -> None:
    """The rates above do damage."""
    found, _ = backend(FakeDevice(), Random(1), 0.001)
    found.open()
    found.stream(bytes(5000))
    while found.frames_left:
        found.pump()
    assert found.link.statistics.sent_again and found.link.statistics.losses


def test_a_refused_access_is_a_bus_error() -> None:
    device = FakeDevice()
    device.refused = {8}
    found, _ = backend(device, Random(1))
    found.write(4, 5)
    assert found.read(4) == 5
    with pytest.raises(BusError, match="read of 0x8"):
        found.read(8)
    with pytest.raises(BusError, match="write to 0x8"):
        found.write(8, 1)


def test_a_device_that_does_not_answer_is_given_up() -> None:
    found, line = backend(FakeDevice(), Random(1))
    found.write(0, 1)
    line.dead = True
    with pytest.raises(LinkError, match="did not answer 20 times"):
        found.read(0)


def test_a_link_that_was_opened_again_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice(1, bytes)
    found, line = backend(device, Random(1))
    found.open()
    found.stream(b"abc")
    found.pump()
    found.open()
    assert found.frames_left == 0 and found.results_held == 0 and device.opened == 2
    found.write(4, 9)
    assert found.read(4) == 9
    line.close()


def test_a_damaged_length_does_not_swallow_what_follows_for_ever() -> None:
    decoder = link.Decoder()
    body = bytes((0x33, 0x44, 0, 0))
    whole = bytes((link.MAGIC,)) + body + link.crc16(body).to_bytes(2, "little")
    damaged = bytearray(whole)
    damaged[4] = 200
    assert decoder.feed(bytes(damaged) + whole) == []
    assert [heard.sequence for heard in decoder.give_up()] == [3]


def test_frames_are_those_of_the_page() -> None:
    assert link.frame(link.WRITE, 5, 9, b"\1\2") == bytes.fromhex("a79503020102") + crc(
        bytes.fromhex("9503020102")
    ).to_bytes(2, "little")
    assert link.crc16(b"123456789") == crc(b"123456789") == 0x6F91


def test_there_is_no_memory_behind_a_line() -> None:
    found, _ = backend(FakeDevice(), Random(1))
    with pytest.raises(AllocationError, match="use classify"):
        found.allocate((1,), np.dtype(np.uint8))


def test_a_port_needs_its_description(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DescriptionError, match=r"0 files \*_uart\.json lie in this folder"):
        Accelerator("/dev/ttyUSB0")


def test_a_port_that_is_not_there_is_named() -> None:
    from finn_driver.serial_backend import SerialPort

    with pytest.raises(DeviceNotFoundError, match="/dev/nothing: cannot be opened at 3000000 baud"):
        SerialPort("/dev/nothing", 3_000_000)
