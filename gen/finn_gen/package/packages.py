# SPDX-License-Identifier: Apache-2.0
"""Folders that are an IP for Vivado: what `finn-gen ip` and `finn-gen build` write, and its description as an IP."""

from typing import Any

from finn_gen import ip
from finn_gen.base.digest import digest
from finn_gen.base.words import every
from finn_gen.emit import accelerator
from finn_gen.emit.bundle import of_core
from finn_gen.emit.system import bundle as system_bundle
from finn_gen.emit.system import plan_system
from finn_gen.ip import Files
from finn_gen.package.ip_xact import Mapped, component_files
from finn_gen.plan.network import NetworkPlan


def ip_package(plan: Any, plain: bool = False) -> Files:
    """A single core, packaged; a `plain` one has no primitives of a family in it."""
    files = of_core(plan).folder(plain)
    core = ip.of(plan)
    registers = core.registers(plan)
    described = component_files(
        plan.module,
        files,
        description=f"{core.summary}; finn-gen ip {core.name}, plan {digest(plan)}",
        windows={"s_axil": (Mapped("", 0, registers),)} if registers else {},
        parameters=core.bus_parameters(plan),
    )
    return files | described


def stream_package(plan: NetworkPlan, plain: bool = False) -> Files:
    """An accelerator with AXI-Stream ports, packaged; its testbench lies beside it, but is no part of the IP."""
    files = accelerator.bundle(plan).folder(plain)
    windows = {
        f"s_axil_{plan.inner_name(stage)}": (Mapped("", 0, stage.ip.registers(stage.plan)),)
        for stage in plan.reloadable
    }
    described = component_files(
        plan.module,
        files,
        description=(
            f"binarized neural network {plan.module}, an image {every(plan.interval, 'cycle')}; "
            f"finn-gen build {plan.module}, plan {accelerator.digest(plan)}"
        ),
        library="accel",
        windows=windows,
    )
    return files | described


def system_package(plan: NetworkPlan, plain: bool = False) -> Files:
    """An accelerator with control and DMA, packaged; drivers need `<net>_axi.json` or `<net>_axi.h`."""
    system = plan_system(plan)
    files = system_bundle(system).folder(plain)
    windows = (
        Mapped("CTRL_", 0, ip.get("ctrl").registers(system.ctrl)),
        Mapped("DMA_", system.dma_base, ip.get("dma").registers(system.dma)),
        *(
            Mapped(f"{window.name.upper()}_", window.base, window.stage.ip.registers(window.stage.plan))
            for window in system.windows
        ),
    )
    described = component_files(
        system.module,
        files,
        display_name=f"{system.net.module} accelerator",
        description=(
            f"binarized neural network {system.net.module} with control registers and DMA, an image "
            f"{every(system.interval, 'cycle')}; finn-gen build {system.net.module}, "
            f"plan {accelerator.digest(system.net)}"
        ),
        library="accel",
        windows={"s_axil": windows},
        parameters=ip.get("dma").bus_parameters(system.dma),
    )
    return files | described
