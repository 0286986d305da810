# SPDX-License-Identifier: Apache-2.0
"""A software model of the device's end of a serial link, finn:ip:uart, written from docs/uart.md."""

from __future__ import annotations

from collections.abc import Callable

MAGIC, SLOTS, PAYLOAD = 0xA7, 8, 254


def crc(data: bytes) -> int:
    """CRC-16/MCRF4XX, bit by bit."""
    value = 0xFFFF
    for byte in data:
        for place in range(8):
            feedback = (value ^ byte >> place) & 1
            value = value >> 1 ^ (0x8408 if feedback else 0)
    return value


class FakeDevice:
    """A device with registers `memory` (32 bits by address); every `image_bytes` bytes `answer` gives a result."""

    def __init__(self, image_bytes: int = 1, answer: Callable[[bytes], bytes] = bytes) -> None:
        self.memory: dict[int, int] = {}
        self.refused: set[int] = set()
        self.stream, self.opened = bytearray(), 0
        self._image_bytes, self._answer = image_bytes, answer
        self._frame = bytearray()
        self._results = bytearray()
        self.received = self.dropped = self.echo = self.acknowledged = self.sent = 0
        self._slots: list[bytes] = []
        self._out = bytearray()

    def feed(self, data: bytes) -> bytes:
        """What it says to these bytes."""
        for byte in data:
            if self._frame or byte == MAGIC:
                self._frame.append(byte)
            if len(self._frame) > 3 and len(self._frame) == 6 + self._frame[3]:
                self._judge(bytes(self._frame[1:]))
                self._frame.clear()
        out, self._out = bytes(self._out), bytearray()
        return out

    def _judge(self, body: bytes) -> None:
        sequence, acknowledge, kind, payload = body[0] & 15, body[0] >> 4, body[1], body[3:-2]
        known = kind & 7 < 5
        if crc(body) or not known or (kind & 7 > 1 and (sequence != self.received or len(payload) > PAYLOAD)):
            self.dropped = (self.dropped + 1) % 256
        elif kind & 7 == 1:
            self.echo = self.received = self.acknowledged = self.sent = sequence
            self._slots, self._results = [], bytearray()
            self.opened += 1
        else:
            self._acknowledge(acknowledge, bool(kind & 0x80))
            if kind & 7 == 0:
                self.echo = sequence
            else:
                self.received = (self.received + 1) % 16
                self._carry_out(kind & 7, payload)
        self._say()

    def _acknowledge(self, acknowledge: int, again: bool) -> None:
        newly = (acknowledge - self.acknowledged) % 16
        if newly <= (self.sent - self.acknowledged) % 16:
            del self._slots[:newly]
            self.acknowledged = acknowledge
        if again:
            self.sent = self.acknowledged

    def _carry_out(self, kind: int, payload: bytes) -> None:
        if kind == 4:
            self.stream += payload
            while len(self.stream) >= self._image_bytes * (1 + self.images):
                begin = self.images * self._image_bytes
                self._results += self._answer(bytes(self.stream[begin : begin + self._image_bytes]))
                self.images += 1
            return
        words = [int.from_bytes(payload[i : i + 4], "little") for i in range(0, len(payload), 4)]
        if kind == 2:
            response = 2 if self.refused & set(words) else 0
            data = b"".join(self.memory.get(word, 0).to_bytes(4, "little") for word in words)
            self._slots.append(b"\1" + data + bytes((response,)))
        else:
            for address, value in zip(words[::2], words[1::2], strict=True):
                self.memory[address] = value
            self._slots.append(b"\1" + bytes((2 if self.refused & set(words[::2]) else 0,)))

    images = 0

    def _say(self) -> None:
        while self._results and len(self._slots) < SLOTS:
            self._slots.append(b"\0" + bytes(self._results[:PAYLOAD]))
            del self._results[:PAYLOAD]
        said = False
        while (waiting := (self.sent - self.acknowledged) % 16) < len(self._slots):
            self._send(self._slots[waiting])
            self.sent = (self.sent + 1) % 16
            said = True
        if not said:
            self._send(b"")

    def _send(self, payload: bytes) -> None:
        head = (self.echo << 4 | self.sent, self.received << 4 | self.received, self.dropped, len(payload))
        body = bytes(head) + payload
        self._out += bytes((MAGIC,)) + body + crc(body).to_bytes(2, "little")
