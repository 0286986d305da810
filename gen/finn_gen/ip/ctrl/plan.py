# SPDX-License-Identifier: Apache-2.0
"""What a control core is built of."""

import hashlib
import re
from dataclasses import dataclass

from finn_gen import __version__
from finn_gen.base.errors import InputError
from finn_gen.ip.ctrl.params import CtrlParams

SIZE = 0x1000
"""Bytes of the core's own registers; the windows follow."""
FRAME_COUNTERS = ("FRAMES_IN", "FRAMES_OUT", "SHORT_FRAMES", "LONG_FRAMES")
"""In the order of the last counters of the bank; before them come busy and stalled of each boundary."""
HOLD = 16
"""Cycles of a soft reset."""
MOST_ADDRESS_BITS = 32


@dataclass(frozen=True)
class SlaveWindow:
    """A slave that is reached through the core: its registers seen from `base`, in `size` bytes."""

    name: str
    address_width: int
    base: int
    size: int


@dataclass(frozen=True)
class CtrlPlan:
    """One control core. Addresses in bytes, digests as hexadecimal digits, interval in cycles, clock in kHz.

    `places` are those of the bank of counters: cycles for clearing it, bound of what a running counter lags. `hold`
    are cycles of a soft reset.
    """

    module: str
    modules: tuple[str, ...]
    params: CtrlParams
    windows: tuple[SlaveWindow, ...]
    address_width: int
    counters: int
    index_width: int
    places: int
    hold: int
    name_digest: str
    plan_digest: str
    version: int


def build_plan(params: CtrlParams) -> CtrlPlan:
    """Lay out the addresses and count the counters."""
    windows = _windows(params.windows)
    boundaries = params.boundaries
    if not re.fullmatch(r"[0-9a-f]{16}", params.digest):
        raise InputError(f"ctrl: digest={params.digest!r}: it must be 16 hexadecimal digits in small letters")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", params.network):
        raise InputError(f"ctrl: network={params.network!r}: it must be up to 64 letters, digits, _, . and -")
    counters = len(FRAME_COUNTERS) + 2 * boundaries
    index_width = (counters - 1).bit_length()
    return CtrlPlan(
        module=params.name,
        modules=("finn_axil_master", "finn_axil_slave", "finn_event_counters", "finn_soft_reset"),
        params=params,
        windows=windows,
        address_width=(windows[-1].base + windows[-1].size - 1).bit_length(),
        counters=counters,
        index_width=index_width,
        places=1 << index_width,
        hold=HOLD,
        name_digest=hashlib.sha256(params.network.encode()).hexdigest()[:16],
        plan_digest=params.digest,
        version=_version(),
    )


def _version() -> int:
    """The generator's version as a number: major << 16 | minor << 8 | patch."""
    major, minor, patch = (int(part) for part in __version__.split(".")[:3])
    return major << 16 | minor << 8 | patch


def _windows(text: str) -> tuple[SlaveWindow, ...]:
    """`dma:12 conv0:16` as windows, each at the first multiple of its size behind the one before."""
    windows: list[SlaveWindow] = []
    end = SIZE
    for word in text.split():
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]{0,62}):([0-9]{1,2})", word)
        if not match or not 4 <= int(match[2]) <= 24:
            raise InputError(
                f"ctrl: windows={text!r}: {word!r} must be a name (a letter, then up to 62 letters, digits or _), a "
                "colon, and the bits of its address, from 4 to 24"
            )
        name, bits = match[1], int(match[2])
        # In capitals they are names of registers and constants.
        if name.upper() in [window.name.upper() for window in windows]:
            raise InputError(f"ctrl: windows={text!r}: the name {name} stands twice (capitals or not)")
        base = -(-end >> bits) << bits
        end = base + (1 << bits)
        windows.append(SlaveWindow(name, bits, base, 1 << bits))
    if not windows:
        raise InputError("ctrl: windows='': it must name one window or more, as dma:12")
    if (end - 1).bit_length() > MOST_ADDRESS_BITS:
        raise InputError(f"ctrl: windows={text!r}: they end at {end:#x}, beyond {MOST_ADDRESS_BITS} bits of address")
    return tuple(windows)
