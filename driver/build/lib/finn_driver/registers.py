# SPDX-License-Identifier: Apache-2.0
"""Registers and their fields by name, as the description lists them."""

from __future__ import annotations

from finn_driver.backend import Backend
from finn_driver.description import Field, Register, RegisterMap
from finn_driver.errors import DescriptionError


class Registers:
    """A register map on a backend."""

    def __init__(self, backend: Backend, table: RegisterMap) -> None:
        self._backend, self._table = backend, table

    def read(self, name: str, index: int = 0) -> int:
        """A register's 32 bits; `index` counts where there are several of the name."""
        return self._backend.read(self._address(name, index))

    def write(self, name: str, value: int, index: int = 0) -> None:
        """Write a register's 32 bits."""
        self._backend.write(self._address(name, index), value)

    def read_wide(self, name: str, index: int = 0) -> int:
        """The 64 bits of the registers `name`_LO and `name`_HI, the lower first: reading it holds the higher."""
        low = self.read(f"{name}_LO", index)
        return low | self.read(f"{name}_HI", index) << 32

    def write_wide(self, name: str, value: int) -> None:
        """Write 64 bits to the registers `name`_LO and `name`_HI."""
        self.write(f"{name}_LO", value & 0xFFFF_FFFF)
        self.write(f"{name}_HI", value >> 32)

    def bits(self, name: str, **fields: int) -> int:
        """The value of a register with these fields, the others zero."""
        register = self._register(name)
        return sum(number << self._field(register, field).low for field, number in fields.items())

    def field(self, name: str, field: str, value: int) -> int:
        """A field's number in a value that was read from the register `name`."""
        return self._field(self._register(name), field).of(value)

    def values(self, name: str, field: str) -> int:
        """How many numbers a field can hold."""
        return 1 << self._field(self._register(name), field).width

    def names(self, name: str) -> tuple[str, ...]:
        """The fields of a register."""
        return tuple(self._register(name).fields)

    def meaning(self, name: str, field: str) -> str:
        """What the description says of a field."""
        return self._field(self._register(name), field).doc

    def _address(self, name: str, index: int) -> int:
        register = self._register(name)
        return self._table.base + register.offset + index * register.stride

    def _register(self, name: str) -> Register:
        if name not in self._table.registers:
            raise DescriptionError(
                f"the description lists no register {name} in the map {self._table.name}: take a description and a "
                "driver of the same version"
            )
        return self._table.registers[name]

    def _field(self, register: Register, name: str) -> Field:
        if name not in register.fields:
            raise DescriptionError(
                f"the description lists no field {name} of {self._table.name}.{register.name}: take a description and "
                "a driver of the same version"
            )
        return register.fields[name]
