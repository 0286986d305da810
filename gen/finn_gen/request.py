# SPDX-License-Identifier: Apache-2.0
"""What a user asks for in words: a network by name or file, and a folding by name, file or frame rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.family.resources import DEVICES, Resources
from finn_gen.network import model
from finn_gen.network.model import Network
from finn_gen.plan import folding
from finn_gen.plan import network as plan
from finn_gen.plan.folding import Folding
from finn_gen.plan.network import Stage

FIX_INTERVAL = 16_384
"""Cycles an image of `fix`, where a network has no folding of that name: that of the FINN paper's prototypes."""
CLOCK_MHZ = 200.0
MAX_CLOCK_MHZ = 1000.0
MIN_FPS = 0.001


def network_path(name: str) -> Path:
    """The description of a network: a path, or the name of one in accel/. InputError lists the names there are."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    carried = {folder.name: folder / f"{folder.name}.yaml" for folder in sorted((ROOT / "accel").iterdir())}
    carried = {known: path for known, path in carried.items() if path.exists()}
    if name not in carried:
        raise InputError(f"network {name}: no such file, and no network of that name; there are {', '.join(carried)}")
    return carried[name]


def load(name: str, parameters: Path | None = None) -> tuple[Network, Path]:
    """A network by name or file, and the folder that it lies in."""
    path = network_path(name)
    return model.load(path, parameters), path.parent


def clock(mhz: float) -> float:
    """`mhz` if it is a clock, else InputError."""
    if not 0 < mhz <= MAX_CLOCK_MHZ:
        raise InputError(f"clock={mhz:g}: it must be more than 0 and at most {MAX_CLOCK_MHZ:g} MHz")
    return mhz


def device(name: str) -> Resources:
    """What a device has; InputError lists those that are known."""
    if name not in DEVICES:
        raise InputError(f"device={name}: legal are {', '.join(DEVICES)}")
    return DEVICES[name]


def by_rate(network: Network, fps: float, clock_mhz: float, reload: bool = False) -> Folding:
    """The smallest folding for `fps` images a second; with `reload`, one whose weights can be written."""
    if not fps >= MIN_FPS:
        raise InputError(f"fps={fps:g}: it must be at least {MIN_FPS:g}")
    found = plan.fold(network, plan.cycles_for(fps, clock(clock_mhz)), f"fps{fps:g}".replace(".", "_"))
    return replace(found, reload=reload)


def by_name(network: Network, home: Path, name: str, limit: Resources, reload: bool = False) -> Folding:
    """A folding by file, by its name in the folder foldings/ beside the network, or `max` or `fix`.

    Where a network has no file of these names, `max` is the fastest that fits into `limit`, and `fix` the smallest
    that takes an image every 16,384 cycles. With `reload` weights and thresholds can be written at run time, as in
    a folding that says so itself.
    """
    found = _by_name(network, home, name, limit, reload)
    return replace(found, reload=found.reload or reload)


def _by_name(network: Network, home: Path, name: str, limit: Resources, reload: bool) -> Folding:
    if Path(name).is_file():
        return folding.load(Path(name), network)
    named = {path.stem: path for path in sorted((home / "foldings").glob("*.yaml"))}
    if name in named:
        return folding.load(named[name], network)
    if name == "fix":
        return plan.fold(network, FIX_INTERVAL, name)
    if name == "max":
        return _fastest(network, limit, reload)
    legal = sorted({*named, "max", "fix"})
    raise InputError(f"folding {name}: no such file; legal are a file or {', '.join(legal)}")


def _fastest(network: Network, limit: Resources, reload: bool) -> Folding:
    """The fastest folding that fits into `limit`, within an eighth of its interval."""

    def attempt(target: int) -> Folding | None:
        try:
            chosen = replace(plan.fold(network, target, "max"), reload=reload)
        except InputError:
            return None
        return chosen if total(plan.without_fifos(network, chosen)).fits(limit) else None

    slow = 1
    while not (best := attempt(slow)):
        slow *= 2
        if slow > 2**40:
            raise InputError(f"{network.name}: no folding fits into {limit}")
    low = slow // 2
    while slow - low > max(1, slow // 8):
        middle = (low + slow) // 2
        found = attempt(middle)
        low, slow, best = (low, middle, found) if found else (middle, slow, best)
    return best


def total(stages: tuple[Stage, ...]) -> Resources:
    """What all stages take."""
    return sum((stage.resources for stage in stages), Resources())
