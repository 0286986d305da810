# SPDX-License-Identifier: Apache-2.0
"""Numbers in sentences."""


def counted(number: int, noun: str, separator: str = "") -> str:
    """How many of what: "1 word", "2 words". `separator` stands between thousands, as in "1,024 cycles"."""
    return f"{number:{separator}} {noun}{'s' * (number != 1)}"


def every(number: int, noun: str, separator: str = "") -> str:
    """Every so many: "every cycle", "every 2 cycles"; `separator` as in `counted`."""
    return f"every {noun}" if number == 1 else f"every {counted(number, noun, separator)}"
