# SPDX-License-Identifier: Apache-2.0
"""Images at the ends of an accelerator."""
