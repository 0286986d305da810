# SPDX-License-Identifier: Apache-2.0
"""Reports as HTML pages: what stands in them, and what a browser makes of them."""
