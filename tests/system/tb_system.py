# SPDX-License-Identifier: Apache-2.0
"""Test bench of a whole system: the real driver, the accelerator with control and DMA, and a memory.

The memory answers late and pauses at random, unless a test is about the rate.
"""

from __future__ import annotations

import functools
import itertools
import json
from pathlib import Path
from random import Random

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiResp

import finn_driver
from finn_gen.formats import description
from finn_gen.network import model
from finn_sim import reference
from finn_sim.system.bench import System
from finn_sim.system.memory import Fault
from finn_verif import plan, seed
from tests.lib import random_networks

PLAN = plan.load()
NETWORK = description.load(Path(PLAN.network))
OTHER = description.load(Path(PLAN.network), Path(PLAN.other)) if PLAN.other else None
LATENCY = 30
BURST_BYTES = 128
JOB = 4
MARKED = NETWORK.layers[-1].kind == "label"


def images(count: int, rng: Random) -> np.ndarray:
    return random_networks.images(NETWORK, count, rng.getrandbits(32))


def expected(of: np.ndarray, network: model.Network = NETWORK) -> np.ndarray:
    scores = reference.scores(network, of)
    return reference.labels(scores) if MARKED else scores


def patience(system: System) -> float:
    """Seconds in which even a slow memory lets an image through."""
    told = system.description
    return system.seconds(4 * (told.latency + told.interval) + 16 * told.image.bytes + 2000)


async def start(dut, name: str, pauses: int = 30, interrupt: bool = True) -> tuple[System, Random]:
    """A system whose memory answers after up to 60 cycles, every channel pausing; or after LATENCY cycles just."""
    rng = seed.rng(name)
    system = System(dut, Path(PLAN.path), (lambda: rng.randint(2, 60)) if pauses else (lambda: LATENCY), rng, interrupt)
    system.memory.set_pauses(pauses, rng)
    await system.start()
    return system, rng


def check_memory(system: System) -> None:
    """Nothing beside the buffers was written, and all were given back."""
    for address in list(system.backend.buffers):
        system.backend.check_guards(address)
    assert not system.backend.buffers, f"{len(system.backend.buffers)} buffers were not given back"


@cocotb.test()
async def test_pictures_in_answers_out_with_a_memory_that_stalls(dut) -> None:
    system, rng = await start(dut, "pictures")

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            for count in (1, JOB, 2 * JOB + 3):
                given = images(count, rng)
                np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test()
async def test_the_driver_polls_where_there_is_no_interrupt(dut) -> None:
    system, rng = await start(dut, "polls", interrupt=False)

    def program() -> None:
        with system.open(timeout=patience(system), job_images=2) as overlay:
            given = images(5, rng)
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test()
async def test_counters_and_rate_are_the_plans_when_nothing_stalls(dut) -> None:
    system, rng = await start(dut, "statistics", pauses=0)
    told, count = system.description, 12

    def program() -> None:
        with system.open(timeout=patience(system), job_images=count) as overlay:
            given = images(count, rng)
            overlay.accel.classify(given)
            found = overlay.accel.statistics()
            assert (found.frames_in, found.frames_out) == (count, count)
            assert (found.short_frames, found.long_frames) == (0, 0)
            words = dict(PLAN.words)
            for boundary in found.boundaries:
                want = count * words[boundary.name]
                assert boundary.busy == want, f"{boundary.name}: {boundary.busy} words passed, must be {want}"
                assert boundary.busy + boundary.stalled <= found.cycles
            assert found.boundaries[-1].stalled == 0, "a result waited for the DMA"
            report = overlay.accel.throughput_test(count)
            cycles = report["runtime[ms]"] * 1e6 / system.period_ns
            least = told.interval * (count - 1) + told.latency
            assert least <= cycles <= least + PLAN.overhead, f"{count} images took {cycles}, must be {least} and a bit"

    await system.drive(program)
    check_memory(system)


class Handshakes:
    """Cycles in which requests and answers pass between the DMA and the memory."""

    def __init__(self, dut) -> None:
        self.dut = dut
        self.cycles: dict[str, list[int]] = {"ar": [], "r": [], "w": [], "b": []}
        cocotb.start_soon(self._watch())

    def _passes(self, channel: str) -> bool:
        valid, ready = (getattr(self.dut, f"m_axi_{channel}{part}") for part in ("valid", "ready"))
        return bool(int(valid.value) and int(ready.value))

    async def _watch(self) -> None:
        first_beat = True
        for cycle in itertools.count():
            await RisingEdge(self.dut.aclk)
            if not int(self.dut.aresetn.value):
                continue
            for channel in ("ar", "b"):
                if self._passes(channel):
                    self.cycles[channel].append(cycle)
            if self._passes("r"):
                if first_beat:
                    self.cycles["r"].append(cycle)
                first_beat = bool(int(self.dut.m_axi_rlast.value))
            if self._passes("w") and int(self.dut.m_axi_wlast.value):
                self.cycles["w"].append(cycle)


