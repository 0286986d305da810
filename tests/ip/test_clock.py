# SPDX-License-Identifier: Apache-2.0
"""The clock that a core states, against what the model of 7-series times in the netlist that Yosys leaves."""

import random
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finn_gen import ip
from finn_gen.base.errors import InputError
from finn_gen.family.xc7.delays import DELAYS
from tests.lib.random_stages import divisors
from tools.synth import rendered
from tools.timing.paths import longest
from tools.timing.points import Point
from tools.timing.synthesis import TWINS, synthesize
from tools.timing.xc7 import Model

SEED = "1"
"""Always the same cores: what synthesis makes of a rare one may be beyond any bound that is of use."""
Draw = Callable[[random.Random], dict[str, Any]]


def _dwc(rng: random.Random) -> dict[str, Any]:
    narrow, ratio = rng.choice((4, 8, 16, 32)), rng.choice((2, 3, 4, 8))
    widths = rng.choice(((narrow, narrow * ratio), (narrow * ratio, narrow), (rng.randint(1, 64), rng.randint(1, 64))))
    return {"in_width": widths[0], "out_width": widths[1], "tlast": rng.randint(0, 1)}


def _fifo(rng: random.Random) -> dict[str, Any]:
    return {"width": rng.randint(1, 100), "depth": rng.choice((2, rng.randint(3, 64), rng.randint(3, 4000)))}


def _input(rng: random.Random) -> dict[str, Any]:
    word = rng.choice((8, 32, 64))
    return {"encoding": rng.choice(("q1.7", "threshold")), "elements": rng.randint(1, 4000), "word_width": word}


def _label(rng: random.Random) -> dict[str, Any]:
    pe = rng.choice((1, 2, 5, 10))
    return {"pe": pe, "labels": pe * rng.randint(1, 12), "bits": rng.randint(4, 24), "score": rng.randint(0, 1)}


def _pad(rng: random.Random) -> dict[str, Any]:
    channels, sides = rng.choice((1, 3, 16)), ("top", "bottom", "left", "right")
    values = {"ifm_ch": channels, "simd": rng.choice(divisors(channels)), "bits": rng.choice((1, 8))}
    return values | {axis: rng.randint(4, 64) for axis in ("ifm_h", "ifm_w")} | {s: rng.randint(0, 2) for s in sides}


def _pool(rng: random.Random) -> dict[str, Any]:
    channels = rng.choice((4, 16, 64))
    values = {"ifm_ch": channels, "pe": rng.choice(divisors(channels)), "bits": rng.choice((1, 2, 4))}
    values |= {"ifm_h": rng.randint(6, 40), "ifm_w": rng.randint(6, 40)}
    if rng.random() < 0.3:
        return values | {"pe": channels, "k": 2, "stride": 2, "pixels": rng.choice((2, 4))}
    return values | {"k": rng.choice((2, 3))}


def _regroup(rng: random.Random) -> dict[str, Any]:
    pixels = dict(zip(("in_pixels", "out_pixels"), rng.sample((1, 2, 4, 8), 2), strict=True))
    return {"ifm_ch": rng.choice((3, 16, 64)), "ifm_h": 9, "ifm_w": rng.randint(1, 40), **pixels}


def _swg(rng: random.Random) -> dict[str, Any]:
    channels, k = rng.choice((1, 3, 16, 64)), rng.choice((2, 3))
    simd = rng.choice([*divisors(channels), k * channels, k * k * channels])
    sizes = {axis: rng.randint(k + 2, 40) for axis in ("ifm_h", "ifm_w")}
    values = {"ifm_ch": channels, "k_h": k, "k_w": k, **sizes}
    if rng.random() < 0.3:
        return values | {"simd": k * k * channels, "pixels": rng.choice((2, 4))}
    return values | {"simd": simd, "prefetch": rng.randint(0, 1)}


def _mvtu(rng: random.Random) -> dict[str, Any]:
    simd, pe = rng.choice((1, 3, 8, 16, 32)), rng.choice((1, 2, 4, 8))
    in_bits = rng.choice((1, 1, 2))
    return {
        "simd": simd,
        "pe": pe,
        "mw": simd * rng.choice((1, 2, 8, 9)),
        "mh": pe * rng.choice((1, 2, 16, 20)),
        "in_bits": in_bits,
        "in_signed": int(in_bits > 1),
        "out_bits": rng.choice((0, 1, 1, 2, 4)),
        "storage": rng.choice(("lut", "block")),
        "reload": int(rng.random() < 0.2),
    }


def _dma(rng: random.Random) -> dict[str, Any]:
    widths = (8, 16, 32, 64)
    return {"mm2s_width": rng.choice(widths), "s2mm_width": rng.choice(widths), "address_width": rng.randint(32, 64)}


def _ctrl(rng: random.Random) -> dict[str, Any]:
    return {"boundaries": rng.randint(1, 30), "counter_width": rng.choice((32, 48, 64))}


def _uart(rng: random.Random) -> dict[str, Any]:
    return {"address_width": rng.randint(4, 32), "frame_bytes": rng.randint(1, 4000)}


DRAWS: dict[str, Draw] = {
    "ctrl": _ctrl,
    "dma": _dma,
    "dwc": _dwc,
    "fifo": _fifo,
    "input": _input,
    "label": _label,
    "mvtu": _mvtu,
    "pad": _pad,
    "pool": _pool,
    "regroup": _regroup,
    "swg": _swg,
    "uart": _uart,
}
MANY = {"ctrl": 1, "dma": 1, "uart": 1, "mvtu": 4}
SEVERAL = 3
"""Cores of each kind that is not in MANY."""


def _drawn(core: str) -> list[dict[str, Any]]:
    """Parameters that the core takes."""
    rng, found = random.Random(f"{core} {SEED}"), []
    while len(found) < MANY.get(core, SEVERAL):
        values = DRAWS[core](rng)
        try:
            ip.get(core).build(values)
        except InputError:
            continue
        found.append(values)
    return found


def _measured(core: str, values: dict[str, Any], folder: Path) -> float:
    """The clock of a core by the model, in MHz."""
    netlist = synthesize(*rendered(core, Point("", values).benchmark, folder, TWINS["xc7"]), "xc7", folder)
    return longest(netlist, Model(netlist)).mhz


def test_every_core_is_drawn() -> None:
    assert set(DRAWS) == set(ip.NAMES)


@pytest.mark.parametrize("core", ip.NAMES)
def test_a_core_reaches_the_clock_that_it_states(core: str, tmp_path: Path) -> None:
    shares = []
    for index, values in enumerate(_drawn(core)):
        found = ip.clock(ip.get(core).build(values), DELAYS).slowest
        measured = _measured(core, values, tmp_path / str(index))
        shares.append(1000 / found.ns / measured)
        print(f"{core} {values}: {measured:.0f} MHz, stated {found.mhz} ({found.words})")
        assert shares[-1] <= 1, values
    assert statistics.median(shares) >= 0.65
