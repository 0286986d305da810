# SPDX-License-Identifier: Apache-2.0
"""What a user asks for: a network by name or file, and a folding by name, file or frame rate.

One dataclass for the command line, FuseSoC's generators, the tools and the benchmarks, so that what one of them knows
all do.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from finn_gen import family
from finn_gen.base.errors import InputError
from finn_gen.base.library import ROOT
from finn_gen.base.params import Param
from finn_gen.base.progress import progress
from finn_gen.family.resources import Resources
from finn_gen.formats import description, onnx
from finn_gen.network.model import Network
from finn_gen.plan import clock as clocks
from finn_gen.plan import folding, rate
from finn_gen.plan.cheapest import cheapest, followed
from finn_gen.plan.folding import Folding
from finn_gen.plan.network import NetworkPlan, fits, plan_network
from finn_gen.plan.objective import Weights
from finn_gen.plan.search import Parts, Search

PAPER = "paper"
"""The file in foldings/ beside a network that is taken where no folding is asked for."""
MODEST, FIX, MAX = COMPUTED = ("modest", "fix", "max")
"""Foldings that are computed for every network, and are never files: the name means one thing."""
FIX_INTERVAL = 16_384
"""Cycles an image of `fix`: that of the FINN paper's prototypes."""
SLACK = 0.02
"""Share by which a computed folding may cost more than the cheapest, which takes longer to find."""
SCARCE_LUTS = 0.25
"""Price of a block RAM, of the usual one, where what fits is looked for."""
MODEST_LUTS = 20_000
"""LUTs of `modest`, estimated: simulators of such an accelerator are built within a minute on two cores."""
CLOCK_MHZ = clocks.DEFAULT_MHZ
MAX_CLOCK_MHZ = 1000.0
MIN_FPS = 0.001
LINE_FPS = 100_000
"""Images a second of an accelerator behind a serial line where no folding is asked for; if they do not fit, `fix`."""
ANY = 2**40
"""More cycles an image than any folding needs, and more resources."""

_SUFFIXES = (".yaml", ".yml", onnx.SUFFIX)
"""Of files of networks."""
_FIELDS = (
    Param("network", str, "", "a network of accel/ by name, or a YAML or ONNX file"),
    Param("parameters", str, "", "an .npz file or a folder of BNN-PYNQ, instead of the file that the network names"),
    Param(
        "folding",
        str,
        "",
        "modest, fix, max, another name in foldings/ beside the network, or a file; paper if there is one, else modest",
    ),
    Param("fps", str, "", "images a second, instead of a folding; the cheapest PE, SIMD and storage that do"),
    Param(
        "clock",
        str,
        "",
        f"MHz, {CLOCK_MHZ:g} if not given; on 7-series more is refused where a stage does not reach it by the model",
    ),
    Param(
        "device",
        str,
        "",
        "what max must fit into, and what foldings are searched for: 7-series, UltraScale+ or ECP5; "
        f"{family.DEFAULT_DEVICE} if not given",
    ),
    Param(
        "weight",
        str,
        "",
        "what a folding that is searched costs, such as lut=1,bram36=400; by what the device has if not given",
    ),
    Param("classes", str, "", "a text file, a class's name a line, instead of those of the network or its parameters"),
    Param("reload", bool, False, "weights and thresholds can be written at run time"),
)


