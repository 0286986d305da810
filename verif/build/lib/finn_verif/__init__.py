# SPDX-License-Identifier: Apache-2.0
"""Verification environment for AXI4-Stream cores: pyuvm on cocotb.

Inside a simulator the import registers the exit-code handler of :mod:`finn_verif.exitcode`, so that a
failing test also fails `fusesoc run`, and takes and prints the seed. Nothing else is imported here: the
pytest side (:mod:`finn_verif.runner`) and the numpy references (:mod:`finn_verif.ref`) never load cocotb.
"""

import sys

if "cocotb" in sys.modules and sys.modules["cocotb"].is_simulation:
    from finn_verif import exitcode, seed

    exitcode.install()
    seed.base()
