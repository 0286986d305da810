# SPDX-License-Identifier: Apache-2.0
"""The main job: pictures through a simulated accelerator, checked score by score against the integer reference.

job.py puts it together: what the work folder says of the accelerator (design.py), pictures and the scores of the
reference (finn_sim), the files that the Verilog test bench reads (vectors.py), its run (simulation.py) and what is
told about it (report.py), and where that is kept (records.py). The flow edalize.flows.finn_sim calls the job from
FuseSoC.
"""
