# SPDX-License-Identifier: Apache-2.0
"""Test bench of the sliding window generator, finn:ip:swg."""

from dataclasses import replace

from finn_verif import plan
from finn_verif.axis import Frame
from finn_verif.image_core import image_core
from finn_verif.ref.layers import sliding_window
from finn_verif.ref.stream import from_groups, from_words, to_groups, to_words
from finn_verif.stream_test import StreamTest, stream_tests

PLAN = plan.load()
# A plan names the pixels of a word where they are several.
PIXELS = getattr(PLAN, "pixels", 1)
IN_CH = PLAN.in_width // PLAN.bits // PIXELS
WORDS_A_COLUMN = -(-PLAN.k_h * PLAN.k_w * IN_CH // (PLAN.simd * PLAN.stride_w))
"""Output words for each input word in the middle of a row of windows."""
SPAN_H = (PLAN.k_h - 1) * PLAN.dilation_h
SPAN_W = (PLAN.k_w - 1) * PLAN.dilation_w + 1


def slide(frame: Frame) -> Frame:
    shape = PLAN.ifm_h, PLAN.ifm_w, PLAN.ifm_ch
    image = from_groups(frame, PIXELS, PLAN.bits, shape) if PIXELS > 1 else from_words(frame, IN_CH, PLAN.bits, shape)
    kernel, stride = (PLAN.k_h, PLAN.k_w), (PLAN.stride_h, PLAN.stride_w)
    windows = sliding_window(image, kernel, stride, (PLAN.dilation_h, PLAN.dilation_w))
    if PIXELS > 1:
        return to_groups(windows.reshape(PLAN.ofm_h, PLAN.ofm_w, PLAN.simd), PIXELS, PLAN.bits)
    return to_words(windows, PLAN.simd, PLAN.bits)


def check_promises() -> None:
    """What the plan says must be what the core's page promises."""
    most = max(PLAN.in_words, PLAN.out_words)
    if not PLAN.serial or PLAN.prefetch:
        assert PLAN.cycles == most, f"{PLAN.cycles} cycles an image, {most} are promised"
    else:
        bound = most + SPAN_H * PLAN.ifm_w + SPAN_W
        assert PLAN.cycles <= bound, f"{PLAN.cycles} cycles an image, at most {bound} are promised"
    if PLAN.serial:
        assert PLAN.latency == 2, "the first word must leave as soon as its pixel is here"


async def source_about_as_fast_as_the_windows(test: StreamTest) -> None:
    """A source a little slower than the windows, as fast, and a little faster.

    On the average of an image, and in the middle of a row. FINN's generator hung there at the end of the image.
    """
    rates = (PLAN.out_words // PLAN.in_words, WORDS_A_COLUMN)
    for period in sorted({max(2, rate + difference) for rate in rates for difference in (-1, 0, 1)}):
        await test.reset()
        test.core = replace(test.core, source_period=period)
        await test.run(test.random_frames(3), "slow", "full")


async def images_after_a_pause(test: StreamTest) -> None:
    """An image that comes when the last one has left as a whole takes the cycles of a first one."""
    for _ in range(3):
        await test.run(test.random_frames(2))


check_promises()
globals().update(
    stream_tests(
        image_core(
            PLAN,
            ref=slide,
            buffered=max(PLAN.in_words, PLAN.serial.depth if PLAN.serial else 0),
            busy=WORDS_A_COLUMN,
            pause=PLAN.serial.gap if PLAN.serial else 0,
        ),
        __name__,
        {
            "test_a_source_about_as_fast_as_the_windows_never_hangs": source_about_as_fast_as_the_windows,
            "test_images_after_a_pause_take_the_cycles_of_a_first_image": images_after_a_pause,
        },
    )
)
