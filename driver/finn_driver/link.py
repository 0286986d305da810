# SPDX-License-Identifier: Apache-2.0
"""The host's end of the link of finn:ip:uart: frames with a sequence and a CRC, asked for again where they were lost.

Nothing here reads, writes or waits: `Link.output` gives bytes to send, `Link.input` takes bytes that came, and both are
told the time. docs/uart.md describes the frames.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from finn_driver.errors import LinkError

MAGIC = 0xA7
POLL, OPEN, READ, WRITE, STREAM = range(5)
"""Kinds of frames of the host. The first two are none in sequence."""
AGAIN = 0x80
"""Bit of the kind: send again what was not acknowledged."""
RESULTS, REPLY = range(2)
"""Kinds of frames of the device: their first byte."""
PAYLOAD = 254
"""Most bytes of a frame of the host."""
WINDOW = 8
"""Frames each way that may be under way: slots of the device."""
SEQUENCES = 16
HEAD, TAIL = 5, 2
"""Bytes before and behind the payload of a frame of the device."""
FLUSH = bytes(PAYLOAD + 16)
"""More bytes than a frame has: behind them the device looks for a new one, whatever it has lost."""
ATTEMPTS = 20
"""Questions without an answer after which a link is given up."""
UNACKNOWLEDGED = WINDOW // 2
"""Frames of the device behind which an acknowledgement is sent on its own."""


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()


def crc16(data: bytes) -> int:
    """CRC-16/MCRF4XX: polynomial 0x1021, reflected, from 0xFFFF on. With its own two bytes behind it, it is 0."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def frame(kind: int, sequence: int, acknowledge: int, payload: bytes = b"") -> bytes:
    """The bytes of a frame of the host; `kind` with AGAIN or without."""
    body = bytes((acknowledge << 4 | sequence, kind, len(payload))) + payload
    return bytes((MAGIC,)) + body + crc16(body).to_bytes(2, "little")


@dataclass(frozen=True)
class Heard:
    """A frame of the device; without payload it is none in sequence, and `sequence` is that of the next one."""

    sequence: int
    echo: int
    done: int
    received: int
    dropped: int
    payload: bytes


