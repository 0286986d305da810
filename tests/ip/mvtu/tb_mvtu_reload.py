# SPDX-License-Identifier: Apache-2.0
"""Test bench of the registers of finn:ip:mvtu with reload=1: reading, writing, refusing, another network."""

import itertools
from random import Random

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from finn_gen import ip
from finn_gen.ip.mvtu.matrix import drawn
from finn_gen.ip.mvtu.plan import plan_unit
from finn_gen.ip.mvtu.registers import memory_image
from finn_verif import plan, seed
from finn_verif.ref.layers import matrix
from finn_verif.ref.stream import to_words

PLAN = plan.load()
CONTROL, STATUS = 0, 4
FIELDS = ("mw", "mh", "pe", "simd", "in_bits", "in_signed", "out_bits", "w_bits", "w_narrow", "bias_bits", "fraction")
GIVEN = {field: getattr(PLAN, field) for field in FIELDS if hasattr(PLAN, field)}
VALUES = ip.get("mvtu").check(GIVEN | {"storage": PLAN.weights.storage, "reload": 1})
PATIENCE = 8 * (PLAN.interval + PLAN.latency) + 40


class Network:
    """Random parameters of the unit's shape, the memory contents that stand for them, and what they compute."""

    def __init__(self, rng: Random) -> None:
        numbers = np.random.default_rng(rng.getrandbits(32))
        low, high = PLAN.accumulator.sums.low, PLAN.accumulator.sums.high
        self.weights = drawn(numbers, VALUES)
        thresholds = np.sort(numbers.integers(low - 1, high + 3, size=(PLAN.mh, PLAN.thresholds.levels)), axis=1)
        self.thresholds = thresholds if PLAN.thresholds.levels else None
        bias = 1 << VALUES.bias_bits >> 1
        self.biases = numbers.integers(-bias, bias, PLAN.mh) if bias else None
        self.image = memory_image(plan_unit(VALUES, self.weights, self.thresholds, self.biases))

    def infer(self, vector: np.ndarray) -> list[int]:
        score = {"biases": self.biases, "fraction": VALUES.fraction}
        outputs = matrix(vector, self.weights, self.thresholds, PLAN.in_bits, **score)
        return to_words(outputs, PLAN.pe, PLAN.result_width)


class Bench:
    """The unit with a source that always offers words and a sink that always takes them."""

    def __init__(self, dut, rng: Random) -> None:
        self.dut, self.rng = dut, rng
        self.axil = AxiLiteMaster(
            AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, reset_active_level=False
        )
        self.vectors: list[np.ndarray] = []
        self.words: list[int] = []
        self.outputs: list[int] = []

    async def start(self) -> None:
        self.dut.aresetn.value = 0
        self.dut.s_axis_tvalid.value = 0
        self.dut.m_axis_tready.value = 1
        Clock(self.dut.aclk, 10, unit="ns").start()
        for _ in range(4):
            await RisingEdge(self.dut.aclk)
        self.dut.aresetn.value = 1
        await RisingEdge(self.dut.aclk)
        cocotb.start_soon(self._stream())

    def offer(self, count: int) -> None:
        """Queue random input vectors."""
        low = -(1 << (PLAN.in_bits - 1)) if PLAN.in_signed else 0
        for _ in range(count):
            vector = np.array([self.rng.randrange(1 << PLAN.in_bits) + low for _ in range(PLAN.mw)])
            self.vectors.append(vector)
            self.words += to_words(vector, PLAN.simd, PLAN.in_bits)

    async def _stream(self) -> None:
        sent = 0
        while True:
            offered = sent < len(self.words)
            self.dut.s_axis_tvalid.value = offered
            if offered:
                self.dut.s_axis_tdata.value = self.words[sent]
            await RisingEdge(self.dut.aclk)
            if offered and int(self.dut.s_axis_tready.value):
                sent += 1
            if int(self.dut.m_axis_tvalid.value):
                self.outputs.append(int(self.dut.m_axis_tdata.value))

    async def outputs_rest(self) -> int:
        """Wait until no output comes any more; return how many vectors are through."""
        for _ in range(PATIENCE):
            before = len(self.outputs)
            for _ in range(PLAN.interval + PLAN.latency + 8):
                await RisingEdge(self.dut.aclk)
            if len(self.outputs) == before:
                break
        assert len(self.outputs) % PLAN.fold.nf == 0, f"{len(self.outputs)} output words are no whole number of vectors"
        return len(self.outputs) // PLAN.fold.nf

    async def halt(self) -> None:
        await self.write(CONTROL, 1)
        for _ in range(PATIENCE):
            if await self.read(STATUS) == 1:
                return
        raise AssertionError(f"the unit has not halted after {PATIENCE} reads of STATUS")

    async def write(self, address: int, value: int, refused: bool = False) -> None:
        response = await self.axil.write(address, value.to_bytes(4, "little"))
        want = AxiResp.SLVERR if refused else AxiResp.OKAY
        assert response.resp == want, f"write to {address:#x}: {response.resp!r}, must be {want!r}"

    async def read(self, address: int, refused: bool = False) -> int:
        response = await self.axil.read(address, 4)
        want = AxiResp.SLVERR if refused else AxiResp.OKAY
        assert response.resp == want, f"read of {address:#x}: {response.resp!r}, must be {want!r}"
        return int.from_bytes(response.data, "little")

    async def load(self, image: dict[int, int]) -> None:
        for address, value in image.items():
            await self.write(address, value)

    def check(self, networks: list[tuple[Network, int]]) -> None:
        """The outputs are those of so many vectors of each network."""
        which = [network for network, count in networks for _ in range(count)]
        expected = [network.infer(vector) for network, vector in zip(which, self.vectors, strict=True)]
        words = list(itertools.chain.from_iterable(expected))
        assert len(self.outputs) == len(words), f"{len(self.outputs)} output words came, must be {len(words)}"
        for index, (got, want) in enumerate(zip(self.outputs, words, strict=True)):
            assert got == want, f"output word {index}: {got:#x}, must be {want:#x}"


