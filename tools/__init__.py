# SPDX-License-Identifier: Apache-2.0
"""What the Makefile's targets call, each as `python -m tools.<name>` from the root of the repository.

run, system, zc706        classify pictures in a simulation, write the project of a board
lint, formal, mutants     checks; equal.py compares two modules, yosys_run.py calls Yosys and ABC
synth, bench              sizes and rates, measured; report.py prints and keeps them
docs, lock, setup         generated pages, pinned packages, .venv (setup.py runs without any package)
"""