@cocotb.test()
async def test_the_memory_answers_after_its_latency_several_bursts_at_a_time(dut) -> None:
    system, rng = await start(dut, "latency", pauses=0)
    watched = Handshakes(dut)

    def program() -> None:
        count = max(8, 4 * BURST_BYTES // system.description.image.bytes)
        with system.open(timeout=patience(system), job_images=count) as overlay:
            overlay.accel.classify(images(count, rng))

    await system.drive(program)
    for request, answer in (("ar", "r"), ("w", "b")):
        pairs = list(zip(watched.cycles[request], watched.cycles[answer], strict=True))
        assert pairs and pairs[0][1] - pairs[0][0] == LATENCY, f"{request} to {answer}: {pairs[:4]}"
        assert all(came - asked >= LATENCY for asked, came in pairs)
    asked, came = watched.cycles["ar"], watched.cycles["r"]
    assert any(second < first_answer for second, first_answer in zip(asked[1:], came, strict=False))


@cocotb.test()
async def test_jobs_of_a_batch_flow_back_to_back(dut) -> None:
    """A batch takes as long as its images, however it is cut into jobs that last longer than queueing one."""
    system, rng = await start(dut, "jobs", pauses=0)
    told = system.description
    size = max(2, -(-PLAN.overhead // told.interval))
    count = 6 * size

    def program() -> None:
        with system.open(timeout=patience(system), job_images=size) as overlay:
            given = images(count, rng)
            start = system.cycles()
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))
            cycles = system.cycles() - start
            most = told.interval * count + told.latency + 2 * PLAN.overhead
            assert cycles <= most, f"{count} images in 6 jobs took {cycles} cycles, must be at most {most}"

    await system.drive(program)


@cocotb.test()
async def test_wrong_images_devices_and_descriptions_move_nothing(dut) -> None:
    system, rng = await start(dut, "wrong")
    moved = []

    async def watch() -> None:
        while True:
            await RisingEdge(dut.aclk)
            if int(dut.aresetn.value) and (int(dut.m_axi_arvalid.value) or int(dut.m_axi_awvalid.value)):
                moved.append(system.cycles())

    cocotb.start_soon(watch())

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            given = images(2, rng)
            for wrong in (given[0], given[:, :, :, :0], given.astype(np.int32), given[:0]):
                raises(finn_driver.ImageError, lambda wrong=wrong: overlay.accel.classify(wrong))
        raises(finn_driver.DeviceNotFoundError, lambda: finn_driver.Overlay(system.path), "pynq")
        document = json.loads(system.path.read_text())
        for digest, words in (("name_digest", "another network"), ("plan_digest", "another folding")):
            path = Path(f"{digest}.json")
            path.write_text(json.dumps(document | {digest: "0123456789abcdef"}))
            raises(
                finn_driver.WrongBitstreamError,
                lambda path=path: finn_driver.Overlay(path, backend=system.backend),
                words,
            )

    await system.drive(program)
    dut.aresetn.value = 0
    await system.drive(lambda: raises(finn_driver.BusError, system.open, "was not answered"))
    assert not moved, f"the accelerator went to memory in cycle {moved[0]}"
    check_memory(system)


def raises(kind: type, call, words: str = "") -> finn_driver.DriverError:
    """The exception of that kind that a call raises, whose message has these words."""
    try:
        call()
    except kind as error:
        assert words in str(error), f"{words!r} is not in: {error}"
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def of_other_length(document: dict, words: int) -> dict:
    """A description, whose digests are right, of images with another number of words."""
    image = document["image"]
    bits = words * image["word_width"]
    shape = [1, 1, bits if image["packed"] else bits // 8]
    changed = {"words": words, "bytes": words * image["word_bytes"], "last_bits": image["word_width"], "shape": shape}
    return document | {"image": image | changed}


@cocotb.test()
async def test_images_of_another_length_are_told_and_the_next_batch_is_right(dut) -> None:
    system, rng = await start(dut, "frames")
    document = json.loads(system.path.read_text())
    words = document["image"]["words"]

    def program() -> None:
        for wrong in {max(1, words - 1), words + 1} - {words}:
            path = Path(f"words{wrong}.json")
            path.write_text(json.dumps(of_other_length(document, wrong)))
            with finn_driver.Overlay(path, backend=system.backend, timeout=patience(system), job_images=JOB) as overlay:
                given = np.zeros((JOB, *overlay.description.image.shape), np.uint8)
                classify = functools.partial(overlay.accel.classify, given)
                error = raises(finn_driver.FrameError, classify, path.name)
                assert (error.short, error.long) == ((JOB, 0) if wrong < words else (0, JOB)), str(error)
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            given = images(3, rng)
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test()
async def test_bus_errors_are_told_and_the_next_batch_is_right(dut) -> None:
    system, rng = await start(dut, "bus errors")
    told = system.description

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            overlay.accel.classify(images(1, rng))
            slots = overlay.accel._engine._slots
            for slot, response in itertools.product(slots, (AxiResp.SLVERR, AxiResp.DECERR)):
                for channel, buffer, size in (
                    ("MM2S", slot.inputs, told.image.bytes),
                    ("S2MM", slot.outputs, told.result.bytes),
                ):
                    bad = buffer.device_address + rng.randrange(JOB * size)
                    system.memory.set_faults(Fault(bad, bad, response))
                    given = images(2 * JOB, rng)
                    error = raises(finn_driver.DmaError, lambda given=given: overlay.accel.classify(given))
                    flag = {AxiResp.SLVERR: "slave_error", AxiResp.DECERR: "decode_error"}[response]
                    assert (error.channel, error.flags) == (channel, (flag,)), str(error)
                    assert error.address <= bad < error.address + BURST_BYTES, (
                        f"{error.address:#x} is not the burst of {bad:#x}"
                    )
                    system.memory.set_faults()
                    given = images(3, rng)
                    np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test()
async def test_a_memory_that_never_answers_is_told_and_can_come_back(dut) -> None:
    system, rng = await start(dut, "dead memory")

    def program() -> None:
        given = images(JOB, rng)
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            system.memory.set_dead(True)
            error = raises(
                finn_driver.DeviceTimeoutError, lambda: overlay.accel.classify(given), "no image was finished"
            )
            assert "the soft reset did not end" in str(error)
            system.memory.set_dead(False)
            overlay.accel.soft_reset()
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test()
async def test_a_batch_that_is_broken_off_at_any_time_leaves_nothing_behind(dut) -> None:
    system, rng = await start(dut, "broken off")
    told = system.description

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            whole = told.latency + 2 * JOB * told.interval
            for _ in range(5):
                end = system.cycles() + rng.randrange(1, whole)

                def wait(seconds: float, end: float = end) -> None:
                    left = end - system.cycles()
                    type(system.backend).wait(system.backend, min(seconds, system.seconds(max(1, left))))
                    if left <= 1:
                        raise KeyboardInterrupt

                system.backend.wait = wait
                try:
                    overlay.accel.classify(images(2 * JOB, rng))
                except KeyboardInterrupt:
                    pass
                finally:
                    del system.backend.wait
                given = images(3, rng)
                np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test(skip=OTHER is None)
async def test_loaded_weights_give_the_answers_of_the_other_network(dut) -> None:
    system, rng = await start(dut, "weights")

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            given = images(6, rng)
            for network, path in ((NETWORK, None), (OTHER, PLAN.other_weights), (NETWORK, PLAN.weights)):
                if path:
                    overlay.accel.load_weights(path)
                np.testing.assert_array_equal(overlay.accel.classify(given), expected(given, network))
            overlay.accel.soft_reset()
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)


@cocotb.test(skip=OTHER is None)
async def test_an_accelerator_that_stands_still_is_told_and_runs_after_the_reset(dut) -> None:
    system, rng = await start(dut, "stands still")

    def program() -> None:
        with system.open(timeout=patience(system), job_images=JOB) as overlay:
            window = rng.choice(system.description.reloadable)
            system.backend.write(window.base + window.control, 1)
            given = images(2 * JOB, rng)
            error = raises(
                finn_driver.DeviceTimeoutError, lambda: overlay.accel.classify(given), "no image was finished"
            )
            assert "did not end" not in str(error)
            np.testing.assert_array_equal(overlay.accel.classify(given), expected(given))

    await system.drive(program)
    check_memory(system)
