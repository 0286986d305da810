# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the matrix-vector-threshold unit, `finn:ip:mvtu`."""
