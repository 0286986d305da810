# SPDX-License-Identifier: Apache-2.0
"""The description of an accelerator, `<net>_axi.json`: registers, address map, words of an image and of a result.

`finn-gen build NET --package axi` writes it beside the RTL, from the same plan. Everything that the driver uses is
checked when it is read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from finn_driver.errors import DescriptionError

FORMAT = 1
MAX_BYTES = 1 << 24
ENCODINGS = (
    *("bits", "threshold", "q1.7"),
    *(f"{kind}{bits}" for kind in ("uint", "int") for bits in range(2, 9)),
)
"""What the accelerator makes of pixels; the driver packs their bits or sends them as bytes, see `Image.packed`."""
KINDS = ("label", "scores")
_REMEDY = "take the file that `finn-gen build NET --package axi` wrote together with the bitstream's RTL"
_DIGEST = re.compile(r"[0-9a-f]{16}")
_GENERATOR = re.compile(r"finn-gen ([0-9]{1,4})\.([0-9]{1,3})\.([0-9]{1,3})")


@dataclass(frozen=True)
class Field:
    """Bits `low` to `low + width - 1` of a register."""

    name: str
    low: int
    width: int
    doc: str

    def of(self, value: int) -> int:
        """The field's number in a register's value."""
        return value >> self.low & ((1 << self.width) - 1)


@dataclass(frozen=True)
class Register:
    """A register at `offset` in its map; `count` of them, `stride` bytes apart."""

    name: str
    offset: int
    fields: Mapping[str, Field]
    count: int
    stride: int


@dataclass(frozen=True)
class RegisterMap:
    """Registers by name; `base` is where the map begins in the accelerator's address space."""

    name: str
    base: int
    registers: Mapping[str, Register]


@dataclass(frozen=True)
class Image:
    """How an image lies in memory: `words` words of `word_width` bits, each in `word_bytes` bytes.

    shape      (height, width, channels)
    packed     a bit an element, else a byte
    last_bits  bits used in the last word
    """

    shape: tuple[int, int, int]
    encoding: str
    packed: bool
    word_width: int
    word_bytes: int
    words: int
    last_bits: int
    bytes: int


@dataclass(frozen=True)
class Result:
    """How a result lies in memory: numbers of `width` bits, from the lowest bit of the first word on.

    kind   "label", an index, or "scores", `count` numbers
    """

    kind: str
    count: int
    width: int
    signed: bool
    word_width: int
    word_bytes: int
    words: int
    bytes: int


@dataclass(frozen=True)
class Memory:
    """A memory of a matrix-vector unit: word i at `base + i * stride`, `registers` registers of 32 bits."""

    base: int
    stride: int
    words: int
    registers: int


@dataclass(frozen=True)
class Window:
    """Addresses that belong to the DMA, to the link, or to the registers of a matrix-vector unit."""

    name: str
    base: int
    size: int
    kind: str
    control: int
    status: int
    memories: Mapping[str, Memory]


@dataclass(frozen=True)
class Line:
    """A serial line to the accelerator: bits a second, and the word in the window `link` that tells of it."""

    baud: int
    identity: int


@dataclass(frozen=True)
class Description:
    """An accelerator as the driver sees it. Interval and latency in cycles, `size` is its address space in bytes.

    It is reached through memory, by a DMA (`dma`), or over a serial line (`link`).

    `version` is that of the generator: major << 16 | minor << 8 | patch.
    """

    path: Path
    version: int
    network: str
    module: str
    name_digest: int
    plan_digest: int
    layout: str
    clock_mhz: float
    interval: int
    latency: int
    image: Image
    result: Result
    boundaries: tuple[str, ...]
    size: int
    ctrl: RegisterMap
    dma: RegisterMap | None
    link: Line | None
    windows: tuple[Window, ...]

    @property
    def reloadable(self) -> tuple[Window, ...]:
        """The windows of units whose weights can be loaded."""
        return tuple(window for window in self.windows if window.kind == "mvtu")


