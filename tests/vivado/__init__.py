# SPDX-License-Identifier: Apache-2.0
"""The model of Vivado's commands."""