@dataclass(frozen=True)
class Request:
    """A network and how it is to be built.

    network, parameters  as in the table above; `parameters` None for those that the network names
    folding, fps         one of them; "" and None for the default, `paper` if the network has it, else `modest`
    clock                MHz
    device               a part of some family
    weight               as in the table above; "" for what the device has
    reload               weights and thresholds can be written at run time
    classes              as in the table above; None for the names that network or parameters bring
    """

    network: str
    parameters: Path | None = None
    folding: str = ""
    fps: float | None = None
    clock: float = CLOCK_MHZ
    device: str = family.DEFAULT_DEVICE
    reload: bool = False
    classes: Path | None = None
    weight: str = ""

    @staticmethod
    def add_arguments(command: argparse.ArgumentParser, network: str | None = None) -> None:
        """The arguments of a command that takes a request; the network may be left out where it has a default."""
        about = {field.name: field.doc for field in _FIELDS}
        command.add_argument("network", metavar="NET", nargs="?" if network else None, default=network,
                             help=about["network"])  # fmt: skip
        command.add_argument("--parameters", metavar="PATH", help=about["parameters"])
        command.add_argument("--classes", metavar="FILE", help=about["classes"])
        rates = command.add_mutually_exclusive_group()
        rates.add_argument("--folding", metavar="NAME", help=about["folding"])
        rates.add_argument("--fps", metavar="RATE", help=about["fps"])
        command.add_argument("--clock", metavar="MHZ", help=about["clock"])
        command.add_argument("--device", metavar="PART", help=about["device"])
        command.add_argument("--weight", metavar="KIND=N,...", help=about["weight"])
        command.add_argument("--reload", action="store_true", help=about["reload"])

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> Request:
        """The request of a command whose arguments `add_arguments` made. Raises InputError."""
        given = {field.name: getattr(parsed, field.name) for field in _FIELDS}
        return cls.from_mapping("", {name: value for name, value in given.items() if value is not None})

    @classmethod
    def from_mapping(cls, owner: str, given: Mapping[str, Any], home: Path = Path()) -> Request:
        """The request of words by name, as in YAML; paths start at `home`. InputError names field and rule."""
        values = _checked(owner, given)
        if not values["network"]:
            raise InputError("parameter network is missing; it must be the path of a network's YAML or ONNX file")
        if values["fps"] and values["folding"]:
            raise InputError("parameters fps and folding: only one of them is possible")
        beside = home / values["folding"]
        return cls(
            network=_path(home, values["network"]),
            parameters=home / values["parameters"] if values["parameters"] else None,
            folding=str(beside) if values["folding"] and beside.is_file() else values["folding"],
            fps=_number("fps", values["fps"]) if values["fps"] else None,
            clock=clock(_number("clock", values["clock"])) if values["clock"] else CLOCK_MHZ,
            device=family.device_named(values["device"] or family.DEFAULT_DEVICE),
            reload=values["reload"],
            classes=home / values["classes"] if values["classes"] else None,
            weight=_weight(values["weight"]),
        )

    def words(self) -> dict[str, Any]:
        """What `from_mapping` makes the same request of, wherever it is called: paths are absolute."""
        given = {
            "network": str(network_path(self.network).resolve()),
            "parameters": str(self.parameters.resolve()) if self.parameters else None,
            "folding": str(Path(self.folding).resolve()) if Path(self.folding).is_file() else self.folding,
            "fps": self.fps,
            "clock": self.clock,
            "device": self.device,
            "reload": self.reload,
            "classes": str(self.classes.resolve()) if self.classes else None,
            "weight": self.weight,
        }
        if self.fps is not None:
            del given["folding"]
        plain = {name: value for name, value in vars(Request("")).items() if name != "network"}
        return {name: value for name, value in given.items() if value != plain.get(name)}

    def command(self) -> list[str]:
        """The words of a command line whose `from_arguments` makes the same request, in the same folder."""
        plain = vars(Request(""))
        given = {name: value for name, value in vars(self).items() if name != "network" and value != plain[name]}
        words = [self.network]
        for name, value in given.items():
            words += [f"--{name}"] if value is True else [f"--{name}", f"{value:g}" if name == "clock" else str(value)]
        return words

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that differ for requests that differ."""
        return hashlib.sha256(repr(sorted(self.words().items())).encode()).hexdigest()[:8]

    @property
    def is_named(self) -> bool:
        """Whether nothing is asked but a network and a folding by its name."""
        return self == Request(self.network, folding=self.folding) and not Path(self.folding).is_file()

    @property
    def is_carried(self) -> bool:
        """Whether the network is one of accel/."""
        return network_path(self.network).resolve().parent.parent == (ROOT / "accel").resolve()

    @property
    def limit(self) -> Resources:
        """What the device has. Raises InputError for one that is not known."""
        return device(self.device)

    @property
    def weights(self) -> Weights:
        """What resources cost, those asked for or the device's. Raises InputError."""
        return Weights.parse(self.weight) if self.weight else Weights.of_device(self.limit)

    def load(self) -> tuple[Network, Path]:
        """The network, and the folder that it lies in. Raises InputError."""
        return load(self.network, self.parameters, self.classes)

    def plan(self, say: Callable[[str], object] = lambda line: None) -> NetworkPlan:
        """The accelerator. Where no folding is asked for, `say` is told which one was taken. Raises InputError."""
        limit = self.limit
        network, home = self.load()
        chosen = self.fold(network, home, limit)
        if not self.folding and self.fps is None:
            say(self._taken(chosen.name))
        return clocks.checked(plan_network(network, chosen, self.clock))

    def plan_behind_line(self) -> NetworkPlan:
        """The accelerator behind a serial line, `LINE_FPS` or `fix` where no folding is asked for. Raises InputError.

        Images of bits come packed unless the folding says otherwise, since the line is what limits.
        """
        if self.folding or self.fps:
            return self._plan_packed()
        try:
            plan = replace(self, fps=LINE_FPS)._plan_packed()
            if plan.resources.fits(self.limit):
                return plan
        except InputError:
            pass
        return replace(self, folding=FIX)._plan_packed()

    def _plan_packed(self) -> NetworkPlan:
        network, home = self.load()
        chosen = self.fold(network, home, self.limit)
        if network.encoding == "threshold" and chosen.packed is None:
            chosen = replace(chosen, packed=True)
        return clocks.checked(plan_network(network, chosen, self.clock))

    def _taken(self, name: str) -> str:
        """Which folding was taken where none is asked for, and how to ask for another."""
        what = {
            MODEST: f"modest: the fastest of about {MODEST_LUTS:,} LUTs, which is soon simulated",
            PAPER: "paper, which lies beside the network",
        }[name]
        return (
            f"folding   {what}. Ask for max, the fastest on {self.device} (--folding max, FOLDING=max), or for a rate "
            "(--fps RATE, FPS=RATE)"
        )

    def fold(self, network: Network, home: Path, limit: Resources) -> Folding:
        """The folding that is asked for, or the default. Raises InputError."""
        name = family.of_device(self.device).name
        costs = {"weights": self.weights, "family": name}
        if self.fps is not None:
            return by_rate(network, self.fps, self.clock, self.reload, **costs)
        if self.weight and isinstance(_given(network, home, self.folding), Folding):
            legal = ", ".join(COMPUTED)
            raise InputError(
                f"weight={self.weight}: it is for foldings that are searched: give fps, or folding={legal}"
            )
        return replace(by_name(network, home, self.folding, limit, self.reload, **costs), family=name)


