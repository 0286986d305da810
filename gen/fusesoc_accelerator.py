#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_accelerator`: renders the accelerator of a network where FuseSoC calls it.

Parameters of the generator, paths relative to the calling core:
network     the network's YAML or ONNX file
folding     modest, fix, max, another name in foldings/ beside the network, or a file;
            paper if there is one, else modest
fps         images a second, instead of a folding
clock       MHz, 200 if not given
parameters  an .npz file or a folder of BNN-PYNQ, instead of the file that the network names
device      what max must fit into, and what foldings are searched for: 7-series, UltraScale+ or ECP5; xc7z045 if
            not given
weight      what a folding that is searched costs, such as lut=1,bram36=400; by what the device has if not given
reload      1: weights and thresholds can be written at run time
classes     a text file, a class's name a line, instead of the names that network or parameters bring
"""

import sys
from pathlib import Path

from fusesoc_request import serve, without

NAME = "finn_accelerator"
try:
    # Beside this file, so that it is found in a checkout that is not installed.
    from finn_gen.base.files import write_tree
    from finn_gen.emit import accelerator
    from finn_gen.plan.network import NetworkPlan
    from finn_gen.request import Request, carried_networks
except ModuleNotFoundError as error:
    sys.exit(without(NAME, error))


def request(asked: dict, generator: str) -> Request:
    """What `asked` (FuseSoC's input to `generator`) names. Raises InputError."""
    return Request.from_mapping(generator, asked.get("parameters") or {}, Path(asked["files_root"]))


def planned(asked: dict, generator: str) -> NetworkPlan:
    """The plan of what `asked` (FuseSoC's input to `generator`) names. Raises InputError."""
    plan = request(asked, generator).plan(print)
    for note in plan.network.notes:
        print(f"{generator}: {note}", file=sys.stderr)
    return plan


def generate(asked: dict) -> None:
    """Write the accelerator that `asked` is for to the current folder."""
    plan, told = planned(asked, NAME), request(asked, NAME)
    # A network of one's own that has the name of one of accel/ is not known by its name.
    known = told.is_carried or plan.network.name not in carried_networks()
    about = {"digest": told.digest, "named": told.is_named and known, "carried": told.is_carried}
    about["device"] = told.device
    write_tree(Path(), accelerator.fusesoc_files(asked["vlnv"], plan, about))


if __name__ == "__main__":
    sys.exit(serve(NAME, generate))
