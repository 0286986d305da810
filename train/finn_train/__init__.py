# SPDX-License-Identifier: Apache-2.0
"""Training of networks for accelerators: quantized as the hardware computes, from pictures to parameters."""
