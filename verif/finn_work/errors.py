# SPDX-License-Identifier: Apache-2.0
"""What ends a run of many pieces."""


class WorkError(RuntimeError):
    """A run cannot begin or go on.

    The message is for the user: what happened, in which piece and on which worker, and what to do. `cause` is the name
    of the exception's class that a piece raised, or nothing.
    """

    def __init__(self, message: str, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause
