# SPDX-License-Identifier: Apache-2.0
"""What everything in the generator builds on."""
