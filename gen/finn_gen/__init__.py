# SPDX-License-Identifier: Apache-2.0
"""Generator of streaming accelerators for binarized neural networks: model, plan, emit."""

__version__ = "0.1.0"
