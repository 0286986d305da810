# SPDX-License-Identifier: Apache-2.0
"""The files of the DMA."""

from finn_gen.base.digest import digest
from finn_gen.base.registers import RegisterMap, localparams
from finn_gen.base.template import render
from finn_gen.base.verilog import FALSE, number, padded, span
from finn_gen.ip import Files
from finn_gen.ip.dma.plan import FLAGS, WINDOW_BITS, ChannelPlan, DmaPlan
from finn_gen.ip.dma.registers import register_map


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


def _upper(plan: DmaPlan, address: str) -> str:
    """Verilog: the upper half of an address as 32 bits."""
    if not plan.high_width:
        return number(32, 0)
    return padded(f"{address}{span(32, plan.params.address_width)}", plan.high_width, 32)


def _beyond(plan: DmaPlan) -> str:
    """Verilog that holds where a word written to the upper half of an address has bits that no address has."""
    high = plan.high_width
    return f"data{span(high, 32) if high else ''} != {number(32 - high, 0)}" if high < 32 else FALSE


def emit(plan: DmaPlan) -> Files:
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
    common = {
        "plan": plan,
        "params": plan.params,
        "channels": channels,
        "digest": digest(plan),
        "window_bits": WINDOW_BITS,
    }
    registers = render(
        "ip/dma/registers.v.j2",
        **common,
        offsets=offsets,
        bits=bits,
        upper=lambda net: _upper(plan, net),
        beyond=_beyond(plan),
        status={channel.name: _status_word(table, channel) for channel in channels},
        acknowledged={channel.name: _acknowledged(table, channel) for channel in channels},
    )
    return {
        f"{plan.module}_registers.v": registers,
        f"{plan.module}.v": render("ip/dma/dma.v.j2", **common),
    }
