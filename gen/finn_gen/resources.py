# SPDX-License-Identifier: Apache-2.0
"""What a planned core will take of a 7-series device, from its plan alone, in well under a millisecond.

The figures are those of Yosys' `synth_xilinx -family xc7` with the 7-series cells of `rtl/xc7`, as `finn_gen.area`
counts them. Registers and memories are counted as the templates write them out. LUTs are counted where
the structure fixes them (a compressor cell, a bit of a multiplexer, of an adder or a memory); what ABC makes of the
control logic is not, and there a few constants are fitted to measured cores: they are marked as fitted.
`tests/test_resources.py` holds the estimates against Yosys, `make bench-resources` prints both.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from operator import or_
from typing import Any

import numpy as np

from finn_gen.counters import Counter
from finn_gen.input_stage import InputPlan
from finn_gen.ip.ctrl import CtrlPlan
from finn_gen.ip.dma import ChannelPlan, DmaPlan
from finn_gen.ip.dwc import DwcPlan
from finn_gen.ip.fifo import FifoPlan
from finn_gen.ip.label import LabelPlan
from finn_gen.ip.mvtu import MvtuPlan, RegistersPlan, TablePlan
from finn_gen.ip.pad import PadPlan
from finn_gen.ip.pool import PoolPlan
from finn_gen.ip.swg import ParallelPlan, SerialPlan, SwgPlan
from finn_gen.memory import (
    block_is_cheaper,
    block_rams,
    lut_memory_luts,
    lut_ram_luts,
    lut_rom_luts,
    mux_luts,
    srl_luts,
)


@dataclass(frozen=True)
class Resources:
    """What a circuit takes of a device, or what a device has.

    `lut` is `area.Area.total_luts`: logic cells, and the LUTs of shift registers and LUT RAM. `ff` is
    `area.Area.ff`. `bram18` is twice `area.Area.bram36`: a RAMB36 counts as two.
    """

    lut: int = 0
    ff: int = 0
    bram18: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.lut + other.lut, self.ff + other.ff, self.bram18 + other.bram18)

    def fits(self, limit: Resources) -> bool:
        """Whether `limit` has as much of everything."""
        return self.lut <= limit.lut and self.ff <= limit.ff and self.bram18 <= limit.bram18


DEVICES = {
    "xc7z010": Resources(17_600, 35_200, 120),
    "xc7z015": Resources(46_200, 92_400, 190),
    "xc7z020": Resources(53_200, 106_400, 280),
    "xc7z030": Resources(78_600, 157_200, 530),
    "xc7z035": Resources(171_900, 343_800, 1_000),
    "xc7z045": Resources(218_600, 437_200, 1_090),
    "xc7z100": Resources(277_400, 554_800, 1_510),
    "xc7z007s": Resources(14_400, 28_800, 100),
    "xc7z012s": Resources(34_400, 68_800, 144),
    "xc7z014s": Resources(40_600, 81_200, 214),
    "xc7a35t": Resources(20_800, 41_600, 100),
    "xc7a100t": Resources(63_400, 126_800, 270),
    "xc7k325t": Resources(203_800, 407_600, 890),
}
"""What devices have (DS190 for Zynq, DS180 for the others)."""
DEFAULT_DEVICE = "xc7z045"

SHORTEST_SRL = 3
"""Yosys leaves shift registers of fewer stages in registers (`xilinx_srl -minlen`)."""


def estimate(plan: Any) -> Resources:
    """What a core takes that is rendered from `plan`, the plan of any IP. TypeError for anything else."""
    return _estimate(plan)


@singledispatch
def _estimate(plan: Any) -> Resources:
    raise TypeError(f"there is no resource model for a {type(plan).__name__}")


# --------------------------------------------------------------------------- building blocks


def reg_slice(width: int) -> Resources:
    """`finn_reg_slice`: two registers a bit and a multiplexer between them."""
    return Resources(width + 2, 2 * width + 2)


def half_slice(width: int) -> Resources:
    """`finn_half_slice`: a register."""
    return Resources(1, width + 1)


def frame_guard(width: int, words: int) -> Resources:
    """`finn_frame_guard`: a register slice with TLAST beside the data, a counter of the words, four flags."""
    bits = max(1, (words - 1).bit_length()) if words > 1 else 0
    flags = 4 if words > 1 else 2
    return reg_slice(width + 1) + Resources(_fitted(flags + bits), bits + flags)


def q17(lanes: int) -> Resources:
    """`finn_q17`: combinational; a lane is an incrementer of seven bits."""
    return Resources(5 * lanes)


@_estimate.register
def _(plan: InputPlan) -> Resources:
    return frame_guard(plan.word_width, plan.words) + q17(plan.lanes if plan.convert == "q1.7" else 0)


def _fitted(luts: float) -> int:
    """LUTs by a formula whose constants were fitted to measured cores, since ABC decides on them."""
    return round(luts)


def _counter(width: int) -> Resources:
    """A counter with a last value: its register; increment and comparison, fitted."""
    return Resources(_fitted(0.7 * width + 1), width)


def _index(width: int) -> Resources:
    """A counter whose last value other logic compares with as well: its register; LUTs fitted."""
    return Resources(_fitted(0.4 * width + 1), width)


def _fifo_control(depth: int, mark: bool) -> Resources:
    """`finn_fifo_control` with or without the high-water mark."""
    width = depth.bit_length()
    return Resources(_fitted(6 + width / 2 + (mark and width / 2)), 1 + width * (2 if mark else 1))


def _block_ram(width: int, depth: int, written: bool = True) -> Resources:
    """A memory in block RAM with a registered read: blocks, the multiplexer between their banks, its select."""
    blocks = block_rams(width, depth, written)
    if blocks.banks == 1:
        return Resources(bram18=blocks.bram18)
    luts = width * mux_luts(blocks.banks) + (blocks.banks if written else 0)
    return Resources(luts, (blocks.banks - 1).bit_length(), blocks.bram18)


def _lut_ram(width: int, depth: int) -> Resources:
    """A memory in LUT RAM with a registered read: the memory, the multiplexer between its banks, the register."""
    return Resources(lut_memory_luts(width, depth, written=True), width)


def _ram(width: int, depth: int, style: str) -> Resources:
    """`finn_ram` of a style."""
    return _block_ram(width, depth) if style == "block" else _lut_ram(width, depth)


def _fifo(width: int, depth: int, style: str, mark: bool = True) -> Resources:
    """A FIFO in a storage: `finn_reg_slice`, `finn_fifo_srl` or `finn_fifo_ram`."""
    if style == "reg":
        return reg_slice(width)
    control = _fifo_control(depth, mark)
    if style == "srl":
        stages = depth - 1
        if stages < SHORTEST_SRL:
            return control + Resources(width, (stages + 1) * width)
        return control + Resources(srl_luts(width, stages), width)
    address = (depth - 2).bit_length()
    words = 1 << address if style == "lut" else depth - 1
    wraps = words != 1 << address
    pointers = Resources(_fitted(2 + (2 * address if wraps else 0)), 2 * address)
    return control + pointers + _ram(width, words, "block" if style == "block" else "distributed")


# --------------------------------------------------------------------------- IPs


@_estimate.register
def _(plan: FifoPlan) -> Resources:
    mark = Resources(2, 2) if plan.style == "reg" else Resources()
    return _fifo(plan.word_width, plan.depth, plan.style) + mark


@_estimate.register
def _(plan: DwcPlan) -> Resources:
    if plan.kind == "equal":
        return reg_slice(plan.in_width + plan.tlast)
    if plan.kind == "down":
        part = 1 if plan.ratio == 2 else mux_luts(plan.ratio) + 1
        part = Resources(plan.out_width * part, plan.in_width + plan.out_width)
        return part + Resources(2 + plan.index_width, plan.index_width + 2 + 2 * plan.tlast)
    if plan.kind == "up":
        if plan.tlast:
            return Resources(plan.out_width + 5, 2 * plan.out_width + plan.ratio + 4)
        return Resources(_fitted(2 + plan.index_width), 2 * plan.out_width - plan.in_width + plan.index_width + 1)
    ring = plan.ring
    control = ring.slot_width + ring.word_width + ring.fill_width
    read = plan.out_width * mux_luts(ring.words)
    # With TLAST the units behind each slot that ends a frame within a word are masked, fitted.
    behind = sum(ring.out_units - lane for ends in ring.ends for _, lane in ends)
    mask = 0.2 * ring.unit * behind + 12 if plan.tlast else 0
    luts = read + _fitted(mask + 2 * ring.fill_width + ring.slots)
    return Resources(luts, ring.width + plan.out_width + control + 1 + (ring.slots + 1) * plan.tlast)


@_estimate.register
def _(plan: CtrlPlan) -> Resources:
    """Shift registers and memory of the bank of counters; what is around them is fitted."""
    places, width = plan.places, plan.counter_width
    stages = srl_luts(1, places) + (mux_luts(places // 128) if places > 128 else 0)
    memories = plan.counters * stages + lut_ram_luts(width - plan.index_width, places)
    luts = 123 + 1.1 * plan.counters + 1.92 * width + 27 * (len(plan.windows) - 1)
    counters = 2 * width + 2 * plan.index_width + max(0, width - 32)
    return Resources(memories + _fitted(luts), 72 + plan.address_width + 2 * plan.boundaries + counters)


def _levels(levels: Sequence[Counter]) -> Resources:
    """Nested counters."""
    return sum((_counter(level.width) for level in levels), Resources())


@_estimate.register
def _(plan: PadPlan) -> Resources:
    width = plan.out_width
    registers = Resources(3, width + 1 + plan.leading + plan.tlast)
    return reg_slice(plan.in_width) + registers + _levels(plan.levels)


@_estimate.register
def _(plan: PoolPlan) -> Resources:
    total = _levels(plan.levels) + Resources(4, plan.in_width + 2 + plan.tlast)
    if plan.stride > 1 and plan.k > 1:
        total += _counter(plan.phase_width) + _counter(plan.phase_width)
    if plan.stride > 1 or plan.k > 1:
        total += _counter(plan.due_width) + _counter(plan.due_width)
    total += half_slice(plan.slice_width) if plan.slice_module == "finn_half_slice" else reg_slice(plan.slice_width)
    if plan.k == 1:
        return total
    # A maximum along the row and one down the column; begun windows need a multiplexer of their own.
    restart = plan.stride > 1 and not plan.apart
    if plan.bits == 1:
        lane = 0.5 if plan.stride == 1 else 1 + restart
    else:
        lane = 1.6 * plan.bits - 2 if plan.stride == 1 else 2.3 * plan.bits - 1.5 + 0.6 * plan.bits * restart
    # Part of what chooses the maximum down the column merges with the multiplexer of a register slice.
    merged = 0.7 * plan.in_width if plan.bits > 1 and plan.slice_module == "finn_reg_slice" else 0
    total += Resources(_fitted(2 * plan.lanes * lane - merged), 2 * plan.address_width + (plan.stride > 1))
    if plan.apart and plan.folds == 1:
        row = Resources()  # the maximum of the row is the register of the next stage
    elif plan.folds < SHORTEST_SRL:
        row = Resources(0, (plan.folds - plan.apart) * plan.state_width)
    else:
        row = Resources(srl_luts(plan.state_width, plan.folds))
    return total + row + _ram(plan.state_width, plan.depth, plan.style)


@_estimate.register
def _(plan: LabelPlan) -> Resources:
    payload = plan.index_width + plan.bits * plan.score
    total = half_slice(payload) if plan.slice_module == "finn_half_slice" else reg_slice(payload)
    matches = sum(match.second >= 0 for round_ in plan.rounds for match in round_)
    total += Resources(_fitted(matches * (1.65 * plan.bits - 1)))
    if plan.pe > 1:
        keeps_score = plan.in_words > 1 or plan.score
        total += Resources(1, plan.bits * keeps_score + plan.lane_width + 1)
    if plan.in_words > 1:
        luts = 0.5 * plan.bits + 1.3 * plan.index_width + 6 + plan.bits * plan.score
        total += Resources(_fitted(luts), 2 * plan.index_width + plan.bits)
    return total


@_estimate.register
def _(plan: SwgPlan) -> Resources:
    return _serial(plan, plan.serial) if plan.serial else _parallel(plan, plan.parallel)


def _serial(plan: SwgPlan, serial: SerialPlan) -> Resources:
    """A ring in a memory and its walk: two addresses, two distances, the loops. The LUTs of the walk are fitted."""
    loops = sum(level.width for level in serial.levels)
    distances = serial.ahead_width + serial.room_width
    registers = loops + 2 * serial.address_width + distances + 1 + plan.tlast
    luts = 2.8 * loops + 0.2 * distances - 1.5
    if serial.early:
        registers += serial.gap_width + 1
        luts += 0.4 * serial.gap_width + 2
    if [level.last + 1 for level in serial.levels] == [serial.depth]:
        registers -= serial.address_width  # a window is the image, the loop runs with the address
        luts /= 2
    return Resources(_fitted(luts), registers) + _ram(plan.out_width, serial.depth, serial.style)


def _parallel(plan: SwgPlan, parallel: ParallelPlan) -> Resources:
    """Line buffers in a memory, a register window, and a queue and places to wait in."""
    total = _levels(parallel.position) + _levels(parallel.shifted)
    if parallel.first_due_h or plan.stride_h > 1:
        total += _counter(parallel.due_width_h)
    if parallel.first_due_w or plan.stride_w > 1:
        total += _counter(parallel.due_width_w)
    if parallel.line_width and parallel.line_depth > 1:
        total += _counter(parallel.address_width)
        total += _ram(parallel.line_width, parallel.line_depth, parallel.line_style)
    elif parallel.line_width:
        total += Resources(0, parallel.line_width)
    total += Resources(3, parallel.span * parallel.column_width)
    if parallel.words == 1:
        return total + reg_slice(parallel.pixel_width) + Resources(0, 1 + plan.tlast)
    total += _fifo(parallel.column_width, parallel.queue, parallel.queue_style, mark=False)
    total += Resources(0, (parallel.window_width + 1) * parallel.waiting + 1)
    total += Resources(parallel.window_width - parallel.word_width, parallel.window_width + 1)
    total += _counter(parallel.word_index_width)
    return total + (_counter(parallel.window_index_width) if plan.tlast else Resources())


@_estimate.register
def _(plan: MvtuPlan) -> Resources:
    parts = (_mvtu_issue(plan), _mvtu_operands(plan), _mvtu_weights(plan), _mvtu_initial(plan), _mvtu_rows(plan))
    return sum(parts, Resources())


def _mvtu_issue(plan: MvtuPlan) -> Resources:
    """Counters of words and passes, the replay buffer, the address of the weights."""
    total = Resources(3)
    replay = plan.sf > 1 and plan.nf > 1
    if plan.sf > 1:
        total += _index(plan.sf_width)
    if plan.nf > 1:
        total += _index(plan.row_width) + Resources(0, 1 + replay)
    if replay:
        total += _index(plan.sf_width) + Resources(_fitted(plan.sf_width / 2 + 2), 2) + _replay_buffer(plan)
        if not plan.sf_is_power:
            total += _index(plan.weights.address_width)
    elif plan.nf > 1:
        total += reg_slice(plan.in_width)
    return total


def _replay_buffer(plan: MvtuPlan) -> Resources:
    """The input vector in a memory whose style is left to Yosys.

    Where a register follows directly it may take block RAM, which then has that register inside.
    """
    if plan.operand_stages == 2 and block_is_cheaper(plan.in_width, plan.sf):
        return _block_ram(plan.in_width, plan.sf) + Resources(0, -plan.in_width)
    return _lut_ram(plan.in_width, plan.sf) + Resources(0, -plan.in_width)


def _mvtu_operands(plan: MvtuPlan) -> Resources:
    """The input word and its parities, and the valid and last bits beside the sums."""
    parities = sum(-(-(len(group) - 1) // 5) for group in plan.tree.parities)
    registers = plan.shared_width + (2 if plan.sf > 1 else 1) * (plan.tree.stages + 1)
    if plan.operand_stages == 2:
        registers += plan.in_width + 2
    if plan.initial and (plan.sf > 1 or plan.nf > 1 or plan.registers):
        registers += 1
    return Resources(parities, registers)


def _mvtu_weights(plan: MvtuPlan) -> Resources:
    """The memory of the weights, or the address of the constants."""
    weights = plan.weights
    if weights.storage == "constant":
        return Resources(0, plan.operand_stages * weights.address_width if weights.depth > 1 else 0)
    if weights.storage == "lut" and not plan.registers:
        return _rom(weights.stored, weights.width)
    if weights.storage == "lut":
        return _lut_ram(weights.width, weights.depth)
    total = Resources(0, weights.width)
    if weights.storage == "block":
        for piece in weights.pieces:
            total += _block_ram(weights.width, piece.depth, plan.registers is not None)
        if len(weights.pieces) > 1:
            # Pieces are told apart by the bits of the address down to the lowest one of a base.
            bases = functools.reduce(or_, (piece.base for piece in weights.pieces))
            low = (bases & -bases).bit_length() - 1
            total += Resources(weights.width * mux_luts(len(weights.pieces)), weights.address_width - low)
    return total


def _rom(words: Sequence[str], width: int) -> Resources:
    """A read-only memory in LUTs with a registered read, `words` in hexadecimal. Columns that are equal are one."""
    columns = distinct_columns(words, width)
    return Resources(lut_rom_luts(columns, len(words)), columns)


def distinct_columns(words: Sequence[str], width: int) -> int:
    """How many of the `width` columns of hexadecimal words differ from each other and are not constant.

    Registers and logic of equal columns merge. In more words than 16 equal columns are rare and not looked for.
    """
    if len(words) > 16:
        numbers = [int(word, 16) for word in words]
        ever, always = 0, -1
        for number in numbers:
            ever, always = ever | number, always & number
        return (ever & ~always).bit_count()
    size = -(-width // 8)
    data = np.frombuffer(b"".join(int(word, 16).to_bytes(size, "little") for word in words), dtype=np.uint8)
    bits = np.unpackbits(data.reshape(len(words), size), axis=1, bitorder="little")[:, :width]
    patterns = (bits.T @ (1 << np.arange(len(words), dtype=np.uint32))).astype(np.int64)
    seen = np.bincount(patterns, minlength=1 << len(words)) > 0
    return int(seen[1:-1].sum())


def _table(table: TablePlan, reloaded: bool) -> Resources:
    """A table of numbers for the rows: a memory with a registered read."""
    if table.style == "block":
        return _block_ram(table.width, table.depth, reloaded)
    if reloaded:
        return _lut_ram(table.width, table.depth)
    return _rom(table.words, table.width)


def _mvtu_initial(plan: MvtuPlan) -> Resources:
    """What the accumulators start from, and the thresholds of outputs of several bits."""
    total = Resources()
    if plan.initial and (plan.nf > 1 or plan.registers):
        total += _table(plan.initial, plan.registers is not None)
        if plan.nf > 1:
            total += _index(plan.initial.address_width)
    elif plan.initial and plan.sf > 1:
        total += Resources(0, 1)
    if plan.ladder:
        total += Resources(0, 1)
        if plan.nf > 1 or plan.registers:
            total += _table(plan.ladder, plan.registers is not None)
        if plan.nf > 1:
            total += _index(plan.ladder.address_width)
    return total


def _mvtu_rows(plan: MvtuPlan) -> Resources:
    """Sums and accumulators, comparisons of outputs of several bits, and the FIFO of results."""
    copies = 1 if plan.weights.storage == "constant" else plan.pe
    registers = len(plan.tree.registers) * copies + (plan.acc_width * plan.pe if plan.sf > 1 else 0)
    total = Resources(plan.tree.luts * copies + plan.acc_width * plan.pe, registers)
    if plan.ladder:
        total += Resources(plan.pe * plan.levels * plan.ladder.lane_width, plan.pe * plan.acc_width)
    if plan.registers:
        total += _axil_slave(plan.registers)
    return total + _fifo(plan.out_width, plan.fifo_depth, "srl", mark=False)


def _axil_slave(registers: RegistersPlan) -> Resources:
    """The AXI-Lite slave and the words that are written through it."""
    lanes = sum(window.lanes for window in registers.windows)
    ff = 2 + 1 + registers.address_width + 32 + 4 + 1 + 1 + 1 + registers.stage_width + registers.wait_stages
    return Resources(_fitted(80 + 32 * mux_luts(lanes) + 0.4 * registers.stage_width), ff)


@_estimate.register
def _(plan: DmaPlan) -> Resources:
    """Two channels, and their registers behind AXI-Lite; LUTs of the latter fitted."""
    registers = Resources(_fitted(170 + 2 * plan.address_width), 2 + 1 + 12 + 32 + 4 + 1 + 4 + 1 + 1)
    return registers + _dma_channel(plan, plan.mm2s) + _dma_channel(plan, plan.s2mm)


def _dma_channel(plan: DmaPlan, channel: ChannelPlan) -> Resources:
    """A job as programmed, checked and queued, as bursts and as words; two FIFOs. LUTs of control are fitted."""
    address, size, burst = plan.address_width, plan.size_width, plan.burst.bit_length()
    lanes = (64 // channel.width).bit_length() - 1
    tail = 3 if lanes else 0
    words = size - 3 + lanes
    job = address + 2 * size + 1
    check = 2 + 5 + size + 1 + address + 1
    queue = 2 + address - 3 + size - 2 + words + size + tail
    bursts = 2 + address - 3 + size - 2 + burst + 1
    status = 2 + 8 + address + size + 4
    stream = 1 + 2 * words + size + lanes
    requests = 1 + address - 3 + burst - 1 + channel.beats.bit_length()
    registers = job + check + queue + bursts + status + stream + requests
    if channel.name == "mm2s":
        registers += 64 + 3
        luts = 305 + (64 - channel.width)
    else:
        registers += 64 - channel.width + 3 * tail + 5 + burst
        luts = 262 + 1.5 * (64 - channel.width)
    style = "block" if channel.ram_style == "block" else "lut"
    fifos = _fifo(64, channel.beats + 1, style, mark=False)
    fifos += _fifo(address - 3 + (channel.name == "s2mm"), max(3, channel.bursts), "srl", mark=False)
    return fifos + Resources(_fitted(luts), registers)
