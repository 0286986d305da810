# SPDX-License-Identifier: Apache-2.0
"""An accelerator behind AXI4 and AXI4-Lite: DMA, control registers, and width converters where the DMA needs them.

The module is called `<net>_axi`. What a driver has to know stands in `<net>_axi.json`, what C needs of it in
`<net>_axi.h`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finn_gen import __version__, ip
from finn_gen.base import registers
from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name
from finn_gen.base.template import render
from finn_gen.emit import accelerator, weights
from finn_gen.emit.bundle import Bundle
from finn_gen.family.resources import Resources
from finn_gen.ip import Files
from finn_gen.ip.ctrl import registers as ctrl_registers
from finn_gen.ip.ctrl.plan import CtrlPlan, SlaveWindow
from finn_gen.ip.dma import registers as dma_registers
from finn_gen.ip.dma.plan import WINDOW_BITS, DmaPlan
from finn_gen.plan.chain import Stage
from finn_gen.plan.network import NetworkPlan

DMA_WIDTHS = (64, 32, 16, 8)
"""Bits of a word that the DMA gives or takes a cycle; an AXI4 word has the first of them."""
ADDRESS_WIDTH = 32
"""Bits of an address in memory, as on Zynq-7000."""


@dataclass(frozen=True)
class Converter:
    """A width converter between the DMA and the accelerator, with TLAST. `plan` is that of finn:ip:dwc."""

    name: str
    plan: Any


@dataclass(frozen=True)
class ReloadWindow:
    """Where the registers of a stage's unit lie: `size` bytes from `base`."""

    name: str
    stage: Stage
    base: int
    size: int


@dataclass(frozen=True)
class SystemPlan:
    """An accelerator with control and DMA. An image is `image_bytes` in memory, its result `result_bytes`.

    `interval` is the number of cycles from image to image, which the DMA's width can make larger than the
    accelerator's own. `windows` are those of reloadable units; the DMA's registers lie at `dma_base`.
    """

    module: str
    net: NetworkPlan
    ctrl: CtrlPlan
    dma: DmaPlan
    source: Converter | None
    sink: Converter | None
    windows: tuple[ReloadWindow, ...]
    dma_base: int
    image_bytes: int
    result_bytes: int
    interval: int
    address_width: int

    @property
    def size(self) -> int:
        """Bytes of the address space of its AXI4-Lite port."""
        return 1 << self.address_width

    @property
    def resources(self) -> Resources:
        """The sum over the parts."""
        parts = [self.ctrl, self.dma, *(converter.plan for converter in (self.source, self.sink) if converter)]
        return sum((ip.estimate(part) for part in parts), self.net.resources)


