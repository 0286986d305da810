# SPDX-License-Identifier: Apache-2.0
"""What a label selection is built of."""

from dataclasses import dataclass

from finn_gen.base.counters import counter_width
from finn_gen.base.errors import InputError
from finn_gen.base.params import byte_width
from finn_gen.base.ports import Ports
from finn_gen.ip.label.params import LabelParams
from finn_gen.timing.images import ImageTimes


@dataclass(frozen=True)
class Match:
    """A comparison in the tree over the lanes of a word, of two winners of the round before it.

    `first` wins unless `second` is larger, and always if there is no second (-1).
    """

    first: int
    second: int


@dataclass(frozen=True)
class LabelPlan:
    """One label selection. Widths in bits, times in cycles.

    `rounds` are the comparisons of the tree over the lanes of a word, with a register behind each round; `last_base` is
    the index of the last word's first score. The first frame leaves as `images` says, every other one `cycles` after
    the one before it.
    """

    module: str
    modules: tuple[str, ...]
    params: LabelParams
    index_width: int
    score_lsb: int
    ports: Ports
    in_words: int
    out_words: int
    lane_width: int
    rounds: tuple[tuple[Match, ...], ...]
    last_base: int
    slice_module: str
    latency: int
    cycles: int
    images: tuple[ImageTimes, ...]


def _tree(lanes: int) -> tuple[tuple[Match, ...], ...]:
    rounds = []
    while lanes > 1:
        rounds.append(tuple(Match(lane, lane + 1 if lane + 1 < lanes else -1) for lane in range(0, lanes, 2)))
        lanes = len(rounds[-1])
    return tuple(rounds)


def build_plan(params: LabelParams) -> LabelPlan:
    """Work out the tree, the index and the times."""
    labels, pe, bits = params.labels, params.pe, params.bits
    if labels % pe:
        legal = [str(number) for number in range(1, labels + 1) if labels % number == 0]
        raise InputError(
            f"label: pe={pe} with labels={labels}: pe must divide the labels; legal are {', '.join(legal)}"
        )
    words = labels // pe
    index_width = counter_width(labels - 1)
    score_lsb = byte_width(index_width)
    out_width = score_lsb + bits if params.score else index_width
    rounds = _tree(pe)
    last = words + len(rounds)
    slice_module = "finn_half_slice" if words > 1 else "finn_reg_slice"
    return LabelPlan(
        module=params.name,
        modules=(slice_module,),
        params=params,
        index_width=index_width,
        score_lsb=score_lsb,
        ports=Ports.of(pe * bits, out_width),
        in_words=words,
        out_words=1,
        lane_width=counter_width(pe - 1),
        rounds=rounds,
        last_base=labels - pe,
        slice_module=slice_module,
        latency=last,
        cycles=words,
        images=(ImageTimes(last, last),),
    )
