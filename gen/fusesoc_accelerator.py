#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_accelerator`: renders the accelerator of a network where FuseSoC calls it.

Parameters of the generator, paths relative to the calling core:
network     the network's YAML file
folding     max (the default), fix, another name in foldings/ beside the network, or a file
fps         images a second, instead of a folding
clock       MHz, 200 if not given
parameters  an .npz file or a folder of BNN-PYNQ, instead of the file that the network names
device      what max must fit into, xc7z045 if not given
reload      1: weights and thresholds can be written at run time
"""

import sys
from pathlib import Path

from fusesoc_request import missing, serve

try:
    # Beside this file, so that it is found in a checkout that is not installed.
    from finn_gen import request
    from finn_gen.base.errors import InputError
    from finn_gen.base.files import write_tree
    from finn_gen.base.params import Param, check_params
    from finn_gen.emit import accelerator
    from finn_gen.family.resources import DEFAULT_DEVICE
    from finn_gen.plan.network import NetworkPlan, plan_network
except ModuleNotFoundError as error:
    sys.exit(missing("finn_accelerator", error))

PARAMS = (
    Param("network", str, "", "the network's YAML file"),
    Param("folding", str, "", "a name or a file"),
    Param("fps", str, "", "images a second"),
    Param("clock", str, str(request.CLOCK_MHZ), "MHz"),
    Param("parameters", str, "", "an .npz file or a folder of BNN-PYNQ"),
    Param("device", str, DEFAULT_DEVICE, "what max must fit into"),
    Param("reload", bool, False, "weights and thresholds can be written at run time"),
)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name}={text!r}: it must be a number") from None


def planned(asked: dict, generator: str) -> NetworkPlan:
    """The plan of what `asked` (FuseSoC's input to `generator`) names. Raises InputError."""
    given = {name: str(value) for name, value in (asked.get("parameters") or {}).items()}
    values = check_params(generator, PARAMS, given)
    home = Path(asked["files_root"])
    if not values["network"]:
        raise InputError("parameter network is missing; it must be the path of a network's YAML file")
    if values["fps"] and values["folding"]:
        raise InputError("parameters fps and folding: only one of them is possible")
    # An absolute path stays as it is.
    parameters = home / values["parameters"] if values["parameters"] else None
    network, folder = request.load(str(home / values["network"]), parameters)
    clock = request.clock(_number("clock", values["clock"]))
    if values["fps"]:
        folding = request.by_rate(network, _number("fps", values["fps"]), clock, values["reload"])
    else:
        name = values["folding"] or "max"
        beside = home / name
        name = str(beside) if beside.is_file() else name
        folding = request.by_name(network, folder, name, request.device(values["device"]), values["reload"])
    return plan_network(network, folding, clock)


def generate(asked: dict) -> None:
    """Write the accelerator that `asked` is for to the current folder."""
    write_tree(Path(), accelerator.fusesoc_files(asked["vlnv"], planned(asked, "finn_accelerator")))


if __name__ == "__main__":
    sys.exit(serve("finn_accelerator", generate))
