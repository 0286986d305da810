# SPDX-License-Identifier: Apache-2.0
"""Tests, in folders by topic; `lib` holds what they share, and a test bench (tb_*.py) lies beside its test."""
