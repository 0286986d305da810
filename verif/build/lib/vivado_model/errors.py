# SPDX-License-Identifier: Apache-2.0
"""The model's one exception."""


class VivadoError(Exception):
    """What Vivado refuses, or the model in its place. The message names the thing, and Vivado's own number if known."""