class Decoder:
    """Frames in the bytes that come. After damage it goes on at the next byte at which a whole frame begins."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Heard]:
        """The frames that are complete with these bytes."""
        self._held += data
        found = []
        while True:
            start = self._held.find(MAGIC)
            if start < 0:
                self._held.clear()
                return found
            del self._held[:start]
            if len(self._held) < HEAD or len(self._held) < (size := HEAD + self._held[4] + TAIL):
                return found
            if crc16(self._held[1:size]):
                del self._held[:1]
                continue
            first, second, dropped = self._held[1:4]
            payload = bytes(self._held[HEAD : size - TAIL])
            found.append(Heard(first & 15, first >> 4, second & 15, second >> 4, dropped, payload))
            del self._held[:size]

    def give_up(self) -> list[Heard]:
        """The frames behind one that does not get any longer: its length was damaged."""
        found = []
        while self._held:
            del self._held[:1]
            found += self.feed(b"")
        return found

    def clear(self) -> None:
        """Forget the beginning of a frame."""
        self._held.clear()


@dataclass(frozen=True)
class LinkStatistics:
    """Since the link was opened: frames of the host sent, those among them that were sent again, frames of the device
    heard, losses that were noticed by them."""

    sent: int
    sent_again: int
    heard: int
    losses: int


class Link:
    """A link that is to be opened, and is opened anew by `open`.

    patience  seconds without a frame of the device after which it is asked; more than a window takes both ways
    attempts  questions without an answer after which the link is given up: `output` raises LinkError

    `replies` are payloads of the device's frames in sequence, the kind in their first byte, for the user to take.
    """

    def __init__(self, patience: float, attempts: int = ATTEMPTS) -> None:
        self.replies: deque[bytes] = deque()
        self._patience, self._attempts = patience, attempts
        self._decoder = Decoder()
        self._echo = 0
        self.open()

    # --- what the user does -------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin anew: what is under way is forgotten, here and in the device."""
        self.replies.clear()
        self._decoder.clear()
        self._queue: deque[tuple[int, bytes]] = deque()
        self._under_way: deque[tuple[int, bytes]] = deque()
        self._next_of_under_way = 0
        self._done = self._expected = self._acknowledged = 0
        self._dropped = 0
        self._opened = False
        self._asking = True
        self._asked = 0
        self._question: bytes | None = None
        self._deadline: float | None = None
        self._counts = [0, 0, 0, 0]
        self._ask()

    def wake(self, now: float) -> None:
        """Go on after a rest, in which nobody took what came: the device is not asked at once."""
        if self._deadline is not None and not self._asking:
            self._deadline = now + self._patience

    def send(self, kind: int, payload: bytes) -> None:
        """Queue a frame."""
        self._queue.append((kind, bytes(payload)))

    @property
    def opened(self) -> bool:
        """Whether the device has answered to the opening."""
        return self._opened

    @property
    def left(self) -> int:
        """Frames that the device has not carried out."""
        return len(self._queue) + len(self._under_way)

    @property
    def idle(self) -> bool:
        """Whether the device has carried out all that was sent."""
        return self._opened and not (self._queue or self._under_way)

    @property
    def statistics(self) -> LinkStatistics:
        """What was sent and lost."""
        return LinkStatistics(*self._counts)

    # --- bytes --------------------------------------------------------------------------------------------------

    def output(self, now: float) -> bytes:
        """Bytes to be sent now; at most a frame, and b"" where there is nothing. Raises LinkError."""
        if self._deadline is None:
            self._deadline = now + self._patience
        elif now >= self._deadline and not self._take(self._decoder.give_up(), now):
            self._ask()
        if self._question is not None:
            if self._asked > self._attempts:
                raise LinkError(
                    f"the device did not answer {self._attempts} times, {self._patience:g} s each: check the port, its "
                    "baud rate, and that the bitstream is loaded"
                )
            question, self._question = self._question, None
            self._deadline = now + self._patience
            return question
        if self._asking:
            return b""
        if self._next_of_under_way < len(self._under_way):
            self._counts[1] += 1
            return self._sent()
        if self._queue and len(self._under_way) < WINDOW:
            self._under_way.append(self._queue.popleft())
            return self._sent()
        if (self._expected - self._acknowledged) % SEQUENCES >= UNACKNOWLEDGED:
            return self._poll(0)
        return b""

    def input(self, data: bytes, now: float) -> None:
        """Take bytes that came."""
        self._take(self._decoder.feed(data), now)

    # --- inside -------------------------------------------------------------------------------------------------

    def _take(self, frames: list[Heard], now: float) -> bool:
        """Take frames; whether there are any."""
        for heard in frames:
            self._counts[2] += 1
            if not self._opened:
                self._answer_to_opening(heard)
            else:
                self._hear(heard)
            # While something comes, a question is not repeated: its answer may be behind it.
            self._deadline = now + self._patience
        return bool(frames)

    def _sent(self) -> bytes:
        """The next frame under way, that goes out now."""
        kind, payload = self._under_way[self._next_of_under_way]
        sequence = (self._done + self._next_of_under_way) % SEQUENCES
        self._next_of_under_way += 1
        self._counts[0] += 1
        self._acknowledged = self._expected
        return frame(kind, sequence, self._expected, payload)

    def _poll(self, flags: int) -> bytes:
        self._echo = (self._echo + 1) % SEQUENCES
        self._acknowledged = self._expected
        return frame(POLL | flags, self._echo, self._expected)

    def _ask(self) -> None:
        """Send nothing but a question until it is answered: what the device has got, or that it opens the link."""
        if not self._asking:
            self._asked = 0
        self._asking = True
        self._asked += 1
        self._deadline = None
        if self._opened:
            self._question = FLUSH + self._poll(AGAIN)
        else:
            self._echo = (self._echo + 1) % SEQUENCES
            self._question = FLUSH + frame(OPEN, self._echo, 0)

    def _answer_to_opening(self, heard: Heard) -> None:
        if not heard.payload and {heard.sequence, heard.echo, heard.done, heard.received} == {self._echo}:
            self._done = self._expected = self._acknowledged = self._echo
            self._dropped = heard.dropped
            self._opened, self._asking, self._asked = True, False, 0

    def _hear(self, heard: Heard) -> None:
        carried_out = (heard.done - self._done) % SEQUENCES
        received = (heard.received - self._done) % SEQUENCES
        if carried_out > len(self._under_way) or received > len(self._under_way):
            return  # of a link that was opened before
        for _ in range(carried_out):
            self._under_way.popleft()
        self._done = heard.done
        self._next_of_under_way = max(0, self._next_of_under_way - carried_out)
        ahead = (heard.sequence - self._expected) % SEQUENCES
        if heard.payload and ahead == 0:
            self._expected = (self._expected + 1) % SEQUENCES
            self.replies.append(heard.payload)
        if self._asking:
            if heard.echo == self._echo and self._question is None:
                self._next_of_under_way = received - carried_out
                self._dropped = heard.dropped
                self._asking, self._asked = False, 0
        elif heard.dropped != self._dropped or 0 < ahead <= WINDOW:
            self._counts[3] += 1
            self._ask()
