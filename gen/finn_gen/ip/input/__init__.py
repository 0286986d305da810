# SPDX-License-Identifier: Apache-2.0
"""The first stage of an accelerator."""
