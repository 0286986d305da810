# SPDX-License-Identifier: Apache-2.0
"""IPs for Vivado: IP-XACT."""
