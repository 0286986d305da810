# SPDX-License-Identifier: Apache-2.0
"""Test bench of the DMA, finn:ip:dma: jobs, errors, quiesce and reset, registers, against a memory that checks AXI4."""

import finn_verif  # noqa: F401  (a failing test also fails `fusesoc run`)
from tests.ip.dma import errors, jobs, pace, register_access

# cocotb finds the tests by the names of this module.
for _module in (jobs, errors, pace, register_access):
    globals().update({name: test for name, test in vars(_module).items() if name.startswith("test_")})
