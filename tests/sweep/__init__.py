# SPDX-License-Identifier: Apache-2.0
"""`finn-gen sweep`: points, rows, fronts."""
