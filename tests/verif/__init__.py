# SPDX-License-Identifier: Apache-2.0
"""The verification environment and the reference, tested themselves."""
