# SPDX-License-Identifier: Apache-2.0
"""What a DMA is built of."""

from dataclasses import dataclass

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.ip.dma.params import DmaParams

BEAT_WIDTH = 64
"""Bits of a beat of AXI4."""
SIZE_WIDTH = 32
"""Bits of an image's length, of the number of images, and of the length of a whole job."""
WINDOW_BITS = 12
"""Bits of an address of the registers."""
WIDTHS = (8, 16, 32, 64)
"""Legal widths of a stream: a word lies within a beat."""
FLAGS = (
    "done", "slave_error", "decode_error", "misaligned", "bad_length", "bad_count", "oversized", "overrun", "frame"
)  # fmt: skip
"""Bits of finn_dma_status, from bit 0 on."""


@dataclass(frozen=True)
class ChannelPlan:
    """One channel: width of its stream in bits, room of its buffer in bursts and beats, where the buffer lies."""

    name: str
    offset: int
    width: int
    bursts: int
    beats: int
    ram_style: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class DmaPlan:
    """One DMA. Widths in bits, bursts in beats; a START is answered after `check_cycles`."""

    module: str
    modules: tuple[str, ...]
    params: DmaParams
    size_width: int
    check_cycles: int
    mm2s: ChannelPlan
    s2mm: ChannelPlan

    @property
    def bursts_ahead(self) -> int:
        """Bursts in whose time the memory must answer a read, for a word a cycle."""
        return self.mm2s.bursts - 2

    @property
    def high_width(self) -> int:
        """Bits of an address above its lower 32."""
        return self.params.address_width - 32


def _channel(params: DmaParams, name: str, offset: int) -> ChannelPlan:
    width, bursts = getattr(params, f"{name}_width"), getattr(params, f"{name}_bursts")
    if width not in WIDTHS:
        raise InputError(f"dma: {name}_width={width}: a word must fit into a beat; take 8, 16, 32 or 64")
    beats = bursts * params.burst
    style = family.get(params.family).costs.ram_style(BEAT_WIDTH, beats)
    flags = FLAGS if name == "s2mm" else FLAGS[:-1]
    return ChannelPlan(name, offset, width, bursts, beats, style, flags)


def build_plan(params: DmaParams) -> DmaPlan:
    """Choose where the buffers lie."""
    burst = params.burst
    if burst & (burst - 1):
        raise InputError(f"dma: burst={burst}: bursts begin at multiples of their length; take 2, 4, 8 or 16")
    control, memory, stream = ("queue", "bursts", "status"), ("requests", "read", "write"), ("images", "unpack", "pack")
    parts = (*control, *memory, *stream, "mm2s", "s2mm")
    fifos = ("finn_fifo_control", "finn_fifo_ram", "finn_fifo_srl")
    return DmaPlan(
        module=params.name,
        modules=("finn_axil_slave", *fifos, *(f"finn_dma_{part}" for part in parts)),
        params=params,
        size_width=SIZE_WIDTH,
        check_cycles=SIZE_WIDTH + 4,
        mm2s=_channel(params, "mm2s", 0x00),
        s2mm=_channel(params, "s2mm", 0x40),
    )