def _checked(owner: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in _FIELDS}
    for name in given:
        if name not in known:
            raise InputError(f"{owner}: there is no parameter {name!r}; legal are {', '.join(known)}")
    return {name: field.check(_word(field, given.get(name, field.default))) for name, field in known.items()}


def _word(field: Param, value: Any) -> Any:
    return value if field.kind is bool else str(value)


def _weight(text: str) -> str:
    """The words of weights, checked."""
    if text:
        Weights.parse(text)
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name}={text!r}: it must be a number") from None


def _path(home: Path, name: str) -> str:
    """A network by path, from `home` on, or by its name in accel/."""
    beside = home / name
    return str(beside) if beside.is_file() or name.endswith(_SUFFIXES) else name


def network_path(name: str) -> Path:
    """The file of a network: a path, or the name of one in accel/. InputError lists the networks there are."""
    path = Path(name)
    if path.suffix in _SUFFIXES or path.is_file():
        return path
    carried = carried_networks()
    if name not in carried:
        raise InputError(f"network {name}: no such file, and no network of that name; there are {', '.join(carried)}")
    return carried[name]


def carried_networks() -> dict[str, Path]:
    """The descriptions of the networks in accel/, by name."""
    found = {folder.name: folder / f"{folder.name}.yaml" for folder in sorted((ROOT / "accel").iterdir())}
    return {name: path for name, path in found.items() if path.exists()}


def load(name: str, parameters: Path | None = None, classes: Path | None = None) -> tuple[Network, Path]:
    """A network by name or file, and the folder that it lies in."""
    path = network_path(name)
    if path.suffix == onnx.SUFFIX:
        if parameters:
            raise InputError(f"{path}: an ONNX file has its own parameters; {parameters} cannot take their place")
        return description.renamed(onnx.load(path, images=onnx.FEW_IMAGES).network, None, classes, []), path.parent
    return description.load(path, parameters, classes), path.parent


