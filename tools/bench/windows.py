# SPDX-License-Identifier: Apache-2.0
"""Print size, buffer and cycles of the windows of CNV beside FINN's; `make bench-windows` calls it.

The sizes are Yosys' (xc7), memory apart; the cycles are counted in a simulation of the RTL (Icarus) with neither
stream stalled, from the last word of an image to that of the next. FINN's figures are of its own RTL windows
(FINN+ 1.6.1) through the same Yosys.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_gen.family.xc7.synthesis import Area
from finn_gen.ip import Benchmark
from tools.report import ROOT, Figure, table, write_figures
from tools.synth import measure_core

BUILD = ROOT / "build" / "synth" / "windows"
LC_ASKED = 100
SPARE_ASKED = 1.05


@dataclass(frozen=True)
class Layer:
    """A serial window of BNN-PYNQ's cnvW1A1, 3 x 3, and what FINN's takes (None: not measured)."""

    number: int
    ifm_ch: int
    bits: int
    simd: int
    size: int
    finn_lc: int | None = None
    finn_cycles: int | None = None

    @property
    def values(self) -> dict[str, int]:
        """The parameters of the core."""
        return {"ifm_ch": self.ifm_ch, "bits": self.bits, "simd": self.simd, "ifm_h": self.size, "ifm_w": self.size}


LAYERS = (
    Layer(0, 3, 8, 3, 32, 151, 8167),
    Layer(1, 64, 1, 32, 30, 152, 14238),
    Layer(2, 64, 1, 32, 14, 117, 2654),
    Layer(3, 128, 1, 32, 12, 150, 3708),
    Layer(4, 128, 1, 32, 5),
    Layer(5, 256, 1, 32, 3),
)
PARALLEL = {"ifm_ch": 64, "ifm_h": 30, "ifm_w": 30}


def simulated_cycles(values: Mapping[str, int], folder: Path) -> int:
    """Cycles an image of the window generator with these parameters, by simulation."""
    plan = ip.get("swg").build(values)
    files = of_core(plan).folder(plain=True)
    write_tree(folder, files)
    macros = {"DUT": plan.module, "IN_WIDTH": plan.ports.in_tdata_width, "OUT_WIDTH": plan.ports.out_tdata_width}
    macros["OUT_WORDS"] = plan.out_words
    sources = [Path(__file__).with_name("image_cycles.v"), *(folder / name for name in files if name.endswith(".v"))]
    defines = [f"-D{name}={value}" for name, value in macros.items()]
    subprocess.run(["iverilog", "-g2005", *defines, "-s", "image_cycles", "-o", folder / "sim", *sources], check=True)
    return int(subprocess.run(["vvp", "-n", folder / "sim"], capture_output=True, text=True, check=True).stdout)


def measure(name: str, values: Mapping[str, int]) -> tuple[Area, int]:
    """Size and cycles an image."""
    folder = BUILD / name.replace(" ", "_")
    return measure_core("swg", Benchmark(name, values, {}), folder), simulated_cycles(values, folder)


def serial(layer: Layer) -> tuple[list[object], list[Figure]]:
    """Row and figures of one layer."""
    small, fast = (ip.get("swg").build(layer.values | {"prefetch": prefetch}) for prefetch in (0, 1))
    most = max(small.in_words, small.out_words)
    bound = most + 2 * layer.size + 3
    bits_a_pixel = layer.ifm_ch * layer.bits
    bits = (2 * layer.size + 3) * bits_a_pixel
    name = f"layer {layer.number}"
    area, cycles = measure(name, layer.values)
    fast_cycles = simulated_cycles(layer.values | {"prefetch": 1}, BUILD / f"{layer.number}_prefetch")
    cycles_asked = min(bound, layer.finn_cycles or bound)
    figures = [
        Figure(f"{name} lc", area.lc, "lc", LC_ASKED),
        Figure(f"{name} ff", area.ff, "ff"),
        Figure(f"{name} buffer bits", small.buffer_bits, "bits", SPARE_ASKED * bits),
        Figure(f"{name} cycles", cycles, "cycles", cycles_asked),
        Figure(f"{name} cycles with prefetch", fast_cycles, "cycles", most),
        Figure(f"{name} buffer bits with prefetch", fast.buffer_bits, "bits", 5 * layer.size * bits_a_pixel),
    ]
    finn = [layer.finn_lc or "-", layer.finn_cycles or "-"]
    share = f"{100 * (small.buffer_bits / bits - 1):+.1f} %"
    return [name, area.lc, finn[0], area.ff, small.buffer_bits, share, cycles, finn[1], fast_cycles], figures


def parallel(simd: int, asked: int) -> tuple[list[object], Figure]:
    """Row and figure of layer 1 with more than a pixel a word."""
    plan = ip.get("swg").build(PARALLEL | {"simd": simd})
    name = f"layer 1, SIMD {simd}"
    area, cycles = measure(name, PARALLEL | {"simd": simd})
    row = [name, area.lc, "-", area.ff, plan.buffer_bits, "-", cycles, "-", "-"]
    return row, Figure(f"{name} cycles", cycles, "cycles", asked)


def main() -> int:
    """Measure; return 1 if an asked figure is missed."""
    rows, figures = [], []
    for layer in LAYERS:
        row, more = serial(layer)
        rows.append(row)
        figures += more
    for simd, asked in ((576, 900), (192, 2352)):
        row, figure = parallel(simd, asked)
        rows.append(row)
        figures.append(figure)
    header = ("windows of CNV", "LC", "FINN", "FF", "buffer bits", "spare", "cycles", "FINN", "prefetch")
    print(table(header, rows))
    missed = [figure for figure in figures if figure.asked is not None and figure.value > figure.asked]
    for figure in missed:
        print(f"{figure.name}: {figure.value:g} {figure.unit}, but at most {figure.asked:g} are asked", file=sys.stderr)
    print(f"written to {write_figures('windows', figures).relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
