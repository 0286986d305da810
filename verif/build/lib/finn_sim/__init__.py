# SPDX-License-Identifier: Apache-2.0
"""Whole accelerators and systems in simulation, judged by the integer reference.

pictures.py reads pictures and their labels, from files that image_files.py takes apart; reference.py says what a
network must answer to them. `finn_sim.accel` puts them through an accelerator without cocotb (the flow finn_sim of
edalize calls it); `finn_sim.system` runs the driver on an accelerator with control, DMA and memory.
"""
