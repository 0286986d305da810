# SPDX-License-Identifier: Apache-2.0
"""The library as FuseSoC sees it."""
