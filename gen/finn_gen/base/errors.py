# SPDX-License-Identifier: Apache-2.0
"""The one exception for input that is wrong."""


class InputError(ValueError):
    """What the user gave is wrong.

    The message is one or two lines: which file or parameter, its value, the rule, and what would be legal.
    The command line prints it without a traceback and exits with 2.
    """
