# SPDX-License-Identifier: Apache-2.0
"""Files of checkpoints."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import torch

from finn_gen.base.errors import InputError


def save(path: Path, content: dict) -> None:
    """Write a checkpoint so that at any moment either the old or the new one is whole."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path, names: tuple[str, ...]) -> dict:
    """What was saved, its tensors on the CPU. Raises InputError for a file that is damaged or lacks a name."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        missing = [name for name in names if name not in content]
    except (OSError, EOFError, RuntimeError, KeyError, ValueError, TypeError, pickle.UnpicklingError) as error:
        raise InputError(f"{path}: not a whole checkpoint ({error})") from error
    if missing:
        raise InputError(f"{path}: not a whole checkpoint (no {missing[0]})")
    return content
