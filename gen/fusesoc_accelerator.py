#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_accelerator`: renders the accelerator of a network where FuseSoC calls it.

Parameters of the generator, paths relative to the calling core:
network     the network's YAML file
folding     modest, fix, max, another name in foldings/ beside the network, or a file;
            paper if there is one, else modest
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
    from finn_gen.base.files import write_tree
    from finn_gen.emit import accelerator
    from finn_gen.plan.network import NetworkPlan
    from finn_gen.request import Request
except ModuleNotFoundError as error:
    sys.exit(missing("finn_accelerator", error))


def planned(asked: dict, generator: str) -> NetworkPlan:
    """The plan of what `asked` (FuseSoC's input to `generator`) names. Raises InputError."""
    return Request.from_mapping(generator, asked.get("parameters") or {}, Path(asked["files_root"])).plan(print)


def generate(asked: dict) -> None:
    """Write the accelerator that `asked` is for to the current folder."""
    write_tree(Path(), accelerator.fusesoc_files(asked["vlnv"], planned(asked, "finn_accelerator")))


if __name__ == "__main__":
    sys.exit(serve("finn_accelerator", generate))
