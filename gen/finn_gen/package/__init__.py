# SPDX-License-Identifier: Apache-2.0
"""Folders that are IPs for Vivado (IP-XACT)."""
