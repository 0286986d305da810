# SPDX-License-Identifier: Apache-2.0
"""The cycle-accurate model against the RTL."""
