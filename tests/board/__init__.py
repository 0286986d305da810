# SPDX-License-Identifier: Apache-2.0
"""Projects for the ZC706."""
