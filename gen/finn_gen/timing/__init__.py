# SPDX-License-Identifier: Apache-2.0
"""The exact cycle-accurate model of chains of streaming stages."""
