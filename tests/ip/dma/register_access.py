# SPDX-License-Identifier: Apache-2.0
"""Registers of the DMA: values, refusals, flags, interrupts, counts; and models of another author."""

import cocotb
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

from finn_verif.axi4 import OKAY, SLVERR, Behaviour
from tests.ip.dma.dma_bench import CHANNELS, MAP, OFFSET, PATIENCE, PLAN, Bench, Job, begin, word_bytes, words_of


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
        await bench.launch(channel, Job(0, 0, 1))
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
                await bench.launch(channel, bad)
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
        await bench.launch(channel, Job(4, 0, 0))
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
