# SPDX-License-Identifier: Apache-2.0
"""Plan, registers and text of the control core of an accelerator, `finn:ip:ctrl`."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from finn_gen import __version__
from finn_gen.base.errors import InputError
from finn_gen.base.params import Param, name_param
from finn_gen.base.registers import Field, Register, RegisterMap, localparams
from finn_gen.base.template import render
from finn_gen.ip import Benchmark, Ip, digest

IDENTITY = int.from_bytes(b"FINN", "little")
SIZE = 0x1000
"""Bytes of the core's own registers; the windows follow."""
ARRAY = 0x400
"""Offset of the counters of the boundaries, `STRIDE` bytes each."""
STRIDE = 16
MOST_BOUNDARIES = 126
"""With the counters of frames these are 256 counters."""
FRAME_COUNTERS = ("FRAMES_IN", "FRAMES_OUT", "SHORT_FRAMES", "LONG_FRAMES")
"""In the order of the first counters of the bank; behind them follow busy and stalled of each boundary."""
HOLD = 16
"""Cycles of a soft reset."""
MOST_ADDRESS_BITS = 32
_WORD = (1 << 32) - 1


@dataclass(frozen=True)
class Window:
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
    boundaries: int
    windows: tuple[Window, ...]
    address_width: int
    counter_width: int
    counters: int
    index_width: int
    places: int
    hold: int
    network: str
    name_digest: str
    plan_digest: str
    version: int
    image_bytes: int
    result_bytes: int
    interval: int
    clock_khz: int


def plan(values: dict[str, Any]) -> CtrlPlan:
    """Lay out the addresses and count the counters."""
    windows = _windows(values["windows"])
    boundaries = values["boundaries"]
    if not re.fullmatch(r"[0-9a-f]{16}", values["digest"]):
        raise InputError(f"ctrl: digest={values['digest']!r}: it must be 16 hexadecimal digits in small letters")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", values["network"]):
        raise InputError(f"ctrl: network={values['network']!r}: it must be up to 64 letters, digits, _, . and -")
    counters = len(FRAME_COUNTERS) + 2 * boundaries
    index_width = (counters - 1).bit_length()
    return CtrlPlan(
        module=values["name"],
        modules=("finn_axil_master", "finn_axil_slave", "finn_event_counters", "finn_soft_reset"),
        boundaries=boundaries,
        windows=windows,
        address_width=(windows[-1].base + windows[-1].size - 1).bit_length(),
        counter_width=values["counter_width"],
        counters=counters,
        index_width=index_width,
        places=1 << index_width,
        hold=HOLD,
        network=values["network"],
        name_digest=hashlib.sha256(values["network"].encode()).hexdigest()[:16],
        plan_digest=values["digest"],
        version=_version(),
        image_bytes=values["image_bytes"],
        result_bytes=values["result_bytes"],
        interval=values["interval"],
        clock_khz=values["clock_khz"],
    )


def _version() -> int:
    """The generator's version as a number: major << 16 | minor << 8 | patch."""
    major, minor, patch = (int(part) for part in __version__.split(".")[:3])
    return major << 16 | minor << 8 | patch


def _windows(text: str) -> tuple[Window, ...]:
    """`dma:12 conv0:16` as windows, each at the first multiple of its size behind the one before."""
    windows: list[Window] = []
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
        windows.append(Window(name, bits, base, 1 << bits))
    if not windows:
        raise InputError("ctrl: windows='': it must name one window or more, as dma:12")
    if (end - 1).bit_length() > MOST_ADDRESS_BITS:
        raise InputError(f"ctrl: windows={text!r}: they end at {end:#x}, beyond {MOST_ADDRESS_BITS} bits of address")
    return tuple(windows)


# --------------------------------------------------------------------------- registers


def constants(plan: CtrlPlan) -> tuple[Register, ...]:
    """The registers that always read the same, from offset 0 on."""
    described = (
        ("IDENTITY", IDENTITY, 'the letters "FINN", F in the lowest byte'),
        ("VERSION", plan.version, "of the generator: major << 16, minor << 8, patch"),
        ("NAME_DIGEST_LO", int(plan.name_digest[8:], 16), "digits 9 to 16 of the SHA-256 of the network's name"),
        ("NAME_DIGEST_HI", int(plan.name_digest[:8], 16), "digits 1 to 8"),
        ("PLAN_DIGEST_LO", int(plan.plan_digest[8:], 16), "digits 9 to 16 of the digest of the network's plan"),
        ("PLAN_DIGEST_HI", int(plan.plan_digest[:8], 16), "digits 1 to 8"),
        ("BOUNDARIES", plan.boundaries, "stage boundaries that are counted, the input and the output among them"),
        ("WINDOWS", len(plan.windows), "windows behind these registers"),
        ("IMAGE_BYTES", plan.image_bytes, "bytes of an image in memory"),
        ("RESULT_BYTES", plan.result_bytes, "bytes of a result in memory"),
        ("INTERVAL", plan.interval, "planned cycles from one image to the next"),
        ("CLOCK_KHZ", plan.clock_khz, "planned clock in kHz"),
    )
    return tuple(
        Register(name, 4 * index, "ro", doc, reset=value) for index, (name, value, doc) in enumerate(described)
    )


