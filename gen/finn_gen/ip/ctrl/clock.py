# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a control core are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.ctrl.plan import CtrlPlan


def clock(plan: CtrlPlan, delays: Delays) -> Clock:
    """A counter of the bank, which lies in LUT RAM, counted up, and the decoder of addresses."""
    bits = plan.params.counter_width
    count = Path("counters", delays.memory + delays.luts([2]) + delays.chain(bits) + delays.net(4))
    decode = Path("decoder of addresses", delays.control(5, 64))
    return Clock((count, decode), decode, decode, decode, delays.register, delays.register, delays.register)
