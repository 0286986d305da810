# SPDX-License-Identifier: Apache-2.0
"""How a stage goes on from cycle to cycle, compiled by numba: what of its RTL decides when words move.

No IP has a combinational path between the handshakes of its two sides. In a cycle every stage's `out_valid` and
`in_ready` are therefore functions of its state alone; a word moves across a boundary when the stage before offers
one and the stage behind is ready, and then every stage's state goes on.

A kernel is a function of one kind of stage:

    @part
    def step(p, s, take, give): ...

`p` and `s` are its parameters and its state, rows of whole numbers, `take` and `give` whether a word goes in and
whether one goes out. It takes the state on by a cycle and returns, as `flags`, whether the stage then offers a word,
takes one, and whether it may go on by itself, although no word moves. A stage that does not and moves no word is left
alone, which is most of them in most cycles.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finn_gen.base.compiled import part

VALID, READY, ACTIVE = 1, 2, 4
RESET = READY | ACTIVE
"""What every stage does after reset: it takes a word and offers none. Whether it goes on shows in the first cycle."""

Row = np.ndarray


@part
def flags(valid: bool, ready: bool, active: bool) -> int:
    """What a stage does next, as one number."""
    return (VALID if valid else 0) | (READY if ready else 0) | (ACTIVE if active else 0)


def offers(said: int) -> bool:
    """Whether a stage with these flags offers a word."""
    return bool(said & VALID)


@part
def not_silent(p: Row, s: Row) -> int:
    """Of a stage whose state may show at any time while it goes on by itself."""
    return 0


@part
def no_pass(p: Row, s: Row, cycles: int) -> None:
    """Of such a stage: there is nothing to do."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """One kind of stage.

    silent  (p, s) -> cycles for which a stage that goes on by itself will show nothing of that, if no word moves
    skip    (p, s, cycles): takes the state on by so many such cycles at once
    """

    name: str
    step: Callable
    silent: Callable = not_silent
    skip: Callable = no_pass
