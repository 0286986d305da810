# SPDX-License-Identifier: Apache-2.0
"""Groups of neighbouring pixels: the words of a stream that passes several pixels of a row a cycle.

A word holds `pixels` neighbours of one row, the leftmost lowest. Rows begin with a word of their own: where their width
is no multiple, the last word of each row has lanes without a pixel. What lies in these is any bits, at an input and at
an output.
"""

from finn_gen.base.errors import InputError

LEGAL = (1, 2, 4, 8)
"""Pixels of a word. They divide each other, so that a word is never cut where another one begins."""


def groups(width: int, pixels: int) -> int:
    """Words of a row of `width` pixels."""
    return -(-width // pixels)


def check(owner: str, name: str, pixels: int) -> None:
    """InputError if a word of the IP `owner` cannot have so many pixels as its parameter `name` says."""
    if pixels not in LEGAL:
        raise InputError(f"{owner}: {name}={pixels}: legal are {', '.join(map(str, LEGAL))}")


def has_tail(width: int, few: int, many: int) -> bool:
    """Whether a row's words of `many` pixels are more than those of `few` pixels fill."""
    return groups(width, few) % (many // few) > 0
