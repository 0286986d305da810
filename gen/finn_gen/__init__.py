# SPDX-License-Identifier: Apache-2.0
"""Generator of streaming accelerators for binarized neural networks: what is asked, plan, files.

`params_npz`, which writes files of parameters, is reached from here as well: scripts of users do.
"""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "params_npz":
        from finn_gen.formats import params_npz

        return params_npz
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
