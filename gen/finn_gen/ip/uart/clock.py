# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a host link are."""

from finn_gen.family.delays import Clock, Delays, Path
from finn_gen.ip.uart.plan import UartPlan


def clock(plan: UartPlan, delays: Delays) -> Clock:
    """From a byte to what a command does next."""
    command = Path("command", delays.control(5, 32, 32) + delays.chain(12))
    hand = Path("handshake", delays.control(3, 32))
    return Clock((command,), hand, hand, hand, delays.register, delays.register, delays.register)