def clock(mhz: float) -> float:
    """`mhz` if it is a clock, else InputError."""
    if not 0 < mhz <= MAX_CLOCK_MHZ:
        raise InputError(f"clock={mhz:g}: it must be more than 0 and at most {MAX_CLOCK_MHZ:g} MHz")
    return mhz


def device(name: str) -> Resources:
    """What a device has; InputError lists those that are known."""
    return family.of_device(name).devices[family.device_named(name)]


def by_rate(
    network: Network,
    fps: float,
    clock_mhz: float,
    reload: bool = False,
    *,
    weights: Weights = rate.DEFAULT_WEIGHTS,
    family: str = family.DEFAULT,
) -> Folding:
    """The cheapest folding for `fps` images a second; with `reload`, one whose weights can be written."""
    if not fps >= MIN_FPS:
        raise InputError(f"fps={fps:g}: it must be at least {MIN_FPS:g}")
    target, name = rate.cycles_for(fps, clock(clock_mhz)), f"fps{fps:g}".replace(".", "_")
    return cheapest(network, Search(Parts(network, family, reload), weights), target, name)


def by_name(
    network: Network,
    home: Path,
    name: str,
    limit: Resources,
    reload: bool = False,
    *,
    weights: Weights = rate.DEFAULT_WEIGHTS,
    family: str = family.DEFAULT,
) -> Folding:
    """A folding by file, by its name in the folder foldings/ beside the network, or one that is computed.

    `max` is the fastest that fits into `limit`, `fix` the cheapest that takes an image every 16,384 cycles, `modest`
    the fastest of 20,000 LUTs; what costs how much is said by `weights`. "" is the file `paper` or, where there is
    none, `modest`. With `reload` weights and thresholds can be written at run time, as in a folding that says so
    itself. `family` is that of the device with the `limit`.
    """
    given = _given(network, home, name)
    if isinstance(given, Folding):
        return replace(given, reload=given.reload or reload)
    search = Search(Parts(network, family, reload), weights, SLACK)
    if given == FIX:
        return followed(search, FIX_INTERVAL, given)
    if given == MODEST:
        return _modest(search, given)
    # Where LUTs run out first another folding may fit that costs more, with fewer of them.
    return _fastest((search, search.priced(weights.with_blocks_at(SCARCE_LUTS))), limit, given)


def _given(network: Network, home: Path, name: str) -> Folding | str:
    """The folding that a file says, or the name of one that is computed."""
    if Path(name).is_file():
        return folding.load(Path(name), network)
    named = {path.stem: path for path in sorted((home / "foldings").glob("*.yaml"))}
    name = name or (PAPER if PAPER in named else MODEST)
    if name in named and name in COMPUTED:
        raise InputError(f"{named[name]}: {name} is computed for every network; give the file another name")
    if name in named:
        return folding.load(named[name], network)
    if name in COMPUTED:
        return name
    legal = sorted({*named, *COMPUTED})
    raise InputError(f"folding {name}: no such file; legal are a file or {', '.join(legal)}")


def _modest(search: Search, name: str) -> Folding:
    """The fastest folding of `MODEST_LUTS`; where none is so small, of twice as many, and so on."""
    luts = MODEST_LUTS
    while True:
        try:
            return _fastest((search,), Resources(luts, ANY, ANY), name)
        except InputError:
            luts *= 2
            if luts > ANY:
                raise


def _fastest(searches: Sequence[Search], limit: Resources, name: str) -> Folding:
    """The fastest folding of one of `searches` that fits into `limit`, within an eighth of its interval."""
    network = searches[0].parts.network

    def attempt(target: int) -> Folding | None:
        try:
            every = (search.fold(target, name) for search in searches)
            return next((chosen for chosen in every if fits(network, chosen, limit)), None)
        except InputError:
            return None

    for slow in progress("looking for a folding that fits", (1 << power for power in range(40))):
        if best := attempt(slow):
            break
    else:
        raise InputError(f"{network.name}: no folding fits into {limit}")
    low = slow // 2
    while slow - low > max(1, slow // 8):
        middle = (low + slow) // 2
        found = attempt(middle)
        low, slow, best = (low, middle, found) if found else (middle, slow, best)
    return best
