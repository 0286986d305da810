# SPDX-License-Identifier: Apache-2.0
"""The drivers in Python and C on a model of the device."""
