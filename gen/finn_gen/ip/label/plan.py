# SPDX-License-Identifier: Apache-2.0
"""Plan and text of label selection, `finn:ip:label`."""

from dataclasses import dataclass
from typing import Any

from finn_gen.base.counters import counter_width
from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, byte_width, name_param
from finn_gen.base.template import render
from finn_gen.ip import Benchmark, Ip, digest
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

    `rounds` are the comparisons of the tree over the lanes of a word; `last_base` is the index of the last word's
    first score. The first frame leaves as `images`
    says, every other one `cycles` after the one before it.
    """

    module: str
    modules: tuple[str, ...]
    labels: int
    bits: int
    signed: bool
    pe: int
    score: bool
    tlast: bool
    index_width: int
    score_lsb: int
    index_padding: int
    lane_padding: int
    in_width: int
    out_width: int
    in_tdata_width: int
    out_tdata_width: int
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


def plan(values: dict[str, Any]) -> LabelPlan:
    """Work out the tree, the index and the times."""
    labels, pe, bits = values["labels"], values["pe"], values["bits"]
    if labels % pe:
        legal = [str(number) for number in range(1, labels + 1) if labels % number == 0]
        raise InputError(
            f"label: pe={pe} with labels={labels}: pe must divide the labels; legal are {', '.join(legal)}"
        )
    words = labels // pe
    index_width = counter_width(labels - 1)
    score_lsb = byte_width(index_width)
    out_width = score_lsb + bits if values["score"] else index_width
    last = words + (pe > 1)
    slice_module = "finn_half_slice" if words > 1 else "finn_reg_slice"
    return LabelPlan(
        module=values["name"],
        modules=(slice_module,),
        **{name: values[name] for name in ("labels", "bits", "signed", "pe", "score", "tlast")},
        index_width=index_width,
        score_lsb=score_lsb,
        index_padding=score_lsb - index_width,
        lane_padding=index_width - counter_width(pe - 1),
        in_width=pe * bits,
        out_width=out_width,
        in_tdata_width=byte_width(pe * bits),
        out_tdata_width=byte_width(out_width),
        in_words=words,
        out_words=1,
        lane_width=counter_width(pe - 1),
        rounds=_tree(pe),
        last_base=labels - pe,
        slice_module=slice_module,
        latency=last,
        cycles=words,
        images=(ImageTimes(last, last),),
    )


def emit(plan: LabelPlan) -> dict[str, str | bytes]:
    """The selection's one file."""
    return {f"{plan.module}.v": render("ip/label/label.v.j2", plan=plan, digest=digest(plan))}


IP = Ip(
    name="label",
    summary="index of the largest score",
    params=(
        name_param("finn_label"),
        Param("labels", int, 10, "scores of a frame", low=1, high=4096),
        Param("bits", int, 16, "bits of a score", low=1, high=64),
        Param("signed", bool, False, "scores are in two's complement"),
        Param("pe", int, 1, "scores of a word", low=1, high=1024),
        Param("score", bool, False, "give the score too, from the next whole byte above the index on"),
        Param("tlast", bool, False, "a TLAST at the output; every word is the last of its frame"),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"tlast": 1, "score": 1},
        {"pe": 2, "signed": 1},
        {"pe": 10, "bits": 9, "score": 1, "signed": 1},
        {"labels": 15, "pe": 5, "bits": 8},
        {"labels": 1, "bits": 1},
        {"labels": 300, "pe": 3, "bits": 1, "score": 1},
    ),
    benchmarks=(
        Benchmark("10 of 16 bits", {}, {}),
        Benchmark("10 of 16 bits with score", {"score": 1}, {}),
        Benchmark("10 of 16 bits, PE 10", {"pe": 10}, {}),
        Benchmark("1000 of 16 bits signed", {"labels": 1000, "signed": 1}, {}),
    ),
)
