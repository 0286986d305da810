# SPDX-License-Identifier: Apache-2.0
"""What tests share: paths, random networks and stages, harnesses, models of a device."""
