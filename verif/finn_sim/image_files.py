# SPDX-License-Identifier: Apache-2.0
"""Readers of picture files and of the data sets' own files: IDX (MNIST), CIFAR-10's binary batches, PNG and others.

The files are untrusted: sizes are bounded before memory is spent, nothing is unpickled or executed, and what is
wrong becomes an InputError with file and rule.
"""

from __future__ import annotations

import gzip
import math
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from finn_gen.base.errors import InputError

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR10_SHAPE = (32, 32, 3)
DIGITS = tuple("0123456789")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".webp")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "WEBP")
"""What Pillow may take a file for. Others, as EPS, start programs."""
MAX_FILE_BYTES = 1 << 28
MAX_PIXELS = 1 << 26
MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
"""Pillow's kinds of pictures with at most 8 bits a channel; wider ones would be clipped."""
_GZIP = b"\x1f\x8b"
_IDX_BYTES = (0, 0, 8)


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


def picture(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    """One picture as uint8 [height,width,channels], scaled to that size, grey for one channel, else RGB.

    Scaling averages areas; proportions are not kept. Raises InputError if the file is no picture of 8 bits a channel.
    """
    height, width, channels = shape
    if channels not in (1, 3):
        raise InputError(f"{path}: pictures have 1 or 3 channels, this network takes {channels}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is checked below, or makes no difference
            with Image.open(path, formats=FORMATS) as opened:
                wrong = _refused(opened)
                if not wrong:
                    upright = ImageOps.exif_transpose(opened)
                    plain = upright.convert("L" if channels == 1 else "RGB")
                    scaled = plain.resize((width, height), Image.Resampling.BOX)
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
    return ""
