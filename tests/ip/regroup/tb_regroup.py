# SPDX-License-Identifier: Apache-2.0
"""Test bench of the regrouping of pixels, finn:ip:regroup."""

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.image_core import image_core
from finn_verif.ref.stream import from_groups, to_groups
from finn_verif.stream_test import stream_tests

PLAN = plan.load()
assert PLAN.cycles == max(PLAN.in_words, PLAN.out_words), "one word a cycle is promised"


def regroup(frame: Frame) -> Frame:
    image = from_groups(frame, PLAN.in_pixels, PLAN.bits, (PLAN.ifm_h, PLAN.ifm_w, PLAN.ifm_ch))
    return to_groups(image, PLAN.out_pixels, PLAN.bits)


globals().update(stream_tests(image_core(PLAN, ref=regroup, buffered=3 * PLAN.in_words, busy=PLAN.ratio), __name__))
