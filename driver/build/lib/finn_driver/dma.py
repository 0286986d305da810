# SPDX-License-Identifier: Apache-2.0
"""A channel of the DMA: jobs of whole images, one running and one queued."""

from __future__ import annotations

from dataclasses import dataclass

from finn_driver.errors import DmaError
from finn_driver.registers import Registers

NAMES = {"MM2S": "memory to accelerator", "S2MM": "accelerator to memory"}
_STATE = ("busy", "full", "done", "jobs")
"""Fields of STATUS that are no errors."""
_STOPPED = ("slave_error", "decode_error", "frame")
"""Errors after which a channel takes no jobs: starting one is then an overrun."""
_REMEDIES = {
    "bus": "the interconnect or the memory refused the access: check that the buffer is from allocate() and that the "
    "accelerator's master port is mapped to the memory",
    "programming": "the registers were written by something else than this driver, or the description is of another "
    "accelerator",
    "frame": "the accelerator sent a result of another length: the description is of another accelerator",
}


@dataclass(frozen=True)
class Status:
    """State of a channel. `pending` is the number of jobs that are not finished, `images` those done in the last."""

    pending: int
    images: int
    errors: tuple[str, ...]


class Channel:
    """One direction. `name` is MM2S or S2MM."""

    def __init__(self, registers: Registers, name: str) -> None:
        self.name = name
        self._registers = registers
        self._errors = tuple(field for field in registers.names(f"{name}_STATUS") if field not in _STATE)
        self._queued, self._modulo = 0, self._registers.values(f"{name}_STATUS", "jobs")

    def forget(self) -> None:
        """Begin anew after a reset, which sets the channel's count of jobs to 0."""
        self._queued = 0

    def queue(self, address: int, length: int, count: int) -> None:
        """Queue a job: `count` images of `length` bytes each, from `address` on. One may be running already."""
        self._registers.write_wide(f"{self.name}_BASE", address)
        self._registers.write(f"{self.name}_LENGTH", length)
        self._registers.write(f"{self.name}_COUNT", count)
        self._registers.write(f"{self.name}_START", self._registers.bits(f"{self.name}_START", start=1))
        self._queued += 1

    def status(self) -> Status:
        """State and errors, as they are now."""
        register = f"{self.name}_STATUS"
        value = self._registers.read(register)
        return Status(
            pending=(self._queued - self._registers.field(register, "jobs", value)) % self._modulo,
            images=self._registers.read(f"{self.name}_DONE"),
            errors=self._causes({name for name in self._errors if self._registers.field(register, name, value)}),
        )

    def _causes(self, flags: set[str]) -> tuple[str, ...]:
        """The errors without the overrun that another one brings about, in the order of the register."""
        if flags & set(_STOPPED):
            flags -= {"overrun"}
        return tuple(name for name in self._errors if name in flags)

    def acknowledge(self) -> None:
        """Clear the bit that says that a job is done, and with it the interrupt."""
        register = f"{self.name}_STATUS"
        self._registers.write(register, self._registers.bits(register, done=1))

    def error(self, status: Status) -> DmaError:
        """The exception for a status with errors."""
        address = self._registers.read_wide(f"{self.name}_ERROR_ADDRESS")
        register = f"{self.name}_STATUS"
        meanings = "; ".join(f"{flag}: {self._registers.meaning(register, flag)}" for flag in status.errors)
        return DmaError(
            f"the DMA's channel {self.name} ({NAMES[self.name]}) stopped after {status.images} images, "
            f"address {address:#x} ({meanings}); {_remedy(status.errors)}",
            self.name,
            status.errors,
            address,
            status.images,
        )


def _remedy(errors: tuple[str, ...]) -> str:
    if "frame" in errors:
        return _REMEDIES["frame"]
    return _REMEDIES["bus" if {"slave_error", "decode_error"} & set(errors) else "programming"]
