# SPDX-License-Identifier: Apache-2.0
"""Files in and out: descriptions in YAML, parameters as .npz or as a folder of BNN-PYNQ."""
