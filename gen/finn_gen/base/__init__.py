# SPDX-License-Identifier: Apache-2.0
"""What everything else stands on: errors, files, parameters, ranges of numbers, templates."""
