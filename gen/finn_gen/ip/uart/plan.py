# SPDX-License-Identifier: Apache-2.0
"""What a host link is built of."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.ip.uart.params import UartParams

SLOTS, SLOT_BYTES = 8, 256
"""Frames that are kept each way, and the bytes of memory for one."""
PAYLOAD = 254
"""Bytes that a frame carries: two of a slot are its kind and its length."""
LEAST_DIVISOR = 4
"""Cycles of a bit, at least: its middle is met within a quarter of it."""
TOLERANCE = 0.02
"""By how much a bit may be off. Half a bit in the 9.5 to the middle of the stop bit, 0.052, is shared with the other
end's error and the sampling by whole cycles."""


@dataclass(frozen=True)
class UartPlan:
    """One host link. `divisor` is a bit in cycles, `baud` what that makes, in bits a second."""

    module: str
    modules: tuple[str, ...]
    params: UartParams
    divisor: int
    baud: int
    slots: int
    payload: int
    memory_bytes: int
    ram_style: str

    @property
    def clock_mhz(self) -> float:
        """The clock."""
        return self.params.clock_khz / 1000


def build_plan(params: UartParams) -> UartPlan:
    """Divide the clock."""
    hertz = params.clock_khz * 1000
    divisor = max(1, round(hertz / params.baud))
    if divisor < LEAST_DIVISOR:
        raise InputError(
            f"uart: baud={params.baud} at clock_khz={params.clock_khz}: a bit must take at least {LEAST_DIVISOR} "
            f"cycles; at this clock {hertz // LEAST_DIVISOR} baud are the most"
        )
    if abs(hertz / divisor / params.baud - 1) > TOLERANCE:
        raise InputError(
            f"uart: baud={params.baud} at clock_khz={params.clock_khz}: {divisor} cycles a bit make "
            f"{hertz / divisor:.0f} baud, off by more than {TOLERANCE:.0%}; take a clock near "
            f"{divisor * params.baud / 1000:.0f} or {(divisor + 1) * params.baud / 1000:.0f} kHz, or "
            f"{hertz // divisor} or {hertz // (divisor + 1)} baud"
        )
    memory = SLOTS * SLOT_BYTES
    parts = ("rx", "tx", "crc", "receiver", "commands", "replies", "sender")
    return UartPlan(
        module=params.name,
        modules=("finn_frame_marker", "finn_ram", *(f"finn_uart_{part}" for part in parts)),
        params=params,
        divisor=divisor,
        baud=round(hertz / divisor),
        slots=SLOTS,
        payload=PAYLOAD,
        memory_bytes=memory,
        ram_style=family.get(params.family).costs.ram_style(8, memory),
    )
