# SPDX-License-Identifier: Apache-2.0
"""The cycles of a run in simulation beside those of the cycle model."""

from __future__ import annotations

import numpy as np

from finn_gen.plan.network import NetworkPlan
from finn_gen.report.measured import Measured
from finn_gen.timing import chain


def difference(plan: NetworkPlan, seen: Measured, images: int) -> str:
    """Where a run of so many images, ends not stalled, differs from the model at any boundary; nothing if nowhere.

    The first and the last word of every image count. The run ends with the last result: words of an image more, that
    nothing depends on, may have entered by then, and others may have been on their way.
    """
    trace = chain.trace([stage.plan for stage in plan.stages], images + 1)
    end, last = trace.last[-1, images - 1], (len(plan.stages), images - 1)
    for place in np.ndindex(trace.last.shape):
        boundary, image = place
        passed = image < seen.last.shape[1] and seen.last[place] >= 0
        found = (int(seen.first[place]), int(seen.last[place])) if passed else ()
        said = int(trace.first[place]), int(trace.last[place])
        if passed and found != said:
            return f"boundary {boundary}, image {image}: cycles {found}, the model says {said}"
        if not passed and (place == last or (image < images and said[1] < end)):
            return f"boundary {boundary}, image {image}: nothing passed, the model says in cycles {said}"
    return ""
