# SPDX-License-Identifier: Apache-2.0
"""Training, and the trained networks that are carried."""
