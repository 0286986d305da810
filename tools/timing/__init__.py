# SPDX-License-Identifier: Apache-2.0
"""Static timing of netlists: a model of 7-series, for which there is no place and route without Vivado."""
