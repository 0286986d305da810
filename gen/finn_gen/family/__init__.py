# SPDX-License-Identifier: Apache-2.0
"""FPGA families: what their devices have, what circuits cost in them, and which building blocks have a twin for them.

Each is a package in this one that exports `FAMILY`; one that is put here is found.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass

from finn_gen.base.errors import InputError
from finn_gen.base.params import DEFAULT_FAMILY
from finn_gen.family.costs import Costs
from finn_gen.family.delays import Delays
from finn_gen.family.resources import Resources


@dataclass(frozen=True)
class Family:
    """One family.

    name     also that of the folder in rtl/ with the building blocks in the family's primitives, where it has some
    title    as its makers write it
    costs    what things take
    devices  what devices have, by name
    delays   what things take in time, by a model; None where there is none, and plans state no clock
    cells    Yosys' models of the primitives that its twins are made of, as `read_verilog` takes them
    lut, block   what its makers call a LUT and a block RAM
    block_parts  the blocks of `Resources.bram18` that such a block RAM is
    """

    name: str
    title: str
    costs: Costs
    devices: Mapping[str, Resources]
    delays: Delays | None = None
    cells: str = ""
    lut: str = "LUT"
    block: str = "BRAM36"
    block_parts: int = 2


DEFAULT = DEFAULT_FAMILY
DEFAULT_DEVICE = "xc7z045"
NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


@functools.cache
def get(name: str) -> Family:
    """The family called `name`, or InputError."""
    if name not in NAMES:
        raise InputError(f"there is no family {name!r}; legal are {', '.join(NAMES)}")
    return importlib.import_module(f"finn_gen.family.{name}").FAMILY


def every() -> tuple[Family, ...]:
    """All families, by name."""
    return tuple(get(name) for name in NAMES)


def device_named(text: str) -> str:
    """The device that `text` names: in capitals or not, with package and speed grade behind it, or its end alone.

    InputError lists the devices that are known, those of the default family first.
    """
    word = text.lower()
    families = sorted(every(), key=lambda family: family.name != DEFAULT)
    known = [device for family in families for device in family.devices]
    whole = [device for device in known if re.fullmatch(rf"{re.escape(device)}(-.+|[il]?[a-z]{{3}}\d+.*)?", word)]
    ends = [device for device in known if word and device.endswith(word)]
    for found in (whole, ends):
        if len(found) == 1:
            return found[0]
    raise InputError(f"device={text}: legal are {', '.join(known)}")


def of_device(device: str) -> Family:
    """The family of a device by its full name; InputError lists the devices that are known."""
    name = device_named(device)
    return next(family for family in every() if name in family.devices)
