# SPDX-License-Identifier: Apache-2.0
"""Plan, registers and text of the DMA between AXI4 memory and AXI-Streams, `finn:ip:dma`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finn_gen.errors import InputError
from finn_gen.ip import Benchmark, Ip, digest
from finn_gen.ip.fifo import LUTS_WORTH_A_BLOCK
from finn_gen.memory import lut_ram_luts
from finn_gen.params import Param, name_param
from finn_gen.registers import Field, Register, RegisterMap, localparams
from finn_gen.template import render

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
    address_width: int
    size_width: int
    burst: int
    check_cycles: int
    mm2s: ChannelPlan
    s2mm: ChannelPlan


def _channel(values: Mapping[str, Any], name: str, offset: int) -> ChannelPlan:
    width, bursts = values[f"{name}_width"], values[f"{name}_bursts"]
    if width not in WIDTHS:
        raise InputError(f"dma: {name}_width={width}: a word must fit into a beat; take 8, 16, 32 or 64")
    beats = bursts * values["burst"]
    block = lut_ram_luts(BEAT_WIDTH, beats) > LUTS_WORTH_A_BLOCK
    flags = FLAGS if name == "s2mm" else FLAGS[:-1]
    return ChannelPlan(name, offset, width, bursts, beats, "block" if block else "distributed", flags)


def plan(values: dict[str, Any]) -> DmaPlan:
    """Choose where the buffers lie."""
    burst = values["burst"]
    if burst & (burst - 1):
        raise InputError(f"dma: burst={burst}: bursts begin at multiples of their length; take 2, 4, 8 or 16")
    control, memory, stream = ("queue", "bursts", "status"), ("requests", "read", "write"), ("images", "unpack", "pack")
    parts = (*control, *memory, *stream, "mm2s", "s2mm")
    fifos = ("finn_fifo_control", "finn_fifo_ram", "finn_fifo_srl")
    return DmaPlan(
        module=values["name"],
        modules=("finn_axil_slave", *fifos, *(f"finn_dma_{part}" for part in parts)),
        address_width=values["address_width"],
        size_width=SIZE_WIDTH,
        burst=burst,
        check_cycles=SIZE_WIDTH + 3,
        mm2s=_channel(values, "mm2s", 0x00),
        s2mm=_channel(values, "s2mm", 0x40),
    )


# --------------------------------------------------------------------------- registers

_FLAG_DOCS = {
    "done": "a job has finished; S2MM: all its data are in memory",
    "slave_error": "a burst was answered with SLVERR; the channel has stopped",
    "decode_error": "a burst was answered with DECERR; the channel has stopped",
    "misaligned": "refused: BASE is no multiple of 8",
    "bad_length": "refused: LENGTH is 0 or no multiple of the stream's word",
    "bad_count": "refused: COUNT is 0",
    "oversized": "refused: the job has 2^32 bytes or more, or ends beyond the address space",
    "overrun": "refused: START while full, or while an error of a transfer was not acknowledged",
    "frame": "TLAST was not where LENGTH says, in the image with the number DONE; the channel has stopped",
}


def _status(channel: ChannelPlan) -> tuple[Field, ...]:
    sticky = tuple(Field(name, 2 + i, 1, "w1c", _FLAG_DOCS[name]) for i, name in enumerate(FLAGS))
    return (
        Field("busy", 0, 1, "ro", "a job is under way, or the channel is stopping"),
        Field("full", 1, 1, "ro", "a job waits behind the one under way: no other can be queued"),
        *(field for field in sticky if field.name in channel.flags),
        Field("jobs", 24, 4, "ro", "jobs finished since reset, modulo 16"),
    )


def _channel_registers(channel: ChannelPlan) -> tuple[Register, ...]:
    word = channel.width // 8
    left, verb = ("left on the stream", "read from") if channel.name == "mm2s" else ("come", "written to")
    table = (
        ("BASE_LO", "rw", f"address of the first image {verb} memory, a multiple of 8, bits 31:0", ()),
        ("BASE_HI", "rw", "bits 63:32; those beyond the address width make a job oversized and read as 0", ()),
        ("LENGTH", "rw", f"bytes of an image, a multiple of {word}", ()),
        ("COUNT", "rw", "images of the job", ()),
        ("START", "wo", "", (Field("start", 0, 1, "pulse", "queue the job; answered when it has been checked"),)),
        ("STATUS", "ro", "", _status(channel)),
        ("DONE", "ro", f"images of the job that have {left}; of the last job if none is under way", ()),
        ("ERROR_ADDRESS_LO", "ro", "address of the first burst that failed, bits 31:0", ()),
        ("ERROR_ADDRESS_HI", "ro", "bits 63:32", ()),
    )
    docs = {"START": "starts a job", "STATUS": "state, and flags that a written 1 acknowledges"}
    prefix = channel.name.upper()
    return tuple(
        Register(f"{prefix}_{name}", channel.offset + 4 * index, access, f"{prefix}: {doc or docs[name]}", fields)
        for index, (name, access, doc, fields) in enumerate(table)
    )


def bus_parameters(plan: DmaPlan) -> dict[str, dict[str, int]]:
    """What no port of the AXI4 master shows: beats of a burst, and bursts under way (finn_dma_requests)."""
    return {
        "m_axi": {
            "MAX_BURST_LENGTH": plan.burst,
            "NUM_READ_OUTSTANDING": max(3, plan.mm2s.bursts),
            "NUM_WRITE_OUTSTANDING": max(3, plan.s2mm.bursts),
        }
    }


def register_map(plan: DmaPlan) -> RegisterMap:
    """The registers of a DMA."""
    enable = tuple(
        Field(f"{channel}_{event}", 2 * i + j, 1, "rw", f"{channel.upper()}: {doc}")
        for i, channel in enumerate(("mm2s", "s2mm"))
        for j, (event, doc) in enumerate((("done", "interrupt while done stands"), ("error", "while any error stands")))
    )
    return RegisterMap(
        name="dma",
        doc="DMA: memory to stream (MM2S) and stream to memory (S2MM)",
        size=1 << WINDOW_BITS,
        registers=(
            *_channel_registers(plan.mm2s),
            *_channel_registers(plan.s2mm),
            Register("INTERRUPT_ENABLE", 0x80, "rw", "what raises the interrupt", enable),
        ),
    )


# --------------------------------------------------------------------------- text


def _status_word(table: RegisterMap, channel: ChannelPlan) -> str:
    """The STATUS register of a channel as a Verilog concatenation."""
    parts, top = [], 32
    for field in sorted(table[f"{channel.name.upper()}_STATUS"].fields, key=lambda field: -field.low):
        if field.low + field.width < top:
            parts.append(f"{top - field.low - field.width}'d0")
        index = FLAGS.index(field.name) if field.name in FLAGS else None
        parts.append(f"{channel.name}_{field.name}" if index is None else f"{channel.name}_flags[{index}]")
        top = field.low
    return "{" + ", ".join(parts) + "}"


def _acknowledged(table: RegisterMap, channel: ChannelPlan) -> str:
    """The bits of a word written to STATUS that acknowledge flags, in the order of FLAGS."""
    low = {field.name: field.low for field in table[f"{channel.name.upper()}_STATUS"].fields}
    return "{" + ", ".join(f"data[{low[name]}]" if name in low else "1'b0" for name in reversed(FLAGS)) + "}"


def emit(plan: DmaPlan) -> dict[str, str | bytes]:
    """The DMA and its registers; the channels are building blocks of rtl/."""
    table = register_map(plan)
    channels = (plan.mm2s, plan.s2mm)
    offsets = [(name, value) for name, value in localparams(table, WINDOW_BITS) if "'" in value]
    bits = {
        field.name: field.low
        for register in table.registers
        for field in register.fields
        if register.name in ("MM2S_START", "INTERRUPT_ENABLE")
    }
    common = {"plan": plan, "channels": channels, "digest": digest(plan), "window_bits": WINDOW_BITS}
    registers = render(
        "ip/dma/registers.v.j2",
        **common,
        offsets=offsets,
        bits=bits,
        status={channel.name: _status_word(table, channel) for channel in channels},
        acknowledged={channel.name: _acknowledged(table, channel) for channel in channels},
    )
    return {
        f"{plan.module}_registers.v": registers,
        f"{plan.module}.v": render("ip/dma/dma.v.j2", **common),
    }


IP = Ip(
    name="dma",
    summary="AXI4 memory to stream and stream to memory, by images",
    params=(
        name_param("finn_dma"),
        Param("address_width", int, 32, "bits of a memory address", low=32, high=64),
        Param("mm2s_width", int, 64, "bits of a word to the accelerator: 8, 16, 32 or 64", low=8, high=64),
        Param("s2mm_width", int, 64, "bits of a word from the accelerator: 8, 16, 32 or 64", low=8, high=64),
        Param("burst", int, 16, "most beats of a burst: 2, 4, 8 or 16", low=2, high=16),
        Param("mm2s_bursts", int, 8, "bursts that the read buffer has room for", low=2, high=64),
        Param("s2mm_bursts", int, 4, "bursts that the write buffer has room for", low=2, high=64),
    ),
    plan=plan,
    emit=emit,
    examples=(
        {},
        {"address_width": 40, "mm2s_width": 8, "s2mm_width": 8},
        {"address_width": 64, "mm2s_width": 16, "s2mm_width": 32, "burst": 4},
        {"address_width": 33, "mm2s_width": 32, "s2mm_width": 16, "burst": 2, "mm2s_bursts": 2, "s2mm_bursts": 2},
        {"mm2s_bursts": 3, "s2mm_bursts": 64},
    ),
    benchmarks=(
        Benchmark("64 to 64 bits", {}, {}),
        Benchmark("64 bits in, 8 out", {"s2mm_width": 8}, {}),
        Benchmark("8 to 8 bits", {"mm2s_width": 8, "s2mm_width": 8}, {}),
        Benchmark("64 to 64 bits, addresses of 40 bits", {"address_width": 40}, {}),
    ),
)
