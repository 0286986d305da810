# SPDX-License-Identifier: Apache-2.0
"""Test bench of the matrix-vector-threshold unit, finn:ip:mvtu."""

import random

import numpy as np

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.ref.layers import matrix
from finn_verif.ref.stream import from_words, pack, to_words
from finn_verif.stream_test import StreamCore, StreamTest, stream_tests
from finn_verif.timing import FrameTiming, steady

PLAN = plan.load()
BITS = getattr(PLAN, "w_bits", 1)
PIXELS = getattr(PLAN, "pixels", 1)
SCORE = {
    "biases": np.array(getattr(PLAN.thresholds, "biases", ()) or [0] * PLAN.mh),
    "fraction": getattr(PLAN, "fraction", 0),
}


def planned_weights() -> np.ndarray:
    """The weights [MH, MW] in the plan's words, row nf*PE + p, column sf*SIMD + s."""
    weights = np.empty((PLAN.mh, PLAN.mw), dtype=np.int8)
    for address, word in enumerate(PLAN.weights.words):
        nf, sf = divmod(address, PLAN.fold.sf)
        for p in range(PLAN.pe):
            for s in range(PLAN.simd):
                row = int(word, 16) >> p * PLAN.simd * BITS
                bits = [row >> bit * PLAN.simd + s & 1 for bit in range(BITS)]
                number = 2 * bits[0] - 1 if BITS == 1 else from_words([pack(bits, 1)], 1, BITS, signed=True)[0]
                weights[nf * PLAN.pe + p, sf * PLAN.simd + s] = number
    return weights


WEIGHTS = planned_weights()
THRESHOLDS = np.array(PLAN.thresholds.rows, dtype=np.int64).reshape(PLAN.mh, -1)
LOWEST = -(1 << (PLAN.in_bits - 1)) if PLAN.in_signed else 0
HIGHEST = LOWEST + (1 << PLAN.in_bits) - 1


def infer(frames: list[Frame]) -> list[Frame]:
    """A frame is one vector, or one word of several."""
    outputs = []
    for frame in frames:
        vectors = from_words(frame, PIXELS * PLAN.simd, PLAN.in_bits, (PIXELS, PLAN.mw), signed=PLAN.in_signed)
        levels = THRESHOLDS if PLAN.out_bits else None
        results = [matrix(vector, WEIGHTS, levels, PLAN.in_bits, **SCORE) for vector in vectors]
        outputs.append(to_words(np.array(results), PIXELS * PLAN.pe, PLAN.result_width))
    return outputs


def frames_of(vectors: list[np.ndarray]) -> list[Frame]:
    """Vectors as frames, several a word from the first one on again, so that copies have different ones."""
    repeated = [[vectors[(first + p) % len(vectors)] for p in range(PIXELS)] for first in range(len(vectors))]
    return [to_words(np.array(each), PIXELS * PLAN.simd, PLAN.in_bits) for each in repeated]


def timing(lengths: list[int]) -> list[FrameTiming]:
    """A vector every NF*SF cycles, a word of its result every SF cycles."""
    return steady(PLAN.latency, PLAN.interval, (PLAN.fold.nf - 1) * PLAN.fold.sf, len(lengths))


def near_a_threshold(row: int, rng: random.Random) -> np.ndarray:
    """A vector that brings a row's accumulator to one of its thresholds or just below, where it can."""
    vector = np.where(WEIGHTS[row] > 0, HIGHEST, LOWEST)
    order = rng.sample(range(PLAN.mw), PLAN.mw)
    goal = int(rng.choice(THRESHOLDS[row])) - rng.randrange(2)
    for column in order:
        if matrix(vector, WEIGHTS[row : row + 1], None, PLAN.in_bits)[0] <= goal:
            break
        vector[column] = LOWEST if WEIGHTS[row, column] > 0 else HIGHEST
    return vector


async def extremes(test: StreamTest) -> None:
    """Every row at both ends of its accumulator's range."""
    vectors = [np.full(PLAN.mw, value) for value in (LOWEST, HIGHEST)]
    rows = test.rng.sample(range(PLAN.mh), min(PLAN.mh, 24))
    for row in rows:
        vectors += [np.where(WEIGHTS[row] > 0, *ends) for ends in ((HIGHEST, LOWEST), (LOWEST, HIGHEST))]
    await test.run({"s_axis": frames_of(vectors)})


async def around_thresholds(test: StreamTest) -> None:
    """Accumulators that just reach a threshold, and that just do not."""
    rows = [test.rng.randrange(PLAN.mh) for _ in range(24)]
    vectors = [near_a_threshold(row, test.rng) for row in rows]
    await test.run({"s_axis": frames_of(vectors)})


OWN = {"test_accumulators_at_both_ends_of_their_range": extremes}
if PLAN.out_bits:
    OWN["test_accumulators_around_the_thresholds"] = around_thresholds

globals().update(
    stream_tests(
        StreamCore.from_plan(
            PLAN,
            ref=infer,
            lengths=[PLAN.fold.sf],
            timing=timing,
            hang_limit=PLAN.interval + PLAN.latency + 4,
            hold=4 * PLAN.interval + 4 * PLAN.fold.sf * PLAN.pipeline.fifo_depth + 20,
            source_period=PLAN.fold.nf + 1,
            sink_period=PLAN.fold.sf + 1,
            frames=max(6, (PLAN.pipeline.fifo_depth + 8) // PLAN.fold.nf),
        ),
        __name__,
        own=OWN,
    )
)
