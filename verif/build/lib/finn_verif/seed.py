# SPDX-License-Identifier: Apache-2.0
"""One seed for a whole run: `SEED=` in the environment repeats it."""

import os
import random
from functools import cache


def choose() -> int:
    """Return the seed of a run: SEED from the environment, else a fresh one.

    Raises ValueError when SEED is no integer from 0 up.
    """
    text = os.environ.get("SEED", "").strip()
    if not text:
        return random.SystemRandom().randrange(1 << 31)
    if not text.isdecimal():
        raise ValueError(f"SEED={text!r}: must be an integer from 0 up, e.g. SEED=1")
    return int(text)


@cache
def base() -> int:
    """Return the seed of the simulation, and print it once: SEED, else the one that cocotb was given or took.

    Must first be called before the first test starts (the package's import does), because cocotb changes
    its RANDOM_SEED from test to test.
    """
    import cocotb

    seed = choose() if os.environ.get("SEED", "").strip() else cocotb.RANDOM_SEED
    print(f"finn_verif: SEED={seed} repeats this run", flush=True)
    return seed


def rng(name: str) -> random.Random:
    """Return a generator for one test: the same seed and name give the same numbers in any order of tests."""
    return random.Random(f"{base()}/{name}")
