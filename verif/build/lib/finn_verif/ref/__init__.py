# SPDX-License-Identifier: Apache-2.0
"""The reference: what a network and each of its layers compute, in numpy integers. No arithmetic of the generator.

layers.py has one function for each kind of layer, for the test bench of a single core as for whole networks, and
KINDS, by which networks.py finds it; stream.py packs elements into words and cuts streams anew.
"""
