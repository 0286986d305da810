# SPDX-License-Identifier: Apache-2.0
"""How long the paths of an input stage are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.input.plan import Convert, InputPlan

SIMPLE, WIDE = 4, 8
"""Bits of a number that one LUT compares, and two."""
LANE = 60
"""Bits of a word with a flag of their own in the register slice behind."""


def clock(plan: InputPlan, delays: Delays) -> Clock:
    """From the number of the word to whether it is the frame's last one, and what that decides on."""
    width, count = plan.ports.in_width, (plan.words - 1).bit_length()
    last = delays.control(2 if count <= SIMPLE else 3, width)
    if count > WIDE:
        # Synthesis may compare what it counts up.
        last += delays.net() + delays.chain(count)
    room = delays.control(3, min(width, LANE), width // 4)
    hand = Path("room", max(room, delays.control(2, end=width)))
    shown = delays.register
    if plan.convert is Convert.Q17:
        # Seven bits are compared and counted up.
        shown += delays.luts([4, 7])
    return Clock(
        inside=(Path("last word of a frame", last), Path("room", room)),
        data=hand,
        valid=hand,
        ready=hand,
        shows_data=shown,
        shows_valid=delays.register,
        shows_ready=delays.register + delays.luts([LANE, 4]),
    )
