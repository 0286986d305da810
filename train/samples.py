# SPDX-License-Identifier: Apache-2.0
"""`python -m train.samples`: make models/samples/, the pictures that the main job runs on.

Sources, none of which is downloaded here:

    stamps   the folder usr/share/tuxpaint/stamps of Debian's package tuxpaint-stamps-default 2022.06.04-1
    cat      skimage/data/chelsea.png of scikit-image 0.26.0
    digits   sklearn/datasets/data/digits.csv.gz of scikit-learn 1.9.1

The same sources give the same pixels. manifest.json records origin, credit and licence of every picture.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from finn_gen.base.errors import InputError

GPL_FOLDER, CC0_FOLDER, DIGITS_FOLDER = "photos-gpl", "photos-cc0", "digits"
DIGITS_A_CLASS = 10
SCALE = 8
"""Pictures are composed at this multiple of their size and then scaled down."""

STAMPS_CREDIT = "Tux Paint stamps, (C) 2002-2022 Bill Kendrick and contributors"
CHILDSPLAY = "Stas Zytkiewicz (Childsplay, 2002-2005), adapted for Tux Paint by Pere Pujal i Carabantes"
CAT_CREDIT = "Stefan van der Walt: Chelsea the cat"
DIGITS_CREDIT = "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI, 1998"

SKY, GRASS, SEA, ROAD, EARTH = (172, 205, 235), (112, 140, 72), (62, 104, 138), (120, 120, 118), (136, 118, 84)


@dataclass(frozen=True)
class Stamp:
    """A cut-out photograph: its class, file, ground colour, who made it, and whether it is mirrored."""

    label: str
    path: str
    ground: tuple[int, int, int]
    credit: str = STAMPS_CREDIT
    mirrored: bool = False


@dataclass(frozen=True)
class Entry:
    """One record of the manifest. set is the data set whose classes the label belongs to."""

    file: str
    set: str
    label: str
    origin: str
    origin_sha256: str
    credit: str
    licence: str
    mirrored: bool = False


STAMPS = (
    Stamp("airplane", "vehicles/flight/planes/747.png", SKY, "Albert Cahalan"),
    Stamp(
        "airplane",
        "military/vehicles/f22_raptor.png",
        SKY,
        "U.S. Air Force photograph by TSgt Ben Bloker, cleaned up for Tux Paint by Steve Karg",
    ),
    Stamp("automobile", "vehicles/auto/beetle.png", ROAD, "Caroline Ford"),
    Stamp("automobile", "vehicles/auto/sedan.png", ROAD),
    Stamp("automobile", "vehicles/auto/sportscar2.png", ROAD),
    Stamp("bird", "animals/birds/blackbird.png", GRASS, CHILDSPLAY),
    Stamp("bird", "animals/birds/lark.png", EARTH),
    Stamp("bird", "animals/birds/pigeon.png", ROAD, CHILDSPLAY),
    Stamp("deer", "animals/mammals/deer/caribou.png", GRASS, CHILDSPLAY),
    Stamp("deer", "animals/mammals/deer/deer.png", GRASS, CHILDSPLAY),
    Stamp("deer", "animals/mammals/deer/doe.png", GRASS, CHILDSPLAY),
    Stamp("dog", "animals/mammals/dogs/dingo.png", EARTH),
    Stamp("dog", "animals/mammals/dogs/dog.png", GRASS, CHILDSPLAY),
    Stamp("frog", "animals/amphibians/frog.png", GRASS, CHILDSPLAY),
    Stamp("frog", "animals/amphibians/frog-1.png", EARTH, "Pere Pujal i Carabantes"),
    Stamp("horse", "animals/mammals/equines/horse.png", GRASS, CHILDSPLAY),
    Stamp("horse", "animals/mammals/equines/horse.png", EARTH, CHILDSPLAY, mirrored=True),
    Stamp("ship", "vehicles/ship/chineseJunk.png", SEA, "Jim Trice"),
    Stamp("ship", "vehicles/ship/walnutBoat.png", SEA, "Jim Trice"),
    Stamp("truck", "vehicles/emergency/firetruck.png", ROAD, "Aaron M. Lang, adapted for Tux Paint by Steve Karg"),
    Stamp("truck", "vehicles/garbagetruck.png", ROAD),
)
CAT_CROPS = {"cat-face": (100, 0, 400, 300), "cat-whole": (0, 0, 451, 300)}
"""Left, upper, right, lower in the 451x300 photograph."""


def backdrop(side: int, ground: tuple[int, int, int]) -> Image.Image:
    """A plain scene: pale sky above, the ground from two thirds downwards, each a little darker towards below."""
    rows = np.linspace(0, 1, side)[:, None]
    shade = 1.08 - 0.2 * rows
    colour = np.where(rows < 2 / 3, np.array(SKY), np.array(ground)) * shade
    image = np.broadcast_to(colour[:, None, :], (side, side, 3))
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))


def stamp_picture(path: Path, stamp: Stamp, size: int = 32) -> Image.Image:
    """The cut-out, cropped to what is visible, filling seven eighths of a size x size picture."""
    cut = Image.open(path).convert("RGBA")
    cut = cut.crop(cut.getchannel("A").point(lambda a: 255 * (a > 32)).getbbox())
    if stamp.mirrored:
        cut = ImageOps.mirror(cut)
    side = size * SCALE
    cut = ImageOps.contain(cut, (side * 7 // 8, side * 7 // 8), Image.Resampling.LANCZOS)
    scene = backdrop(side, stamp.ground)
    scene.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2), cut)
    return scene.resize((size, size), Image.Resampling.BOX)


def digit_picture(pixels: np.ndarray) -> Image.Image:
    """A digit of 8x8 grey levels 0..16 as MNIST places its own: larger side 20 of 28, centre of mass in the middle."""
    levels = Image.fromarray((pixels * 255 // 16).astype(np.uint8))
    levels = levels.crop(levels.getbbox())
    factor = 20 / max(levels.size)
    size = tuple(max(1, round(n * factor)) for n in levels.size)
    x = np.asarray(levels.resize(size, Image.Resampling.BICUBIC), np.int64)
    mass = x.sum()
    row, column = (x.sum(1) @ np.arange(size[1])) / mass, (x.sum(0) @ np.arange(size[0])) / mass
    top = min(max(round(13.5 - row), 0), 28 - size[1])
    left = min(max(round(13.5 - column), 0), 28 - size[0])
    out = np.zeros((28, 28), np.uint8)
    out[top : top + size[1], left : left + size[0]] = x
    return Image.fromarray(out)


def make(stamps: Path, cat: Path, digits: Path, out: Path) -> list[Entry]:
    """Write every picture below out and return the manifest's records."""
    entries = []
    for stamp in STAMPS:
        name = f"{stamp.label}-{Path(stamp.path).stem.lower()}{'-mirrored' * stamp.mirrored}.png"
        entry = Entry(
            f"{GPL_FOLDER}/{name}",
            "cifar10",
            stamp.label,
            f"Debian tuxpaint-stamps-default 2022.06.04-1, stamps/{stamp.path}",
            _digest(stamps / stamp.path),
            stamp.credit,
            "GPL-2.0-or-later",
            stamp.mirrored,
        )
        entries.append(_save(out, entry, stamp_picture(stamps / stamp.path, stamp)))
    photograph = Image.open(cat).convert("RGB")
    for name, box in CAT_CROPS.items():
        origin = f"scikit-image 0.26.0, skimage/data/chelsea.png, box {box}"
        entry = Entry(f"{CC0_FOLDER}/{name}.png", "cifar10", "cat", origin, _digest(cat), CAT_CREDIT, "CC0-1.0")
        picture = photograph.crop(box).resize((32, 32), Image.Resampling.BOX)
        entries.append(_save(out, entry, picture))
    table = np.loadtxt(digits, delimiter=",", dtype=np.int64)
    for digit in range(10):
        for k in np.flatnonzero(table[:, 64] == digit)[:DIGITS_A_CLASS]:
            origin = f"scikit-learn 1.9.1, sklearn/datasets/data/digits.csv.gz, row {k}"
            name = f"{DIGITS_FOLDER}/{digit}-{k:04}.png"
            entry = Entry(name, "mnist", str(digit), origin, _digest(digits), DIGITS_CREDIT, "CC-BY-4.0")
            entries.append(_save(out, entry, digit_picture(table[k, :64].reshape(8, 8))))
    return entries


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read; see `python -m train.samples --help` for the sources") from error


def _save(out: Path, entry: Entry, picture: Image.Image) -> Entry:
    path = out / entry.file
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, optimize=True)
    return entry


def main(argv: list[str] | None = None) -> int:
    """Exit code: 0 done, 2 a source is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m train.samples", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for source in ("stamps", "cat", "digits"):
        parser.add_argument(f"--{source}", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "models" / "samples")
    arguments = parser.parse_args(argv)
    try:
        entries = make(arguments.stamps, arguments.cat, arguments.digits, arguments.out)
    except InputError as error:
        print(f"samples: {error}", file=sys.stderr)
        return 2
    text = json.dumps([asdict(entry) for entry in entries], indent=1)
    (arguments.out / "manifest.json").write_text(text + "\n")
    print(f"{arguments.out}: {len(entries)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
