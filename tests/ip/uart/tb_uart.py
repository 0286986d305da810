# SPDX-License-Identifier: Apache-2.0
"""Test bench of the host link, finn:ip:uart: frames one by one, and the driver's end of the link over a bad line."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiResp

from finn_driver import link
from finn_driver.link import AGAIN, POLL, READ, REPLY, RESULTS, STREAM, WINDOW, WRITE, frame
from tests.ip.uart.uart_bench import BIT_NS, BYTE_NS, PATIENCE, PERIOD_NS, PLAN, Bench


def addresses(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


def replied(bench: Bench) -> bytes:
    """The payload that came last."""
    return [heard.payload for heard in bench.listen() if heard.payload][-1]


def position(bench: Bench) -> link.Heard:
    """What the device said last of itself."""
    return bench.heard[-1]


@cocotb.test()
async def test_the_line_rests_high_and_nothing_is_said_unasked(dut) -> None:
    bench = await Bench(dut, "rest").start()
    assert dut.txd.value == 1
    await Timer(30 * BYTE_NS, "ns")
    assert bench.line_out.empty() and dut.txd.value == 1


@cocotb.test()
async def test_registers_are_written_and_read(dut) -> None:
    bench = await Bench(dut, "registers").start()
    await bench.open()
    for channel in (bench.ram.write_if.aw_channel, bench.ram.write_if.w_channel, bench.ram.read_if.ar_channel):
        bench.pause(channel, 0.5)
    await bench.say(frame(WRITE, 3, 3, addresses(8, 0x11223344, 12, 0x55667788, 8, 0xCAFE0123)))
    assert replied(bench) == bytes((REPLY, 0))
    assert bench.ram.read(8, 8) == addresses(0xCAFE0123, 0x55667788)
    await bench.say(frame(READ, 4, 4, addresses(12, 8, 12)))
    assert replied(bench) == bytes((REPLY,)) + addresses(0x55667788, 0xCAFE0123, 0x55667788) + b"\0"
    assert (position(bench).done, position(bench).received) == (5, 5)


@cocotb.test()
async def test_a_refused_access_is_told(dut) -> None:
    bench = await Bench(dut, "refused").start()
    await bench.open()
    answers = iter([AxiResp.OKAY, AxiResp.SLVERR, AxiResp.OKAY, AxiResp.OKAY, AxiResp.DECERR])
    write, read = bench.ram.write_if.b_channel, bench.ram.read_if.r_channel
    write.send = bench.answering(write.send, "bresp", lambda: next(answers))
    read.send = bench.answering(read.send, "rresp", lambda: next(answers))
    await bench.say(frame(WRITE, 3, 3, addresses(0, 1, 4, 2, 8, 3)))
    assert replied(bench) == bytes((REPLY, 2))
    await bench.say(frame(READ, 4, 4, addresses(0)))
    assert replied(bench) == bytes((REPLY,)) + addresses(1) + b"\0"
    await bench.say(frame(READ, 5, 5, addresses(0)))
    assert replied(bench)[-1] == 3


@cocotb.test()
async def test_empty_and_ragged_frames_are_answered(dut) -> None:
    bench = await Bench(dut, "ragged").start()
    await bench.open()
    await bench.say(frame(READ, 3, 3), frame(WRITE, 4, 3), frame(STREAM, 5, 3))
    await bench.say(frame(READ, 6, 3, addresses(0) + b"\7\7"), frame(WRITE, 7, 3, addresses(0, 9) + b"\7"))
    heard = [answer.payload for answer in bench.listen() if answer.payload]
    assert [(payload[0], len(payload)) for payload in heard] == [(1, 2), (1, 2), (1, 6), (1, 2)]
    assert bench.ram.read(0, 4) == addresses(9) and position(bench).done == 8 and not bench.passed


@cocotb.test()
async def test_the_most_that_a_frame_may_read_and_write(dut) -> None:
    bench = await Bench(dut, "most").start()
    await bench.open()
    values = [bench.rng.getrandbits(32) for _ in range(31)]
    pairs = [number for index, value in enumerate(values) for number in (4 * index, value)]
    await bench.say(frame(WRITE, 3, 3, addresses(*pairs)))
    await bench.say(frame(READ, 4, 4, addresses(*(4 * (index % 31) for index in range(63)))))
    await Timer(300 * BYTE_NS, "ns")
    answer = replied(bench)
    assert answer == bytes((REPLY,)) + addresses(*(values[index % 31] for index in range(63))) + b"\0"


@cocotb.test()
async def test_what_is_damaged_late_or_repeated_is_left_out(dut) -> None:
    bench = await Bench(dut, "left out").start()
    first = (await bench.open()).dropped
    good = frame(STREAM, 3, 3, b"\1\2\3")
    for index in range(1, len(good)):
        for bit in (0, 5) if index != 3 else (0,):  # a longer frame would take in what follows
            bad = bytearray(good)
            bad[index] ^= 1 << bit
            await bench.say(bytes(bad), bytes(12))
    bench.listen()
    assert position(bench).received == 3 and not bench.passed
    assert (position(bench).dropped - first) % 256 == 2 * (len(good) - 1) - 1
    for sequence in (2, 4, 11):
        await bench.say(frame(STREAM, sequence, 3, b"\4"))
    for kind in (5, 6, 7):
        await bench.say(frame(kind, 3, 3, b"\4"))
    bench.listen()
    assert position(bench).received == 3 and not bench.passed
    await bench.say(good)
    await bench.say(good)
    bench.listen()
    assert bytes(bench.passed) == b"\1\2\3" and position(bench).done == position(bench).received == 4
    assert (position(bench).dropped - first) % 256 == 2 * (len(good) - 1) - 1 + 7


@cocotb.test()
async def test_a_frame_of_more_than_a_slot_is_left_out(dut) -> None:
    bench = await Bench(dut, "long").start()
    await bench.open()
    body = bytes((0x33, STREAM, 255)) + bytes(255)
    await bench.say(bytes((link.MAGIC,)) + body + link.crc16(body).to_bytes(2, "little"))
    bench.listen()
    assert position(bench).received == 3
    await bench.say(frame(STREAM, 3, 3, bytes(range(254))))
    bench.listen()
    assert bytes(bench.passed) == bytes(range(254)) and position(bench).done == 4


@cocotb.test()
async def test_a_glitch_is_no_byte_and_a_break_is_left_out(dut) -> None:
    bench = await Bench(dut, "glitch").start()
    await bench.open()
    for length in (BIT_NS // 4, 23 * BIT_NS):
        dut.rxd.value = 0
        await Timer(length, "ns")
        dut.rxd.value = 1
        await Timer(3 * BIT_NS, "ns")
        await bench.say(frame(STREAM, position(bench).received, 3, b"\5"))
        bench.listen()
    assert bytes(bench.passed) == b"\5\5"


@cocotb.test()
async def test_no_slot_is_written_over_while_the_stream_is_held_up(dut) -> None:
    bench = await Bench(dut, "held up").start()
    await bench.open()
    bench.into.pause = True
    frames = [bytes((index, 100 + index)) for index in range(WINDOW + 3)]
    for index, payload in enumerate(frames):
        await bench.say(frame(STREAM, (3 + index) % 16, 3, payload))
    bench.listen()
    assert (position(bench).done, position(bench).received) == (3, 3 + WINDOW)
    bench.into.pause = False
    await bench.say(frame(POLL, 9, 3))
    bench.listen()
    assert position(bench).done == 3 + WINDOW and position(bench).echo == 9
    assert bytes(bench.passed) == b"".join(frames[:WINDOW])


@cocotb.test()
async def test_results_are_kept_until_they_are_acknowledged(dut) -> None:
    bench = await Bench(dut, "kept").start()
    await bench.open()
    sent = bytearray()
    for _ in range(WINDOW):
        part = bench.rng.randbytes(3)
        sent += part
        await bench.out_of.send(part)
        await Timer(20 * BYTE_NS, "ns")
    # Half of the slots are sent at once; what comes then is gathered.
    answers = [answer for answer in bench.listen() if answer.payload]
    assert [each.sequence for each in answers] == list(range(3, 3 + WINDOW // 2))
    assert all(each.payload[0] == RESULTS for each in answers)
    # Asked for again: all that is not acknowledged. What was never sent cannot be acknowledged.
    await bench.say(frame(POLL | AGAIN, 1, 3))
    await Timer(60 * BYTE_NS, "ns")
    assert [answer for answer in bench.listen() if answer.payload] == [
        link.Heard(each.sequence, 1, each.done, each.received, each.dropped, each.payload) for each in answers
    ]
    await bench.say(frame(POLL, 2, 14))
    await bench.say(frame(POLL | AGAIN, 4, 5))
    await Timer(60 * BYTE_NS, "ns")
    again = [answer for answer in bench.listen() if answer.payload]
    assert [answer.sequence for answer in again] == [5, 6, 7]
    got = [answer.payload[1:] for answer in (*answers[:2], *again)]
    assert b"".join(got) == bytes(sent)


@cocotb.test()
async def test_no_reply_is_written_over_one_that_is_not_acknowledged(dut) -> None:
    bench = await Bench(dut, "replies").start()
    await bench.open()
    for address in range(0, 4 * (WINDOW + 2), 4):
        bench.ram.write(address, addresses(1000 + address))
    for index in range(WINDOW + 2):
        await bench.say(frame(READ, 3 + index, 3, addresses(4 * index)))
    answers = [answer for answer in bench.listen() if answer.payload]
    assert [answer.sequence for answer in answers] == list(range(3, 3 + WINDOW))
    assert (position(bench).received, position(bench).done) == (3 + WINDOW + 2, 3 + WINDOW)
    await bench.say(frame(POLL, 1, 3 + WINDOW))
    answers += [answer for answer in bench.listen() if answer.payload]
    assert [answer.payload for answer in answers] == [
        bytes((REPLY,)) + addresses(1000 + 4 * index) + b"\0" for index in range(WINDOW + 2)
    ]


@cocotb.test()
async def test_opening_breaks_off_a_stream_that_is_stuck(dut) -> None:
    bench = await Bench(dut, "stuck").start()
    await bench.open()
    bench.into.pause = True
    await bench.say(frame(STREAM, 3, 3, b"\1\2\3"), frame(WRITE, 4, 3, addresses(0, 5)))
    bench.listen()
    assert position(bench).received == 5 and position(bench).done == 3 and dut.m_axis_tvalid.value
    await bench.open(12)
    assert dut.m_axis_tvalid.value, "a byte that was offered is taken back"
    await bench.say(frame(WRITE, 12, 12, addresses(4, 6)))
    assert replied(bench) == bytes((REPLY, 0)) and bench.ram.read(0, 8) == addresses(0, 6)
    dut.core_aresetn.value = 0
    await ClockCycles(dut.aclk, 4)
    assert not dut.m_axis_tvalid.value
    await bench.say(frame(STREAM, 13, 13, b"\7" * PLAN.params.frame_bytes))
    assert not bench.passed
    bench.into.pause = False
    dut.core_aresetn.value = 1
    await Timer(20 * BYTE_NS, "ns")
    bench.listen()
    assert bytes(bench.passed) == b"\7" * PLAN.params.frame_bytes and bench.ends == [PLAN.params.frame_bytes]


@cocotb.test()
async def test_opening_empties_the_slots_of_results(dut) -> None:
    bench = await Bench(dut, "emptied").start()
    await bench.open()
    for _ in range(3):
        await bench.out_of.send(b"\1\2")
        await Timer(30 * BYTE_NS, "ns")
    assert [answer.sequence for answer in bench.listen() if answer.payload] == [3, 4, 5]
    await bench.open(8)
    await bench.say(frame(POLL | AGAIN, 1, 8))
    assert not [answer for answer in bench.listen() if answer.payload]
    await bench.out_of.send(b"\6")
    await Timer(30 * BYTE_NS, "ns")
    assert [(answer.sequence, answer.payload) for answer in bench.listen() if answer.payload] == [(8, b"\0\6")]


async def everything_passes(bench: Bench, images: int, rates: dict[str, Any], paused: float) -> link.Link:
    """Frames of the stream, reads and writes in a random order; results meanwhile. All must pass once and in order."""
    host = link.Link(PATIENCE, attempts=50)
    await bench.run(host, lambda: host.opened, 1e9)
    bench.to_device.__dict__.update(rates)
    bench.to_host.__dict__.update(rates)
    bench.pause(bench.into, paused)
    sent, results, wanted = bytearray(), bytearray(), []
    memory = bytearray(1 << PLAN.address_width)
    for _ in range(images):
        image = bench.rng.randbytes(PLAN.params.frame_bytes)
        for start in range(0, len(image), link.PAYLOAD):
            host.send(STREAM, image[start : start + link.PAYLOAD])
        sent += image
        place, value = bench.rng.randrange(0, len(memory), 4), bench.rng.getrandbits(32)
        if bench.rng.random() < 0.5:
            memory[place : place + 4] = addresses(value)
            host.send(WRITE, addresses(place, value))
            wanted.append(b"\0")
        else:
            host.send(READ, addresses(place))
            wanted.append(bytes(memory[place : place + 4]) + b"\0")
    bench.ram.write(0, bytes(len(memory)))
    gathered, answers = bytearray(), []

    async def results_come() -> None:
        while len(results) < 3 * images:
            part = bench.rng.randbytes(bench.rng.randint(1, 3))
            results.extend(part)
            await bench.out_of.send(part)
            await ClockCycles(bench.dut.aclk, bench.rng.randrange(1, 40 * BYTE_NS // PERIOD_NS))

    task = cocotb.start_soon(results_come())

    def done() -> bool:
        while host.replies:
            payload = host.replies.popleft()
            if payload[0] == RESULTS:
                gathered.extend(payload[1:])
            else:
                answers.append(payload[1:])
        return host.idle and task.done() and len(gathered) == len(results) and len(answers) == len(wanted)

    await bench.run(host, done, 60 * PATIENCE * 1e9)
    assert bytes(bench.passed) == bytes(sent)
    assert bench.ends == [PLAN.params.frame_bytes * (index + 1) for index in range(images)]
    assert gathered == results and answers == wanted
    return host


@cocotb.test()
async def test_a_good_line_loses_nothing_and_is_used(dut) -> None:
    """At most a tenth of the bit times of the line carry something else than what the user sends."""
    bench = await Bench(dut, "good").start()
    host = link.Link(PATIENCE + 1.5 * link.WINDOW * 300 * BYTE_NS * 1e-9)
    await bench.run(host, lambda: host.opened, 1e9)
    data = bench.rng.randbytes(12 * link.PAYLOAD)
    for start in range(0, len(data), link.PAYLOAD):
        host.send(STREAM, data[start : start + link.PAYLOAD])
    begin = get_sim_time("ns")
    await bench.run(host, lambda: host.idle, 1e9)
    efficiency = len(data) * BYTE_NS / (get_sim_time("ns") - begin)
    dut._log.info("%.1f %% of the baud rate", 100 * efficiency)
    assert bytes(bench.passed) == data and efficiency > 0.9
    assert host.statistics.losses == host.statistics.sent_again == 0


@cocotb.test()
async def test_everything_passes_a_good_line(dut) -> None:
    bench = await Bench(dut, "passes").start()
    host = await everything_passes(bench, 4, {}, 0.3)
    assert host.statistics.losses == 0


@cocotb.test()
async def test_everything_passes_a_bad_line_once_and_in_order(dut) -> None:
    bench = await Bench(dut, "bad").start()
    faults = {"dropped": 0.003, "flipped": 0.003, "doubled": 0.003, "seen": 0, "certain": (40, 90, 140)}
    host = await everything_passes(bench, 5, faults, 0.9)
    assert bench.to_device.count + bench.to_host.count > 2
    assert host.statistics.sent_again > 0


@cocotb.test()
async def test_a_link_of_another_session_is_taken_over(dut) -> None:
    bench = await Bench(dut, "session").start()
    await bench.open(5)
    await bench.say(frame(STREAM, 5, 5, b"\1\2\3"), frame(STREAM, 6, 5, b"\1\2")[:-3])
    await bench.out_of.send(b"\1\2\3")
    host = link.Link(PATIENCE)
    await bench.run(host, lambda: host.opened, 1e9)
    host.send(READ, addresses(4))
    await bench.run(host, lambda: any(reply[0] == REPLY for reply in host.replies), 1e9)
