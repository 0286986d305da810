# SPDX-License-Identifier: Apache-2.0
"""Readers of picture files and of the data sets' own: MNIST's IDX, CIFAR-10's batches, SVHN's .mat, PNG and others.

The files are untrusted: sizes are bounded before memory is spent, nothing is unpickled or executed, and what is
wrong becomes an InputError with file and rule.
"""

from __future__ import annotations

import argparse
import gzip
import io
import math
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

from finn_gen.base.errors import InputError

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR10_SHAPE = (32, 32, 3)
DIGITS = tuple("0123456789")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".pbm", ".webp")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "WEBP")
"""What Pillow may take a file for. Others, as EPS, start programs."""
MAX_FILE_BYTES = 1 << 28
MAX_PIXELS = 1 << 26
MAX_MAT_PICTURES = 80_000
"""Of a file of SVHN; the training part has 73,257."""
MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
"""Pillow's kinds of pictures with at most 8 bits a channel; wider ones would be clipped."""
FAINT = 32
"""A picture with a transparent part of which less contrast than this is left on the background is refused."""
_OPAQUE = 128
"""How much the opacity of a picture must vary, of 255, to have something to show by itself."""
_GZIP = b"\x1f\x8b"
_IDX_BYTES = (0, 0, 8)


RESIZE = {
    "box": "the mean of the area that a pixel covers; proportions are not kept",
    "lanczos": "the same with Lanczos' filter, which is sharper",
    "thumbnail": "as BNN-PYNQ's notebooks: proportions kept, never enlarged, in the middle of the background",
}
"""How pictures of another size than the network's are scaled."""
BACKGROUNDS = {"white": 255, "black": 0}


@dataclass(frozen=True)
class Reading:
    """How a file's pictures become the network's input. Raises InputError for what is none of the choices.

    resize      one of RESIZE
    background  one of BACKGROUNDS: what lies behind transparent parts, and around a thumbnail
    invert      dark becomes light at the very end
    """

    resize: str = "box"
    background: str = "white"
    invert: bool = False

    def __post_init__(self) -> None:
        for name, legal in (("resize", RESIZE), ("background", BACKGROUNDS)):
            value = getattr(self, name)
            if value not in legal:
                raise InputError(f"{name}={value!r}: it must be one of {', '.join(legal)}")

    @staticmethod
    def add_arguments(command: argparse.ArgumentParser) -> None:
        """The arguments of a command that reads pictures."""
        command.add_argument("--resize", choices=RESIZE, default="box", help="how pictures are scaled; default box")
        command.add_argument(
            "--background", choices=BACKGROUNDS, default="white", help="behind transparent parts; default white"
        )
        command.add_argument("--invert", action="store_true", help="make dark light, for digits that are dark on light")

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> Reading:
        """What a command was told whose arguments `add_arguments` made."""
        return cls(parsed.resize, parsed.background, parsed.invert)

    def words(self) -> list[str]:
        """The same as words of a command line."""
        words = [] if self.resize == "box" else ["--resize", self.resize]
        words += [] if self.background == "white" else ["--background", self.background]
        return [*words, "--invert"] if self.invert else words


def contents(path: Path) -> bytes:
    """The bytes of a file, unpacked if it is a gzip file; at most MAX_FILE_BYTES of them. Raises InputError."""
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: not a readable gzip file ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{path}: larger than {MAX_FILE_BYTES} bytes, which no file of a data set is")
    return data


def is_idx(data: bytes) -> bool:
    """Whether bytes begin as an IDX file of unsigned bytes does."""
    return tuple(data[:3]) == _IDX_BYTES and len(data) > 3 and data[3] in (1, 2, 3, 4)


