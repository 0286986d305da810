# SPDX-License-Identifier: Apache-2.0
"""What opens recorded waveforms with the streams in order: a save file for GTKWave, a command file for Surfer.

Both lie beside the recording, which they name by its absolute path:

    gtkwave FILE.gtkw
    surfer --command-file FILE.sucl
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcd.gtkw import GTKWSave

VARIABLE = "WAVES"
"""Environment variable that asks for waveforms."""
_PORT = re.compile(
    r"^\s*(?:input|output)\s+(?:wire|reg)?\s*(?:signed)?\s*(?:\[(\d+):0\])?\s*(\w+)\s*,?\s*(?://.*)?$", re.M
)
_BUS = re.compile(
    r"([sm]_axi\w*?)_(?:t|aw|w|b|ar|r)(?:data|valid|ready|last|strb|keep|addr|resp|len|size|burst|lock|cache|prot|qos|id)$"
)


@dataclass(frozen=True)
class Signal:
    """A recorded signal: its full name, `top.instance.name`, and the bits of a vector; 0 for one that is none."""

    name: str
    width: int = 0

    @property
    def ranged(self) -> str:
        """The name as recordings have it: with the bits of a vector."""
        return f"{self.name}[{self.width - 1}:0]" if self.width else self.name


Groups = Mapping[str, Sequence[Signal]]
"""What is shown, in order: a heading, and the signals below it."""


def wanted() -> bool:
    """Whether the environment asks for waveforms: WAVES is set, to anything but nothing or 0."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def ports(verilog: str, top: str, scope: str | None = None) -> Groups:
    """The ports of module `top` in the text `verilog`, those of a bus together; `scope` is the instance's full name.

    Empty where the text has no such module. Ports are those declared in its header with numbers as bounds, as all
    generated modules are.
    """
    header = re.search(rf"^module\s+{re.escape(top)}\b(.*?)\);", verilog, re.M | re.S)
    groups: dict[str, list[Signal]] = {}
    for upper, name in _PORT.findall(header[1]) if header else ():
        bus = _BUS.match(name)
        groups.setdefault(bus[1] if bus else "others", []).append(
            Signal(f"{scope or top}.{name}", int(upper or -1) + 1)
        )
    return groups


def write_views(recording: Path, groups: Groups) -> None:
    """Write the two files that show `groups` of `recording`, beside it."""
    recording = recording.absolute()
    recording.with_suffix(".gtkw").write_text(_gtkwave(recording, groups), encoding="utf-8")
    recording.with_suffix(".sucl").write_text(_surfer(recording, groups), encoding="utf-8")


def told(recording: Path) -> str:
    """Two lines that say where the waveforms are and how to look at them."""
    gtkw, sucl = (_short(recording.with_suffix(suffix)) for suffix in (".gtkw", ".sucl"))
    return f"  {'waveforms':16}{_short(recording)}\n  {'':16}gtkwave {gtkw}, or surfer --command-file {sucl}"


def _short(path: Path) -> Path:
    """A path below the current folder, or as it is."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _gtkwave(recording: Path, groups: Groups) -> str:
    text = io.StringIO()
    save = GTKWSave(text)
    save.dumpfile(str(recording), abspath=False)
    for heading, signals in groups.items():
        with save.group(heading):
            for signal in signals:
                save.trace(signal.ranged, datafmt="hex" if signal.width else "bin")
    return text.getvalue()


def _surfer(recording: Path, groups: Groups) -> str:
    lines = [f"load_file {recording}"]
    for heading, signals in groups.items():
        lines += [f"divider_add {heading}", *(f"variable_add {signal.name}" for signal in signals)]
    return "\n".join([*lines, "zoom_fit", ""])
