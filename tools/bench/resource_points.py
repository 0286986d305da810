# SPDX-License-Identifier: Apache-2.0
"""Parameter sets on which the resource model is held against Yosys, and how near an estimate has to be."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator
from finn_gen.emit.bundle import of_core
from finn_gen.family.resources import Resources
from finn_gen.family.xc7.synthesis import Area, measure, measure_each
from finn_gen.plan.network import NetworkPlan

Point = tuple[str, dict[str, Any]]

SHARE, FEW = 0.2, 15
"""An estimate may be off by this share of what is measured, or by a few LUTs or registers in small cores."""


def measured(points: Sequence[Point], folder: Path) -> list[Resources]:
    """What Yosys takes for `points`, with the 7-series cells, in one run in `folder`."""
    sources: dict[str, Path] = {}
    modules = []
    for index, (core, values) in enumerate(points):
        plan = ip.get(core).build({**values, "name": f"unit_{index}"})
        built = of_core(plan)
        write_tree(folder, built.folder())
        sources.update({Path(path).name: folder / path for path in built.listed("xc7")})
        modules.append(plan.module)
    areas = measure_each(list(sources.values()), modules)
    return [resources_of(areas[module]) for module in modules]


def measured_whole(plan: NetworkPlan, folder: Path) -> Resources:
    """What Yosys takes for an accelerator, synthesized at once in `folder`, with the 7-series cells."""
    built = accelerator.bundle(plan)
    write_tree(folder, built.folder())
    return resources_of(measure([folder / path for path in built.listed("xc7")], plan.module))


def resources_of(area: Area) -> Resources:
    """The figures of an area that estimates are of."""
    return Resources(area.total_luts, area.ff, round(2 * area.bram36))


def near(estimate: int, value: int) -> bool:
    """Whether an estimate is near enough to what is measured."""
    return abs(estimate - value) <= max(FEW, SHARE * value)


def random_points(rng: random.Random) -> list[Point]:
    """A small core of each kind."""
    simd = rng.choice((4, 8, 16, 32))
    channels, size = rng.choice((8, 16, 32)), rng.randint(6, 30)
    pe = rng.choice((1, 2, 4))
    return [
        ("dwc", {"in_width": rng.randint(2, 36), "out_width": rng.choice((8, 12, 24)), "tlast": rng.randint(0, 1)}),
        ("fifo", {"width": rng.randint(1, 72), "depth": rng.randint(3, 5000)}),
        ("mvtu", {"mw": simd * rng.randint(1, 12), "simd": simd, "mh": pe * rng.randint(1, 12), "pe": pe}),
        (
            "swg",
            {
                "ifm_ch": channels,
                "simd": rng.choice((channels // 4, channels, 3 * channels)),
                "ifm_h": size,
                "ifm_w": rng.randint(6, 30),
                "bits": rng.randint(1, 2),
                "prefetch": rng.randint(0, 1),
            },
        ),
        ("pool", {"ifm_ch": channels, "pe": rng.choice((channels // 4, channels)), "ifm_h": size, "ifm_w": size}),
        ("label", {"labels": 12, "bits": rng.randint(4, 16), "pe": pe, "score": rng.randint(0, 1)}),
        ("pad", {"ifm_ch": channels, "simd": channels, "ifm_h": size, "ifm_w": size, "left": rng.randint(0, 3)}),
    ]
