# SPDX-License-Identifier: Apache-2.0
"""Images from memory, results to memory."""
