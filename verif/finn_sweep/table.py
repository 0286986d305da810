# SPDX-License-Identifier: Apache-2.0
"""Rows of a sweep as files: CSV, and Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finn_gen.base.files import write_if_changed

Row = Mapping[str, Any]


def columns(rows: Sequence[Row]) -> list[str]:
    """The names of all columns, in the order in which rows have them; the command last."""
    found = list(dict.fromkeys(name for row in rows for name in row if name != "command"))
    return [*found, "command"]


def to_csv(rows: Sequence[Row]) -> str:
    """Rows as CSV, empty where a row has no such column."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(folder: Path, rows: Sequence[Row]) -> list[str]:
    """Write points.csv and points.parquet to a folder; what is to tell of that, a line each."""
    write_if_changed(folder / "points.csv", to_csv(rows))
    said = [f"{folder / 'points.csv'}: written, {len(rows)} points"]
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        (folder / "points.parquet").unlink(missing_ok=True)
        return [*said, "points.parquet is not written: pip install 'finn-verif[parquet]' brings pyarrow for it"]
    data = pyarrow.BufferOutputStream()
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in columns(rows)})
    parquet.write_table(table, data)
    write_if_changed(folder / "points.parquet", data.getvalue().to_pybytes())
    return [*said, f"{folder / 'points.parquet'}: written"]
