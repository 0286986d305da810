# SPDX-License-Identifier: Apache-2.0
"""How long the paths of a FIFO are."""

from finn_gen import family
from finn_gen.family.delays import LANE, USUAL, Clock, Delays, Path
from finn_gen.ip.fifo.plan import FifoPlan

SRL_ADDRESS = 5
"""Bits of the address of a stage of a shift register in a LUT; further ones choose between shift registers later."""
SIMPLE = 5
"""Bits of a fill level that one LUT compares, beside what else it decides on."""


def clock(plan: FifoPlan, delays: Delays) -> Clock:
    """From the fill level to where it is decided on, and through the memory."""
    width, depth, style, count = plan.word_width, plan.capacity, plan.style, plan.count_width
    if style == "reg":
        return delays.reg_slice(width)
    costs, wide = family.get(plan.params.family).costs, count > SIMPLE
    banks, pushed, shows, inside = 1, USUAL, delays.register, []
    if style == "srl":
        banks = costs.srl_luts(1, depth - 1)
        pushed = width * banks + count
        inside.append(_shifted(delays, width, banks, count))
    else:
        address = (depth - 2).bit_length()
        if style == "block":
            memory = costs.block_rams(width, depth - 1)
            banks, pushed = memory.banks, 4 * memory.bram18 + address
            shows = delays.slow_block + delays.joined(banks)
        else:
            pushed = width + 2 * address * -(-width // LANE)
            inside.append(_read(delays, min(width, LANE), depth))
        inside.append(_pointers(delays, address, pushed, style == "block" and depth - 1 != 1 << address))
    taken = width if style != "block" else pushed
    inside += [
        Path("fill level", delays.control(4 if wide else 3, pushed, count)),
        Path("fill level to the output register", delays.control(3 if wide else 2, end=taken)),
        Path("output", shows),
    ]
    hand = Path("fill level", delays.control(3 if wide else 2, max(pushed, taken), count))
    return Clock(
        inside=tuple(inside),
        data=Path("memory", delays.register + 2 * delays.net(banks)),
        valid=hand,
        ready=hand,
        shows_data=shows,
        shows_valid=delays.register,
        shows_ready=delays.register + delays.luts([USUAL, 2] if wide else [USUAL]),
    )


def _shifted(delays: Delays, width: int, banks: int, count: int) -> Path:
    """From the fill level to the stage that is read, and through the multiplexer between shift registers."""
    start = delays.register + delays.luts([count]) + delays.chain(min(count, SRL_ADDRESS - 1))
    address = start + delays.luts([2, width * banks])
    # Four meet in the multiplexers of a slice, more in LUTs.
    joined = delays.net() + (delays.mux * 2 + delays.joined(-(-banks // 4)) if banks > 1 else 0)
    return Path("shift registers", address + joined)


def _read(delays: Delays, width: int, depth: int) -> Path:
    """From the address through LUT RAM, and the multiplexer between its banks."""
    read = delays.register + delays.net(width + USUAL) + delays.lut + delays.net()
    return Path("LUT RAM", read + delays.joined(-(-depth // 64)))


def _pointers(delays: Delays, bits: int, pushed: int, wraps: bool) -> Path:
    """The address of the next word, which is compared with the last one unless the memory is a power of two."""
    start = delays.register + delays.net(max(pushed, USUAL)) + delays.lut + delays.chain(bits)
    return Path("address", start + (delays.luts([2, 1, bits]) if wraps else delays.net(bits)))
