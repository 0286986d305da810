# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the AXI-Stream FIFO, `finn:ip:fifo`."""
