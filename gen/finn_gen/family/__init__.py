# SPDX-License-Identifier: Apache-2.0
"""What devices have, and what circuits take of them."""
