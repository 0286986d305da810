# SPDX-License-Identifier: Apache-2.0
"""Jobs of the DMA: images from memory, results to memory; jobs that are refused."""

import cocotb

from finn_verif.axi4 import BEAT, Behaviour
from tests.ip.dma.dma_bench import (
    ADDRESSES,
    CHANNELS,
    PLAN,
    Job,
    begin,
    check_that_jobs_run,
    random_behaviour,
    random_job,
    word_bytes,
    words_of,
)

# -------------------------------------------------------------------------------- jobs


async def check_jobs(dut, name: str, channel: str) -> None:
    """Four jobs at a time, with stalls of the memory and of the stream; nothing comes after them."""
    bench = await begin(dut, name)
    for _ in range(4):
        await bench.fresh()
        bench.memory.behaviour = random_behaviour(bench.rng)
        bench.sink_rate = bench.source_rate = bench.rng.choice((1.0, 0.5, 0.2))
        jobs = [random_job(bench.rng, channel, 20) for _ in range(4)]
        check = await check_that_jobs_run(bench, channel, jobs, done=1, jobs=4)
        assert await bench.read(f"{channel.upper()}_DONE") == jobs[-1].count
    await bench.cycles(50)
    check()


@cocotb.test()
async def test_images_come_from_memory_with_tlast_at_their_ends(dut) -> None:
    await check_jobs(dut, "images", "mm2s")


@cocotb.test()
async def test_results_are_written_to_their_buffer_and_nowhere_else(dut) -> None:
    await check_jobs(dut, "results", "s2mm")


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
            await bench.launch(channel, job)
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
            await bench.launch(channel, job)
            await bench.expect(channel, busy=1)
            await bench.cut_short()


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
            await bench.cut_short()


@cocotb.test()
async def test_jobs_run_across_every_power_of_two(dut) -> None:
    bench = await begin(dut, "carries")
    bench.memory.behaviour = Behaviour(latency=lambda: 2)
    want: dict[int, int] = {}
    for bit in range(6, PLAN.address_width):
        job = Job((1 << bit) - BEAT, 2 * BEAT, 1)
        want |= bench.offer(job)
        for channel in CHANNELS:
            await bench.launch(channel, job)
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
            await bench.launch(channel, job)
        await bench.expect(channel, busy=1, full=1)
        await bench.launch(channel, Job(0x9000, 64, 1))
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
