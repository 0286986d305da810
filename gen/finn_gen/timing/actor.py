# SPDX-License-Identifier: Apache-2.0
"""A stage as the engine runs it: an actor. What an IP says of its own, and the words of an image in a chain of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from finn_gen.base.errors import InputError
from finn_gen.timing.kernel import Kernel


@dataclass(frozen=True)
class Rate:
    """`taken` words in give `given` words out.

    `whole`: that is an image. `padded`: TLAST completes what an image leaves of the last word out.
    """

    taken: int
    given: int
    whole: bool = False
    padded: bool = False


@dataclass(frozen=True)
class Actor:
    """A stage as the engine runs it: its kernel with the `parameters`, and the `state` after reset.

    Of a stage that is `counted` the first number of the state is how many words it holds; the most is kept.
    """

    name: str
    kernel: Kernel
    parameters: tuple[int, ...]
    state: tuple[int, ...]
    counted: bool = False


@dataclass(frozen=True)
class Timing:
    """The cycle-accurate model of an IP.

    kernels  all that its stages can have
    rate     plan -> how many words it makes of how many
    actor    plan, words of an image that it takes, words that it gives -> the actor
    """

    kernels: tuple[Kernel, ...]
    rate: Callable[[Any], Rate]
    actor: Callable[[Any, int, int], Actor]


def whole_images(plan: Any) -> Rate:
    """The rate of an IP whose plan knows the words of an image, `in_words` and `out_words`."""
    return Rate(plan.in_words, plan.out_words, whole=True)


def timing_of(plan: Any) -> Timing:
    """The model of the IP that a plan is of; InputError for what is no stage of a chain."""
    from finn_gen import ip

    try:
        found = ip.of(plan).timing
    except TypeError:
        found = None
    if not found:
        raise InputError(f"{type(plan).__name__} is no plan of a stage; legal are those of IPs with streams")
    return found


def rate(plan: Any) -> Rate:
    """How many words a stage makes of how many; InputError for what is no stage of a chain."""
    return timing_of(plan).rate(plan)


def actor(plan: Any, taken: int, given: int) -> Actor:
    """The stage of a plan, with the words of an image that it takes and gives."""
    return timing_of(plan).actor(plan, taken, given)


def image_words(plans: Sequence[Any], words: int | None = None) -> tuple[int, ...]:
    """Words of an image at every boundary of a chain: before stage 0, then behind every stage.

    `words` are those before stage 0. They follow from any stage that knows the size of an image; without one an
    image is the fewest words of which every stage gives whole ones. InputError names a stage that does not fit.
    """
    rates = [rate(plan) for plan in plans]
    if words is None:
        words = _input_words(rates)
    found = [words]
    for plan, each in zip(plans, rates, strict=True):
        groups = Fraction(found[-1], each.taken)
        if (each.whole and groups != 1) or (groups.denominator > 1 and not each.padded):
            rule = "an image is" if each.whole else "it takes multiples of"
            raise InputError(f"{plan.module}: {found[-1]} words of an image go in, but {rule} {each.taken}")
        found.append(math.ceil(groups * each.given))
    return tuple(found)


def _input_words(rates: Sequence[Rate]) -> int:
    ratio, words = Fraction(1), 1
    for each in rates:
        if each.whole:
            return math.ceil(each.taken / ratio)
        # The image is to be a whole number of groups: a multiple of the denominator of ratio / taken.
        words = math.lcm(words, (ratio / each.taken).denominator)
        ratio *= Fraction(each.given, each.taken)
    return words
