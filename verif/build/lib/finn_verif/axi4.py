# SPDX-License-Identifier: Apache-2.0
"""A memory behind AXI4 that holds its master to the protocol (ARM IHI 0022, chapters A3 and A5), cycle by cycle."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

OKAY, SLVERR, DECERR = 0, 2, 3
BEAT = 8
"""Bytes of a beat."""


class Axi4Error(AssertionError):
    """The master broke a rule of AXI4."""


@dataclass
class Behaviour:
    """How the memory behaves. Probabilities are those of a cycle; latencies are in cycles.

    ready     that AWREADY, WREADY and ARREADY are high
    valid     that an answer that is due is given
    latency   from a request (AR; for writes AW and the last W) to the cycle of its first answer, at least 1
    respond   the answer to the beat at an address
    """

    ready: float = 1.0
    valid: float = 1.0
    latency: Callable[[], int] = lambda: 1
    respond: Callable[[int], int] = lambda address: OKAY


@dataclass
class Burst:
    """A request: its first address, its beats, and when its answer is due."""

    address: int
    beats: int
    due: int
    strobes: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)


def background(address: int) -> int:
    """The byte that memory holds at an address until it is written."""
    return (address * 167 + (address >> 8) * 59 + (address >> 16) * 13 + 41) & 0xFF


class Axi4Memory:
    """The slave. Call `cycle` after every rising edge of the clock.

    written   byte by byte what was written, by bursts that failed too: address to value
    read      addresses of all beats that were requested
    bursts    all requests: ("r" or "w", address, beats)
    """

    _AW = ("awid", "awaddr", "awlen", "awsize", "awburst", "awlock", "awcache", "awprot", "awqos")
    _AR = tuple(name.replace("aw", "ar", 1) for name in _AW)
    _W = ("wdata", "wstrb", "wlast")

    def __init__(self, dut, rng: Random, burst: int, reads: int, writes: int) -> None:
        """Behind `m_axi_*` of `dut`; at most `burst` beats a burst, `reads` and `writes` bursts under way."""
        self._rng, self._limits = rng, {"r": reads, "w": writes}
        self._burst = burst
        self._handle = {
            name: getattr(dut, f"m_axi_{name}")
            for name in (
                *self._AW, "awvalid", "awready", *self._W, "wvalid", "wready", "bid", "bresp", "bvalid", "bready",
                *self._AR, "arvalid", "arready", "rid", "rdata", "rresp", "rlast", "rvalid", "rready",
            )
        }  # fmt: skip
        self.behaviour = Behaviour()
        self.now = 0
        self.forget()
        self.reset()

    def forget(self) -> None:
        """Hold the background again, and forget what was requested."""
        self.written: dict[int, int] = {}
        self.read: set[int] = set()
        self.bursts: list[tuple[str, int, int]] = []

    def reset(self) -> None:
        """Forget what is under way, and drive nothing."""
        self._refused: dict[str, tuple] = {}
        self._reads: deque[Burst] = deque()
        self._beat = 0
        self._requests: deque[Burst] = deque()  # AW whose data are not complete
        self._data: deque[tuple[int, int, int]] = deque()  # W that belongs to no AW yet
        self._answers: deque[Burst] = deque()
        self._driven = dict.fromkeys(("awready", "wready", "arready", "bvalid", "rvalid"), 0)
        for name in self._driven:
            self._handle[name].value = 0
        for name in ("bid", "rid", "bresp", "rresp", "rlast"):
            self._handle[name].value = 0

    @property
    def under_way(self) -> int:
        """Requests that were accepted and not answered."""
        return len(self._reads) + len(self._requests) + len(self._answers)

    def byte(self, address: int) -> int:
        """What memory holds at an address."""
        return self.written.get(address, background(address))

    def bytes(self, address: int, count: int) -> bytes:
        """What memory holds from an address on."""
        return bytes(self.byte(address + i) for i in range(count))

    def _get(self, name: str) -> int:
        return int(self._handle[name].value)

    def _drive(self, name: str, value: int) -> None:
        if self._driven[name] != value:
            self._driven[name] = value
            self._handle[name].value = value

    def cycle(self) -> None:
        """Look at the cycle that ends now, and drive the next one."""
        self.now += 1
        self._take_requests("aw", self._AW)
        self._take_data()
        self._take_requests("ar", self._AR)
        self._give_write_answers()
        self._give_read_beats()
        ready = self.behaviour.ready
        for name in ("awready", "wready", "arready"):
            self._drive(name, int(ready == 1.0 or self._rng.random() < ready))

    def _offered(self, channel: str, names: tuple[str, ...]) -> tuple | None:
        """What a channel of the master offers; a refused offer must stay as it is."""
        valid = self._get(f"{channel}valid")
        offer = tuple(self._get(name) for name in names) if valid else None
        refused = self._refused.pop(channel, None)
        if refused is not None and offer != refused:
            raise Axi4Error(f"{channel}: offered {refused} was refused, the next cycle it is {offer}")
        if offer is not None and not self._driven[f"{channel}ready"]:
            self._refused[channel] = offer
        return offer

    def _take_requests(self, channel: str, names: tuple[str, ...]) -> None:
        offer = self._offered(channel, names)
        if offer is None:
            return
        ident, address, length, size, burst, *attributes = offer
        said = f"{channel} at {address:#x}, {length + 1} beats"
        if (ident, size, burst) != (0, 3, 1) or attributes != [0, 3, 0, 0]:
            raise Axi4Error(f"{said}: id {ident}, size {size}, burst {burst}, lock cache prot qos {attributes}")
        if address % BEAT or length + 1 > self._burst:
            raise Axi4Error(f"{said}: misaligned or longer than {self._burst} beats")
        if address // 4096 != (address + BEAT * length) // 4096:
            raise Axi4Error(f"{said}: crosses 4 KiB")
        if channel in self._refused:
            return
        kind = channel[1]
        entry = Burst(address, length + 1, self.now + self.behaviour.latency() - 1 if kind == "r" else 0)
        self.bursts.append((kind, address, length + 1))
        if kind == "r":
            self._reads.append(entry)
            self.read |= {address + BEAT * i for i in range(length + 1)}
        else:
            self._requests.append(entry)
        waiting = len(self._reads) if kind == "r" else len(self._requests) + len(self._answers)
        if waiting > self._limits[kind]:
            raise Axi4Error(f"{said}: {waiting} bursts are under way, at most {self._limits[kind]} may be")

    def _take_data(self) -> None:
        offer = self._offered("w", self._W)
        if offer is not None and "w" not in self._refused:
            self._data.append(offer)
        while self._data and self._requests:
            burst = self._requests[0]
            data, strobe, last = self._data.popleft()
            burst.data.append(data)
            burst.strobes.append(strobe)
            if last != (len(burst.data) == burst.beats):
                raise Axi4Error(f"w: WLAST is {last} at beat {len(burst.data)} of {burst.beats}")
            if last:
                burst.due = self.now + self.behaviour.latency() - 1
                self._answers.append(self._requests.popleft())

    def _give_write_answers(self) -> None:
        if self._driven["bvalid"]:
            if not self._get("bready"):
                return
            self._answers.popleft()
            self._drive("bvalid", 0)
        if self._answers and self._answers[0].due <= self.now and self._answers_now():
            burst = self._answers[0]
            answer = self.behaviour.respond(burst.address)
            for beat, (data, strobe) in enumerate(zip(burst.data, burst.strobes, strict=True)):
                for i in range(BEAT):
                    if strobe >> i & 1:
                        self.written[burst.address + BEAT * beat + i] = data >> 8 * i & 0xFF
            self._handle["bresp"].value = answer
            self._drive("bvalid", 1)

    def _give_read_beats(self) -> None:
        if self._driven["rvalid"]:
            if not self._get("rready"):
                return
            self._beat += 1
            if self._beat == self._reads[0].beats:
                self._beat = 0
                self._reads.popleft()
            self._drive("rvalid", 0)
        if self._reads and self._reads[0].due <= self.now and self._answers_now():
            burst = self._reads[0]
            address = burst.address + BEAT * self._beat
            answer = self.behaviour.respond(address)
            word = int.from_bytes(self.bytes(address, BEAT), "little") if answer == OKAY else self._rng.getrandbits(64)
            self._handle["rdata"].value = word
            self._handle["rresp"].value = answer
            self._handle["rlast"].value = int(self._beat == burst.beats - 1)
            self._drive("rvalid", 1)

    def _answers_now(self) -> bool:
        return self.behaviour.valid == 1.0 or self._rng.random() < self.behaviour.valid
