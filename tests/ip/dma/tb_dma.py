# SPDX-License-Identifier: Apache-2.0
"""Test bench of the DMA, finn:ip:dma: jobs, errors, quiesce and reset against a memory that checks AXI4."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

from finn_gen.ip.dma.registers import register_map
from finn_verif import plan, seed
from finn_verif.axi4 import BEAT, DECERR, OKAY, SLVERR, Axi4Memory, Behaviour

PLAN = plan.load()
MAP = register_map(PLAN)
CHANNELS = {"mm2s": PLAN.mm2s, "s2mm": PLAN.s2mm}
OFFSET = {register.name: register.offset for register in MAP.registers}
ADDRESSES = 1 << PLAN.address_width
LATENCY = 30
"""Cycles in which the memory of the throughput tests answers."""
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


# -------------------------------------------------------------------------------- jobs


@cocotb.test()
async def test_images_come_from_memory_with_tlast_at_their_ends(dut) -> None:
    bench = await begin(dut, "images")
    for _ in range(4):
        await bench.reset()
        bench.memory.forget()
        bench.memory.behaviour = random_behaviour(bench.rng)
        bench.sink_rate = bench.rng.choice((1.0, 0.5, 0.2))
        jobs = [random_job(bench.rng, "mm2s", 20) for _ in range(4)]
        for job in jobs:
            await bench.queue("mm2s", job)
        await bench.finish("mm2s")
        await bench.expect("mm2s", done=1, jobs=4)
        assert await bench.read("MM2S_DONE") == jobs[-1].count
        bench.check_images(jobs)
    await bench.cycles(50)
    bench.check_images(jobs)


@cocotb.test()
async def test_results_are_written_to_their_buffer_and_nowhere_else(dut) -> None:
    bench = await begin(dut, "results")
    for _ in range(4):
        await bench.reset()
        bench.memory.forget()
        want: dict[int, int] = {}
        bench.memory.behaviour = random_behaviour(bench.rng)
        bench.source_rate = bench.rng.choice((1.0, 0.5, 0.2))
        jobs = [random_job(bench.rng, "s2mm", 20) for _ in range(4)]
        for job in jobs:
            want |= bench.offer(job)
        for job in jobs:
            await bench.queue("s2mm", job)
        await bench.finish("s2mm")
        await bench.expect("s2mm", done=1, jobs=4)
        assert await bench.read("S2MM_DONE") == jobs[-1].count
        bench.check_written(want)
    await bench.cycles(50)
    bench.check_written(want)


@cocotb.test()
async def test_both_channels_run_at_once_and_queued_jobs_follow(dut) -> None:
    bench = await begin(dut, "both")
    bench.memory.behaviour = Behaviour(ready=0.7, valid=0.8, latency=lambda: bench.rng.randint(1, 30))
    bench.sink_rate = bench.source_rate = 0.7
    jobs = {channel: [random_job(bench.rng, channel, 12) for _ in range(8)] for channel in CHANNELS}
    want: dict[int, int] = {}
    # Images that the results do not overwrite.
    results = set().union(*(job.beats for job in jobs["s2mm"]))
    jobs["mm2s"] = [job for job in jobs["mm2s"] if not job.beats & results]
    for job in jobs["s2mm"]:
        want |= bench.offer(job)
    for pair in zip(jobs["mm2s"], jobs["s2mm"], strict=False):
        for channel, job in zip(CHANNELS, pair, strict=True):
            await bench.queue(channel, job)
    for channel in CHANNELS:
        await bench.finish(channel)
        await bench.expect(channel, done=1, jobs=min(map(len, jobs.values())))
    bench.check_images(jobs["mm2s"])
    bench.check_written(want)


@cocotb.test()
async def test_the_last_bytes_of_the_address_space_may_be_used(dut) -> None:
    bench = await begin(dut, "end")
    bench.memory.behaviour = Behaviour(latency=lambda: 3)
    job = Job(ADDRESSES - 8 * 20, 8 * 5, 4)
    await bench.queue("mm2s", job)
    await bench.finish("mm2s")
    await bench.expect("mm2s", done=1)
    bench.check_images([job])
    want = bench.offer(job)
    await bench.queue("s2mm", job)
    await bench.finish("s2mm")
    await bench.expect("s2mm", done=1)
    bench.check_written(want)


# -------------------------------------------------------------------------------- refused jobs


@cocotb.test()
async def test_a_wrong_job_is_refused_and_says_why(dut) -> None:
    bench = await begin(dut, "wrong")
    top, high = ADDRESSES - 8, 1 << 31
    for channel in CHANNELS:
        size = word_bytes(channel)
        cases = [(Job(4096 + offset, 64, 2), ["misaligned"]) for offset in (1, 2, 4, 7)] + [
            (Job(4096, 0, 2), ["bad_length"]),
            (Job(4096, 64, 0), ["bad_count"]),
            (Job(4097, 0, 0), ["misaligned", "bad_length", "bad_count"]),
            (Job(top, 8, 2), ["oversized"]),
            (Job(top - 8, 8, 3), ["oversized"]),
            (Job(0, high, 2), ["oversized"]),
            (Job(0, 8, 1 << 29), ["oversized"]),
            (Job(0, 0xFFFF_FFF8, 0xFFFF_FFFF), ["oversized"]),
            (Job(0, 3 << 30, 3 << 30), ["oversized"]),
            (Job(0, 1 << 16, 1 << 16), ["oversized"]),
            (Job(0, 8, 0xFFFF_FFFF), ["oversized"]),
        ]
        cases += [(Job(0, 64 + bad, 1), ["bad_length"]) for bad in (1, 2, 4) if bad % size]
        if PLAN.address_width < 64:
            for bit in {PLAN.address_width, 63}:
                cases.append((Job(1 << bit, 64, 1), ["oversized"]))
        for job, flags in cases:
            await bench.program(channel, job)
            await bench.write(f"{channel.upper()}_START", 1)
            await bench.expect(channel, **dict.fromkeys(flags, 1))
            await bench.acknowledge(channel)
            await bench.expect(channel)
        await bench.write(f"{channel.upper()}_BASE_HI", 0)
    assert not bench.memory.bursts, f"a refused job requested bursts: {bench.memory.bursts[0]}"


@cocotb.test()
async def test_the_longest_jobs_are_taken(dut) -> None:
    """Up to 2^32 - 1 bytes and to the end of the address space; they are cut short by a reset."""
    bench = await begin(dut, "longest")
    for channel in CHANNELS:
        size = word_bytes(channel)
        most = (1 << 32) - size
        jobs = [Job(0, most, 1), Job(ADDRESSES - (1 << 31), 8, 1 << 28), Job(0, 1 << 16, (1 << 16) - 1)]
        jobs += [Job(0, size, most // size), Job(8, 3 * 5 * 17 * 8, 257 * 65537 // 8)]
        for job in jobs:
            await bench.program(channel, job)
            await bench.write(f"{channel.upper()}_START", 1)
            await bench.expect(channel, busy=1)
            bench.dut.quiesce.value = 1
            await bench.until(lambda: int(dut.quiet.value) == 1, "quiet")
            bench.dut.quiesce.value = 0
            await bench.reset()


@cocotb.test()
async def test_every_bit_of_length_and_count_counts(dut) -> None:
    """Jobs that are long by one bit alone do not end where they would without it; a reset cuts them short."""
    bench = await begin(dut, "bits")
    bench.memory.behaviour = Behaviour(latency=lambda: 2)
    base, room = 0x1000 - 3 * BEAT, 3 * BEAT  # without the bit there are two beats at most
    for bit in range(11, 32):
        for one_image in (True, False):
            bench.memory.forget()
            want = {}
            for channel, chosen in CHANNELS.items():
                size = word_bytes(channel)
                length, count = ((1 << bit) + 2 * size, 1) if one_image else (size, (1 << bit) // size + 2)
                words = words_of(bench.memory.bytes(base, room), room, chosen.width)
                want[channel] = [(word, int(not one_image)) for word, _ in words]
                for name, value in (("BASE_LO", base), ("LENGTH", length), ("COUNT", count), ("START", 1)):
                    await bench.write(f"{channel.upper()}_{name}", value)
            bench.results.extend(want["s2mm"])
            await bench.until(lambda want=want: len(bench.images) >= len(want["mm2s"]), "images")
            await bench.until(lambda: len(bench.memory.written) == room, "results")
            assert bench.images[: len(want["mm2s"])] == want["mm2s"], f"bit {bit}: images have another length"
            await bench.expect("mm2s", busy=1)
            await bench.expect("s2mm", busy=1)
            dut.quiesce.value = 1
            await bench.until(lambda: int(dut.quiet.value) == 1, "quiet")
            dut.quiesce.value = 0
            await bench.reset()


@cocotb.test()
async def test_jobs_run_across_every_power_of_two(dut) -> None:
    bench = await begin(dut, "carries")
    bench.memory.behaviour = Behaviour(latency=lambda: 2)
    want: dict[int, int] = {}
    for bit in range(6, PLAN.address_width):
        job = Job((1 << bit) - BEAT, 2 * BEAT, 1)
        want |= bench.offer(job)
        for channel in CHANNELS:
            await bench.program(channel, job)
            await bench.write(f"{channel.upper()}_START", 1)
        await bench.finish("s2mm")
        await bench.finish("mm2s")
        assert bench.memory.read == job.beats, f"{job}: {sorted(map(hex, bench.memory.read))} were read"
        bench.memory.read.clear()
    bench.check_written(want)


@cocotb.test()
async def test_more_than_a_thousand_words_and_images_are_counted(dut) -> None:
    bench = await begin(dut, "thousand")
    for two_images in (True, False):
        bench.memory.forget()
        del bench.images[:]
        jobs = {}
        for channel, base in zip(CHANNELS, (0x8000, 0x1_0000), strict=True):
            size = word_bytes(channel)
            jobs[channel] = Job(base, 1030 * size, 2) if two_images else Job(base, size, 1030)
            await bench.queue(channel, jobs[channel])
        want = bench.offer(jobs["s2mm"])
        for channel in CHANNELS:
            await bench.finish(channel)
            await bench.expect(channel, done=1)
            assert await bench.read(f"{channel.upper()}_DONE") == jobs[channel].count
        bench.check_images([jobs["mm2s"]])
        bench.check_written(want)


@cocotb.test()
async def test_a_third_job_is_an_overrun_and_harms_nothing(dut) -> None:
    bench = await begin(dut, "overrun")
    for channel in CHANNELS:
        await bench.reset()
        bench.sink_rate = bench.source_rate = 0.0
        jobs = [Job(0x1000, 160, 2), Job(0x5000, 80, 3)]
        want = (bench.offer(jobs[0]) | bench.offer(jobs[1])) if channel == "s2mm" else {}
        for job in jobs:
            await bench.program(channel, job)
            await bench.write(f"{channel.upper()}_START", 1)
        await bench.expect(channel, busy=1, full=1)
        await bench.program(channel, Job(0x9000, 64, 1))
        await bench.write(f"{channel.upper()}_START", 1)
        await bench.expect(channel, busy=1, full=1, overrun=1)
        bench.sink_rate = bench.source_rate = 1.0
        await bench.finish(channel)
        await bench.expect(channel, done=1, overrun=1, jobs=2)
        if channel == "mm2s":
            bench.check_images(jobs)
        bench.check_written(want)
        # Writing 0 to START starts nothing.
        await bench.write(f"{channel.upper()}_START", 0)
        await bench.cycles(50)
        await bench.expect(channel, done=1, overrun=1, jobs=2)


# -------------------------------------------------------------------------------- errors of transfers


@cocotb.test()
async def test_a_bus_error_of_a_read_stops_the_images(dut) -> None:
    bench = await begin(dut, "read error")
    for round_ in range(4):
        await bench.reset()
        bench.memory.forget()
        answer = (SLVERR, DECERR)[round_ % 2]
        job = random_job(bench.rng, "mm2s", 30)
        bad = bench.rng.choice(sorted(job.beats))
        bench.memory.behaviour = random_behaviour(bench.rng)
        bench.memory.behaviour.respond = lambda address, bad=bad, answer=answer: answer if address == bad else OKAY
        bench.sink_rate = bench.rng.choice((1.0, 0.4))
        await bench.write("INTERRUPT_ENABLE", 2)
        await bench.queue("mm2s", job)
        await bench.queue("mm2s", Job(job.base, 64, 1))
        await bench.until(lambda: int(dut.interrupt.value) == 1, "interrupt")
        requested = len(bench.memory.bursts)
        await bench.finish("mm2s")
        flag = {SLVERR: "slave_error", DECERR: "decode_error"}[answer]
        found = await bench.status("mm2s")
        assert found.get(flag) == 1, f"{flag} does not stand: {found}"
        assert len(bench.memory.bursts) <= requested + 1, "bursts were requested after the error"
        assert bench.memory.under_way == 0, "not busy, but bursts are under way"
        first = next(a for _, a, n in bench.memory.bursts if a <= bad < a + BEAT * n)
        low, high = await bench.read("MM2S_ERROR_ADDRESS_LO"), await bench.read("MM2S_ERROR_ADDRESS_HI")
        assert high << 32 | low == first, f"ERROR_ADDRESS is {high << 32 | low:#x}, must be {first:#x}"
        # What came is from before the error, and at most the word that was offered comes after it.
        await bench.cycles(30)
        whole = bench.image_words(job)
        assert bench.images == whole[: len(bench.images)], "words came that are no images"
        assert len(bench.images) <= (bad - job.base) // word_bytes("mm2s"), "words came from behind the error"
        # Nothing starts until the error was acknowledged; then all is as new.
        came = len(bench.images)
        await bench.program("mm2s", Job(0x2000, 64, 2))
        await bench.write("MM2S_START", 1)
        assert (await bench.status("mm2s")).get("overrun") == 1
        await bench.cycles(50)
        assert len(bench.images) == came
        bench.memory.behaviour.respond = lambda address: OKAY
        await bench.acknowledge("mm2s")
        await bench.until(lambda: int(dut.interrupt.value) == 0, "no interrupt")
        await bench.expect("mm2s")
        del bench.images[:]
        bench.memory.forget()
        jobs = [Job(0x2000, 64, 2), random_job(bench.rng, "mm2s", 30)]
        for job in jobs:
            await bench.queue("mm2s", job)
        await bench.finish("mm2s")
        await bench.expect("mm2s", done=1)
        bench.check_images(jobs)


@cocotb.test()
async def test_a_bus_error_of_a_write_stops_the_results(dut) -> None:
    bench = await begin(dut, "write error")
    for round_ in range(4):
        await bench.reset()
        bench.memory.forget()
        answer = (SLVERR, DECERR)[round_ % 2]
        job = random_job(bench.rng, "s2mm", 30)
        bad = bench.rng.choice(sorted(job.beats))
        bench.memory.behaviour = random_behaviour(bench.rng)
        failed: list[int] = []

        def respond(address: int, bad: int = bad, answer: int = answer, failed: list[int] = failed) -> int:
            if address // (8 * PLAN.burst) == bad // (8 * PLAN.burst):
                failed.append(address)
                return answer
            return OKAY

        bench.memory.behaviour.respond = respond
        bench.source_rate = bench.rng.choice((1.0, 0.4))
        await bench.queue("s2mm", job)
        await bench.queue("s2mm", Job(job.base, 64, 1))
        want = bench.offer(job)
        await bench.until(lambda failed=failed: bool(failed), "the error")
        requested = len(bench.memory.bursts)
        await bench.finish("s2mm")
        flag = {SLVERR: "slave_error", DECERR: "decode_error"}[answer]
        found = await bench.status("s2mm")
        assert found == {flag: 1}, f"{found}, must be {flag} alone"
        assert len(bench.memory.bursts) <= requested + 2, "bursts were requested after the error"
        assert bench.memory.under_way == 0, "not busy, but bursts are under way"
        low, high = await bench.read("S2MM_ERROR_ADDRESS_LO"), await bench.read("S2MM_ERROR_ADDRESS_HI")
        assert high << 32 | low == failed[0], f"ERROR_ADDRESS is {high << 32 | low:#x}, must be {failed[0]:#x}"
        assert bench.memory.written.items() <= want.items(), "bytes were written that are no results"
        taken = len(bench.result_cycles)
        await bench.cycles(30)
        assert len(bench.result_cycles) == taken, "words are taken without a job"
        # Acknowledged, and the results of before gone, all is as new.
        bench.withdraw()
        bench.memory.behaviour.respond = lambda address: OKAY
        await bench.acknowledge("s2mm")
        bench.memory.forget()
        jobs = [Job(0x2000, 64, 2), random_job(bench.rng, "s2mm", 30)]
        want = bench.offer(jobs[0]) | bench.offer(jobs[1])
        for job in jobs:
            await bench.queue("s2mm", job)
        await bench.finish("s2mm")
        await bench.expect("s2mm", done=1, jobs=2)
        bench.check_written(want)


@cocotb.test()
async def test_the_burst_that_failed_is_told_of_all_that_are_under_way(dut) -> None:
    bench = await begin(dut, "under way")
    span = BEAT * PLAN.burst
    under_way = max(3, PLAN.mm2s.bursts, PLAN.s2mm.bursts)
    most = ADDRESSES // span - 1
    places = {channel: [0, 0] for channel in CHANNELS}
    for round_ in range(6):
        await bench.reset()
        bench.memory.forget()
        bad: set[int] = set()
        bench.memory.behaviour = Behaviour(
            latency=lambda: 150, respond=lambda address, bad=bad: SLVERR if address in bad else OKAY
        )
        # The second burst and the third one with addresses that have every bit 0 and 1, others at random.
        failed = 1 + round_ // 2 if round_ < 4 else bench.rng.randrange(3, under_way + 1)
        bursts: dict[str, list[int]] = {}
        for channel in CHANNELS:
            # Short bursts first: many of them go into the smallest buffer.
            places[channel] = [
                most - place if round_ % 2 else bench.rng.randrange(under_way, most - under_way)
                for place in places[channel]
            ]
            edges = [span * place for place in places[channel]]
            jobs = Job(edges[0] - BEAT, 2 * BEAT, 1), Job(edges[1] - BEAT, BEAT + span * under_way, 1)
            bursts[channel] = [edges[0] - BEAT, edges[0], edges[1] - BEAT]
            bursts[channel] += range(edges[1], edges[1] + span * under_way, span)
            bad.add(bursts[channel][failed])
            if channel == "s2mm":
                for job in jobs:
                    bench.offer(job)
            for job in jobs:
                await bench.queue(channel, job)
        for channel in CHANNELS:
            await bench.finish(channel)
            prefix, found = channel.upper(), await bench.status(channel)
            assert found.get("slave_error"), f"{channel}: slave_error does not stand: {found}"
            low, high = await bench.read(f"{prefix}_ERROR_ADDRESS_LO"), await bench.read(f"{prefix}_ERROR_ADDRESS_HI")
            want = bursts[channel][failed]
            assert high << 32 | low == want, f"{prefix}_ERROR_ADDRESS is {high << 32 | low:#x}, must be {want:#x}"


def misframed(rng: Random, words: list[Word], how: str) -> tuple[list[Word], int]:
    """Words of a job whose TLAST is wrong, and the number of the word that is the first wrong one."""
    ends = [index for index, word in enumerate(words) if word[1]]
    end = rng.choice(ends)
    if how == "late":
        words[end] = (words[end][0], 0)
        return words, end
    if how == "never":
        return [(data, 0) for data, _ in words] * 2, ends[0]
    inner = [index for index, word in enumerate(words) if not word[1]]
    early = rng.choice(inner)
    words[early] = (words[early][0], 1)
    return words, early


@cocotb.test()
async def test_a_wrong_tlast_stops_the_results_within_their_buffer(dut) -> None:
    bench = await begin(dut, "frames")
    for how in ("late", "never", "early", "late", "early", "never"):
        await bench.reset()
        bench.memory.forget()
        bench.memory.behaviour = random_behaviour(bench.rng)
        size = word_bytes("s2mm")
        job = Job(0x7000 - 8 * bench.rng.randint(1, 40), size * bench.rng.randint(2, 30), bench.rng.randint(1, 12))
        await bench.queue("s2mm", job)
        await bench.queue("s2mm", Job(0x20000, size, 100))
        want = bench.offer(job)
        words, wrong = misframed(bench.rng, list(bench.results), how)
        bench.results = deque(words)
        await bench.finish("s2mm")
        found = await bench.status("s2mm")
        assert found == {"frame": 1}, f"{found}, must be frame alone"
        assert len(bench.result_cycles) == wrong + 1, "the word with the wrong TLAST is not the last one that is taken"
        assert await bench.read("S2MM_DONE") == wrong * size // job.length
        assert bench.memory.under_way == 0, "not busy, but bursts are under way"
        beats = bench.memory.written.items()
        assert beats <= want.items(), "bytes were written that are no results"
        assert all(address < job.base + size * wrong for address in bench.memory.written), "bytes of the wrong word"
        bench.withdraw()
        await bench.write("S2MM_START", 1)
        await bench.expect("s2mm", frame=1, overrun=1)
        await bench.acknowledge("s2mm")
        job = random_job(bench.rng, "s2mm", 20)
        bench.memory.forget()
        want = bench.offer(job)
        await bench.queue("s2mm", job)
        await bench.finish("s2mm")
        await bench.expect("s2mm", done=1, jobs=1)
        bench.check_written(want)


@cocotb.test()
async def test_results_beyond_the_job_stay_outside(dut) -> None:
    """The source goes on behind the end: nothing is taken until the next job, which gets the rest."""
    bench = await begin(dut, "too long")
    size = word_bytes("s2mm")
    jobs = [Job(0x1000, 3 * size, 7), Job(0x1800, 2 * size, 9)]
    want = bench.offer(jobs[0])
    rest = bench.offer(jobs[1])
    await bench.queue("s2mm", jobs[0])
    await bench.finish("s2mm")
    await bench.cycles(100)
    await bench.expect("s2mm", done=1, jobs=1)
    assert len(bench.result_cycles) == 21, "words were taken without a job"
    bench.check_written(want)
    await bench.queue("s2mm", jobs[1])
    await bench.finish("s2mm")
    bench.check_written(want | rest)


# -------------------------------------------------------------------------------- quiesce and reset


@cocotb.test()
async def test_quiesce_in_the_middle_of_everything_leads_to_quiet(dut) -> None:
    bench = await begin(dut, "quiesce")
    for round_ in range(8):
        await bench.reset()
        bench.memory.forget()
        bench.memory.behaviour = random_behaviour(bench.rng)
        # The streams may stand still for ever.
        bench.sink_rate, bench.source_rate = bench.rng.choice((0.0, 1.0)), bench.rng.choice((0.0, 0.5, 1.0))
        images, results = Job(0x3F80, 80, 8), Job(0x8FF8, 80, 8)
        want = bench.offer(results)
        await bench.queue("mm2s", images)
        await bench.queue("s2mm", results)
        await bench.cycles(bench.rng.randrange(150))
        goes_on = round_ % 2
        dut.quiesce.value = 1
        await bench.cycles(2)
        requested = len(bench.memory.bursts)
        await bench.until(lambda: int(dut.quiet.value) == 1, "quiet")
        for _ in range(40):
            assert bench.memory.under_way == 0, "quiet, but bursts are under way"
            assert not int(dut.m_axi_arvalid.value), "quiet, but a burst is requested"
            assert not int(dut.m_axi_awvalid.value), "quiet, but a burst is requested"
            assert not int(dut.m_axi_wvalid.value), "quiet, but data are offered"
            await RisingEdge(dut.aclk)
        assert len(bench.memory.bursts) <= requested + 2, "bursts were requested after quiesce"
        assert bench.memory.written.items() <= want.items(), "bytes were written that are no results"
        dut.quiesce.value = 0
        if goes_on:
            bench.sink_rate = bench.source_rate = 1.0
        else:
            await bench.reset()
            assert await bench.status("mm2s") == {}
            assert await bench.status("s2mm") == {}
            bench.sink_rate = bench.source_rate = 1.0
            want = bench.offer(results)
            await bench.queue("mm2s", images)
            await bench.queue("s2mm", results)
        for channel in CHANNELS:
            await bench.finish(channel)
            await bench.expect(channel, done=1, jobs=1)
        bench.check_images([images])
        bench.check_written(want)


@cocotb.test()
async def test_a_stopped_stream_does_not_hold_the_memory(dut) -> None:
    """With both streams at a stand, everything that was requested is answered all the same."""
    bench = await begin(dut, "stopped")
    bench.sink_rate = 0.0
    bench.memory.behaviour = Behaviour(latency=lambda: 5)
    await bench.queue("mm2s", Job(0, 8 * PLAN.mm2s.beats, 2))
    job = Job(0x10000, 8 * PLAN.burst, 2)
    bench.offer(job)
    for _ in range(8 // word_bytes("s2mm")):  # one beat is missing
        bench.results.pop()
    await bench.queue("s2mm", job)
    await bench.cycles(8 * PLAN.mm2s.beats + 100)
    assert bench.memory.under_way == 0, "bursts wait for a stream"
    assert len(bench.memory.read) == PLAN.mm2s.beats, "reads do not fill the buffer"
    assert len(bench.memory.written) == 8 * PLAN.burst, "the burst whose data are there was not written"
    await bench.expect("s2mm", busy=1)


@cocotb.test()
async def test_results_that_wait_in_the_buffer_keep_the_channel_busy(dut) -> None:
    bench = await begin(dut, "waiting")
    dut.quiesce.value = 1
    job = Job(0x1000, 2 * BEAT, 1)
    want = bench.offer(job)
    await bench.queue("s2mm", job)
    await bench.until(lambda: not bench.results, "all results")
    await bench.cycles(10)
    await bench.expect("s2mm", busy=1)
    dut.quiesce.value = 0
    await bench.finish("s2mm")
    await bench.expect("s2mm", done=1, jobs=1)
    bench.check_written(want)


# -------------------------------------------------------------------------------- time


def covered(channel: str) -> bool:
    """Whether the bursts that may be under way last longer than the memory of the throughput tests takes."""
    chosen = CHANNELS[channel]
    return (chosen.bursts - 1) * PLAN.burst * (64 // chosen.width) >= LATENCY + PLAN.burst


@cocotb.test()
async def test_words_come_and_go_every_cycle_with_a_slow_memory(dut) -> None:
    """As long as the buffers cover the latency; and a queued job follows after one cycle without a word."""
    bench = await begin(dut, "rate")
    bench.memory.behaviour = Behaviour(latency=lambda: LATENCY)
    jobs: dict[str, list[Job]] = {}
    for channel, base in (("mm2s", 0), ("s2mm", 1 << 20)):
        length = 80 * word_bytes(channel)
        jobs[channel] = [Job(base, length, 8 if covered(channel) else 1), Job(base + 0x4000, length, 4)]
    for job in jobs["s2mm"]:
        bench.offer(job)
    for channel in CHANNELS:
        for job in jobs[channel]:
            await bench.queue(channel, job)
    for channel in CHANNELS:
        await bench.finish(channel)
    for channel, cycles in (("mm2s", bench.image_cycles), ("s2mm", bench.result_cycles)):
        words = jobs[channel][0].size // word_bytes(channel)
        assert len(cycles) == words + jobs[channel][1].size // word_bytes(channel)
        rate = (words - 1) / (cycles[words - 1] - cycles[0])
        gap = cycles[words] - cycles[words - 1] - 1
        dut._log.info(f"{channel}: {rate:.3f} words a cycle, {gap} cycles between two jobs")
        if covered(channel):
            assert rate >= 0.99, f"{channel}: {rate:.3f} words a cycle"
            assert gap == 1, f"{channel}: {gap} cycles between two jobs"


@cocotb.test()
async def test_start_is_answered_after_the_check(dut) -> None:
    bench = await begin(dut, "check")
    await bench.program("mm2s", Job(0, 64, 1))
    plain = bench.answered_after
    for channel in CHANNELS:
        await bench.program(channel, Job(0, 64, 1))
        assert bench.answered_after == plain
        await bench.write(f"{channel.upper()}_START", 1)
        assert bench.answered_after - plain == PLAN.check_cycles - 1, f"{bench.answered_after} cycles"


# -------------------------------------------------------------------------------- registers


def kept_registers() -> dict[int, int]:
    """Offsets of the registers that keep what is written, and the bits that they have."""
    top = (1 << PLAN.address_width) - 1
    masks = {"BASE_LO": 0xFFFF_FFFF, "BASE_HI": top >> 32, "LENGTH": 0xFFFF_FFFF, "COUNT": 0xFFFF_FFFF}
    kept = {OFFSET[f"{channel.upper()}_{name}"]: mask for channel in CHANNELS for name, mask in masks.items()}
    return kept | {OFFSET["INTERRUPT_ENABLE"]: 0xF}


async def check_registers(bench: Bench, want: dict[int, int]) -> None:
    """Every register reads as in `want`, or as 0, in an even cycle and in an odd one."""
    for address in sorted(OFFSET.values()):
        begin = bench.cycle
        for _ in range(2):
            response, value = await bench.access(address)
            assert (response, value) == (OKAY, want.get(address, 0)), f"{address:#x}: {response} {value:#x}"
            await bench.cycles(1 - (bench.cycle - begin) % 2)


@cocotb.test()
async def test_registers_keep_what_is_written(dut) -> None:
    bench = await begin(dut, "registers")
    await check_registers(bench, {})
    drawn = {address: bench.rng.getrandbits(32) for address in kept_registers()}
    for inverted in (0, 0xFFFF_FFFF):
        for address, value in drawn.items():
            assert await bench.access(address, value ^ inverted) == (OKAY, 0)
        # Registers that are read only take writes and do not change.
        for name in ("DONE", "ERROR_ADDRESS_LO", "ERROR_ADDRESS_HI"):
            await bench.write(f"MM2S_{name}", 0xFFFF_FFFF)
            await bench.write(f"S2MM_{name}", 0xFFFF_FFFF)
        want = {address: (drawn[address] ^ inverted) & mask for address, mask in kept_registers().items()}
        await check_registers(bench, want)
    await bench.reset()
    await check_registers(bench, {})


@cocotb.test()
async def test_refused_accesses_change_nothing(dut) -> None:
    """Parts of a word, and all addresses without a register, while a flag stands that a write could clear."""
    bench = await begin(dut, "refused")
    want: dict[int, int] = {}
    for channel in CHANNELS:
        await bench.program(channel, Job(0, 0, 1))
        await bench.write(f"{channel.upper()}_START", 1)
        await bench.expect(channel, bad_length=1)
        status = f"{channel.upper()}_STATUS"
        want[OFFSET[status]] = next(field for field in MAP[status].fields if field.name == "bad_length").mask
    for address, mask in kept_registers().items():
        value = bench.rng.getrandbits(32)
        assert await bench.access(address, value) == (OKAY, 0)
        want[address] = value & mask
    legal = set(OFFSET.values())
    for address in sorted(legal):
        for strobe in (0, 1, 7, 14):
            assert await bench.access(address, 0xFFFF_FFFF, strobe) == (SLVERR, 0)
    for address in {*range(0, MAP.size, 4), *(address + part for address in legal for part in (1, 2, 3))} - legal:
        assert await bench.access(address, 0xFFFF_FFFF) == (SLVERR, 0), f"write to {address:#x}"
        if address < 0x100 or bench.rng.random() < 0.1:
            assert await bench.access(address) == (SLVERR, 0), f"read of {address:#x}"
    await check_registers(bench, want)


@cocotb.test()
async def test_each_flag_raises_the_interrupt_that_is_enabled(dut) -> None:
    bench = await begin(dut, "interrupt")
    bench.memory.behaviour = Behaviour(latency=lambda: 2)
    good, bad = {"mm2s": Job(0, 64, 1), "s2mm": Job(0x1000, 64, 1)}, Job(4, 0, 0)
    for bit, (channel, event) in enumerate((c, e) for c in CHANNELS for e in ("done", "error")):
        for mask in (1 << bit, 0xF ^ 1 << bit):
            await bench.write("INTERRUPT_ENABLE", mask)
            if event == "done":
                bench.offer(good["s2mm"])
                await bench.queue(channel, good[channel])
                await bench.finish(channel)
            else:
                await bench.program(channel, bad)
                await bench.write(f"{channel.upper()}_START", 1)
            await bench.cycles(2)
            assert int(dut.interrupt.value) == mask >> bit & 1, f"{channel} {event}, enabled {mask:#x}"
            await bench.acknowledge(channel)
            await bench.cycles(2)
            assert int(dut.interrupt.value) == 0, f"{channel} {event}: interrupt without a flag"
            bench.withdraw()


@cocotb.test()
async def test_a_flag_is_cleared_alone(dut) -> None:
    bench = await begin(dut, "flags")
    for channel in CHANNELS:
        fields = {field.name: field.low for field in MAP[f"{channel.upper()}_STATUS"].fields}
        flags = ["misaligned", "bad_length", "bad_count"]
        await bench.program(channel, Job(4, 0, 0))
        await bench.write(f"{channel.upper()}_START", 1)
        while flags:
            await bench.expect(channel, **dict.fromkeys(flags, 1))
            await bench.write(f"{channel.upper()}_STATUS", 1 << fields[flags[0]])
            flags.pop(0)
        await bench.expect(channel)


@cocotb.test()
async def test_images_and_jobs_are_counted(dut) -> None:
    bench = await begin(dut, "counted")
    for channel in CHANNELS:
        job = Job(0x1000, word_bytes(channel), 3)
        await bench.program(channel, job)
        for number in range(1, 18):
            if channel == "s2mm":
                bench.offer(job)
            await bench.write(f"{channel.upper()}_START", 1)
            if number in (1, 2, 15, 16, 17):
                await bench.finish(channel)
                counted = {"jobs": number % 16} if number % 16 else {}
                await bench.expect(channel, done=1, **counted)
                assert await bench.read(f"{channel.upper()}_DONE") == 3


@cocotb.test()
async def test_done_counts_the_images_of_the_job_under_way(dut) -> None:
    bench = await begin(dut, "done")
    size = {channel: word_bytes(channel) for channel in CHANNELS}
    bench.sink_rate = 0.0
    bench.memory.behaviour = Behaviour(latency=lambda: 2)
    await bench.queue("mm2s", Job(0, 2 * size["mm2s"], 5))
    await bench.queue("s2mm", Job(0x1000, 2 * size["s2mm"], 5))
    for image in range(5):
        assert await bench.read("MM2S_DONE") == image
        assert await bench.read("S2MM_DONE") == image
        bench.offer(Job(0, 2 * size["s2mm"], 1))
        bench.sink_rate = 1.0
        await bench.until(lambda image=image: len(bench.images) >= 2 * image + 1, "a word")
        bench.sink_rate = 0.0
        await bench.until(lambda image=image: len(bench.result_cycles) == 2 * image + 2, "a result")
        while len(bench.images) < 2 * image + 2:
            bench.sink_rate = 1.0
            await bench.cycles(1)
            bench.sink_rate = 0.0
            await bench.cycles(3)
    await bench.expect("mm2s", done=1, jobs=1)
    await bench.finish("s2mm")
    await bench.expect("s2mm", done=1, jobs=1)
    assert await bench.read("MM2S_DONE") == await bench.read("S2MM_DONE") == 5


@cocotb.test()
async def test_another_memory_model_and_another_master_agree(dut) -> None:
    """The memory and the AXI4-Lite master of cocotbext-axi, which share nothing with this bench."""
    bench = Bench(dut, "cocotbext")
    bench.memory.cycle = lambda: None
    ram = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.aclk, dut.aresetn, reset_active_level=False, size=1 << 16)
    await bench.start()
    master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, reset_active_level=False)
    for channel in (ram.write_if.aw_channel, ram.write_if.w_channel, ram.read_if.ar_channel):
        channel.set_pause_generator(iter(lambda: bench.rng.random() < 0.3, None))
    job, results = Job(0x0F78, 24 * 5, 4), Job(0x2FE0, 8 * 9, 7)
    images, data = bench.rng.randbytes(job.size), bench.rng.randbytes(results.size)
    ram.write(0, bytes(i & 0xFF for i in range(1 << 16)))
    ram.write(job.base, images)
    bench.results.extend(words_of(data, results.length, PLAN.s2mm.width))
    for prefix, each in (("MM2S", job), ("S2MM", results)):
        for name, value in (("BASE_LO", each.base), ("LENGTH", each.length), ("COUNT", each.count), ("START", 1)):
            await master.write_dword(OFFSET[f"{prefix}_{name}"], value)
    for prefix in ("MM2S", "S2MM"):
        end = bench.cycle + PATIENCE
        while (await master.read_dword(OFFSET[f"{prefix}_STATUS"])) & 1:
            assert bench.cycle < end, f"{prefix} stays busy"
        assert await master.read_dword(OFFSET[f"{prefix}_STATUS"]) == 1 << 24 | 4
    assert bench.images == words_of(images, job.length, PLAN.mm2s.width)
    end = results.base + results.size
    around = bytes(i & 0xFF for i in range(end, end + 64))
    assert ram.read(results.base, results.size + 64) == data + around
    assert ram.read(results.base - 64, 64) == bytes(i & 0xFF for i in range(results.base - 64, results.base))