def load(path: Path | str) -> Description:
    """Read and check a description. Raises DescriptionError."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DescriptionError(f"{path}: cannot be read ({error.strerror or error}); {_REMEDY}") from None
    if len(data) > MAX_BYTES:
        raise DescriptionError(f"{path}: larger than {MAX_BYTES} bytes, which no description is; {_REMEDY}")
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DescriptionError(f"{path}: not a JSON file ({error}); {_REMEDY}") from None
    if not isinstance(document, dict):
        raise DescriptionError(f"{path}: it must be a JSON object, not a {type(document).__name__}; {_REMEDY}")
    return _description(path, _Reader(path, "", document))


class _Reader:
    """Fields of a JSON object, each checked as it is taken."""

    def __init__(self, path: Path, where: str, fields: dict[str, Any]) -> None:
        self.path, self.where, self.fields = path, where, fields

    def fail(self, name: str, rule: str) -> NoReturn:
        found = "is missing" if name not in self.fields else f"is {_short(self.fields[name])}"
        raise DescriptionError(f"{self.path}: field {self.where}{name} {found}; it must be {rule}; {_REMEDY}")

    def take(self, name: str, rule: str, legal: Callable[[Any], bool]) -> Any:
        if name not in self.fields or not legal(self.fields[name]):
            self.fail(name, rule)
        return self.fields[name]

    def number(self, name: str, low: int = 0, high: int = (1 << 32) - 1) -> int:
        return self.take(name, f"a whole number from {low} to {high}", lambda v: type(v) is int and low <= v <= high)

    def text(self, name: str) -> str:
        return self.take(name, "a text", lambda v: isinstance(v, str) and v != "")

    def truth(self, name: str) -> bool:
        return self.take(name, "true or false", lambda v: isinstance(v, bool))

    def choice(self, name: str, legal: tuple[str, ...]) -> str:
        return self.take(name, "one of " + ", ".join(legal), lambda v: isinstance(v, str) and v in legal)

    def digest(self, name: str) -> int:
        rule = "16 hexadecimal digits"
        return int(self.take(name, rule, lambda v: isinstance(v, str) and bool(_DIGEST.fullmatch(v))), 16)

    def items(self, name: str) -> list[Any]:
        return self.take(name, "a list", lambda v: isinstance(v, list))

    def object(self, name: str) -> _Reader:
        return _Reader(
            self.path, f"{self.where}{name}.", self.take(name, "an object", lambda value: isinstance(value, dict))
        )

    def objects(self, name: str) -> list[_Reader]:
        found = []
        for index, item in enumerate(self.items(name)):
            if not isinstance(item, dict):
                self.fail(name, f"a list of objects, and so must be its element {index}")
            found.append(_Reader(self.path, f"{self.where}{name}[{index}].", item))
        return found


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _description(path: Path, top: _Reader) -> Description:
    top.take("format", f"{FORMAT}; this driver reads no other", lambda value: value == FORMAT)
    size = top.number("size", 4096, 1 << 32)
    windows = tuple(_window(reader, size) for reader in top.objects("windows"))
    kind = "link" if "link" in top.fields else "dma"
    ways = [window for window in windows if window.kind in ("dma", "link")]
    if [window.kind for window in ways] != [kind]:
        top.fail("windows", f"a list with just one window of kind {kind}, and none of another way to the accelerator")
    maps = top.object("maps")
    boundaries = top.take(
        "boundaries",
        "a list of at least two names",
        lambda value: isinstance(value, list) and len(value) >= 2 and all(isinstance(name, str) for name in value),
    )
    clock = top.take("clock_mhz", "a number above 0", lambda v: type(v) in (int, float) and 0 < v < math.inf)
    return Description(
        path=path,
        version=_version(top),
        network=top.text("network"),
        module=top.text("module"),
        name_digest=top.digest("name_digest"),
        plan_digest=top.digest("plan_digest"),
        layout=f"{top.digest('layout'):016x}",
        clock_mhz=float(clock),
        interval=top.number("interval", 1),
        latency=top.number("latency", 1),
        image=_image(top.object("image")),
        result=_result(top.object("result")),
        boundaries=tuple(boundaries),
        size=size,
        ctrl=_map(maps, "ctrl", 0),
        dma=_map(maps, "dma", ways[0].base) if kind == "dma" else None,
        link=_line(top.object("link")) if kind == "link" else None,
        windows=windows,
    )


def _version(top: _Reader) -> int:
    match = _GENERATOR.fullmatch(top.text("generator"))
    if not match:
        top.fail("generator", "'finn-gen' and its version")
    major, minor, patch = map(int, match.groups())
    return major << 16 | minor << 8 | patch


def _words(reader: _Reader) -> dict[str, int]:
    found = {
        "word_width": reader.number("word_width", 1, 1 << 16),
        "word_bytes": reader.number("word_bytes", 1, 1 << 13),
        "words": reader.number("words", 1),
        "bytes": reader.number("bytes", 1),
    }
    if found["word_width"] > 8 * found["word_bytes"]:
        reader.fail("word_bytes", f"enough for word_width={found['word_width']} bits")
    if found["bytes"] != found["words"] * found["word_bytes"]:
        reader.fail("bytes", f"words * word_bytes = {found['words'] * found['word_bytes']}")
    return found


def _image(reader: _Reader) -> Image:
    shape = reader.take(
        "shape",
        "[height, width, channels], each at least 1",
        lambda v: isinstance(v, list) and len(v) == 3 and all(type(n) is int and 1 <= n < 1 << 16 for n in v),
    )
    words = _words(reader)
    packed = reader.truth("packed")
    last = reader.number("last_bits", 1, words["word_width"])
    bits = math.prod(shape) * (1 if packed else 8)
    if (words["words"] - 1) * words["word_width"] + last != bits:
        reader.fail("last_bits", f"such that (words - 1) * word_width + last_bits = {bits}, the bits of an image")
    return Image(tuple(shape), reader.choice("encoding", ENCODINGS), packed, last_bits=last, **words)


def _result(reader: _Reader) -> Result:
    words = _words(reader)
    kind, count = reader.choice("kind", KINDS), reader.number("count", 1)
    width = reader.number("width", 1, 62)
    if (1 if kind == "label" else count) * width > words["words"] * words["word_width"]:
        reader.fail("width", "such that all results fit into words * word_width bits")
    return Result(kind, count, width, reader.truth("signed"), **words)


def _map(maps: _Reader, name: str, base: int) -> RegisterMap:
    reader = maps.object(name)
    size = reader.number("size", 4, 1 << 20)
    registers = reader.object("registers")
    found = {}
    for register in registers.fields:
        entry = registers.object(register)
        fields = entry.object("fields") if "fields" in entry.fields else _Reader(entry.path, "", {})
        count = entry.number("count", 1, size // 4) if "count" in entry.fields else 1
        found[register] = Register(
            name=register,
            offset=entry.number("offset", 0, size - 4),
            fields={field: _field(field, fields.object(field)) for field in fields.fields},
            count=count,
            stride=entry.number("stride", 4, size) if count > 1 else 4,
        )
        if (found[register].offset + (count - 1) * found[register].stride) > size - 4 or found[register].offset % 4:
            entry.fail("offset", f"a multiple of 4 such that the register lies within {size} bytes")
    return RegisterMap(name, base, found)


def _field(name: str, reader: _Reader) -> Field:
    low = reader.number("low", 0, 31)
    return Field(name, low, reader.number("width", 1, 32 - low), reader.text("doc"))


def _line(reader: _Reader) -> Line:
    return Line(reader.number("baud", 1), reader.number("identity"))


def _window(reader: _Reader, size: int) -> Window:
    kind = reader.choice("kind", ("dma", "link", "mvtu"))
    base, length = reader.number("base", 0, size - 4), reader.number("size", 4, size)
    if base % 4 or base + length > size:
        reader.fail("base", f"a multiple of 4 such that the window lies within {size} bytes")
    memories: dict[str, Memory] = {}
    control = status = 0
    if kind == "mvtu":
        control, status = reader.number("control", 0, length - 4), reader.number("status", 0, length - 4)
        tables = reader.object("memories")
        memories = {name: _memory(tables.object(name), length) for name in tables.fields}
    return Window(reader.text("name"), base, length, kind, control, status, memories)


def _memory(reader: _Reader, size: int) -> Memory:
    base, stride = reader.number("base", 0, size - 4), reader.number("stride", 4, size)
    words, registers = reader.number("words", 1, size), reader.number("registers", 1, size // 4)
    if base % 4 or stride % 4 or registers * 4 > stride or base + (words - 1) * stride + registers * 4 > size:
        reader.fail("base", f"such that the memory lies within its window of {size} bytes")
    return Memory(base, stride, words, registers)
