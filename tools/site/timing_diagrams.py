# SPDX-License-Identifier: Apache-2.0
"""Timing diagrams of the cores, drawn by WaveDrom from what a simulation recorded, so that they cannot lie.

Of each core that is a stage of an accelerator the target `sim` runs in Icarus, with the test that never stalls. Shown
are its streams from the cycle before the first input word on.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pywellen
import wavedrom

from finn_gen import ip
from tools.report import ROOT

CYCLES = 24
"""Cycles that are shown."""
AROUND = 6
"""Cycles that are shown around the first output word, where it comes after the others."""
MOST = 2000
"""Cycles that are looked at."""
STEP, SEARCHED = 1000, 1000
"""Units of a recording, of which the clock's edges are multiples; so many are searched for it."""
DIGITS = 5
BENCH = "test_full_source_full_sink"
SHOWN = ("tvalid", "tready", "tlast", "tdata")


def cores() -> list[str]:
    """Cores that are stages of a chain."""
    return [name for name in ip.NAMES if ip.get(name).timing and (ROOT / "ip" / name / f"{name}.core").is_file()]


def draw(core: str, into: Path, work: Path) -> Path:
    """Simulate a core below the folder `work` and draw it to `into`/<core>.svg."""
    environment = {**os.environ, "WAVES": "1", "COCOTB_TEST_FILTER": BENCH, "SEED": "1"}
    words = [
        "fusesoc",
        "run",
        "--work-root",
        str(work / core),
        "--target",
        "sim",
        f"finn:ip:{core}",
        "--tool",
        "icarus",
    ]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{core}: its simulation fails\n{done.stdout}{done.stderr}")
    (recording,) = (work / core).glob("*.fst")
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"{core}.svg"
    path.write_text(wavedrom.render(json.dumps(diagram(recording))).tostring(), encoding="utf-8")
    return path


def diagram(recording: Path) -> dict:
    """The streams of a recording as WaveJSON."""
    top = recording.stem
    signals = {
        re.sub(r"\s*\[.*", "", each.name): each.signal
        for each in pywellen.Waveform(str(recording)).all_vars()
        if re.fullmatch(rf"{top}\.[\w]+(\s*\[.*)?", each.full_name)
    }
    edges = _rising(signals["aclk"])
    sampled = {name: _sampled(signal, edges) for name, signal in signals.items() if name != "aclk"}
    buses = sorted({name.rpartition("_")[0] for name in sampled if name.endswith("_tvalid")}, reverse=True)
    taken = [cycle for cycle in range(len(edges)) if _moves(sampled, "s_axis", cycle)]
    given = [cycle for cycle in range(len(edges)) if _moves(sampled, "m_axis", cycle)]
    first = max(taken[0] - 1, 0)
    spans = [(first, first + CYCLES)]
    if given[0] >= first + CYCLES - AROUND:
        spans = [(first, first + CYCLES - 2 * AROUND), (given[0] - AROUND, given[0] + AROUND)]
    lanes: list = [{"name": "aclk", "wave": "|".join("p" + "." * (end - start - 1) for start, end in spans)}]
    for bus in buses:
        names = [f"{bus}_{name}" for name in SHOWN if f"{bus}_{name}" in sampled]
        lanes += [{}, [bus, *(_lane(name, sampled, spans, bus) for name in names)]]
    return {
        "signal": lanes,
        "config": {"hscale": 1},
        "foot": {"text": f"{top}, cycles {_told(spans)} after reset began"},
    }


def _told(spans: list[tuple[int, int]]) -> str:
    return " and ".join(f"{start} to {end - 1}" for start, end in spans)


def _rising(clock: Any) -> list[int]:
    """Times of the first rising edges of a clock without gaps, in units of the recording. ValueError if it has none."""
    values = [clock.value_at(time) for time in range(0, SEARCHED * STEP, STEP)]
    found = [place * STEP for place, ends in enumerate(pairwise(values), 1) if ends == (0, 1)]
    if len(found) < 2:
        raise ValueError("the recording has no clock")
    return [found[0] + (found[1] - found[0]) * cycle for cycle in range(MOST)]


def _sampled(signal: Any, edges: list[int]) -> list[Any]:
    """A signal's value just before each rising edge: a number, or text where a bit is unknown."""
    return [signal.value_at(edge - 1) for edge in edges]


def _digits(value: int) -> str:
    """A word in hexadecimal, of which the last digits fit into a cycle."""
    digits = f"{value:x}"
    return digits if len(digits) <= DIGITS else f"…{digits[1 - DIGITS :]}"


def _moves(sampled: dict[str, list[str]], bus: str, cycle: int) -> bool:
    return sampled[f"{bus}_tvalid"][cycle] == 1 and sampled[f"{bus}_tready"][cycle] == 1


def _lane(name: str, sampled: dict[str, list[str]], spans: list[tuple[int, int]], bus: str) -> dict:
    """A signal as WaveDrom takes it; data only where it is valid."""
    waves, data = [], []
    for start, end in spans:
        wave, before = "", None
        for cycle in range(start, min(end, len(sampled[name]))):
            value = sampled[name][cycle]
            if name.endswith("_tdata"):
                shown = _digits(value) if sampled[f"{bus}_tvalid"][cycle] == 1 else None
                fresh = "x" if shown is None else "="
                again = shown == before and wave and not (shown and _moves(sampled, bus, cycle - 1))
                wave += "." if again else fresh
                data += [shown] if fresh == "=" and not again else []
                before = shown
            else:
                value = str(value) if value in (0, 1) else "x"
                wave += "." if value == before else value
                before = value
        waves.append(wave)
    return {"name": name.rpartition("_")[2], "wave": "|".join(waves), "data": data}
