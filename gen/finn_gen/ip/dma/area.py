# SPDX-License-Identifier: Apache-2.0
"""The size of the DMA, estimated."""

from finn_gen import family
from finn_gen.family.costs import Costs, fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.dma.plan import BEAT_WIDTH, ChannelPlan, DmaPlan


def area(plan: DmaPlan) -> Resources:
    """Two channels, and their registers behind AXI-Lite; LUTs of the latter fitted."""
    costs = family.get(plan.params.family).costs
    registers = Resources(fitted(170 + 2 * plan.params.address_width), 2 + 1 + 12 + 32 + 4 + 1 + 4 + 1 + 1)
    return registers + _channel(costs, plan, plan.mm2s) + _channel(costs, plan, plan.s2mm)


def _channel(costs: Costs, plan: DmaPlan, channel: ChannelPlan) -> Resources:
    """A job as programmed, checked and queued, as bursts and as words; two FIFOs. LUTs of control are fitted."""
    address, size, burst = plan.params.address_width, plan.size_width, plan.params.burst.bit_length()
    lanes = (BEAT_WIDTH // channel.width).bit_length() - 1
    tail = 3 if lanes else 0
    words = size - 3 + lanes
    job = address + 2 * size + 1
    check = 5 + 1 + 5 + size + 3 + address + 1 + 4
    queue = 2 + address - 3 + size - 2 + words + size + tail + 2
    bursts = 2 + address - 3 + size - 1 + 2 * burst + 1
    status = 2 + 8 + address + size + 4
    stream = 4 + 2 * words + size + lanes
    requests = 2 + address - 3 + burst - 1 + channel.beats.bit_length()
    registers = job + check + queue + bursts + status + stream + requests
    if channel.name == "mm2s":
        registers += BEAT_WIDTH + 4
        luts = 305 + (BEAT_WIDTH - channel.width)
    else:
        registers += (BEAT_WIDTH + 1 if lanes else 0) + 3 * tail + 8 + burst
        luts = 262 + 1.5 * (BEAT_WIDTH - channel.width)
    style = "block" if channel.ram_style == "block" else "lut"
    fifos = costs.fifo(BEAT_WIDTH, channel.beats + 1, style, mark=False)
    fifos += costs.fifo(address - 3 + (channel.name == "s2mm"), max(3, channel.bursts), "lut", mark=False)
    return fifos + Resources(fitted(luts), registers)
