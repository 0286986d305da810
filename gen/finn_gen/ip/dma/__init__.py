# SPDX-License-Identifier: Apache-2.0
"""Plan, registers and text of the DMA between AXI4 memory and AXI-Streams, `finn:ip:dma`."""
