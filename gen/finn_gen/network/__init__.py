# SPDX-License-Identifier: Apache-2.0
"""What is asked for: a network as checked, frozen data."""
