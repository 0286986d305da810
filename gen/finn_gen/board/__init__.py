# SPDX-License-Identifier: Apache-2.0
"""Systems on boards: what a board is (`facts`), and the Vivado project of an accelerator on one (`zynq7`)."""
