# SPDX-License-Identifier: Apache-2.0
"""What the accelerator will see of an array: it knows an address and a length, nothing of strides, types or copies."""

from __future__ import annotations

import operator
import weakref
from dataclasses import dataclass

import numpy as np

from finn_driver.errors import ImageError

ALIGNMENT = 8
"""Bytes that the DMA's addresses are a multiple of."""


@dataclass(frozen=True)
class Span:
    """Bytes from `start` on, before `end`."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


def number(name: str, value: object) -> int:
    """A whole number that a register takes. Raises ImageError."""
    try:
        return operator.index(value)
    except TypeError:
        raise ImageError(f"{name}={value!r}: it must be a whole number") from None


def of_processor(array: np.ndarray) -> Span:
    """Where an array without gaps lies for the processor."""
    start = array.__array_interface__["data"][0]
    return Span(start, start + array.nbytes)


def is_ordinary(array: np.ndarray) -> bool:
    """Whether an array, or what it is a view of, is in memory that numpy took for it, as a result of a computation is.

    A buffer is a view of memory that something else than numpy has given.
    """
    while isinstance(array, np.ndarray):
        if array.flags.owndata:
            return True
        array = array.base
    return False


class Known:
    """The buffers that were allocated here, by which a view of them is told from a copy."""

    def __init__(self) -> None:
        self._places: list[tuple[weakref.ref, Span, Span]] = []
        self._ordinary: bool | None = None

    def add(self, buffer: np.ndarray) -> np.ndarray:
        """Remember where a new buffer lies for both sides."""
        device = int(buffer.device_address)
        self._places.append((weakref.ref(buffer), of_processor(buffer), Span(device, device + buffer.nbytes)))
        self._ordinary = is_ordinary(buffer)
        return buffer

    def _held(self) -> list[tuple[Span, Span]]:
        """Where those lie that were not given back, for the processor and for the accelerator."""
        self._places = [place for place in self._places if _is_held(place[0]())]
        return [(here, there) for _, here, there in self._places]

    def is_elsewhere(self, buffer: np.ndarray) -> bool:
        """Whether the address that an array carries is not that of its bytes, as with a copy of a buffer.

        numpy makes copies of the buffer's class, and PYNQ counts an address on for them from where the processor sees
        them.
        """
        here = of_processor(buffer)
        there = Span(buffer.device_address, buffer.device_address + buffer.nbytes)
        held = self._held()
        for place, device in held:
            if place.holds(here):
                return there.start - device.start != here.start - place.start
        if any(device.meets(there) for _, device in held):
            return True
        # Of another allocator, or given back.
        return buffer.flags.owndata or (self._ordinary is False and is_ordinary(buffer))


def _is_held(buffer: np.ndarray | None) -> bool:
    """Whether a buffer is still there; PYNQ's have a pointer, which becomes 0."""
    return buffer is not None and getattr(buffer, "pointer", 1) != 0


def check(name: str, buffer: object, rows: int, row_bytes: int, known: Known) -> Span:
    """The addresses of the first `rows` rows. Raises ImageError unless they are just the bytes of the array's rows."""
    address = getattr(buffer, "device_address", None)
    if not isinstance(buffer, np.ndarray) or address is None:
        raise ImageError(f"{name} are no buffer that the accelerator reaches: take one from allocate()")
    if buffer.dtype != np.uint8 or buffer.ndim != 2 or buffer.shape[1] != row_bytes or len(buffer) < rows:
        raise ImageError(f"{name} are {buffer.dtype} {list(buffer.shape)}; they must be uint8 [{rows}, {row_bytes}]")
    if not buffer.flags.c_contiguous:
        raise ImageError(
            f"{name} have strides {list(buffer.strides)}; rows must lie one behind the other, {row_bytes} bytes each, "
            "as in a slice buffer[first:last]"
        )
    if known.is_elsewhere(buffer):
        raise ImageError(
            f"{name} are a copy of a buffer in memory that the accelerator does not reach: write to the buffer itself, "
            "buffer[:] = ..."
        )
    address = number(f"device_address of {name}", address)
    if address < 0 or address % ALIGNMENT:
        raise ImageError(
            f"{name} begin at the address {address:#x}; it must be a multiple of {ALIGNMENT}: take another first row"
        )
    return Span(address, address + rows * row_bytes)
