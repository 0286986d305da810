#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_zc706`: the accelerator of a network as an IP, and the scripts of its block design.

The parameters are those of finn_accelerator.
"""

import sys
from pathlib import Path

from finn_gen import zc706
from finn_gen.base.files import write_tree
from finn_gen.package import packages
from fusesoc_accelerator import planned
from fusesoc_request import serve


def generate(asked: dict) -> None:
    """Write the project that `asked` (FuseSoC's generator input) is for to the current folder."""
    package = packages.system_package(planned(asked, "finn_zc706"))
    write_tree(Path(), zc706.fusesoc_files(asked["vlnv"], package))


if __name__ == "__main__":
    sys.exit(serve("finn_zc706", generate))
