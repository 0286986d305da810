# SPDX-License-Identifier: Apache-2.0
"""The host link over a serial line."""
