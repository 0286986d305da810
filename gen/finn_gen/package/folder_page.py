# SPDX-License-Identifier: Apache-2.0
"""The page in a written folder: ports, registers, lists of files, and what to type for simulators and synthesis."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finn_gen import family, ip
from finn_gen.base import registers
from finn_gen.base.template import render
from finn_gen.base.words import counted
from finn_gen.emit import accelerator
from finn_gen.emit.bundle import list_name
from finn_gen.emit.system import SystemPlan, plan_system
from finn_gen.ip import Files
from finn_gen.package.verilog_ports import read_header
from finn_gen.plan.network import NetworkPlan

FILE = "README.md"
_MEANINGS = {
    r"aclk": "clock",
    r"aresetn": "reset",
    r"s_axis_\w+": "AXI4-Stream, images in",
    r"m_axis_\w+": "AXI4-Stream, answers out",
    r"short_frame": "high for a cycle after an image that ended too early",
    r"long_frame": "high for a cycle after an image that went on for too long",
    r"interrupt": "high while an enabled cause is set (ctrl)",
    r"s_axil_a?[wrb]\w+": "AXI4-Lite, registers",
    r"s_axil_\w+": "AXI4-Lite, weights and thresholds of a unit",
    r"m_axi_\w+": "AXI4, images and answers in memory",
}
"""What a port is for, by its name; the first that fits."""


@dataclass(frozen=True)
class Window:
    """A part of the address space: a heading, and its registers as a table."""

    title: str
    table: str


def accelerator_page(plan: NetworkPlan, files: Files, request: Sequence[str]) -> Files:
    """The page of a folder with the accelerator `plan`; `request` are the words that `finn-gen` was asked with."""
    windows = [
        Window(f"AXI4-Lite port `s_axil_{plan.inner_name(stage)}`", _table(stage.ip.registers(stage.plan)))
        for stage in plan.reloadable
    ]
    stimulus = shlex.join(["finn-gen", "stimulus", *request, "-o", "."])
    return _page(plan, plan.module, files, windows, stimulus=stimulus, interval=plan.interval, used=plan.resources)


def system_page(plan: NetworkPlan, files: Files) -> Files:
    """The page of a folder with the accelerator `plan` behind control and DMA."""
    system = plan_system(plan)
    windows = [
        Window("`ctrl`, from address 0", _table(ip.get("ctrl").registers(system.ctrl))),
        Window(f"`dma`, from address {system.dma_base:#x}", _table(ip.get("dma").registers(system.dma))),
        *(
            Window(
                f"`{window.name}`, from address {window.base:#x}", _table(window.stage.ip.registers(window.stage.plan))
            )
            for window in system.windows
        ),
    ]
    return _page(plan, system.module, files, windows, system=system, interval=system.interval, used=system.resources)


def _page(
    plan: NetworkPlan,
    top: str,
    files: Files,
    windows: Sequence[Window],
    *,
    interval: int,
    used: Any,
    stimulus: str = "",
    system: SystemPlan | None = None,
) -> Files:
    twins = [each for each in family.every() if list_name(top, each.name) in files]
    testbench = f"{top}_tb" if f"{top}_tb.v" in files else ""
    lists = [(list_name(top), "the Verilog files of the design in order of use, for synthesis")]
    lists += [(list_name(top, each.name), f"the same with primitives of {each.title}") for each in twins]
    lists += [(list_name(testbench), f"the Verilog files for simulation, with `{testbench}.v`")] if testbench else []
    lists += [(f"{plan.module}.plan.json", "the plan: folding, FIFOs, cycles, sizes; `--folding` takes it")]
    if system:
        lists += [(f"{top}.json", "what the driver in Python has to know"), (f"{top}.h", "the same for C")]
    if "component.xml" in files:
        lists += [("component.xml", "the folder as an IP of Vivado; `package_ip.tcl` adds it to a repository")]
    mine = next((each for each in twins if each.name == plan.folding.family), None)
    text = render(
        "accel/common/folder.md.j2",
        title=f"`{top}`: the network {plan.module}{' with control registers and DMA' if system else ''}",
        interval=interval,
        fps=plan.clock_mhz * 1e6 / interval,
        clock=f"{plan.clock_mhz:g}",
        latency=plan.latency,
        used=used,
        bram=f"{used.bram18 / 2:g}",
        digest=accelerator.digest(plan),
        ports=_ports(top, files[f"{top}.v"]),
        streams=_memory(system) if system else _streams(plan),
        registers=windows,
        lists=lists,
        testbench=testbench,
        stimulus=stimulus,
        top=top,
        vivado_list=list_name(top, mine.name if mine else ""),
        yosys_list=list_name(top),
    )
    return {FILE: text}


def _table(registers_of: registers.RegisterMap) -> str:
    return registers.markdown(registers_of)


def _ports(top: str, verilog: str) -> str:
    """The ports as a table; those of a bus in a line."""
    groups: dict[tuple[str, str], list[str]] = {}
    for port in read_header(f"{top}.v", verilog).ports:
        meaning = next(text for pattern, text in _MEANINGS.items() if re.fullmatch(pattern, port.name))
        bits = f"[{port.width - 1}:0]" if port.vector else ""
        bus = re.match(r"[sm]_axi\w*?_(?=(?:t|aw|w|b|ar|r)[a-z]+$)", port.name)
        key = (bus[0].rstrip("_") if bus else port.name, meaning)
        groups.setdefault(key, []).append(f"{port.direction} `{port.name}{bits}`")
    lines = ["| | ports | |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {', '.join(ports)} | {meaning} |" for (name, meaning), ports in groups.items()]
    return "\n".join(lines) + "\n"


def _streams(plan: NetworkPlan) -> list[str]:
    source, first, last = plan.network.source, plan.input, plan.output
    element = "a bit an element" if first.params.packed else "a byte an element"
    scores = (
        f"{counted(plan.scores, 'score')} of {counted(plan.score_width, 'bit')}, {'two' if plan.score_signed else 'un'}"
    )
    scores += "'s complement" if plan.score_signed else "signed"
    answer = "the index of the largest score" if plan.marked else f"{scores}, the first in the lowest bits"
    return [
        f"In: an image of {source.height} x {source.width} pixels of {counted(source.channels, 'channel')} "
        f"is {counted(first.words, 'word', ',')} of {counted(first.params.word_width, 'bit')}, {element} "
        f"(encoding `{first.params.encoding}`), row by row, channels innermost, the first element in the lowest bits; "
        "TLAST stands on an image's last word.",
        f"Out: {answer}, {counted(last.out_words, 'word')} of {counted(last.plan.ports.out_width, 'bit')} in "
        f"{last.plan.ports.out_tdata_width} an image; TLAST on the last one.",
    ]


def _memory(system: SystemPlan) -> list[str]:
    return [
        f"An image takes {system.image_bytes:,} bytes of memory, its answer {system.result_bytes:,}, one behind the "
        f"other; `{system.module}.json` says how elements are packed.",
        "The DMA reads and writes whole jobs of images; the drivers of this project queue them.",
    ]
