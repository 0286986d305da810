# SPDX-License-Identifier: Apache-2.0
"""When the words of an image leave, while neither stream of a core stalls."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageTimes:
    """Cycles from the first input word of a run to an image's first and last output word."""

    first: int
    last: int
