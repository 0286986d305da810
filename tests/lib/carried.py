# SPDX-License-Identifier: Apache-2.0
"""Plans of the networks that the repository carries."""

import functools

from finn_gen import request
from finn_gen.plan import NetworkPlan, plan_network
from finn_gen.resources import DEFAULT_DEVICE


@functools.cache
def carried(name: str, folding: str = "max", reload: bool = False) -> NetworkPlan:
    """A network of accel/ with one of its foldings."""
    network, home = request.load(name)
    return plan_network(network, request.by_name(network, home, folding, request.device(DEFAULT_DEVICE), reload))
