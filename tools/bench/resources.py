# SPDX-License-Identifier: Apache-2.0
"""Print the resource model's estimates beside what Yosys takes; `make bench-resources` calls it.

The units of a network are synthesized one by one; `whole-...` are carried networks, each synthesized at once with its
trained parameters: the two `fix` take a minute or two, SFC and CNV about six minutes and 1.3 and 3 GB of memory.
`--only TEXT` restricts them, `--estimate` prints the estimates alone.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finn_gen import family, ip
from finn_gen.family import DEFAULT_DEVICE
from finn_gen.family.resources import Resources
from finn_gen.request import Request
from tools.bench.resource_points import Point, measured, measured_whole, random_points
from tools.report import ROOT, Figure, table, write_figures

CNV_MATRICES: tuple[dict[str, Any], ...] = (
    {"mw": 27, "mh": 64, "in_bits": 8, "in_signed": 1},
    {"mw": 576, "mh": 64},
    {"mw": 576, "mh": 128},
    {"mw": 1152, "mh": 128},
    {"mw": 1152, "mh": 256},
    {"mw": 2304, "mh": 256},
    {"mw": 256, "mh": 512},
    {"mw": 512, "mh": 512},
    {"mw": 512, "mh": 10, "out_bits": 0},
)
CNV_WINDOWS = ((3, 8, 32), (64, 1, 30), (64, 1, 14), (128, 1, 12), (128, 1, 5), (256, 1, 3))


def cnv(folding: Sequence[tuple[int, int]]) -> list[Point]:
    """Matrix-vector units of CNV with (PE, SIMD) a layer, and its windows."""
    units = [("mvtu", {**m, "pe": pe, "simd": simd}) for m, (pe, simd) in zip(CNV_MATRICES, folding, strict=True)]
    windows = [
        ("swg", {"ifm_ch": channels, "bits": bits, "simd": simd, "ifm_h": size, "ifm_w": size})
        for (channels, bits, size), (_, simd) in zip(CNV_WINDOWS, folding, strict=False)
    ]
    pools = [("pool", {"ifm_ch": c, "pe": c, "ifm_h": s, "ifm_w": s}) for c, s in ((64, 28), (128, 10))]
    return [*units, *windows, *pools]


def dense(*layers: tuple[int, int, int, int]) -> list[Point]:
    """Matrix-vector units of (MW, MH, PE, SIMD)."""
    return [("mvtu", {"mw": mw, "mh": mh, "pe": pe, "simd": simd}) for mw, mh, pe, simd in layers]


NETWORKS: dict[str, list[Point]] = {
    "small": random_points(random.Random(1)) + random_points(random.Random(2)),
    "cnv-pynq": cnv([(16, 3), (32, 32), (16, 32), (16, 32), (4, 32), (1, 32), (1, 4), (1, 8), (2, 1)]),
    "cnv-paper-fix": cnv([(32, 3), (64, 32), (32, 32), (32, 32), (8, 32), (2, 32), (1, 8), (1, 16), (2, 1)]),
    "cnv-paper": cnv([(64, 3), (64, 64), (64, 32), (64, 32), (16, 32), (4, 32), (2, 8), (2, 16), (2, 1)]),
    "sfc-paper": dense((832, 256, 256, 64), (256, 256, 16, 256), (256, 256, 256, 16)),
    "chosen": [
        ("mvtu", {"mw": mw, "mh": mh, "pe": pe, "simd": simd, "storage": storage, **more})
        for mw, mh, pe, simd, storage, more in (
            (256, 512, 2, 2, "block", {}),
            (512, 10, 1, 8, "lut", {"out_bits": 0}),
            (27, 64, 1, 1, "lut", {"in_bits": 8, "in_signed": 1}),
            (1152, 256, 8, 64, "block", {}),
            (256, 256, 64, 128, "constant", {}),
            (576, 64, 64, 64, "lut", {}),
            (784, 1024, 16, 392, "block", {}),
            (832, 256, 256, 64, "lut", {}),
        )
    ],
    "lfc-paper": dense((832, 1024, 128, 64), (1024, 1024, 128, 64), (1024, 1024, 128, 64), (1024, 16, 16, 8)),
}
"""The last layer of CNV has PE 2, since 10 rows are no multiple of FINN's 4. `chosen` are corners that the search for
foldings takes: wide words in block RAM, all rows at once, small units for slow rates."""

WHOLE: dict[str, Request] = {
    "whole-sfc-fix": Request("sfc", folding="fix"),
    "whole-lfc-fix": Request("lfc", folding="fix"),
    "whole-sfc-paper": Request("sfc", folding="paper"),
    "whole-cnv-paper": Request("cnv", folding="paper"),
}
"""Carried networks, the quickest first."""
HEADER = ("LUT", "Yosys", "", "FF", "Yosys", "RAMB18", "Yosys")


def rows_of(network: str, points: Sequence[Point], guess_only: bool) -> tuple[list[list[object]], list[Figure]]:
    """A row for each point and one for the sum; figures of the sum."""
    guesses = [ip.estimate(ip.get(core).build(values)) for core, values in points]
    taken: list[Resources] = []
    for core, values in points if not guess_only else []:
        with tempfile.TemporaryDirectory() as folder:
            taken += measured([(core, values)], Path(folder))
        print(core, values, taken[-1], file=sys.stderr)
    names = [f"{core} {' '.join(f'{k}={v}' for k, v in values.items())}" for core, values in points]
    rows = [_row(name, *pair) for name, *pair in zip(names, guesses, taken or [None] * len(points), strict=True)]
    total = sum(guesses, Resources())
    rows.append(_row(f"{network}: sum", total, sum(taken, Resources()) if taken else None))
    if not taken:
        return rows, []
    share = total.lut / sum(real.lut for real in taken)
    return rows, [Figure(f"{network}: LUTs estimated, of Yosys'", round(share, 3), "1")]


def row_of_whole(name: str, request: Request, guess_only: bool) -> tuple[list[object], list[Figure]]:
    """A row for a network that is synthesized at once, and its figures."""
    plan = request.plan()
    if guess_only:
        return _row(name, plan.resources, None), []
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        real = measured_whole(plan, Path(folder))
    print(name, real, f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    return _row(name, plan.resources, real), [
        Figure(f"{name}: LUTs estimated, of Yosys'", round(plan.resources.lut / real.lut, 3), "1"),
        Figure(f"{name}: FFs estimated, of Yosys'", round(plan.resources.ff / real.ff, 3), "1"),
    ]


def _row(name: str, guess: Resources, real: Resources | None) -> list[object]:
    if real is None:
        return [name, guess.lut, "", "", guess.ff, "", guess.bram18, ""]
    off = f"{100 * (guess.lut - real.lut) / real.lut:+.0f} %"
    return [name, guess.lut, real.lut, off, guess.ff, real.ff, guess.bram18, real.bram18]


def main() -> int:
    """Print the tables; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only the networks whose name contains TEXT")
    parser.add_argument("--estimate", action="store_true", help="do not call Yosys")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    for network, points in NETWORKS.items():
        if arguments.only in network:
            rows, more = rows_of(network, points, arguments.estimate)
            figures += more
            print(table((network, *HEADER), rows) + "\n")
    rows = []
    for name, request in WHOLE.items():
        if arguments.only in name:
            row, more = row_of_whole(name, request, arguments.estimate)
            rows.append(row)
            figures += more
    if rows:
        print(table(("at once", *HEADER), rows) + "\n")
    device = family.of_device(DEFAULT_DEVICE).devices[DEFAULT_DEVICE]
    print(f"{DEFAULT_DEVICE} has {device.lut} LUTs, {device.ff} registers, {device.bram18} RAMB18")
    if figures:
        print(f"written to {write_figures('resources', figures).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
