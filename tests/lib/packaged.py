# SPDX-License-Identifier: Apache-2.0
"""What the tests of IPs for Vivado share: a small system, small accelerators, and what a component.xml says."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from finn_gen.base.registers import Field, Register, RegisterMap
from finn_gen.package import ip_xact, packages
from finn_gen.package.ip_xact import Mapped, component_files
from tests.lib import driver_setup

SPIRIT = {"spirit": ip_xact.SPIRIT, "xilinx": ip_xact.XILINX}
SYNTHESIS, SIMULATION = "xilinx_anylanguagesynthesis", "xilinx_anylanguagebehavioralsimulation"

RELOADABLE, RELOADABLE_SEED, RELOADABLE_UNITS = "net0", 0, 5
"""The one of `accelerators` that is reloadable, and how many units of it are."""

# ctrl and DMA in small: all kinds of interfaces that there are. The register map has every kind of access.
SYSTEM = """// a comment
`default_nettype none

module small_axi #(
    // What it was rendered for.
    parameter integer BOUNDARIES = 3
) (
    input  wire          aclk,
    input  wire          aresetn,
    output wire          core_aresetn,

%s
    // Streams seen.
    input  wire [0:0]    boundary_valid,
    input  wire          dma_interrupt,
    output wire          interrupt
);
endmodule
"""
LITE = """awaddr awvalid awready> wdata:32 wstrb:4 wvalid wready> bresp:2> bvalid> bready
    araddr arvalid arready> rdata:32> rresp:2> rvalid> rready"""
FULL = """awid:1 awaddr awlen:8 awsize:3 awburst:2 awlock awcache:4 awprot:3 awqos:4 awvalid awready>
    wdata:64 wstrb:8 wlast wvalid wready> bid:1> bresp:2> bvalid> bready
    arid:1 araddr arlen:8 arsize:3 arburst:2 arlock arcache:4 arprot:3 arqos:4 arvalid arready>
    rid:1> rdata:64> rresp:2> rlast> rvalid> rready"""
TABLE = RegisterMap(
    "test",
    'all < kinds & "more"',
    256,
    (
        Register("IDENTITY", 0x0, "ro", "who it is", reset=0x4E4E4946),
        Register("CONTROL", 0x4, "rw", "does", (Field("go", 0, 1, "pulse", "go"), Field("on", 4, 2, "rw", "on", 2))),
        Register("STATUS", 0x8, "ro", "saw", (Field("late", 3, 1, "w1c", "<late>"), Field("busy", 0, 1, "ro", "busy"))),
        Register("COMMAND", 0xC, "wo", "write only"),
        Register("BUSY_LO", 0x40, "ro", "an array", count=3, stride=16),
    ),
)  # fmt: skip


def bus(prefix: str, signals: str, address: int) -> str:
    """Verilog of the ports of a bus as its slave has them: `>` marks outputs; a master's are the other way."""
    lines = []
    for word in signals.split():
        name, _, width = word.rstrip(">").partition(":")
        width = str(address) if name.endswith("addr") else width
        out = word.endswith(">") != prefix.startswith("m")
        vector = f"[{int(width) - 1}:0] " if width else ""
        lines.append(f"    {'output' if out else 'input '} wire {vector}{prefix}_{name},")
    return "\n".join(lines)


def system(**changes: str) -> dict[str, str]:
    """The files of a small system; `changes` replaces text of its top, or whole files."""
    ports = [bus("s_axil", LITE, 14), bus("m_axil_dma", LITE, 12), bus("m_axi", FULL, 32)]
    ports.append("    input  wire [15:0]   s_axis_tdata,\n    input  wire          s_axis_tvalid,")
    return {"small_axi.v": SYSTEM % "\n".join(ports), "small_axi.f": "small_axi.v\n"}


def described(files: Mapping[str, str | bytes] | None = None, **values: Any) -> dict[str, str]:
    """The packaging of the small system."""
    windows = {"s_axil": (Mapped("", 0, TABLE), Mapped("DMA_", 0x1000, TABLE))}
    further = {"m_axi": {"MAX_BURST_LENGTH": 16, "NUM_READ_OUTSTANDING": 4, "NUM_WRITE_OUTSTANDING": 2}}
    values = {"description": "small", "windows": windows, "parameters": further} | values
    return component_files("small_axi", system() if files is None else files, **values)


@functools.cache
def accelerators() -> dict[str, Mapping[str, str | bytes]]:
    """Two random networks, packaged: one that ends in scores, and one whose weights can be written."""
    plans = driver_setup.planned(driver_setup.SCORES_SEED), driver_setup.planned(RELOADABLE_SEED, reload=True)
    return {plan.module: packages.stream_package(plan) for plan in plans}


def read(folder: Path) -> Element:
    return fromstring((folder / "component.xml").read_text())


def text(element: Element, path: str) -> str | None:
    return element.findtext(path, namespaces=SPIRIT)


def buses(root: Element) -> dict[str, dict[str, Any]]:
    """The bus interfaces: kind, mode, map of logical to physical ports, parameters."""
    found = {}
    for each in root.findall("spirit:busInterfaces/spirit:busInterface", SPIRIT):
        kind = each.find("spirit:busType", SPIRIT).get(f"{{{ip_xact.SPIRIT}}}name")
        pairs = each.findall("spirit:portMaps/spirit:portMap", SPIRIT)
        parameters = each.findall("spirit:parameters/spirit:parameter", SPIRIT)
        found[text(each, "spirit:name")] = {
            "kind": kind,
            "mode": "master" if each.find("spirit:master", SPIRIT) is not None else "slave",
            "ports": {
                text(pair, "spirit:logicalPort/spirit:name"): text(pair, "spirit:physicalPort/spirit:name")
                for pair in pairs
            },
            "parameters": {text(one, "spirit:name"): text(one, "spirit:value") for one in parameters},
        }
    return found


def file_set(root: Element, view: str) -> dict[str, str]:
    """Files of a view to their type."""
    for each in root.findall("spirit:fileSets/spirit:fileSet", SPIRIT):
        if text(each, "spirit:name") == f"{view}_view_fileset":
            return {
                text(file, "spirit:name"): text(file, "spirit:fileType") or text(file, "spirit:userFileType")
                for file in each.findall("spirit:file", SPIRIT)
            }
    raise AssertionError(f"no file set of {view}")


def revision(files: Mapping[str, str | bytes]) -> int:
    return int(re.search(r"coreRevision>(\d+)<", files["component.xml"])[1])
