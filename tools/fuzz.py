# SPDX-License-Identifier: Apache-2.0
"""Try out random networks, foldings and images in RTL against the reference; `make fuzz COUNT=100 SEED=1` calls it.

A network is written as files, loaded, folded at random or for a random rate, rendered, and simulated with and without
stalls: scores and labels have to be the reference's, the cycles of every boundary those of the model. All run in
Icarus, one in ten in Verilator too. The network of a seed stays the same; without SEED the first one is drawn.

Exit code 0 when all are right, 1 when one is not, 2 for bad usage.
"""

import argparse
import random
import sys
import tempfile
import traceback
from collections import Counter, deque
from pathlib import Path

from finn_work import Needs, Piece, Result, WorkError, Workers, results
from tests.lib.testbench import try_out

VERILATED = 10
"""One network in so many is tried in Verilator as well."""
_SEEDS = 1 << 31
NEEDS = Needs(("finn_gen", "finn_sim", "finn_verif", "tests", "tools"), ("numpy",), ("iverilog", "verilator", "g++"))


def main() -> int:
    """Try out the networks and print those that are wrong."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.partition(";")[0] + ".")
    parser.add_argument("--count", type=int, default=20, help="networks")
    parser.add_argument("--seed", type=int, help="seed of the first one; the others follow")
    parser.add_argument("--sim", choices=("icarus", "verilator"), help="this simulator alone, for every network")
    Workers.add_arguments(parser)
    asked = parser.parse_args()
    if asked.count < 1 or (asked.seed is not None and not 0 <= asked.seed < _SEEDS):
        parser.error(f"count must be at least 1, a seed 0 to {_SEEDS - 1}")
    first = random.SystemRandom().randrange(_SEEDS) if asked.seed is None else asked.seed
    print(f"fuzz: COUNT={asked.count} SEED={first} repeats this run", flush=True)
    tries = [(first + i, sim) for i in range(asked.count) for sim in _sims(asked.sim, i)]
    wrong: Counter[str] = Counter()

    def tell(piece: Piece, result: Result) -> None:
        if result.value:
            seed, sim = piece.arguments["seed"], piece.arguments["sim"]
            wrong[sim] += 1
            print(f"fuzz: SEED={seed} in {sim}: {result.value}{piece.command} repeats it", flush=True)

    pieces = [_piece(*each) for each in tries]
    try:
        deque(results(pieces, Workers.from_arguments(asked), NEEDS, what="fuzz", tell=tell), maxlen=0)
    except WorkError as error:
        print(error, file=sys.stderr)
        return 1
    tried = Counter(sim for _, sim in tries)
    print(", ".join(f"{count} in {sim}: {wrong[sim] or 'none'} wrong" for sim, count in tried.items()))
    return 1 if wrong.total() else 0


def _sims(only: str | None, index: int) -> tuple[str, ...]:
    """The simulators of the network with this index."""
    return (only,) if only else ("icarus", "verilator") if index % VERILATED == 0 else ("icarus",)


def _piece(seed: int, sim: str) -> Piece:
    command = f"python -m tools.fuzz --count 1 --seed {seed} --sim {sim}"
    return Piece(f"SEED={seed} in {sim}", "tools.fuzz:attempt", {"seed": seed, "sim": sim}, command)


def attempt(seed: int, sim: str) -> str:
    """What is wrong with the network of a seed in a simulator, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            try_out(Path(folder), seed, sim)
        except Exception:
            return traceback.format_exc()
    return ""


if __name__ == "__main__":
    sys.exit(main())
