# SPDX-License-Identifier: Apache-2.0
"""What FuseSoC's generators have in common: reading the request, and errors as FuseSoC shows them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def serve(name: str, generate: Callable[[dict[str, Any]], None]) -> int:
    """Run `generate` with FuseSoC's request, the YAML file named on the command line.

    Returns 0, or 2 for bad input. A generator runs with its output folder as the current one.
    """
    import yaml

    from finn_gen.base.errors import InputError

    request = yaml.safe_load(Path(sys.argv[1]).read_text())
    try:
        generate(request)
    except InputError as error:
        print(f"ERROR: {name}, asked by {request.get('vlnv')}: {error}", file=sys.stderr)
        return 2
    return 0


def missing(name: str, error: ModuleNotFoundError) -> str:
    """What to say if a module that a generator needs is not there."""
    return (
        f"ERROR: {name}: {sys.executable} has no module {error.name}; "
        "`make setup` in finn's repository and activate its .venv, or pip install finn-gen"
    )
