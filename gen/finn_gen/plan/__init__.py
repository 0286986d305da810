# SPDX-License-Identifier: Apache-2.0
"""What is built: folding, the chain of stages, FIFOs. Numbers only, no text."""
