# SPDX-License-Identifier: Apache-2.0
"""Try out random networks, foldings and images in RTL against the reference; `make fuzz COUNT=100 SEED=1` calls it.

A network is written as files, loaded, folded at random or for a random rate, rendered, and simulated with and without
stalls: scores and labels have to be the reference's, the cycles of every boundary those of the model. All run in
Icarus, one in ten in Verilator too. The network of a seed stays the same; without SEED the first one is drawn.

Exit code 0 when all are right, 1 when one is not, 2 for bad usage.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from tests.lib.testbench import try_out

VERILATED = 10
"""One network in so many is tried in Verilator as well."""
_SEEDS = 1 << 31


def main() -> int:
    """Try out the networks and print those that are wrong."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.partition(";")[0] + ".")
    parser.add_argument("--count", type=int, default=20, help="networks")
    parser.add_argument("--seed", type=int, help="seed of the first one; the others follow")
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    asked = parser.parse_args()
    if asked.count < 1 or asked.jobs < 1 or (asked.seed is not None and not 0 <= asked.seed < _SEEDS):
        parser.error(f"count and jobs must be at least 1, a seed 0 to {_SEEDS - 1}")
    first = random.SystemRandom().randrange(_SEEDS) if asked.seed is None else asked.seed
    print(f"fuzz: COUNT={asked.count} SEED={first} repeats this run", flush=True)
    runs = [
        (first + i, sim)
        for i in range(asked.count)
        for sim in (("icarus", "verilator") if i % VERILATED == 0 else ("icarus",))
    ]
    wrong: Counter[str] = Counter()
    with multiprocessing.Pool(asked.jobs) as pool:
        for (seed, sim), problem in tqdm(pool.imap_unordered(_try, runs), total=len(runs), delay=2, disable=None):
            wrong[sim] += bool(problem)
            if problem:
                print(f"fuzz: SEED={seed} in {sim}: {problem}", flush=True)
    tried = Counter(sim for _, sim in runs)
    print(", ".join(f"{count} in {sim}: {wrong[sim] or 'none'} wrong" for sim, count in tried.items()))
    return 1 if wrong.total() else 0


def _try(run: tuple[int, str]) -> tuple[tuple[int, str], str]:
    """A run, and what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            try_out(Path(folder), *run)
        except Exception:
            return run, traceback.format_exc()
    return run, ""


if __name__ == "__main__":
    sys.exit(main())
