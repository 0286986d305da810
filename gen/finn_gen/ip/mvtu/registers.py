# SPDX-License-Identifier: Apache-2.0
"""The registers of a unit whose weights and thresholds can be written, and what its memories hold."""

from finn_gen.base.registers import Field, Register, RegisterMap
from finn_gen.ip.mvtu.plan import MvtuPlan


def register_map(plan: MvtuPlan) -> RegisterMap | None:
    """The registers of a unit with reload=1; the memories behind them stand in `RegistersPlan.windows`."""
    if plan.registers is None:
        return None
    halt = Field("halt", 0, 1, "rw", "wait before the next vector, and let the memories be accessed")
    halted = Field("halted", 0, 1, "ro", "the unit waits; the memories can be accessed")
    return RegisterMap(
        name="mvtu",
        doc="weights and thresholds of a matrix-vector unit",
        size=1 << plan.registers.address_width,
        registers=(
            Register("CONTROL", 0, "rw", "halts the unit", (halt,)),
            Register("STATUS", 4, "ro", "whether the unit is halted", (halted,)),
        ),
    )


def memory_image(plan: MvtuPlan) -> dict[int, int]:
    """What the memories of a unit with reload=1 hold after reset: address of a register -> its 32 bits.

    Written in this order to the halted unit of another plan of the same shape, it turns that into this one.
    """
    tables = {"weights": plan.weights.stored}
    tables |= {"initial": plan.initial.words} if plan.initial else {}
    tables |= {"ladder": plan.ladder.words} if plan.ladder else {}
    image = {}
    for window in plan.registers.windows if plan.registers else ():
        for index, word in enumerate(tables[window.name]):
            for lane in range(window.lanes):
                address = window.base + 4 * (window.stride * index + lane)
                image[address] = int(word, 16) >> (32 * lane) & 0xFFFF_FFFF
    return image
