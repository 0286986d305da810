# SPDX-License-Identifier: Apache-2.0
"""Whole accelerators and chains of stages, against the reference."""
