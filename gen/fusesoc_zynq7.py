#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_zynq7`: the accelerator of a network as an IP, and the scripts of its block design.

Parameters of the generator: those of finn_accelerator (`device` being that of the board if not given), and
board       a board of fpga/ by name, or its folder, relative to the calling core
"""

import sys
from pathlib import Path

from fusesoc_request import serve, without

NAME = "finn_zynq7"
try:
    # Beside this file, so that it is found in a checkout that is not installed.
    from finn_gen.base.errors import InputError
    from finn_gen.base.files import write_tree
    from finn_gen.board import facts, zynq7
    from finn_gen.package import packages
    from fusesoc_accelerator import planned
except ModuleNotFoundError as error:
    sys.exit(without(NAME, error))


def generate(asked: dict) -> None:
    """Write the project that `asked` (FuseSoC's generator input) is for to the current folder."""
    given = dict(asked.get("parameters") or {})
    name = str(given.pop("board", ""))
    if not name:
        raise InputError(f"parameter board is missing; it must be a folder or one of {', '.join(facts.carried())}")
    board = facts.load(name, Path(asked["files_root"]))
    plan = planned({**asked, "parameters": {"device": board.device, **given}}, NAME)
    write_tree(Path(), zynq7.fusesoc_files(asked["vlnv"], packages.system_package(plan), board))


if __name__ == "__main__":
    sys.exit(serve(NAME, generate))
