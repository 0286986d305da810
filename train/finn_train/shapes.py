# SPDX-License-Identifier: Apache-2.0
"""`python -m finn_train.shapes DIR`: draw circles, squares and triangles, a folder a class, to try training with.

Size, place, turn and colours are random and depend on the seed alone. The same seed and version of Pillow give the
same pictures.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 64
"""Of a picture, in pixels: training scales it to what the network takes."""
_FINE = 4
"""Pictures are drawn at this multiple of their size and then scaled down."""
TURN = math.radians(20)
"""How far a shape is turned at most from standing on a side."""
CORNERS = {"circle": 0, "square": 4, "triangle": 3}


def drawn(shape: str, rng: random.Random) -> Image.Image:
    """A picture of a shape of CORNERS, lighter than the ground."""
    side = SIDE * _FINE
    ground = [rng.randrange(10, 110) for _ in range(3)]
    colour = [rng.randrange(140, 250) for _ in range(3)]
    picture = Image.new("RGB", (side, side), tuple(ground))
    radius = side * rng.uniform(0.22, 0.38)
    x, y = (side / 2 + side * rng.uniform(-0.12, 0.12) for _ in range(2))
    pen = ImageDraw.Draw(picture)
    if corners := CORNERS[shape]:
        turn = math.pi / corners + math.pi / 2 + rng.uniform(-TURN, TURN)
        angles = [turn + 2 * math.pi * k / corners for k in range(corners)]
        pen.polygon([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles], fill=tuple(colour))
    else:
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=tuple(colour))
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def draw(folder: Path, count: int, seed: int) -> None:
    """Write `count` PNG files of each shape to folder/<shape>/."""
    for shape in CORNERS:
        (folder / shape).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            rng = random.Random(f"{seed} {shape} {index}")
            drawn(shape, rng).save(folder / shape / f"{index:04}.png")


def main(argv: list[str] | None = None) -> int:
    """Exit code: 0 done, 2 the folder cannot be written to."""
    parser = argparse.ArgumentParser(
        prog="python -m finn_train.shapes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--count", type=int, default=200, help="pictures of each shape; default 200")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    if arguments.count < 1:
        parser.error("--count must be at least 1")
    try:
        draw(arguments.folder, arguments.count, arguments.seed)
    except OSError as error:
        print(f"shapes: {arguments.folder}: cannot be written to ({error.strerror or error})", file=sys.stderr)
        return 2
    print(f"{arguments.folder}: {arguments.count} pictures each of {', '.join(CORNERS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
