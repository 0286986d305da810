# SPDX-License-Identifier: Apache-2.0
"""The file that `finn-gen weights` writes: what the registers of each matrix-vector unit are to hold.

An .npz file of plain arrays: `format` (int64, 1), `layout` (the description's, as uint8 characters), and
for every unit `window_<name>`, uint32 [n, 2] of addresses in its window and values, in the order of writing.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 (an exception, named as such)

import numpy as np

from finn_driver.description import Description, Memory, Window
from finn_driver.errors import WeightsError

FORMAT = 1
PREFIX = "window_"
MAX_BYTES = 1 << 28


def load(path: Path | str, description: Description) -> dict[str, np.ndarray]:
    """Registers [n, 2] of each reloadable unit, by the name of its window. Raises WeightsError."""
    if not description.reloadable:
        raise WeightsError(
            f"{description.network}: its weights are fixed; build it with `finn-gen build NET --reload` to load others"
        )
    path = Path(path)
    fields = _read(path)
    found = fields.get("format")
    if found is None or found.shape != () or found.dtype.kind not in "iu" or int(found) != FORMAT:
        raise WeightsError(f"{path}: field format must be {FORMAT}; write the file with `finn-gen weights`")
    digest = fields.get("layout", np.zeros(0, np.uint8))
    digest = bytes(digest.tobytes()).decode("ascii", "replace") if digest.dtype == np.uint8 else ""
    if digest != description.layout:
        raise WeightsError(
            f"{path}: written for the layout {digest or '(none)'}, this accelerator has {description.layout}; "
            "write it with `finn-gen weights` and the network, folding and clock of the bitstream"
        )
    wanted = {PREFIX + window.name: window for window in description.reloadable}
    unknown, missing = sorted(fields.keys() - wanted - {"format", "layout"}), sorted(wanted.keys() - fields.keys())
    if unknown or missing:
        raise WeightsError(
            f"{path}: fields {', '.join(unknown) or 'none'} are too many and {', '.join(missing) or 'none'} missing; "
            "write the file with `finn-gen weights`"
        )
    return {window.name: _checked(path, name, fields[name], window) for name, window in wanted.items()}


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise WeightsError(f"{path}: {size} bytes, which no weights file has; at most {MAX_BYTES} are read")
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, ZlibError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"{path}: damaged or no weights file ({error}); write it with `finn-gen weights`") from None


def _checked(path: Path, name: str, image: np.ndarray, window: Window) -> np.ndarray:
    """An image that writes just the registers of the window's memories, each once."""
    if image.dtype != np.uint32 or image.ndim != 2 or image.shape[1] != 2:
        raise WeightsError(f"{path}: field {name} is {image.dtype} {list(image.shape)}; it must be uint32 [n, 2]")
    legal = np.concatenate([_addresses(memory) for memory in window.memories.values()])
    if not np.array_equal(np.sort(image[:, 0]), np.sort(legal)):
        raise WeightsError(
            f"{path}: field {name} does not write every register of the unit's memories once; write the file with "
            "`finn-gen weights`"
        )
    return image


def _addresses(memory: Memory) -> np.ndarray:
    """Of all its registers, in its window."""
    words = memory.base + memory.stride * np.arange(memory.words)
    return (words[:, np.newaxis] + 4 * np.arange(memory.registers)).ravel()
