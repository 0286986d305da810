# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG files of their own, in the colours of the report, light or dark as the reader has it."""

from __future__ import annotations

from typing import Any

from finn_gen.report.page import environment


def svg(kind: str, title: str, chart: Any) -> str:
    """The file for a `chart` of pixels `width` by `height`, which the template <kind>_chart.j2 draws."""
    values = {"title": title, "chart": chart, "body": f"{kind}_chart.j2"}
    return environment().get_template("picture.svg.j2").render(**values)
