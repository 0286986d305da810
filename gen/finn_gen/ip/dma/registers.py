# SPDX-License-Identifier: Apache-2.0
"""The registers of the DMA."""

from finn_gen.base.registers import Field, Register, RegisterMap
from finn_gen.ip.dma.plan import FLAGS, WINDOW_BITS, ChannelPlan, DmaPlan

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
            "MAX_BURST_LENGTH": plan.params.burst,
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
