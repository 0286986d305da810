# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a DMA are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.dma.plan import DmaPlan


def clock(plan: DmaPlan, delays: Delays) -> Clock:
    """The beats of the next burst, by the images and the addresses that are left, and the slave's registers."""
    burst = Path("beats of the next burst", delays.control(4, 64, 32) + delays.chain(plan.mm2s.bursts))
    hand = Path("handshake", delays.control(3, 64))
    return Clock((burst,), hand, hand, hand, delays.register, delays.register, delays.register)
