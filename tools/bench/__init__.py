# SPDX-License-Identifier: Apache-2.0
"""Benchmarks, each as `python -m tools.bench.<name>`: they print a table and keep its figures in build/bench."""
