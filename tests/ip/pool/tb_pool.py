# SPDX-License-Identifier: Apache-2.0
"""Test bench of max pooling, finn:ip:pool."""

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.image_core import image_core
from finn_verif.ref.layers import max_pool
from finn_verif.ref.stream import from_groups, from_words, to_groups, to_words
from finn_verif.stream_test import stream_tests

PLAN = plan.load()
# A plan names the columns of a window where they are not as many as its rows.
KERNEL = PLAN.k, getattr(PLAN, "k_w", 0) or PLAN.k
STRIDE = PLAN.stride, getattr(PLAN, "stride_w", 0) or PLAN.stride
PIXELS = getattr(PLAN, "pixels", 1)
assert PLAN.cycles == PLAN.in_words, "one input word a cycle is promised"


def shrink(frame: Frame) -> Frame:
    if PIXELS > 1:
        image = from_groups(frame, PIXELS, PLAN.bits, (PLAN.ifm_h, PLAN.ifm_w, PLAN.ifm_ch), PLAN.signed)
        return to_groups(max_pool(image, KERNEL, STRIDE), PIXELS // STRIDE[1], PLAN.bits)
    image = from_words(frame, PLAN.pe, PLAN.bits, (PLAN.ifm_h, PLAN.ifm_w, PLAN.ifm_ch), PLAN.signed)
    return to_words(max_pool(image, KERNEL, STRIDE), PLAN.pe, PLAN.bits)


globals().update(stream_tests(image_core(PLAN, ref=shrink, buffered=3 * PLAN.in_words), __name__))
