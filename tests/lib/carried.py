# SPDX-License-Identifier: Apache-2.0
"""Plans of the networks that the repository carries."""

import functools

from finn_gen.plan.network import NetworkPlan
from finn_gen.request import Request


@functools.cache
def carried(name: str, folding: str = "paper", reload: bool = False) -> NetworkPlan:
    """A network of accel/ with one of its foldings."""
    return Request(name, folding=folding, reload=reload).plan()
