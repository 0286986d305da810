# SPDX-License-Identifier: Apache-2.0
"""The size of a sliding window generator, estimated."""

from finn_gen import family
from finn_gen.family.costs import Costs, fitted
from finn_gen.family.resources import Resources
from finn_gen.ip.swg.grouped_plan import GroupedPlan
from finn_gen.ip.swg.memory import Lines
from finn_gen.ip.swg.parallel_plan import ParallelPlan
from finn_gen.ip.swg.plan import SwgPlan
from finn_gen.ip.swg.serial_plan import SerialPlan


def area(plan: SwgPlan) -> Resources:
    """Its parts, one by one."""
    costs = family.get(plan.params.family).costs
    if plan.serial:
        return _serial(costs, plan, plan.serial)
    return _parallel(costs, plan, plan.parallel) if plan.parallel else _grouped(costs, plan, plan.grouped)


def _serial(costs: Costs, plan: SwgPlan, serial: SerialPlan) -> Resources:
    """A ring in a memory and its walk: two addresses, two distances, the loops. The LUTs of the walk are fitted."""
    loops = sum(level.width for level in serial.levels)
    distances = serial.ahead_width + serial.room_width
    registers = (
        loops
        + sum(level.flagged for level in serial.levels)
        + 2 * serial.address_width
        + distances
        + 1
        + plan.params.tlast
    )
    luts = 2.8 * loops + 0.2 * distances - 1.5
    if serial.early:
        registers += serial.gap_width + 2
        luts += 0.4 * serial.gap_width + 2
    if [level.last + 1 for level in serial.levels] == [serial.depth]:
        registers -= serial.address_width  # a window is the image, the loop runs with the address
        luts /= 2
    return Resources(fitted(luts), registers) + costs.ram(plan.ports.out_width, serial.depth, serial.style)


def _parallel(costs: Costs, plan: SwgPlan, parallel: ParallelPlan) -> Resources:
    """Line buffers in a memory, a register window, and a queue and places to wait in."""
    total = costs.levels(parallel.position) + costs.levels(parallel.shifted)
    total += sum((costs.counter(due.width) for due in (parallel.row_due, parallel.column_due) if due), Resources())
    total += _lines(costs, parallel.lines)
    total += Resources(3) + _window(costs, plan, parallel)
    if parallel.words == 1:
        return total + costs.reg_slice(parallel.pixel_width) + Resources(0, 1 + plan.params.tlast)
    total += costs.fifo(parallel.column_width, parallel.queue, parallel.queue_style, mark=False)
    total += Resources(0, (parallel.window_width + 1) * parallel.waiting + 1)
    total += Resources(parallel.window_width - parallel.word_width, parallel.window_width + 1)
    total += costs.counter(parallel.word_index_width)
    return total + (costs.counter(parallel.window_index_width) if plan.params.tlast else Resources())


def _lines(costs: Costs, lines: Lines) -> Resources:
    """Line buffers: a memory, or a register where they are one word."""
    if lines.width and lines.depth > 1:
        return costs.line_buffer(lines.width, lines.addresses, lines.style)
    return Resources(0, lines.width)


def _grouped(costs: Costs, plan: SwgPlan, grouped: GroupedPlan) -> Resources:
    """As the parallel structure with a window a word, and what remembers that a row has windows behind its end."""
    total = costs.levels(grouped.position)
    total += sum((costs.counter(due.width) for due in (grouped.row_due, grouped.column_due) if due), Resources())
    total += _lines(costs, grouped.lines) + costs.reg_slice(grouped.group_width)
    total += Resources(3 + grouped.runs_on, 1 + grouped.runs_on + plan.params.tlast)
    return total + _window_of_groups(costs, plan, grouped)


def _window_of_groups(costs: Costs, plan: SwgPlan, grouped: GroupedPlan) -> Resources:
    """The register window. Groups of a column far enough apart are taps of shift registers, lane by lane."""
    pixels, width = plan.params.pixels, grouped.pixel_width * plan.params.k_h
    columns = {first + kx * plan.params.dilation_w for first in range(pixels) for kx in range(plan.params.k_w)}
    total = Resources()
    for lane in range(pixels):
        taps = sorted(grouped.span - 1 - column // pixels for column in columns if column % pixels == lane)
        for before, tap in zip([-1, *taps], taps, strict=False):
            apart = tap - before
            shifts = apart >= costs.shortest_srl
            total += Resources(costs.srl_luts(width, apart)) if shifts else Resources(0, apart * width)
    return total


def _window(costs: Costs, plan: SwgPlan, parallel: ParallelPlan) -> Resources:
    """The register window. Columns far enough from each other are taps of shift registers."""
    apart = plan.params.dilation_w
    if apart < costs.shortest_srl:
        return Resources(0, parallel.span * parallel.column_width)
    gaps = plan.params.k_w - 1
    return Resources(gaps * costs.srl_luts(parallel.column_width, apart), parallel.column_width)