def idx(data: bytes, where: Path | str) -> np.ndarray:
    """The array uint8 of an IDX file's bytes, with the shape that its header states; `where` names it in errors.

    Format: two zero bytes, 8 (unsigned bytes), the rank, a big-endian 32-bit size for each axis, the elements.
    """
    if not is_idx(data):
        raise InputError(f"{where}: not an IDX file of unsigned bytes (it must begin 00 00 08 and a rank from 1 to 4)")
    start = 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4))
    if len(data) < start or len(data) - start != math.prod(shape):
        text = "x".join(map(str, shape))
        raise InputError(
            f"{where}: not an IDX file: {max(len(data) - start, 0)} bytes follow its header, which states {text}"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def npy(data: bytes, where: Path | str) -> np.ndarray:
    """The images uint8 [N,H,W,C], [N,H,W] or [N,elements] of the bytes of a .npy file; never unpickles."""
    try:
        images = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # as decoders of pictures do, it raises whatever a damaged file leads it to
        words = " ".join(str(error).split())
        raise InputError(f"{where}: not a readable .npy file ({words or type(error).__name__})") from None
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim not in (2, 3, 4):
        found = f"{images.dtype} {list(images.shape)}" if isinstance(images, np.ndarray) else "an archive"
        raise InputError(f"{where}: {found}; images must be uint8 [N,height,width,channels], or [N,elements]")
    return images


def cifar10_batch(data: bytes, where: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N,32,32,3] and labels uint8 [N] of a batch of CIFAR-10, binary version.

    A record is a label and 3,072 bytes: all of red, of green, of blue, row by row.
    """
    height, width, channels = CIFAR10_SHAPE
    record = 1 + math.prod(CIFAR10_SHAPE)
    if not data or len(data) % record:
        raise InputError(f"{where}: {len(data)} bytes; a batch of CIFAR-10 is a multiple of {record:,} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, record)
    labels = records[:, 0]
    if labels.max() >= len(CIFAR10_CLASSES):
        bad = int(np.argmax(labels >= len(CIFAR10_CLASSES)))
        raise InputError(f"{where}: label {labels[bad]} of image {bad} is above 9")
    images = records[:, 1:].reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels.copy()


def svhn_mat(data: bytes, where: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N,H,W,3] and digits uint8 [N] of a file of SVHN's cropped digits, which calls a 0 10.

    The file is a MATLAB file up to version 7, with X, bytes [H,W,3,N], and y, N labels from 1 to 10.
    """
    import scipy.io

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            held = {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(io.BytesIO(data))}
            shape, kind = held.get("X", ((), "missing"))
            wrong = kind != "uint8" or len(shape) != 4 or shape[2] != 3 or not 1 <= shape[3] <= MAX_MAT_PICTURES
            wrong = wrong or math.prod(shape) > MAX_FILE_BYTES or math.prod(held.get("y", ((0,),))[0]) != shape[3]
            content = {} if wrong else scipy.io.loadmat(io.BytesIO(data), variable_names=("X", "y"))
    except Exception as error:  # as decoders of pictures do, it raises whatever a damaged file leads it to
        words = " ".join(str(error).split())
        raise InputError(f"{where}: not a MATLAB file with X and y ({words or type(error).__name__})") from None
    if not wrong:
        x, y = np.asarray(content["X"]), np.asarray(content["y"]).reshape(-1)
        wrong = x.shape != shape or y.dtype.kind not in "iuf" or not np.isin(y, range(1, 11)).all()
    if wrong:
        raise InputError(
            f"{where}: not a whole file of SVHN's cropped digits: X must be bytes [H,W,3,n] with n up to "
            f"{MAX_MAT_PICTURES:,}, and y n labels from 1 to 10"
        )
    return np.ascontiguousarray(x.transpose(3, 0, 1, 2)), (y % 10).astype(np.uint8)


def picture(path: Path, shape: tuple[int, int, int], reading: Reading | None = None) -> np.ndarray:
    """One picture as uint8 [height,width,channels], scaled to that size, grey for one channel, else RGB.

    It is turned as its EXIF says, laid on the background where it is transparent, made grey or RGB without regard to
    colour profiles, and scaled. Raises InputError if the file is no picture, or one that would lose something that is
    not stated here: more than 8 bits a channel, further frames, a picture that does not show on the background.
    """
    reading = reading or Reading()
    height, width, channels = shape
    if channels not in (1, 3):
        raise InputError(f"{path}: pictures have 1 or 3 channels, this network takes {channels}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is checked below, or makes no difference
            with Image.open(path, formats=FORMATS) as opened:
                wrong = _refused(opened)
                if not wrong:
                    _mend_transparency(opened)
                    upright = ImageOps.exif_transpose(opened)
                    plain, wrong = _opaque(upright, "L" if channels == 1 else "RGB", reading.background)
                    scaled = _scaled(plain, (width, height), reading)
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        words = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable picture ({words or type(error).__name__})") from None
    if wrong:
        raise InputError(f"{path}: {wrong}")
    return np.asarray(scaled).reshape(shape)


def _refused(opened: Image.Image) -> str:
    """Why a picture is not taken, or nothing."""
    if opened.width * opened.height > MAX_PIXELS:
        return f"{opened.width} x {opened.height} pixels; at most {MAX_PIXELS:,} are taken"
    if opened.mode not in MODES:
        return f"a picture of kind {opened.mode}; only 8 bits a channel are taken"
    for tile in opened.tile:
        if wrong := _refused_coding(opened, tile):
            return wrong
    # A JPEG with further views (MPO), as telephones make it, begins with the picture itself.
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
        return f"{opened.n_frames} frames; a picture has one: save the one that is meant by itself"
    return ""


def _refused_coding(opened: Image.Image, tile: ImageFile._Tile) -> str:
    """Why a picture is not taken for how its pixels are coded in the file, or nothing.

    Pillow cuts or scales some kinds of 16 bits to 8, and shows it nowhere else.
    """
    words = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    if any(";16" in word for word in words if isinstance(word, str)):
        return "a picture of 16 bits a channel; only 8 bits a channel are taken"
    if tile.codec_name.startswith("ppm") and words[0] in ("L", "RGB") and words[1] > 255:
        return f"values up to {words[1]}; only 8 bits a channel are taken"
    if words[0] == "BGRX" and _fourth_bytes(opened, tile.offset).any():
        return "a BMP with a fourth channel that its header does not explain; save it as PNG"
    return ""


def _fourth_bytes(opened: Image.Image, offset: int) -> np.ndarray:
    """Of the pixels of an uncompressed BMP with 32 bits a pixel."""
    opened.fp.seek(offset)
    data = opened.fp.read(4 * opened.width * opened.height)
    return np.frombuffer(data, np.uint8)[3::4]


def _mend_transparency(opened: Image.Image) -> None:
    """Pillow makes 8 bits of a PNG's 2 or 4, but leaves the transparent grey, a number of 2 or 4 bits, as it is."""
    grey = opened.info.get("transparency")
    steps = {"L;2": 85, "L;4": 17}.get(opened.tile[0].args if opened.tile else "")
    if steps and isinstance(grey, int):
        opened.info["transparency"] = grey * steps


def _opaque(image: Image.Image, mode: str, background: str) -> tuple[Image.Image, str]:
    """An image in `mode` without transparency, on a background; and why it is not taken, or nothing."""
    if not image.has_transparency_data:
        return image.convert(mode), ""
    # The premultiplied kinds have one way out.
    image = image.convert({"La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGBA")).convert("RGBA")
    ground = Image.new("RGBA", image.size, (*[BACKGROUNDS[background]] * 3, 255))
    plain = Image.alpha_composite(ground, image).convert(mode)
    faintest, clearest = image.getchannel("A").getextrema()
    ends = [plain.getextrema()] if mode == "L" else plain.getextrema()
    contrast = max(high - low for low, high in ends)
    if clearest == 0:
        return plain, "wholly transparent: nothing of it shows"
    if clearest - faintest >= _OPAQUE and contrast < FAINT:
        other = next(name for name in BACKGROUNDS if name != background)
        return plain, f"transparent in parts, and nothing of it shows on {background}; try --background {other}"
    return plain, ""


def _scaled(plain: Image.Image, size: tuple[int, int], reading: Reading) -> Image.Image:
    if reading.resize != "thumbnail":
        filters = {"box": Image.Resampling.BOX, "lanczos": Image.Resampling.LANCZOS}
        return plain.resize(size, filters[reading.resize])
    plain.thumbnail(size, Image.Resampling.LANCZOS)
    level = BACKGROUNDS[reading.background]
    frame = Image.new(plain.mode, size, level if plain.mode == "L" else (level,) * 3)
    frame.paste(plain, ((size[0] - plain.width) // 2, (size[1] - plain.height) // 2))
    return frame
