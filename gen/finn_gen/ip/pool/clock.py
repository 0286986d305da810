# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a max pooling are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.pool.plan import PoolPlan


def clock(plan: PoolPlan, delays: Delays) -> Clock:
    """Comparisons of elements, and the position to the enables of what moves on with it."""
    width, bits = plan.ports.in_width, plan.params.bits
    state = max(plan.state_width, plan.across.state_width, width)
    # Pixels of a word are compared in halves, before all else.
    halvings = (plan.params.pixels // plan.params.out_pixels - 1).bit_length()
    if bits == 1:
        compared = delays.luts([2] * halvings)
    elif bits <= 4:
        compared = delays.luts([2] * (bits - 1)) * (1 + halvings)
    else:
        compared = (delays.luts([2]) + delays.chain(-(-bits // 2)) + delays.luts([bits, 2])) * (1 + halvings)
    best = Path("comparison of elements", delays.register + delays.luts([4]) + compared + delays.net())
    # Words of several pixels know no word of the pixel and no window along the row.
    move = Path("position of a word", delays.control(3 if plan.grouped else 4, 2 * state + width))
    hand = Path("room", delays.control(2, end=2 * state + width))
    return Clock(
        inside=(best, move),
        data=best,
        valid=hand,
        ready=hand,
        shows_data=delays.register,
        shows_valid=delays.register,
        shows_ready=delays.register + delays.luts([4]),
    )
