# SPDX-License-Identifier: Apache-2.0
"""Networks as they are described: layers, shapes, ranges, and files, damaged ones too."""
