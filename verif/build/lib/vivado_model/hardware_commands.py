# SPDX-License-Identifier: Apache-2.0
"""Commands of the hardware manager: one cable, with the devices of a Zynq-7000 board on its JTAG chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vivado_model.catalog import device
from vivado_model.errors import VivadoError
from vivado_model.objects import Thing, matches
from vivado_model.packager_commands import VivadoWithPackager
from vivado_model.session import command, settable

TARGET = "localhost:3121/xilinx_tcf/Digilent/210203000000A"


@dataclass
class VivadoWithHardware(VivadoWithPackager):
    """All commands. `cable` says whether a board is connected; `programmed` are the files that went to a device."""

    cable: bool = True
    programmed: list[tuple[str, str]] = field(default_factory=list)
    _server: bool = False
    _open: bool = False
    _device: str = ""
    _files: dict[str, dict[str, str]] = field(default_factory=dict)
    _target: dict[str, str] = field(default_factory=lambda: {"PARAM.FREQUENCY": "15000000"})

    @command("open_hw_manager")
    def open_hw_manager(self) -> None:
        """Begin."""

    @command("connect_hw_server", options="url")
    def connect_hw_server(self, url: str = "localhost:3121") -> str:
        """The server of the cables."""
        self._server = True
        return url

    @command("disconnect_hw_server")
    def disconnect_hw_server(self) -> None:
        """Leave it."""
        self._need_server()
        self._server = self._open = False

    def _need_server(self) -> None:
        if not self._server:
            raise VivadoError("no hardware server is connected")

    @command("get_hw_targets", flags="quiet", words=(0, 1))
    def get_hw_targets(self, pattern: str = "*", quiet: bool = False) -> list[Thing]:
        """Cables."""
        self._need_server()
        found = [TARGET] if self.cable and matches(TARGET, [pattern]) else []
        return [Thing("hw_target", name, name, lambda: self._target, settable(self._target, name)) for name in found]

    @command("current_hw_target", words=(1, 1))
    def current_hw_target(self, words: str) -> None:
        """The cable that is meant."""
        self.one(words, "hw_target")

    @command("open_hw_target", flags="quiet")
    def open_hw_target(self, quiet: bool = False) -> None:
        """Look at the chain behind it."""
        self._need_server()
        if not self.cable:
            raise VivadoError("no hardware target is available")
        self._open = True

    @command("close_hw_target")
    def close_hw_target(self) -> None:
        """Let go of it."""
        self._open = False

    @command("get_hw_devices", words=(0, 1))
    def get_hw_devices(self, pattern: str = "*") -> list[Thing]:
        """Devices of the chain."""
        if not self._open:
            raise VivadoError("no hardware target is open")
        return [self._hw_device(name) for name in self.devices if matches(name, [pattern])]

    @property
    def devices(self) -> dict[str, str]:
        """The chain of the board, name to kind: the debug port of the ARM, then the device."""
        kinds = ["arm_dap", *([device(self.board.part)] if self.board else [])]
        return {f"{kind}_{index}": kind for index, kind in enumerate(kinds)}

    def _hw_device(self, name: str) -> Thing:
        values = self._files.setdefault(name, {"PROGRAM.FILE": ""})
        part = self.devices[name]
        return Thing("hw_device", name, name, lambda: {"PART": part, **values}, settable(values, f"device {name}"))

    @command("current_hw_device", words=(0, 1))
    def current_hw_device(self, words: str = "") -> list[Thing]:
        """The device that is meant."""
        if words:
            self._device = str(self.one(words, "hw_device").key)
        if not self._device:
            raise VivadoError("no device was chosen")
        return [self._hw_device(self._device)]

    @command("program_hw_devices", words=(1, 1))
    def program_hw_devices(self, words: str) -> None:
        """Load the file of a device into it."""
        name = str(self.one(words, "hw_device").key)
        file = self._files[name]["PROGRAM.FILE"]
        if not file or not Path(file).is_file():
            raise VivadoError(f"device {name}: there is no file '{file}'")
        self.programmed.append((name, file))
