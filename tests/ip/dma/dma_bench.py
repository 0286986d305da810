# SPDX-License-Identifier: Apache-2.0
"""What the tests of the DMA share: the DMA between a memory that checks AXI4, streams, and a master; jobs at random."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

from finn_gen.ip.dma.registers import register_map
from finn_verif import plan, seed
from finn_verif.axi4 import BEAT, OKAY, Axi4Memory, Behaviour

PLAN = plan.load()
MAP = register_map(PLAN)
CHANNELS = {"mm2s": PLAN.mm2s, "s2mm": PLAN.s2mm}
OFFSET = {register.name: register.offset for register in MAP.registers}
ADDRESSES = 1 << PLAN.address_width
PATIENCE = 8000
"""Cycles after which a wait counts as hanging."""


class HangError(AssertionError):
    """Something that must happen did not."""


@dataclass(frozen=True)
class Job:
    """A job: base address, bytes of an image, images."""

    base: int
    length: int
    count: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.length * self.count

    @property
    def beats(self) -> set[int]:
        """Addresses of the beats that hold it."""
        return set(range(self.base, self.base + self.size, BEAT))


Word = tuple[int, int]
"""TDATA and TLAST."""


def words_of(data: bytes, length: int, width: int) -> list[Word]:
    """Images of `length` bytes each as words of a stream."""
    size = width // 8
    return [
        (int.from_bytes(data[i : i + size], "little"), int((i + size) % length == 0)) for i in range(0, len(data), size)
    ]


class Bench:
    """The DMA between a memory, a source of results, a sink of images, and a master of its registers.

    images, results  the words that the sink took, and that the source has still to send
    image_cycles     when each word of `images` was taken
    """

    def __init__(self, dut, name: str) -> None:
        self.dut, self.rng = dut, seed.rng(name)
        self.memory = Axi4Memory(dut, self.rng, PLAN.burst, max(3, PLAN.mm2s.bursts), max(3, PLAN.s2mm.bursts))
        self.source_rate = self.sink_rate = 1.0
        self.cycle = 0
        self.answered_after = 0
        self._clear()

    def _clear(self) -> None:
        self.images: list[Word] = []
        self.image_cycles: list[int] = []
        self.results: deque[Word] = deque()
        self.result_cycles: list[int] = []
        self._refused: Word | None = None
        self._offering = self._taking = 0

    async def start(self) -> None:
        """Start the clock, reset."""
        for name in ("awvalid", "wvalid", "bready", "arvalid", "rready"):
            getattr(self.dut, f"s_axil_{name}").value = 0
        self.dut.quiesce.value = 0
        self.dut.aresetn.value = 0
        self.dut.s_axis_tvalid.value = 0
        self.dut.m_axis_tready.value = 0
        Clock(self.dut.aclk, 10, unit="ns").start()
        cocotb.start_soon(self._run())
        await self.reset()

    async def reset(self) -> None:
        """Reset the DMA; the streams begin anew, memory keeps what it holds."""
        self.dut.aresetn.value = 0
        await self.cycles(3)
        self._clear()
        self.memory.reset()
        self.dut.s_axis_tvalid.value = 0
        await self.cycles(1)
        self.dut.aresetn.value = 1
        await self.cycles(1)

    async def fresh(self) -> None:
        """Reset, and forget what the memory has seen."""
        await self.reset()
        self.memory.forget()

    async def cut_short(self) -> None:
        """End jobs under way: quiesce until all is quiet, then reset."""
        self.dut.quiesce.value = 1
        await self.until(lambda: int(self.dut.quiet.value) == 1, "quiet")
        self.dut.quiesce.value = 0
        await self.reset()

    async def cycles(self, count: int) -> None:
        """Wait."""
        for _ in range(count):
            await RisingEdge(self.dut.aclk)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition of the bench."""
        for _ in range(PATIENCE):
            if condition():
                return
            await RisingEdge(self.dut.aclk)
        raise HangError(f"{what}: not within {PATIENCE} cycles")

    async def _run(self) -> None:
        while True:
            await RisingEdge(self.dut.aclk)
            self.cycle += 1
            if not int(self.dut.aresetn.value):
                continue
            self.memory.cycle()
            self._sink()
            self._source()

    def _sink(self) -> None:
        offer = None
        if int(self.dut.m_axis_tvalid.value):
            offer = (int(self.dut.m_axis_tdata.value), int(self.dut.m_axis_tlast.value))
        if self._refused is not None and offer != self._refused:
            raise AssertionError(f"m_axis: {self._refused} was refused, the next cycle it is {offer}")
        self._refused = None
        if offer is not None and self._taking:
            self.images.append(offer)
            self.image_cycles.append(self.cycle)
        else:
            self._refused = offer
        self._taking = int(self.rng.random() < self.sink_rate)
        self.dut.m_axis_tready.value = self._taking

    def _source(self) -> None:
        if self._offering:
            if not int(self.dut.s_axis_tready.value):
                return
            self.results.popleft()
            self.result_cycles.append(self.cycle)
        self._offering = int(bool(self.results) and self.rng.random() < self.source_rate)
        self.dut.s_axis_tvalid.value = self._offering
        if self._offering:
            self.dut.s_axis_tdata.value, self.dut.s_axis_tlast.value = self.results[0]

    def withdraw(self) -> None:
        """The source forgets its words, as an accelerator that is reset."""
        self.results.clear()
        self._offering = 0
        self.dut.s_axis_tvalid.value = 0

    # ---------------------------------------------------------------- registers

    async def access(self, address: int, data: int | None = None, strobe: int = 15) -> tuple[int, int]:
        """Write `data`, or read; return the response and the data."""
        dut, write = self.dut, data is not None
        channels = ("aw", "w") if write else ("ar",)
        answer, resp = ("b", dut.s_axil_bresp) if write else ("r", dut.s_axil_rresp)
        if write:
            dut.s_axil_awaddr.value, dut.s_axil_wdata.value, dut.s_axil_wstrb.value = address, data, strobe
        else:
            dut.s_axil_araddr.value = address
        for channel in channels:
            getattr(dut, f"s_axil_{channel}valid").value = 1
        getattr(dut, f"s_axil_{answer}ready").value = 1
        waiting, begin = set(channels), self.cycle
        for _ in range(PATIENCE):
            await RisingEdge(dut.aclk)
            for channel in tuple(waiting):
                if int(getattr(dut, f"s_axil_{channel}ready").value):
                    waiting.remove(channel)
                    getattr(dut, f"s_axil_{channel}valid").value = 0
            if int(getattr(dut, f"s_axil_{answer}valid").value):
                getattr(dut, f"s_axil_{answer}ready").value = 0
                self.answered_after = self.cycle - begin
                return int(resp.value), 0 if write else int(dut.s_axil_rdata.value)
        raise HangError(f"registers: no answer at {address:#x}")

    async def write(self, register: str, value: int) -> None:
        response, _ = await self.access(OFFSET[register], value)
        assert response == OKAY, f"write to {register}: response {response}"

    async def read(self, register: str) -> int:
        response, value = await self.access(OFFSET[register])
        assert response == OKAY, f"read of {register}: response {response}"
        return value

    async def status(self, channel: str) -> dict[str, int]:
        """The fields of STATUS that are not 0."""
        name = f"{channel.upper()}_STATUS"
        value, fields = await self.read(name), MAP[name].fields
        assert not value & ~sum(field.mask for field in fields), f"{name}: {value:#x} has bits in no field"
        found = {field.name: (value & field.mask) >> field.low for field in fields}
        return {name: number for name, number in found.items() if number}

    async def expect(self, channel: str, **fields: int) -> None:
        """STATUS has just these fields that are not 0, jobs not counted unless given."""
        found = await self.status(channel)
        if "jobs" not in fields:
            found.pop("jobs", None)
        assert found == fields, f"{channel} STATUS: {found}, must be {fields}"

    async def error_address(self, channel: str) -> int:
        """The address of the burst that failed."""
        low, high = [await self.read(f"{channel.upper()}_ERROR_ADDRESS_{half}") for half in ("LO", "HI")]
        return high << 32 | low

    async def acknowledge(self, channel: str) -> None:
        """Clear all flags."""
        await self.write(f"{channel.upper()}_STATUS", 0xFFFF_FFFF)

    async def program(self, channel: str, job: Job) -> None:
        """Write the registers of a job."""
        prefix = channel.upper()
        await self.write(f"{prefix}_BASE_LO", job.base & 0xFFFF_FFFF)
        await self.write(f"{prefix}_BASE_HI", job.base >> 32)
        await self.write(f"{prefix}_LENGTH", job.length)
        await self.write(f"{prefix}_COUNT", job.count)

    async def launch(self, channel: str, job: Job) -> None:
        """Program a job and write START, whether there is room or not."""
        await self.program(channel, job)
        await self.write(f"{channel.upper()}_START", 1)

    async def queue(self, channel: str, job: Job) -> None:
        """Program a job and start it; it waits until there is room."""
        await self.program(channel, job)
        await self._while(channel, "full")
        await self.write(f"{channel.upper()}_START", 1)

    async def finish(self, channel: str) -> None:
        """Wait until a channel is not busy."""
        await self._while(channel, "busy")

    async def _while(self, channel: str, field: str) -> None:
        end = self.cycle + PATIENCE
        while (await self.status(channel)).get(field):
            if self.cycle > end:
                raise HangError(f"{channel} stays {field} for {PATIENCE} cycles")

    # ---------------------------------------------------------------- what must come of it

    def image_words(self, job: Job) -> list[Word]:
        """The words that a job of MM2S sends."""
        return words_of(self.memory.bytes(job.base, job.size), job.length, PLAN.mm2s.width)

    def offer(self, job: Job) -> dict[int, int]:
        """Let the source send random results for a job of S2MM; return what must be written."""
        data = self.rng.randbytes(job.size)
        self.results.extend(words_of(data, job.length, PLAN.s2mm.width))
        return {job.base + i: byte for i, byte in enumerate(data)}

    def check_images(self, jobs: list[Job]) -> None:
        """The words of these jobs have come, and their beats were read, no other."""
        want = [word for job in jobs for word in self.image_words(job)]
        assert len(self.images) == len(want), f"{len(self.images)} words came, must be {len(want)}"
        for index, (got, word) in enumerate(zip(self.images, want, strict=True)):
            assert got == word, f"word {index}: {got}, must be {word}"
        assert self.memory.read == set().union(*(job.beats for job in jobs)), "beats were read that are no image's"

    def check_written(self, want: dict[int, int]) -> None:
        """Just these bytes were written."""
        got = self.memory.written
        outside = sorted(got.keys() - want.keys())
        assert not outside, f"{len(outside)} bytes were written outside the buffer, the first at {outside[0]:#x}"
        wrong = sorted(address for address in want if got.get(address) != want[address])
        assert not wrong, f"{len(wrong)} bytes are wrong or missing, the first at {wrong[0]:#x}"


