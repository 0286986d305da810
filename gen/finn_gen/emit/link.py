# SPDX-License-Identifier: Apache-2.0
"""An accelerator behind a serial line: host link, control registers, and width converters where words are no bytes.

The module is called `<net>_uart`; what a driver has to know stands in `<net>_uart.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name
from finn_gen.base.template import render
from finn_gen.emit import accelerator
from finn_gen.emit.bundle import Bundle
from finn_gen.emit.system import (
    Converter,
    ReloadWindow,
    control_plan,
    converter,
    document,
    files_of_parts,
    modules_of_parts,
    reload_windows,
    window_json,
)
from finn_gen.family.resources import Resources
from finn_gen.ip import Files
from finn_gen.ip.ctrl.plan import CtrlPlan
from finn_gen.ip.uart.plan import UartPlan
from finn_gen.plan.network import NetworkPlan

BAUD = 3_000_000
"""The fastest of the FT231X, the usual serial chip beside small FPGAs."""
VERSION = 1
"""Of the frames."""
WINDOW_BITS = 4
OVERHEAD = 6
"""Bytes of a frame of the host that are no payload."""
BITS = 10
"""Of a byte on the line."""


@dataclass(frozen=True)
class LinkPlan:
    """An accelerator with control behind a serial line.

    An image is `image_bytes` on the line, its result `result_bytes`. `interval` is the accelerator's own; `windows` are
    those of reloadable units; at `link_base` one word tells what the link is, `identity`.
    """

    module: str
    net: NetworkPlan
    ctrl: CtrlPlan
    uart: UartPlan
    source: Converter | None
    sink: Converter | None
    windows: tuple[ReloadWindow, ...]
    link_base: int
    image_bytes: int
    result_bytes: int
    interval: int
    address_width: int

    @property
    def identity(self) -> int:
        """Version of the frames, slots, most bytes of a frame: 8, 8 and 16 bits from the highest on."""
        return VERSION << 24 | self.uart.slots << 16 | self.uart.payload

    @property
    def link_fps(self) -> float:
        """Images a second that the line carries in full frames, results going the other way meanwhile."""
        payload = self.uart.payload / (self.uart.payload + OVERHEAD)
        return self.uart.baud / BITS * payload / self.image_bytes

    @property
    def resources(self) -> Resources:
        """The sum over the parts."""
        parts = [self.ctrl, self.uart, *(each.plan for each in (self.source, self.sink) if each)]
        return sum((ip.estimate(part) for part in parts), self.net.resources)


def plan_link(net: NetworkPlan, baud: int = BAUD) -> LinkPlan:
    """Control and host link around the accelerator `net`. InputError for a name that is taken, or the baud rate."""
    module = f"{net.module}_uart"
    own = {kind: f"{module}_{kind}" for kind in ("ctrl", "link", "source", "sink")}
    for name in (module, *own.values()):
        check_module_name(net.module, name)
        if any(stage.name == name for stage in net.stages):
            raise InputError(
                f"{net.module}: {name} is the name of a stage, and of a part of the system; rename its layer"
            )
    into, out = net.stages[0].plan.ports.in_tdata_width, net.output.plan.ports.out_tdata_width
    image_bytes, result_bytes = net.input.words * into // 8, net.output.out_words * out // 8
    control = control_plan(net, own["ctrl"], f"link:{WINDOW_BITS}", (image_bytes, result_bytes, net.interval))
    first, *others = control.windows
    return LinkPlan(
        module=module,
        net=net,
        ctrl=control,
        uart=ip.get("uart").build(
            {
                "name": own["link"],
                "family": net.folding.family,
                "clock_khz": round(net.clock_mhz * 1000),
                "baud": baud,
                "address_width": control.address_width,
                "frame_bytes": image_bytes,
            }
        ),
        source=converter(net, own["source"], 8, into),
        sink=converter(net, own["sink"], out, 8),
        windows=reload_windows(net, others),
        link_base=first.base,
        image_bytes=image_bytes,
        result_bytes=result_bytes,
        interval=net.interval,
        address_width=control.address_width,
    )


def design_files(plan: LinkPlan) -> Files:
    """The system's own files, its top last: Verilog, memories, description."""
    files = files_of_parts(plan.net, _cores(plan), (plan.source, plan.sink))
    files[f"{plan.module}.v"] = render(
        "accel/common/link.v.j2",
        plan=plan,
        stages=plan.net.stages,
        digest=accelerator.digest(plan.net),
        fps=plan.net.clock_mhz * 1e6 / plan.interval,
    )
    files[f"{plan.module}.json"] = description(plan)
    return files


def modules(plan: LinkPlan) -> tuple[str, ...]:
    """Building blocks of rtl/ that the system instantiates."""
    own = modules_of_parts(plan.net, _cores(plan), (plan.source, plan.sink))
    return tuple(sorted({"finn_axil_constant", *own}))


def _cores(plan: LinkPlan) -> dict[str, Any]:
    return {"ctrl": plan.ctrl, "uart": plan.uart}


def bundle(plan: LinkPlan) -> Bundle:
    """The system."""
    return Bundle(plan.module, design_files(plan), modules(plan))


def description(plan: LinkPlan) -> str:
    """What a driver needs to know, as JSON; the same bytes for the same plan."""
    found = document(plan.module, plan.net, plan.ctrl)
    found["link"] = {"baud": plan.uart.params.baud, "identity": plan.identity}
    found["windows"] = [
        {"name": "link", "base": plan.link_base, "size": 1 << WINDOW_BITS, "kind": "link"},
        *(window_json(window) for window in plan.windows),
    ]
    return json.dumps(found, indent=1) + "\n"
