# SPDX-License-Identifier: Apache-2.0
"""Reference models with numpy integers. They share no arithmetic with the generator."""
