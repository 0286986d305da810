# SPDX-License-Identifier: Apache-2.0
"""Test bench of the width converter, finn:ip:dwc."""

import itertools
import math

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.ref.stream import recut, recut_frame
from finn_verif.stream_test import StreamCore, stream_tests
from finn_verif.timing import FrameTiming

PLAN = plan.load()
IN, OUT = PLAN.in_width, PLAN.out_width
BITS = math.lcm(IN, OUT)
PERIOD = BITS // IN  # input words after which both sides have a word's end at the same time


def convert(frames: list[Frame]) -> list[Frame]:
    """With TLAST every frame is cut by itself, its last word filled with zeros; without, all bits are one stream."""
    if PLAN.tlast:
        return [recut_frame(frame, IN, OUT) for frame in frames]
    return [recut([word for frame in frames for word in frame], IN, OUT)]


def completed(lengths: list[int]) -> list[list[int]]:
    """For every input word of a frame how many output words it completes: the last one also what it leaves begun."""
    counts = []
    for words in lengths:
        ends = [(word + 1) * IN // OUT for word in range(words)]
        if PLAN.tlast:
            ends[-1] = len(convert([[0] * words])[0])
        counts.append([after - before for before, after in itertools.pairwise([0, *ends])])
    return counts


def gear_timing(lengths: list[int]) -> list[FrameTiming]:
    """Replay a gearbox: a word waits, if it may, until the shifter is free, and leaves that when no word is held.

    It goes from one place to the next in a cycle at least.
    """
    skids = IN < 2 * OUT
    found, enters, goes, given = [], -1, -1, -1  # cycles: the shifter takes, it gives, an output word leaves
    for frame in completed(lengths):
        leaves = []
        for count in frame:
            enters = max(enters + 1, goes) if skids else goes + 1
            goes = max(enters + 1, given)
            for _ in range(count):
                given = max(goes + 1, given + 1)
                leaves.append(given)
        found.append(FrameTiming(leaves[0], leaves[-1]))
    return found


def timing(lengths: list[int]) -> list[FrameTiming]:
    """Replay the converter as dataflow: input words come one a cycle, output words leave one a cycle.

    A word leaves `pipeline` cycles after the input word that completes it. In a ring, of BITS bits, an input
    word also waits until all that lies in its slot has left; a frame begins at the ring's start.
    """
    lengths = lengths if PLAN.tlast else [sum(lengths)]
    if PLAN.kind == "gear":
        return gear_timing(lengths)
    ring = PLAN.kind == "ring"
    start = BITS if ring else OUT  # a frame begins at a multiple of so many bits
    pipeline = 2 if ring else 1
    taken: list[int] = []  # cycle of every input word
    leaves: list[list[int]] = []  # cycle of every output word, by frame
    todo = []  # output words that have not left: frame, input word that completes it, bits read when it has left
    read, free = 0, 0  # bits read, skipped ones included; first cycle at which a word can leave

    def leave() -> None:
        nonlocal read, free
        frame, completing, read = todo.pop(0)
        leaves[frame].append(max(taken[completing] + pipeline, free))
        free = leaves[frame][-1] + 1

    base = 0
    for frame, words in enumerate(lengths):
        leaves.append([])
        count = len(convert([[0] * words])[0])
        end = base + (-(-words * IN // start) * start if PLAN.tlast else words * IN)
        for i in range(count):
            completing = len(taken) + min(-(-(i + 1) * OUT // IN), words) - 1
            todo.append((frame, completing, end if PLAN.tlast and i == count - 1 else base + (i + 1) * OUT))
        for i in range(words):
            wait = 0
            while ring and read < base + (i + 1) * IN - BITS:
                leave()
                wait = free - 1
            taken.append(max(taken[-1] + 1, wait) if taken else 0)
        base = end
    while todo:
        leave()
    return [FrameTiming(cycles[0], cycles[-1]) for cycles in leaves]


def frame_lengths() -> list[int]:
    """With TLAST frames end in every lane of the output word; without, at least one word leaves."""
    shortest = 1 if PLAN.tlast else -(-OUT // IN)
    every = range(shortest, max(PERIOD, shortest) + 2)
    few = sorted({shortest, shortest + 1, every[len(every) // 2], PERIOD - 1, PERIOD, PERIOD + 1} & set(every))
    return [*(every if len(every) <= 9 else few), 2 * max(every)]


assert timing([3 * PERIOD])[0].first == PLAN.latency, "the plan's latency is not the one of this converter"
LENGTHS = frame_lengths()
AVERAGE = sum(max(length, length * IN / OUT) for length in LENGTHS) / len(LENGTHS)
globals().update(
    stream_tests(
        StreamCore.from_plan(
            PLAN,
            ref=convert,
            lengths=LENGTHS,
            timing=timing,
            hang_limit=6,
            hold=2 * BITS // min(IN, OUT) + 12,
            source_period=-(-IN // OUT) + 1,
            sink_period=-(-OUT // IN) + 1,
            frames=round(min(6, max(2, 120 / AVERAGE))),
        ),
        __name__,
    )
)