def register_map(plan: CtrlPlan) -> RegisterMap:
    """The core's own registers. `plan` may be any object with the fields of a plan."""
    array = {"count": plan.boundaries, "stride": STRIDE}
    sticky = "; write 1 to clear"
    causes = (
        ("dma", "ro", "the interrupt of the DMA, which is cleared there"),
        ("short_frame", "w1c", "an image ended too early" + sticky),
        ("long_frame", "w1c", "an image went on for too long" + sticky),
    )
    registers = (
        *constants(plan),
        Register(
            "CONTROL",
            0x40,
            "rw",
            "what the core does",
            (
                Field("soft_reset", 0, 1, "pulse", "reset accelerator and DMA, once the DMA has finished its bursts"),
                Field("count", 1, 1, "rw", "count cycles, frames and handshakes"),
                Field("clear", 2, 1, "pulse", "set all counters to zero; counting goes on when that is done"),
            ),
        ),
        Register(
            "STATUS",
            0x44,
            "ro",
            "what the core is doing",
            (
                Field("resetting", 0, 1, "ro", "a soft reset runs; windows answer SLVERR"),
                Field("counting", 1, 1, "ro", "counters count"),
                Field("clearing", 2, 1, "ro", "counters are being set to zero, after a reset too"),
            ),
        ),
        Register(
            "INTERRUPT_STATUS",
            0x48,
            "w1c",
            "causes of interrupts",
            tuple(Field(name, low, 1, access, doc) for low, (name, access, doc) in enumerate(causes)),
        ),
        Register(
            "INTERRUPT_ENABLE",
            0x4C,
            "rw",
            "causes that raise the interrupt",
            tuple(Field(name, low, 1, "rw", f"{name} does") for low, (name, _, _) in enumerate(causes)),
        ),
        Register("CYCLES_LO", 0x50, "ro", "cycles with CONTROL.count; reading it latches CYCLES_HI"),
        Register("CYCLES_HI", 0x54, "ro", "its upper bits"),
        *(
            Register(name, 0x60 + 4 * index, "ro", doc)
            for index, (name, doc) in enumerate(
                zip(
                    FRAME_COUNTERS,
                    (
                        "images that have gone in",
                        "results that have come out",
                        "images that ended too early",
                        "images that went on for too long",
                    ),
                    strict=True,
                )
            )
        ),
        Register("BUSY_LO", ARRAY, "ro", "cycles with a word passing boundary n; reading it latches BUSY_HI", **array),
        Register("BUSY_HI", ARRAY + 4, "ro", "their upper bits", **array),
        Register(
            "STALLED_LO",
            ARRAY + 8,
            "ro",
            "cycles with a word waiting at boundary n; reading it latches STALLED_HI",
            **array,
        ),
        Register("STALLED_HI", ARRAY + 12, "ro", "their upper bits", **array),
    )
    return RegisterMap("ctrl", "Control and counters of an accelerator", SIZE, registers)


# --------------------------------------------------------------------------- text


def emit(plan: CtrlPlan) -> dict[str, str | bytes]:
    """The core's one file; counters, soft reset and the two sides of AXI4-Lite are building blocks of rtl/."""
    table = register_map(plan)
    text = render(
        "ip/ctrl/ctrl.v.j2",
        plan=plan,
        map=table,
        constants=constants(plan),
        localparams=localparams(table, 12),
        frame_counters=FRAME_COUNTERS,
        first_index=(len(FRAME_COUNTERS) - ARRAY // 8) % (1 << 9),
        low_width=min(32, plan.counter_width),
        high_width=max(0, plan.counter_width - 32),
        digest=digest(plan),
    )
    return {f"{plan.module}.v": text}


_TEN = "dma:12 " + " ".join(f"layer{n}:{12 + n % 4}" for n in range(9))

IP = Ip(
    name="ctrl",
    summary="AXI4-Lite control of an accelerator: identity, counters, soft reset, interrupt, windows",
    params=(
        name_param("finn_ctrl"),
        Param("boundaries", int, 2, "stage boundaries that are counted", low=1, high=MOST_BOUNDARIES),
        Param("windows", str, "dma:12", "slaves behind the registers, each as name:bits of its address"),
        Param("counter_width", int, 48, "bits of a counter", low=10, high=64),
        Param("network", str, "network", "name of the network, of which the digest is kept"),
        Param("digest", str, "0" * 16, "16 hexadecimal digits that stand for the network's plan"),
        Param("image_bytes", int, 0, "bytes of an image in memory", low=0, high=_WORD),
        Param("result_bytes", int, 0, "bytes of a result in memory", low=0, high=_WORD),
        Param("interval", int, 0, "planned cycles from one image to the next", low=0, high=_WORD),
        Param("clock_khz", int, 200_000, "planned clock in kHz", low=0, high=_WORD),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"boundaries": 1, "counter_width": 10, "windows": "a:4"},
        {"boundaries": 6, "counter_width": 32, "windows": "dma:12 conv0:16"},
        {"boundaries": 7, "counter_width": 33, "windows": "conv0:14 dma:12 fc:5"},
        {"boundaries": 30, "counter_width": 64, "windows": _TEN, "network": "cnv", "digest": "0123456789abcdef"},
        {"boundaries": MOST_BOUNDARIES, "windows": "dma:24"},
    ),
    benchmarks=(
        Benchmark("2 boundaries, 1 window", {}, {}),
        Benchmark("30 boundaries, 1 window", {"boundaries": 30}, {}),
        Benchmark("30 boundaries, 10 windows", {"boundaries": 30, "windows": _TEN}, {}),
    ),
)