async def loaded(dut, name: str) -> tuple[Bench, Network]:
    """A bench whose unit holds a random network."""
    rng = seed.rng(name)
    bench, network = Bench(dut, rng), Network(rng)
    await bench.start()
    await bench.halt()
    await bench.load(network.image)
    return bench, network


@cocotb.test()
async def test_halted_unit_gives_back_what_was_written(dut) -> None:
    bench, network = await loaded(dut, "read back")
    for address, value in network.image.items():
        got = await bench.read(address)
        assert got == value, f"register {address:#x} holds {got:#x}, must be {value:#x}"
    assert await bench.read(CONTROL) == 1


@cocotb.test()
async def test_running_unit_refuses_access_to_memories(dut) -> None:
    bench, network = await loaded(dut, "refuse")
    await bench.write(CONTROL, 0)
    bench.offer(6)
    for address in bench.rng.choices(list(network.image), k=24):
        await bench.write(address, 0xFFFF_FFFF, refused=True)
        assert await bench.read(address, refused=True) == 0
    assert await bench.read(STATUS) == 0
    count = await bench.outputs_rest()
    bench.check([(network, count)])


@cocotb.test()
async def test_another_network_takes_over_between_two_vectors(dut) -> None:
    bench, first = await loaded(dut, "take over")
    await bench.write(CONTROL, 0)
    networks, done = [], 0
    for _ in range(3):
        bench.offer(5)
        for _ in range(bench.rng.randrange(2 * PLAN.interval)):
            await RisingEdge(dut.aclk)
        await bench.halt()
        count = await bench.outputs_rest()
        networks.append((first, count - done))
        done, first = count, Network(bench.rng)
        await bench.load(first.image)
        await bench.write(CONTROL, 0)
    bench.offer(2)
    count = await bench.outputs_rest()
    bench.check([*networks, (first, count - done)])


@cocotb.test()
async def test_addresses_beyond_the_map_and_partial_writes_are_refused(dut) -> None:
    bench, network = await loaded(dut, "beyond")
    legal = {CONTROL, STATUS, *network.image}
    end = PLAN.registers.table.size
    beyond = [address for address in range(0, end, 4) if address not in legal]
    for address in bench.rng.sample(beyond, min(40, len(beyond))):
        await bench.write(address, 0xFFFF_FFFF, refused=True)
        await bench.read(address, refused=True)
    for address in (CONTROL, *bench.rng.choices(list(network.image), k=8)):
        response = await bench.axil.write(address + bench.rng.randrange(3), b"\xff")
        assert response.resp == AxiResp.SLVERR, f"a byte at {address:#x} was written: {response.resp!r}"
    for address, value in network.image.items():
        got = await bench.read(address)
        assert got == value, f"register {address:#x} holds {got:#x}, must still be {value:#x}"
    await bench.write(CONTROL, 0)
    bench.offer(3)
    count = await bench.outputs_rest()
    bench.check([(network, count)])
