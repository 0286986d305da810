# SPDX-License-Identifier: Apache-2.0
"""Driver of accelerators with AXI4-Lite control, behind a DMA, in PYNQ's style, or behind a serial line.

from finn_driver import Overlay

with Overlay("cnv_axi.bit") as overlay:  # cnv_axi.hwh and cnv_axi.json lie beside it
    labels = overlay.accel.classify(images)  # uint8 [N, 32, 32, 3]

from finn_driver import Accelerator

with Accelerator("/dev/ttyUSB0", description="sfc_uart.json") as accel:
    labels = accel.classify(images)  # uint8 [N, 28, 28, 1]
"""

from finn_driver.accelerator import Accelerator
from finn_driver.backend import Backend, Buffer
from finn_driver.description import Description
from finn_driver.errors import (
    AllocationError,
    BusError,
    DescriptionError,
    DeviceNotFoundError,
    DeviceTimeoutError,
    DmaError,
    DriverError,
    FrameError,
    ImageError,
    LinkError,
    WeightsError,
    WrongBitstreamError,
)
from finn_driver.link import LinkStatistics
from finn_driver.overlay import Overlay, allocate
from finn_driver.statistics import Boundary, Statistics

__version__ = "0.1.0"
__all__ = [
    "Accelerator",
    "AllocationError",
    "Backend",
    "Boundary",
    "Buffer",
    "BusError",
    "Description",
    "DescriptionError",
    "DeviceNotFoundError",
    "DeviceTimeoutError",
    "DmaError",
    "DriverError",
    "FrameError",
    "ImageError",
    "LinkError",
    "LinkStatistics",
    "Overlay",
    "Statistics",
    "WeightsError",
    "WrongBitstreamError",
    "allocate",
]
