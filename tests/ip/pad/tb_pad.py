# SPDX-License-Identifier: Apache-2.0
"""Test bench of the image padder, finn:ip:pad."""

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.image_core import image_core
from finn_verif.ref.layers import pad
from finn_verif.ref.stream import from_words, to_words
from finn_verif.stream_test import stream_tests

PLAN = plan.load()
assert PLAN.cycles == PLAN.out_words, "one output word a cycle is promised"


def surround(frame: Frame) -> Frame:
    image = from_words(frame, PLAN.simd, PLAN.bits, (PLAN.ifm_h, PLAN.ifm_w, PLAN.ifm_ch))
    # A bit is 0 for -1 and 1 for +1.
    value = {-1: 0, 1: 1}[PLAN.value] if PLAN.bits == 1 else PLAN.value
    return to_words(pad(image, (PLAN.top, PLAN.bottom, PLAN.left, PLAN.right), value), PLAN.simd, PLAN.bits)


PADDING = PLAN.out_words - PLAN.in_words
globals().update(stream_tests(image_core(PLAN, ref=surround, buffered=3 + PADDING, busy=PADDING + 1), __name__))
