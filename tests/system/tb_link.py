# SPDX-License-Identifier: Apache-2.0
"""Test bench of an accelerator behind a serial line: the real driver on the simulated RTL, over good and bad lines."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from random import Random
from unittest import mock

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.task import bridge
from cocotb.triggers import ClockCycles, Timer

from finn_driver import Accelerator, BusError, ImageError, LinkError, WeightsError, description
from finn_driver.serial_backend import SerialBackend
from finn_sim.system.line import SimulatedLine
from finn_verif import plan, seed

FACTS = plan.load()
PERIOD_NS = 10
BIT_NS = PERIOD_NS * FACTS.divisor
PATIENCE = 60e-9 * BIT_NS * 10
ATTEMPTS = 4
"""As with `PATIENCE`: simulated time is dear."""


class System:
    """The accelerator, its line, and the driver's way to it."""

    def __init__(self, dut, name: str) -> None:
        self.dut, self.rng = dut, seed.rng(name)
        self.line = SimulatedLine(dut, BIT_NS, self.rng)
        self.told = description.load(FACTS.path)

    async def start(self) -> System:
        self.dut.aresetn.value = 0
        Clock(self.dut.aclk, PERIOD_NS, unit="ns").start()
        await ClockCycles(self.dut.aclk, 8)
        self.dut.aresetn.value = 1
        await ClockCycles(self.dut.aclk, 2)
        return self

    async def drive(self, program: Callable[[], None]) -> None:
        """Run a program that uses the driver, in a thread that does not keep the simulator alive."""
        with mock.patch("threading.Thread", functools.partial(threading.Thread, daemon=True)):
            await bridge(program)()

    def open(self, timeout: float = 0.02) -> Accelerator:
        backend = SerialBackend(self.line, 1000 / PERIOD_NS, round(1e9 / BIT_NS), PATIENCE, ATTEMPTS)
        return Accelerator("(simulated)", backend, timeout, description=FACTS.path)

    def spoil(self, rate: float) -> None:
        """Drop, flip and repeat so many bytes each, and let every tenth write or read come late."""
        for faults in (self.line.to_device, self.line.to_host):
            faults.dropped = faults.flipped = faults.doubled = rate
            faults.late, faults.late_ns = 0.1, 40 * 10 * BIT_NS


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first images, and what the reference says of them."""
    images, expected = np.load(FACTS.images), np.load(FACTS.expected)
    return images[:count], expected[:count]


@cocotb.test()
async def test_pictures_are_classified_at_the_lines_rate(dut) -> None:
    system = await System(dut, "rate").start()

    def program() -> None:
        images, expected = pictures(FACTS.count)
        with system.open() as accel:
            start = system.line.time()
            answers = accel.classify(images)
            seconds = system.line.time() - start
            assert np.array_equal(answers, expected)
            counted = accel.statistics()
            assert counted.frames_in == counted.frames_out == len(images)
            assert counted.short_frames == counted.long_frames == 0
            bits = 10 * len(images) * accel.description.image.bytes
            efficiency = bits * BIT_NS * 1e-9 / seconds
            dut._log.info("%d images: %.1f %% of the baud rate", len(images), 100 * efficiency)
            assert efficiency > FACTS.efficiency
            assert accel.throughput_test(3)["batch_size"] == 3

    await system.drive(program)


@cocotb.test()
async def test_a_bad_line_gives_no_wrong_answer(dut) -> None:
    system = await System(dut, "bad").start()

    def program() -> None:
        images, expected = pictures(min(FACTS.count, 30))
        with system.open() as accel:
            system.spoil(0.001)
            # Small images need several batches until chance has struck both ways.
            for batches in range(1, 41):
                assert np.array_equal(accel.classify(images), expected)
                if batches > 1 and system.line.to_device.count and system.line.to_host.count:
                    break
            counted = accel.statistics()
            system.line.to_device.__dict__.update(dropped=0, flipped=0, doubled=0)
            system.line.to_host.__dict__.update(dropped=0, flipped=0, doubled=0)
        assert counted.frames_in == counted.frames_out == batches * len(images)
        assert system.line.to_device.count and system.line.to_host.count

    await system.drive(program)


@cocotb.test()
async def test_errors_leave_the_accelerator_usable(dut) -> None:
    system = await System(dut, "errors").start()

    def program() -> None:
        images, expected = pictures(3)
        accel = system.open()
        try:
            accel.classify(images[0])
            raise AssertionError("an image without its batch was taken")
        except ImageError:
            pass
        try:
            accel._backend.read(system.told.size - 4)
            raise AssertionError("nothing lies there")
        except BusError:
            pass
        # Broken off in the middle of an image, with results on their way.
        real, calls = accel._backend.pump, []

        def interrupted() -> None:
            calls.append(None)
            if len(calls) == 6:
                raise KeyboardInterrupt
            real()

        accel._backend.pump = interrupted
        try:
            accel.classify(images)
            raise AssertionError("it was not broken off")
        except KeyboardInterrupt:
            pass
        accel._backend.pump = real
        assert np.array_equal(accel.classify(images), expected)
        system.line.to_device.dropped = 1.0
        try:
            accel.classify(images)
            raise AssertionError("nothing was sent")
        except LinkError as error:
            assert "did not answer" in str(error)
        system.line.to_device.dropped = 0.0
        again = system.open()
        assert np.array_equal(again.classify(images), expected)

    await system.drive(program)


@cocotb.test()
async def test_weights_are_loaded(dut) -> None:
    if not FACTS.weights:
        return
    system = await System(dut, "weights").start()

    def program() -> None:
        images, expected = pictures(3)
        with system.open() as accel:
            accel.load_weights(FACTS.other_weights)
            assert np.array_equal(accel.classify(images), np.load(FACTS.other_expected)[:3])
            accel.load_weights(FACTS.weights)
            assert np.array_equal(accel.classify(images), expected)
            try:
                accel.load_weights(FACTS.images)
                raise AssertionError("images are no weights")
            except WeightsError:
                pass

    await system.drive(program)


PROGRAM = """
import sys
import numpy as np
from finn_driver import Accelerator
with Accelerator(sys.argv[1], description=sys.argv[2], baud=9600, timeout=300) as accel:
    np.save(sys.argv[4], accel.classify(np.load(sys.argv[3])))
    print(accel.statistics().frames_out, accel.link_statistics().sent_again)
"""


@cocotb.test()
async def test_another_process_classifies_through_a_pseudo_terminal(dut) -> None:
    """pyserial's own code, with bits flipped on the way to the accelerator."""
    system = await System(dut, "terminal").start()
    system.line.to_device.flipped = 0.001
    system.line.to_device.rng, system.line.to_device.certain = Random(3), (100,)
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    folder = Path(FACTS.path).parent
    images, expected = pictures(4)
    np.save(folder / "terminal.npy", images)
    carrying = cocotb.start_soon(system.line.carry(master))
    arguments = [os.ttyname(slave), FACTS.path, str(folder / "terminal.npy"), str(folder / "answers.npy")]
    ours = [path for path in sys.path if path]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONPATH": ":".join(ours)},
    ) as process:  # fmt: skip
        while process.poll() is None:
            await Timer(100 * BIT_NS, "ns")
        said = process.stdout.read()
    carrying.cancel()
    assert process.returncode == 0, said
    assert np.array_equal(np.load(folder / "answers.npy"), expected), said
    assert said.split()[0] == str(len(images))
    assert system.line.to_device.count, "nothing was damaged"
