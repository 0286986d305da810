# SPDX-License-Identifier: Apache-2.0
"""Extension of griffe for the site: columns in docstrings stay columns.

MkDocs loads this file by its path, in an environment of its own that knows no packages of this repository.
"""

import sys
from pathlib import Path
from typing import Any

import griffe

sys.path.insert(0, str(Path(__file__).parent))
from columns import with_columns


class Columns(griffe.Extension):
    """Changes docstrings when they are read."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Change the object's own."""
        if obj.docstring:
            obj.docstring.value = with_columns(obj.docstring.value)
