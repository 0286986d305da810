# SPDX-License-Identifier: Apache-2.0
"""A whole system in simulation: an accelerator with control and DMA, its memory, and the real driver on top.

memory.py is the memory behind the AXI4 port, backend.py what the driver finds in place of a board.
"""
