# SPDX-License-Identifier: Apache-2.0
"""Simulation speed of a large unit in Verilator on one core, on a thousand random vectors that the reference checks.

The harness, tests/lib/stream_harness.v, moves the words and compares the results in Verilog. The time is that of the
processor, so that other programs do not count. `make bench-mvtu` calls it.
"""

import resource
import subprocess
import sys

import numpy as np

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_gen.ip.mvtu import arrays
from finn_verif.ref.layers import matrix
from finn_verif.ref.stream import to_words
from tools.report import ROOT, Figure, write_figures

SHAPE = {"mw": 1024, "mh": 1024, "pe": 128, "simd": 64, "storage": "block"}
VECTORS = 1000
ROUNDS = 10
ASKED = 300_000


def main() -> int:
    """Build, run, print; return 0, or 1 where a result is wrong or the speed is missed."""
    core = ip.get("mvtu")
    plan = core.build(SHAPE)
    weights, thresholds = arrays.draw(core.check(SHAPE))
    folder = ROOT / "build" / "bench" / "mvtu_speed"
    files = of_core(plan).folder(plain=True)
    vectors = np.random.default_rng(1).integers(0, 2, (VECTORS, plan.params.mw))
    results = matrix(vectors, weights, thresholds, 1)
    inputs = [f"{word:x}\n" for vector in vectors for word in to_words(vector, plan.params.simd, 1)]
    outputs = [f"{word:x}\n" for result in results for word in to_words(result, plan.params.pe, 1)]
    write_tree(folder, {**files, "in.mem": "".join(inputs), "out.mem": "".join(outputs)})
    verilog = [name for name in files if name.endswith(".v")]
    command = [
        "verilator",
        "--binary",
        "--timing",
        "-O3",
        "-Wno-fatal",
        "--top-module",
        "stream_harness",
        "--Mdir",
        "obj",
    ]
    command += [
        "-DDUT=finn_mvtu",
        f"-GIN_WIDTH={plan.ports.in_tdata_width}",
        f"-GOUT_WIDTH={plan.ports.out_tdata_width}",
    ]
    command += ["-CFLAGS", "-O3 -march=native", *verilog, str(ROOT / "tests" / "lib" / "stream_harness.v")]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    counts = {"words": len(inputs), "results": len(outputs), "rounds": ROUNDS}
    counts["interval"] = ROUNDS * VECTORS * plan.interval - plan.fold.sf
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = ["obj/Vstream_harness", *(f"+{name}={value}" for name, value in counts.items())]
    said = subprocess.run(run, cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    speed = round(ROUNDS * VECTORS * plan.interval / seconds)
    print(said.stdout.splitlines()[0])
    print(f"PE {plan.params.pe}, SIMD {plan.params.simd}: {speed:,} cycles/s in Verilator, {ASKED:,} asked")
    figure = Figure(f"mvtu PE {plan.params.pe} SIMD {plan.params.simd}, Verilator", speed, "cycles/s", ASKED)
    print(f"written to {write_figures('mvtu_speed', [figure]).relative_to(ROOT)}")
    return 0 if said.stdout.startswith("PASS") and speed >= ASKED else 1


if __name__ == "__main__":
    sys.exit(main())
