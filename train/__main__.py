# SPDX-License-Identifier: Apache-2.0
"""`python -m train`: the program finn-train."""

import sys

from finn_train.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
