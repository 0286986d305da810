# SPDX-License-Identifier: Apache-2.0
"""Errors of the DMA's transfers: of the bus, of TLAST."""

from collections import deque
from random import Random

import cocotb

from finn_verif.axi4 import BEAT, DECERR, OKAY, SLVERR, Behaviour
from tests.ip.dma.dma_bench import (
    ADDRESSES,
    CHANNELS,
    PLAN,
    Job,
    Word,
    begin,
    check_that_jobs_run,
    random_behaviour,
    random_job,
    word_bytes,
)


@cocotb.test()
async def test_a_bus_error_of_a_read_stops_the_images(dut) -> None:
    bench = await begin(dut, "read error")
    for round_ in range(4):
        await bench.fresh()
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
        told = await bench.error_address("mm2s")
        assert told == first, f"ERROR_ADDRESS is {told:#x}, must be {first:#x}"
        # What came is from before the error, and at most the word that was offered comes after it.
        await bench.cycles(30)
        whole = bench.image_words(job)
        assert bench.images == whole[: len(bench.images)], "words came that are no images"
        assert len(bench.images) <= (bad - job.base) // word_bytes("mm2s"), "words came from behind the error"
        # Nothing starts until the error was acknowledged; then all is as new.
        came = len(bench.images)
        await bench.launch("mm2s", Job(0x2000, 64, 2))
        assert (await bench.status("mm2s")).get("overrun") == 1
        await bench.cycles(50)
        assert len(bench.images) == came
        bench.memory.behaviour.respond = lambda address: OKAY
        await bench.acknowledge("mm2s")
        await bench.until(lambda: int(dut.interrupt.value) == 0, "no interrupt")
        await bench.expect("mm2s")
        jobs = [Job(0x2000, 64, 2), random_job(bench.rng, "mm2s", 30)]
        await check_that_jobs_run(bench, "mm2s", jobs, done=1)


@cocotb.test()
async def test_a_bus_error_of_a_write_stops_the_results(dut) -> None:
    bench = await begin(dut, "write error")
    for round_ in range(4):
        await bench.fresh()
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
        told = await bench.error_address("s2mm")
        assert told == failed[0], f"ERROR_ADDRESS is {told:#x}, must be {failed[0]:#x}"
        assert bench.memory.written.items() <= want.items(), "bytes were written that are no results"
        taken = len(bench.result_cycles)
        await bench.cycles(30)
        assert len(bench.result_cycles) == taken, "words are taken without a job"
        # Acknowledged, and the results of before gone, all is as new.
        bench.withdraw()
        bench.memory.behaviour.respond = lambda address: OKAY
        await bench.acknowledge("s2mm")
        await check_that_jobs_run(
            bench, "s2mm", [Job(0x2000, 64, 2), random_job(bench.rng, "s2mm", 30)], done=1, jobs=2
        )


@cocotb.test()
async def test_the_burst_that_failed_is_told_of_all_that_are_under_way(dut) -> None:
    bench = await begin(dut, "under way")
    span = BEAT * PLAN.burst
    under_way = max(3, PLAN.mm2s.bursts, PLAN.s2mm.bursts)
    most = ADDRESSES // span - 1
    places = {channel: [0, 0] for channel in CHANNELS}
    for round_ in range(6):
        await bench.fresh()
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
            found = await bench.status(channel)
            assert found.get("slave_error"), f"{channel}: slave_error does not stand: {found}"
            told, want = await bench.error_address(channel), bursts[channel][failed]
            assert told == want, f"{channel}: ERROR_ADDRESS is {told:#x}, must be {want:#x}"


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
        await bench.fresh()
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
        await check_that_jobs_run(bench, "s2mm", [random_job(bench.rng, "s2mm", 20)], done=1, jobs=1)


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
