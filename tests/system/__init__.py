# SPDX-License-Identifier: Apache-2.0
"""Accelerators with control, DMA, memory and driver."""
