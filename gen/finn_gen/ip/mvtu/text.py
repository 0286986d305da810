# SPDX-License-Identifier: Apache-2.0
"""The files of a matrix-vector-threshold unit."""

from collections.abc import Sequence

from finn_gen.base.digest import digest
from finn_gen.base.template import render
from finn_gen.ip import Files
from finn_gen.ip.mvtu import popcount
from finn_gen.ip.mvtu.plan import MvtuPlan, Window


def emit(plan: MvtuPlan) -> Files:
    """The unit, its compressor tree, and its memories."""
    values = {
        "plan": plan,
        "params": plan.params,
        "tree": plan.tree,
        "digest": digest(plan),
        "padded": _padded,
        "group_bits": _group_bits,
    }
    values |= {"level_sum": _level_sum, "index_of": _index_of, "write_word": _write_word, "read_lane": _read_lane}
    values["registers_word"] = {"weights": "word", "initial": "initial_q", "ladder": "ladder_q"}
    files: Files = {
        f"{plan.module}_tree.v": render("ip/mvtu/tree.v.j2", **values),
    }
    if plan.weights.storage != "constant":
        files[f"{plan.module}_weights.v"] = render("ip/mvtu/weights.v.j2", **values)
        for index, piece in enumerate(plan.weights.pieces):
            words = plan.weights.stored[piece.base : piece.base + piece.depth]
            files[f"{plan.module}_weights_{index}.mem"] = "".join(f"{word}\n" for word in words)
    if plan.registers:
        files[f"{plan.module}_registers.v"] = render("ip/mvtu/registers.v.j2", **values)
        files[f"{plan.module}_map.h"] = render("ip/mvtu/map.h.j2", **values)
        files[f"{plan.module}_map.py"] = render("ip/mvtu/map.py.j2", **values)
    for name, table in (("initial", plan.initial), ("ladder", plan.ladder)):
        logic = name == "initial" and plan.weights.storage == "constant"
        if table and (plan.nf > 1 or plan.registers) and not logic:
            files[f"{plan.module}_{name}.mem"] = "".join(f"{word}\n" for word in table.words)
    files[f"{plan.module}.v"] = render("ip/mvtu/mvtu.v.j2", **values)
    return files


def _padded(signals: Sequence[str], count: int) -> str:
    """A Verilog concatenation with the first signal lowest, filled with zeros to `count` bits."""
    return ", ".join([popcount.ZERO] * (count - len(signals)) + list(reversed(signals)))


def _group_bits(vector: str, group: Sequence[int]) -> str:
    return ", ".join(f"{vector}[{bit}]" for bit in reversed(group))


def _index_of(window: Window, width: int) -> str:
    """Verilog: the word that `address` lies in, `width` bits wide."""
    bits = window.index_bits
    zeros = f"{width - bits}'d0"
    if not bits:
        return zeros
    low = 2 + window.lane_bits
    field = f"address[{low + bits - 1}:{low}]"
    return field if bits == width else f"{{{zeros}, {field}}}"


def _write_word(window: Window, width: int) -> str:
    """Verilog: the word that a write to its last register commits, `width` bits wide."""
    top = window.width - 32 * (window.lanes - 1)
    parts = [f"{width - window.width}'d0"] if window.width < width else []
    parts.append(f"data[{top - 1}:0]")
    parts += [f"stage_q[{32 * (window.lanes - 1) - 1}:0]"] if window.lanes > 1 else []
    return "{" + ", ".join(parts) + "}"


def _read_lane(window: Window, lane: int) -> str:
    """Verilog: 32 bits of a word, those beyond its end zero."""
    top = min(window.width, 32 * lane + 32)
    field = f"{window.name}_word[{top - 1}:{32 * lane}]"
    empty = 32 * lane + 32 - top
    return f"{{{empty}'d0, {field}}}" if empty else field


def _level_sum(plan: MvtuPlan) -> str:
    """Verilog: the number of bits that are set in `reached`."""
    pad = f"{plan.params.out_bits - 1}'d0"
    return " + ".join(f"{{{pad}, reached[{level}]}}" for level in range(plan.levels))
