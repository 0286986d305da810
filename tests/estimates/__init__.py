# SPDX-License-Identifier: Apache-2.0
"""Estimated sizes against Yosys."""
