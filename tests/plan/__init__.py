# SPDX-License-Identifier: Apache-2.0
"""Foldings, rates, converters and FIFOs of a whole network."""
