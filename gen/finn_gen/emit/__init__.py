# SPDX-License-Identifier: Apache-2.0
"""From plans to files. No decision here."""
