# SPDX-License-Identifier: Apache-2.0
"""The matrix-vector-threshold unit."""