def plan_system(net: NetworkPlan) -> SystemPlan:
    """Control and DMA around the accelerator `net`. InputError if one of their names is taken by a stage."""
    module = f"{net.module}_axi"
    own = {kind: f"{module}_{kind}" for kind in ("ctrl", "dma", "source", "sink")}
    for name in (module, *own.values()):
        check_module_name(net.module, name)
        if any(stage.name == name for stage in net.stages):
            raise InputError(
                f"{net.module}: {name} is the name of a stage, and of a part of the system; rename its layer"
            )
    into, out = net.stages[0].plan.ports.in_tdata_width, net.output.plan.ports.out_tdata_width
    mm2s, s2mm = _dma_width(into), _dma_width(out)
    image_bytes, result_bytes = net.input.words * into // 8, net.output.out_words * out // 8
    interval = max(net.interval, image_bytes * 8 // mm2s, result_bytes * 8 // s2mm)
    control = control_plan(net, own["ctrl"], f"dma:{WINDOW_BITS}", (image_bytes, result_bytes, interval))
    first, *others = control.windows
    return SystemPlan(
        module=module,
        net=net,
        ctrl=control,
        dma=ip.get("dma").build(
            {
                "name": own["dma"],
                "family": net.folding.family,
                "mm2s_width": mm2s,
                "s2mm_width": s2mm,
                "address_width": ADDRESS_WIDTH,
            }
        ),
        source=converter(net, own["source"], mm2s, into),
        sink=converter(net, own["sink"], out, s2mm),
        windows=reload_windows(net, others),
        dma_base=first.base,
        image_bytes=image_bytes,
        result_bytes=result_bytes,
        interval=interval,
        address_width=control.address_width,
    )


def _dma_width(width: int) -> int:
    """The widest word of the DMA that a word of `width` bits, whole bytes, is made of."""
    return next(legal for legal in DMA_WIDTHS if width % legal == 0)


def control_plan(net: NetworkPlan, name: str, first: str, sizes: tuple[int, int, int]) -> CtrlPlan:
    """The control core of a system around `net`: behind the window `first` those of reloadable units.

    sizes  bytes of an image, bytes of a result, and cycles from image to image
    """
    image_bytes, result_bytes, interval = sizes
    windows = [f"{net.inner_name(stage)}:{stage.plan.registers.address_width}" for stage in net.reloadable]
    return ip.get("ctrl").build(
        {
            "name": name,
            "family": net.folding.family,
            "boundaries": len(net.boundaries),
            "windows": " ".join([first, *windows]),
            "network": net.module,
            "digest": plan_digest(net),
            "image_bytes": image_bytes,
            "result_bytes": result_bytes,
            "interval": interval,
            "clock_khz": round(net.clock_mhz * 1000),
        }
    )


def reload_windows(net: NetworkPlan, windows: Sequence[SlaveWindow]) -> tuple[ReloadWindow, ...]:
    """The windows of reloadable units, as the control core has them."""
    pairs = zip(windows, net.reloadable, strict=True)
    return tuple(ReloadWindow(window.name, stage, window.base, window.size) for window, stage in pairs)


def converter(net: NetworkPlan, name: str, into: int, out: int) -> Converter | None:
    """A width converter with TLAST, None where none is needed."""
    if into == out:
        return None
    asked = {"name": name, "family": net.folding.family, "in_width": into, "out_width": out, "tlast": True}
    return Converter(name, ip.get("dwc").build(asked))


def plan_digest(net: NetworkPlan) -> str:
    """Sixteen hexadecimal digits that tell this accelerator, with its parameters, from any other."""
    return hashlib.sha256(accelerator.plan_json(net).encode()).hexdigest()[:16]


# --------------------------------------------------------------------------- files


def files_of_parts(net: NetworkPlan, cores: Mapping[str, Any], converters: Sequence[Converter | None]) -> Files:
    """Files of the accelerator `net`, of the plans of cores around it by IP, and of the converters that are needed."""
    files = accelerator.design_files(net, observed=True)
    for name, plan in (*cores.items(), *(("dwc", each.plan) for each in converters if each)):
        files |= ip.get(name).emit(plan)
    return files


def modules_of_parts(
    net: NetworkPlan, cores: Mapping[str, Any], converters: Sequence[Converter | None]
) -> tuple[str, ...]:
    """Building blocks of rtl/ that those instantiate."""
    plans = [*cores.values(), *(each.plan for each in converters if each)]
    return tuple(sorted({*accelerator.modules(net), *(module for plan in plans for module in plan.modules)}))


def design_files(system: SystemPlan) -> Files:
    """The system's own files, its top last: Verilog, memories, description, header."""
    files = files_of_parts(system.net, _cores(system), (system.source, system.sink))
    files[f"{system.module}.v"] = render(
        "accel/common/system.v.j2",
        plan=system,
        stages=system.net.stages,
        digest=accelerator.digest(system.net),
        fps=system.net.clock_mhz * 1e6 / system.interval,
    )
    files[f"{system.module}.json"] = description(system)
    files[f"{system.module}.h"] = header(system)
    return files


def modules(system: SystemPlan) -> tuple[str, ...]:
    """Building blocks of rtl/ that the system instantiates."""
    return modules_of_parts(system.net, _cores(system), (system.source, system.sink))


def _cores(system: SystemPlan) -> dict[str, Any]:
    return {"ctrl": system.ctrl, "dma": system.dma}


def bundle(system: SystemPlan) -> Bundle:
    """The system."""
    return Bundle(system.module, design_files(system), modules(system))


def description(system: SystemPlan) -> str:
    """What a driver needs to know, as JSON; the same bytes for the same plan."""
    return json.dumps(_document(system), indent=1) + "\n"


def _document(system: SystemPlan) -> dict[str, Any]:
    found = document(system.module, system.net, system.ctrl)
    found["maps"]["dma"] = registers.to_json(dma_registers.register_map(system.dma))
    found["windows"] = [
        {"name": "dma", "base": system.dma_base, "size": 1 << WINDOW_BITS, "kind": "dma"},
        *(window_json(window) for window in system.windows),
    ]
    return found


def document(module: str, net: NetworkPlan, ctrl: CtrlPlan) -> dict[str, Any]:
    """What a driver needs to know of the accelerator `net` behind the control core `ctrl`, its windows apart."""
    first, last = net.input, net.output
    height, width, channels = net.network.source.height, net.network.source.width, net.network.source.channels
    return {
        "format": 1,
        "generator": f"finn-gen {__version__}",
        "network": net.module,
        "module": module,
        "name_digest": ctrl.name_digest,
        "plan_digest": ctrl.plan_digest,
        "clock_mhz": net.clock_mhz,
        "interval": ctrl.params.interval,
        "latency": net.latency,
        "image": {
            "shape": [height, width, channels],
            "encoding": first.params.encoding,
            "packed": first.params.packed,
            "word_width": first.params.word_width,
            "word_bytes": first.ports.in_tdata_width // 8,
            "words": first.words,
            "last_bits": first.last_bits,
            "bytes": ctrl.params.image_bytes,
        },
        "result": {
            "kind": "label" if net.marked else "scores",
            "count": 1 if net.marked else net.scores,
            "width": last.plan.ports.out_width if net.marked else net.score_width,
            "signed": False if net.marked else net.score_signed,
            "word_width": last.plan.ports.out_width,
            "word_bytes": last.plan.ports.out_tdata_width // 8,
            "words": last.out_words,
            "bytes": ctrl.params.result_bytes,
        },
        "layout": weights.layout_digest(net),
        "boundaries": net.boundaries,
        "address_width": ctrl.address_width,
        "size": 1 << ctrl.address_width,
        "maps": {"ctrl": registers.to_json(ctrl_registers.register_map(ctrl))},
        "windows": [],
    }


def window_json(window: ReloadWindow) -> dict[str, Any]:
    """A window of a reloadable unit in the description."""
    table = window.stage.ip.registers(window.stage.plan)
    return {
        "name": window.name,
        "base": window.base,
        "size": window.size,
        "kind": table.name,
        "layer": window.stage.layer,
        "control": table["CONTROL"].offset,
        "status": table["STATUS"].offset,
        "memories": registers.memories_json(table),
    }


def header(system: SystemPlan) -> str:
    """The C header: registers by address, and what the network's images and results are.

    Its names begin with FINN for any network, so that a driver in C is compiled for one by the header's name alone.
    """
    said = _document(system)
    image, result = said["image"], said["result"]
    name, plan = int(said["name_digest"], 16), int(said["plan_digest"], 16)
    numbers = [
        ("IDENTITY", ctrl_registers.IDENTITY, "what IDENTITY reads"),
        ("VERSION", system.ctrl.version, "what VERSION reads"),
        ("NAME_DIGEST_LO", name & 0xFFFF_FFFF, "what NAME_DIGEST_LO reads"),
        ("NAME_DIGEST_HI", name >> 32, "what NAME_DIGEST_HI reads"),
        ("PLAN_DIGEST_LO", plan & 0xFFFF_FFFF, "what PLAN_DIGEST_LO reads"),
        ("PLAN_DIGEST_HI", plan >> 32, "what PLAN_DIGEST_HI reads"),
        ("IMAGE_BYTES", image["bytes"], "bytes of an image in memory"),
        ("IMAGE_ELEMENTS", math.prod(image["shape"]), "pixels times channels"),
        ("IMAGE_PACKED", int(image["packed"]), "1 for a bit an element, 0 for a byte"),
        ("IMAGE_WORD_WIDTH", image["word_width"], "bits of a word of an image"),
        ("IMAGE_WORD_BYTES", image["word_bytes"], "bytes that it takes"),
        ("RESULT_BYTES", result["bytes"], "bytes of a result in memory"),
        ("RESULT_COUNT", result["count"], "numbers in a result: a label, or scores"),
        ("RESULT_WIDTH", result["width"], "bits of a number"),
        ("RESULT_SIGNED", int(result["signed"]), "1 for two's complement"),
        ("RESULT_WORD_WIDTH", result["word_width"], "bits of a word of a result"),
        ("RESULT_WORD_BYTES", result["word_bytes"], "bytes that it takes"),
        ("INTERVAL", system.interval, "cycles from image to image"),
        ("SIZE", system.size, "bytes of the address space"),
        *((f"{window.name.upper()}_BASE", window.base, f"{window.stage.name}_map.h") for window in system.windows),
    ]
    maps = {
        "FINN_CTRL": (0, ctrl_registers.register_map(system.ctrl)),
        "FINN_DMA": (system.dma_base, dma_registers.register_map(system.dma)),
    }
    return registers.c_header(system.module, maps, [(f"FINN_{key}", value, text) for key, value, text in numbers])
