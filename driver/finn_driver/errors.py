# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, one class a cause. Every message says what was found and what to do."""

from __future__ import annotations


class DriverError(Exception):
    """The root of all errors of this package."""


class DescriptionError(DriverError):
    """A description file cannot be read, or says what no accelerator is like."""


class ImageError(DriverError, ValueError):
    """Images of a wrong shape, type or number."""


class WeightsError(DriverError, ValueError):
    """A weights file cannot be read, belongs to another accelerator, or was not taken."""


class DeviceNotFoundError(DriverError):
    """There is no board, no bitstream, or no accelerator in it."""


class WrongBitstreamError(DriverError):
    """What is in the FPGA is not what the description tells of."""


class AllocationError(DriverError):
    """No memory that the accelerator could reach."""


class BusError(DriverError):
    """A register answered with an error."""


class DeviceTimeoutError(DriverError, TimeoutError):
    """The accelerator did not do what it should have done in time."""


class LinkError(DriverError):
    """The device at the other end of a serial line does not answer."""


class FrameError(DriverError):
    """The accelerator saw images of another length than its own.

    short, long  how many ended too early, or went on for too long
    """

    def __init__(self, message: str, short: int, long: int) -> None:
        super().__init__(message)
        self.short, self.long = short, long


class DmaError(DriverError):
    """A channel of the DMA stopped with an error.

    channel  "MM2S", memory to accelerator, or "S2MM", accelerator to memory
    flags    names of the bits that were set
    address  where the burst began that failed
    images   how many were finished in the job
    """

    def __init__(self, message: str, channel: str, flags: tuple[str, ...], address: int, images: int) -> None:
        super().__init__(message)
        self.channel, self.flags, self.address, self.images = channel, flags, address, images
