# SPDX-License-Identifier: Apache-2.0
"""The files of a matrix-vector-threshold unit."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finn_gen import family
from finn_gen.base.digest import digest
from finn_gen.base.limits import REPLICATION
from finn_gen.base.ranges import of_elements
from finn_gen.base.registers import memories_json
from finn_gen.base.template import render
from finn_gen.base.verilog import all_of, number, padded, repeated, span, vector
from finn_gen.ip import Facts, Files
from finn_gen.ip.mvtu import fanout, matrix, registers_text, tree_text
from finn_gen.ip.mvtu.params import MvtuParams
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.ip.mvtu.thresholds import Table

_MEMORY_NETS = {"weights": "word", "initial": "initial_q", "ladder": "ladder_q"}
"""What comes out of the memories that registers lead to."""


def emit(plan: MvtuPlan) -> Files:
    """The unit, its compressor tree, and its memories; around copies of it a module that puts them side by side."""
    if plan.params.pixels > 1:
        return {f"{plan.module}.v": render("ip/mvtu/pixels.v.j2", **_side_by_side(plan))} | emit(plan.unit)
    values = _values(plan)
    files: Files = {f"{plan.module}_tree.v": render("ip/mvtu/tree.v.j2", **values)}
    if not plan.weights.constant:
        files[f"{plan.module}_weights.v"] = render("ip/mvtu/weights.v.j2", **values)
        for index, piece in enumerate(plan.weights.pieces):
            words = plan.weights.stored[piece.base : piece.base + piece.depth]
            files |= _memories(plan, f"weights_{index}", words, plan.weights.slices)
    if plan.registers:
        values |= registers_text.decode(plan.registers) | _map(plan)
        files[f"{plan.module}_registers.v"] = render("ip/mvtu/registers.v.j2", **values)
        files[f"{plan.module}_map.h"] = render("ip/mvtu/map.h.j2", **values)
        files[f"{plan.module}_map.py"] = render("ip/mvtu/map.py.j2", **values)
    for name, table in (("initial", plan.thresholds.initial), ("ladder", plan.thresholds.ladder)):
        logic = name == "initial" and plan.weights.constant
        if table and (plan.fold.nf > 1 or plan.registers) and not logic:
            # Thresholds of a row are read when the start of the next one is due, by its address.
            ahead = name == "ladder" and not plan.registers
            words = (*table.words[-1:], *table.words[:-1]) if ahead else table.words
            files |= _memories(plan, name, words, table.slices)
    files[f"{plan.module}.v"] = render("ip/mvtu/mvtu.v.j2", **values)
    return files


def _side_by_side(plan: MvtuPlan) -> dict[str, Any]:
    """What the template of the copies prints."""
    taken, given = plan.unit.ports.in_width, plan.unit.ports.out_width
    return {
        "plan": plan,
        "unit": plan.unit,
        "pixels": plan.params.pixels,
        "in_part": padded(f"s_axis_tdata[p*{taken}+:{taken}]", taken, plan.unit.ports.in_tdata_width),
        "unused_in": span(plan.ports.in_width, plan.ports.in_tdata_width),
        "unused_out": span(given, plan.unit.ports.out_tdata_width),
        "digest": digest(plan),
    }


def _memories(plan: MvtuPlan, name: str, words: Sequence[str], slices: Sequence[int]) -> Files:
    """The contents of the slices of a memory."""
    parts = zip(_slices(name, slices), fanout.cut(words, slices), strict=True)
    return {f"{plan.module}_{each.file}.mem": "".join(f"{word}\n" for word in held) for each, held in parts}


@dataclass(frozen=True)
class _Slice:
    """Columns of a memory that are one of their own: the file of their contents, and which part of a word they are."""

    file: str
    width: int
    part: str


def _slices(name: str, widths: Sequence[int]) -> list[_Slice]:
    """Slices side by side, the lowest columns first; one has the name of the memory."""
    if len(widths) == 1:
        return [_Slice(name, widths[0], "")]
    lows = itertools.accumulate(widths, initial=0)
    return [
        _Slice(f"{name}_{index}", width, span(low, low + width))
        for index, (width, low) in enumerate(zip(widths, lows, strict=False))
    ]


def _values(plan: MvtuPlan) -> dict[str, Any]:
    """The plan by its parts, and what is printed of them."""
    parts = {
        "plan": plan,
        "params": plan.params,
        "fold": plan.fold,
        "weights": plan.weights,
        "accumulator": plan.accumulator,
        "thresholds": plan.thresholds,
        "initial": plan.thresholds.initial,
        "ladder": plan.thresholds.ladder,
        "tree": plan.tree,
        "pipeline": plan.pipeline,
        "registers": plan.registers,
        "digest": digest(plan),
    }
    shortest_srl = family.get(plan.params.family).costs.shortest_srl
    return parts | tree_text.values(plan.tree, shortest_srl) | _unit(plan) | _pieces(plan)


def _unit(plan: MvtuPlan) -> dict[str, Any]:
    """What the unit's template prints."""
    params, fold, ports = plan.params, plan.fold, plan.ports
    stages, width = plan.tree.stages, plan.accumulator.width
    by_halt = "halted_q ? index"
    initial, ladder = plan.thresholds.initial, plan.thresholds.ladder
    found: dict[str, Any] = {
        "weight_format": matrix.format_of(params),
        "accumulated": _accumulated(params),
        "output_is": _output(params),
        "row_bits": "SIMD" if params.w_bits == 1 else f"{params.w_bits}*SIMD",
        "unused_in": span(ports.in_width, ports.in_tdata_width),
        "out_tdata": padded("out_word", ports.out_width, ports.out_tdata_width),
        "pass_before_last": number(fold.nf_width, fold.nf - 2),
        "valid_width": stages + 1,
        "start_stage": stages - 1,
        "parity_terms": lambda net, terms: ", ".join(
            f"{net}[{term}]" if term < ports.in_width else f"parity_{term - ports.in_width}" for term in reversed(terms)
        ),
        "address_stages": tree_text.chain("k", "address", plan.pipeline.operand_stages),
        "initial_lane": f"initial_q[p*{width}+:{width}]",
        "full_bit": plan.pipeline.fifo_count_width - 1,
        "hold": all_of(
            (
                "halt",
                "first_pass_q" if fold.nf > 1 else "",
                f"sf_q == {number(fold.sf_width, 0)}" if fold.sf > 1 else "",
            )
        ),
        "idle": all_of(
            (
                "aresetn",
                "hold",
                "!x_valid_q" if plan.pipeline.operand_stages == 2 else "",
                "!total_valid_q" if ladder else "",
                f"valid_q == {number(stages + 1, 0)}",
            )
        ),
    }
    found |= _copies(plan)
    if fold.replayed:
        lanes, bits = _slices("replay", plan.replay_lanes or (ports.in_width,)), fold.sf_width
        slots = [f"slots[{lane * bits}+:{bits}]" for lane in range(len(lanes))] if plan.replay_lanes else ["sf_q"]
        found["replays"] = list(zip(lanes, slots, strict=True))
    for name, table, row in (("initial_address", initial, "row_q"), ("ladder_address", ladder, "result_row_q")):
        if table:
            found[name] = f"{by_halt}{vector(table.address_width)} : {row}" if fold.nf > 1 else "1'b0"
    if initial:
        found["initial_gate"] = _gate(initial, plan.params.pe, plan.row_group)
    if ladder:
        found["half"] = plan.thresholds.levels // 2
        found["reached_count"] = _count("reached", plan.thresholds.levels // 2, plan.params.out_bits - 1)
    return found


def _accumulated(params: MvtuParams) -> str:
    """What is accumulated, in words."""
    if params.w_bits > 1:
        return f"sum of the products{' with -1 and +1 for the inputs' if params.in_bits == 1 else ''}"
    return "number of inputs that equal their weight" if params.in_bits == 1 else "sum of +x and -x"


def _output(params: MvtuParams) -> str:
    """What comes out, in words."""
    if params.out_bits:
        return "number of thresholds t with t <= acc"
    scaled = f"acc * {1 << params.fraction}" if params.fraction else "acc"
    return f"{scaled} + bias" if params.bias_bits else scaled


def _copies(plan: MvtuPlan) -> dict[str, Any]:
    """What the template prints of registers that are there several times, and of the slices of memories that read them.

    Slices of the initial values come first, then those of the ladder.
    """
    initial, ladder, fold = plan.thresholds.initial, plan.thresholds.ladder, plan.fold
    tables = {"initial": None if plan.weights.constant else initial, "ladder": ladder}
    if fold.nf == 1 or plan.registers:
        tables = {}
    count = sum(len(table.slices) for table in tables.values() if table)
    several = any(len(table.slices) > 1 for table in tables.values() if table)
    before = "x_valid_q" if plan.pipeline.operand_stages == 2 else "issue"
    found: dict[str, Any] = {
        "row_copy_count": count if several else 0,
        "ones_of": lambda copies: repeated(copies, "1'b1"),
        "start_before": f"valid_q[{plan.tree.stages - 2}]" if plan.tree.stages > 1 else before,
        "input_copies": -(-plan.params.pe // plan.input_group),
        "grouped": fold.sf > 1 and plan.row_group < plan.params.pe,
        "row_groups": -(-plan.params.pe // plan.row_group),
        "step_of_row": f"2*(p/{plan.row_group})",
        "address_copies_width": len(plan.weights.slices) * plan.weights.address_width,
        "weight_slices": [
            _slices(f"weights_{index}", plan.weights.slices) for index in range(len(plan.weights.pieces))
        ],
    }
    place = 0
    for name, table in tables.items():
        width = initial.address_width if initial else 0
        found[f"{name}_slices"] = []
        for each in _slices(name, table.slices) if table else ():
            row = f"rows[{place * width}+:{width}]" if several else "row_q"
            start = f"starts[{place}]" if several else "start"
            found[f"{name}_slices"].append((each, row, start))
            place += 1
    return found


def _gate(table: Table, pe: int, group: int) -> str:
    """`start_q` for each bit of a table, by rows where that is too long for one replication, or by groups of rows."""
    if group < pe:
        counts = [min(group, pe - low) for low in range(0, pe, group)]
        copies = (repeated(rows * table.width // pe, f"start_q[{index}]") for index, rows in enumerate(counts))
        return f"{{{', '.join(reversed(list(copies)))}}}"
    if table.width <= REPLICATION:
        return repeated(table.width, "start_q")
    return repeated(pe, repeated(table.width // pe, "start_q"))


def _count(net: str, bits: int, width: int) -> str:
    """The number of bits of a net that are set."""
    return " + ".join(padded(f"{net}[{bit}]", 1, width) for bit in range(bits))


def _pieces(plan: MvtuPlan) -> dict[str, Any]:
    """What chooses between the pieces of a memory of weights: on writes by the address, on reads the highest one."""
    pieces, width = plan.weights.pieces, plan.weights.address_width
    enables = []
    for piece in pieces:
        above = f"write_address >= {number(width, piece.base)}" if piece.base else ""
        below = f"write_address < {number(width, piece.base + piece.depth)}" if piece is not pieces[-1] else ""
        enables.append(all_of(("write", above, below)))
    bases = [
        f"address_q >= {number(width, piece.base)} ? data_{index} :" for index, piece in enumerate(pieces) if index
    ]
    return {"write_enables": enables, "piece_choices": [*reversed(bases), "data_0"]}


def _map(plan: MvtuPlan) -> dict[str, Any]:
    """What the maps for C and Python and the ports of the registers print."""
    table, accumulator = plan.registers.table, plan.accumulator
    ports = []
    for memory in table.memories:
        ports += [(f"{memory.name}_write", f"{memory.name}_write"), (f"{memory.name}_word", _MEMORY_NETS[memory.name])]
    middle = ["b"] if plan.params.bias_bits else []
    if plan.params.out_bits:
        middle = [f"{1 << (accumulator.width - 1)} - t"]
    shift = accumulator.fraction
    excess = accumulator.excess
    return {
        "memory_ports": ports,
        "constants": registers_text.constants(table),
        "memory_constants": memories_json(table),
        "register_offsets": [(register.name, f"{register.offset:#x}") for register in table.registers],
        "reachable": accumulator.sums.thresholds,
        "element": of_elements(plan.params.in_bits, plan.params.in_signed),
        "start": " ".join([*middle, f"- ({excess.fixed << shift}) - negative * ({excess.per_negative << shift})"]),
        "start_of_bits": " ".join(middle),
        "start_of_several": " ".join([*middle, f"- excess * {1 << shift}" if shift else "- excess"]),
    }


def facts(plan: MvtuPlan) -> Facts:
    """Its folding, and where the weights are."""
    copies = f"{plan.params.pixels} x " if plan.params.pixels > 1 else ""
    return Facts(plan.params.pe, plan.params.simd, copies + plan.weights.storage)