def word_bytes(channel: str) -> int:
    return CHANNELS[channel].width // 8


def random_job(rng: Random, channel: str, beats: int) -> Job:
    """A job of about so many beats, often at the end of a page or of a burst."""
    size = word_bytes(channel)
    length = size * rng.choice((1, 2, 3, rng.randint(1, 8 * beats // size), 8 * PLAN.burst // size))
    count = rng.randint(1, max(1, 8 * beats // length))
    page = rng.randrange(1, ADDRESSES // 4096 - 8) * 4096
    offset = rng.choice((0, 8 * rng.randrange(512), 4096 - 8 * rng.randint(1, 2 * PLAN.burst)))
    return Job(page + offset, length, count)


def random_behaviour(rng: Random) -> Behaviour:
    """A memory that is fast, slow, or now this and now that."""
    low, high = rng.choice(((1, 1), (1, 8), (20, 40)))
    rate = rng.choice((1.0, 0.8, 0.3))
    return Behaviour(ready=rng.choice((1.0, 0.7, 0.2)), valid=rate, latency=lambda: rng.randint(low, high))


async def begin(dut, name: str) -> Bench:
    bench = Bench(dut, name)
    await bench.start()
    return bench


async def check_that_jobs_run(bench: Bench, channel: str, jobs: list[Job], /, **fields: int) -> Callable[[], None]:
    """Run jobs on an idle channel: all words or bytes of them and no other, and STATUS then has just these fields.

    Returns the check of the words or bytes, to make it again later.
    """
    bench.memory.forget()
    del bench.images[:]
    want: dict[int, int] = {}
    if channel == "s2mm":
        for job in jobs:
            want |= bench.offer(job)
    for job in jobs:
        await bench.queue(channel, job)
    await bench.finish(channel)
    await bench.expect(channel, **fields)

    def check() -> None:
        if channel == "s2mm":
            bench.check_written(want)
        else:
            bench.check_images(jobs)

    check()
    return check
