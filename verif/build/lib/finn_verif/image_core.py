# SPDX-License-Identifier: Apache-2.0
"""Cores that take an image and give one, or anything else that is always of one size."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace

from finn_verif.axis import Frame, Stream
from finn_verif.stream_test import Shape, StreamCore
from finn_verif.timing import FrameTiming

_CYCLES = 400
_FEWEST, _MOST = 2, 6


def image_core(
    plan: SimpleNamespace, *, ref: Callable[[Frame], Frame], buffered: int, busy: int = 0, pause: int = 0, **others
) -> StreamCore:
    """Describe a core with an input `s_axis` and an output `m_axis` whose frames are images.

    The plan gives the streams' widths, in_words and out_words of an image, `tlast` if the output can have one,
    `images` (when the first images leave until they repeat), and `cycles` from there on.

    ref       words of an image -> words of the output
    buffered  words of both streams that the core holds, at most
    busy      cycles that an input word may keep the core busy, if more than on average
    pause     longest pause in cycles without a word moving, beyond a pipeline's
    """

    def timing(shapes: Sequence[Shape]) -> dict[str, list[FrameTiming]]:
        first = [FrameTiming(image.first, image.last) for image in plan.images]
        late = [plan.cycles * i for i in range(1, len(shapes) + 1)]
        last = first[-1]
        return {"m_axis": [*first, *(FrameTiming(last.first + i, last.last + i) for i in late)][: len(shapes)]}

    return StreamCore(
        inputs=(Stream("s_axis", plan.in_width, plan.in_tdata_width, False),),
        outputs=(Stream("m_axis", plan.out_width, plan.out_tdata_width, getattr(plan, "tlast", False)),),
        ref=lambda frames: {"m_axis": [ref(frame) for frame in frames["s_axis"]]},
        shapes=[{"s_axis": plan.in_words}],
        timing=timing,
        hang_limit=8 + pause,
        hold=max(buffered, 2 * plan.latency) + 12,
        source_period=max(busy, -(-plan.out_words // plan.in_words)) + 1,
        sink_period=-(-plan.in_words // plan.out_words) + 1,
        frames=max(_FEWEST, min(_MOST, _CYCLES // plan.cycles)),
        **others,
    )
