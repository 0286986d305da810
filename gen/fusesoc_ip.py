#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FuseSoC's generator `finn_ip`: renders one IP where FuseSoC calls it.

Parameters of the generator: `ip`, the IP's name, and that IP's own parameters (`finn-gen describe IP`).
"""

import sys
from pathlib import Path

from fusesoc_request import serve, without

try:
    # Beside this file, so that it is found in a checkout that is not installed.
    from finn_gen import ip
    from finn_gen.base.errors import InputError
    from finn_gen.base.files import write_tree
    from finn_gen.emit.bundle import of_core
except ModuleNotFoundError as error:
    sys.exit(without("finn_ip", error))


def generate(request: dict) -> None:
    """Write the core that `request` (FuseSoC's generator input) asks for to the current folder."""
    parameters = dict(request.get("parameters") or {})
    vlnv = request["vlnv"]
    if "ip" not in parameters:
        raise InputError(f"parameter ip is missing; legal are {', '.join(ip.NAMES)}")
    name = parameters.pop("ip")
    plan = ip.get(name).build(parameters)
    built = of_core(plan)
    core = built.fusesoc_core(vlnv, {f"{plan.module}.plan.json": "finn.plan.json"}, toplevel=True)
    # FuseSoC looks for any .core here, and a core's name may differ from the module's.
    write_tree(Path(), built.own | {f"{plan.module}.core": core})


if __name__ == "__main__":
    sys.exit(serve("finn_ip", generate))
