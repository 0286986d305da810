# SPDX-License-Identifier: Apache-2.0
"""Training of the networks that this repository carries: SFC, LFC and CNV, binarized as the hardware computes."""
