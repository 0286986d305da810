# SPDX-License-Identifier: Apache-2.0
"""Delays of 7-series, speed grade -2: round figures chosen by hand, none of them measured on a device."""

from finn_gen.family.delays import Delays

DELAYS = Delays(
    lut=0.10,
    mux=0.15,
    carry_in=0.35,
    carry=0.09,
    carry_out=0.22,
    register=0.3,
    memory=1.0,
    block=0.7,
    slow_block=2.0,
    near=0.45,
    doubled=0.05,
)
