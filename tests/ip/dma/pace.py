# SPDX-License-Identifier: Apache-2.0
"""Quiesce and reset of the DMA, and the cycles that it takes."""

import cocotb
from cocotb.triggers import RisingEdge

from finn_verif.axi4 import BEAT, Behaviour
from tests.ip.dma.dma_bench import CHANNELS, PLAN, Job, begin, random_behaviour, word_bytes

LATENCY = 30
"""Cycles in which the memory of the throughput tests answers."""


# -------------------------------------------------------------------------------- quiesce and reset


@cocotb.test()
async def test_quiesce_in_the_middle_of_everything_leads_to_quiet(dut) -> None:
    bench = await begin(dut, "quiesce")
    for round_ in range(8):
        await bench.fresh()
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
