# SPDX-License-Identifier: Apache-2.0
"""The control registers of an accelerator."""
