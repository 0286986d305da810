# SPDX-License-Identifier: Apache-2.0
"""The registers of the control core."""

from finn_gen.base.registers import Field, Register, RegisterMap
from finn_gen.ip.ctrl.plan import FRAME_COUNTERS, SIZE, CtrlPlan

IDENTITY = int.from_bytes(b"FINN", "little")
ARRAY = 0x400
"""Offset of the counters of the boundaries, `STRIDE` bytes each."""
STRIDE = 16

_STICKY = "; write 1 to clear"
_CAUSES = (
    ("dma", "ro", "the interrupt of the DMA, which is cleared there"),
    ("short_frame", "w1c", "an image ended too early" + _STICKY),
    ("long_frame", "w1c", "an image went on for too long" + _STICKY),
)
"""Causes of interrupts: field, access, meaning; from bit 0 on."""

_CONTROL = Register(
    "CONTROL",
    0x40,
    "rw",
    "what the core does",
    (
        Field("soft_reset", 0, 1, "pulse", "reset accelerator and DMA, once the DMA has finished its bursts"),
        Field("count", 1, 1, "rw", "count cycles, frames and handshakes"),
        Field("clear", 2, 1, "pulse", "set all counters to zero; counting goes on when that is done"),
    ),
)
_STATUS = Register(
    "STATUS",
    0x44,
    "ro",
    "what the core is doing",
    (
        Field("resetting", 0, 1, "ro", "a soft reset runs; windows answer SLVERR"),
        Field("counting", 1, 1, "ro", "counters count"),
        Field("clearing", 2, 1, "ro", "counters are being set to zero, after a reset too"),
    ),
)
_INTERRUPTS = (
    Register(
        "INTERRUPT_STATUS",
        0x48,
        "w1c",
        "causes of interrupts",
        tuple(Field(name, low, 1, access, doc) for low, (name, access, doc) in enumerate(_CAUSES)),
    ),
    Register(
        "INTERRUPT_ENABLE",
        0x4C,
        "rw",
        "causes that raise the interrupt",
        tuple(Field(name, low, 1, "rw", f"{name} does") for low, (name, _, _) in enumerate(_CAUSES)),
    ),
)
_CYCLES = (
    Register("CYCLES_LO", 0x50, "ro", "cycles with CONTROL.count; reading it latches CYCLES_HI"),
    Register("CYCLES_HI", 0x54, "ro", "its upper bits"),
)
_FRAME_DOCS = (
    "images that have gone in",
    "results that have come out",
    "images that ended too early",
    "images that went on for too long",
)
_FRAMES = tuple(
    Register(name, 0x60 + 4 * index, "ro", doc)
    for index, (name, doc) in enumerate(zip(FRAME_COUNTERS, _FRAME_DOCS, strict=True))
)
_BOUNDARY = (
    ("BUSY_LO", "cycles with a word passing boundary n; reading it latches BUSY_HI"),
    ("BUSY_HI", "their upper bits"),
    ("STALLED_LO", "cycles with a word waiting at boundary n; reading it latches STALLED_HI"),
    ("STALLED_HI", "their upper bits"),
)
"""Of each boundary, from `ARRAY` on."""


def constants(plan: CtrlPlan) -> tuple[Register, ...]:
    """The registers that always read the same, from offset 0 on."""
    described = (
        ("IDENTITY", IDENTITY, 'the letters "FINN", F in the lowest byte'),
        ("VERSION", plan.version, "of the generator: major << 16, minor << 8, patch"),
        ("NAME_DIGEST_LO", int(plan.name_digest[8:], 16), "digits 9 to 16 of the SHA-256 of the network's name"),
        ("NAME_DIGEST_HI", int(plan.name_digest[:8], 16), "digits 1 to 8"),
        ("PLAN_DIGEST_LO", int(plan.plan_digest[8:], 16), "digits 9 to 16 of the digest of the network's plan"),
        ("PLAN_DIGEST_HI", int(plan.plan_digest[:8], 16), "digits 1 to 8"),
        (
            "BOUNDARIES",
            plan.params.boundaries,
            "stage boundaries that are counted, the input and the output among them",
        ),
        ("WINDOWS", len(plan.windows), "windows behind these registers"),
        ("IMAGE_BYTES", plan.params.image_bytes, "bytes of an image in memory"),
        ("RESULT_BYTES", plan.params.result_bytes, "bytes of a result in memory"),
        ("INTERVAL", plan.params.interval, "planned cycles from one image to the next"),
        ("CLOCK_KHZ", plan.params.clock_khz, "planned clock in kHz"),
    )
    return tuple(
        Register(name, 4 * index, "ro", doc, reset=value) for index, (name, value, doc) in enumerate(described)
    )


def register_map(plan: CtrlPlan) -> RegisterMap:
    """The core's own registers. `plan` may be any object with the fields of a plan."""
    boundaries = tuple(
        Register(name, ARRAY + 4 * index, "ro", doc, count=plan.params.boundaries, stride=STRIDE)
        for index, (name, doc) in enumerate(_BOUNDARY)
    )
    registers = (*constants(plan), _CONTROL, _STATUS, *_INTERRUPTS, *_CYCLES, *_FRAMES, *boundaries)
    return RegisterMap("ctrl", "Control and counters of an accelerator", SIZE, registers)
