# SPDX-License-Identifier: Apache-2.0
"""The plan that costs least for a rate, its FIFOs counted.

How deep FIFOs are shows once a whole chain was followed, so the search for a folding leaves them out. A faster folding,
whose stages cost a little more, may do with smaller ones, or none, and serves the rate as well. So faster ones are
looked at, one after the other, as long as their stages alone cost less than the cheapest whole plan so far: what comes
behind costs more. A plan for a rate is then the cheapest of all that the faster rates have, too, and a faster rate
never costs less than a slower one. Rates for which more pixels have to pass at once are left out.
"""

from __future__ import annotations

from finn_gen.base.errors import InputError
from finn_gen.network.model import Network
from finn_gen.plan import fifo_sizing
from finn_gen.plan.chain import total
from finn_gen.plan.folding import Folding
from finn_gen.plan.network import with_smallest_fifos, without_fifos
from finn_gen.plan.search import Search

MOST_WORDS = 1 << 17
"""Words of an image at all boundaries together up to which FIFOs of several plans are compared: a quarter of a second
each."""
MOST_FOLLOWED = fifo_sizing.MOST_WORDS // 2
"""Words into and out of the units and windows of an image: converters and FIFOs have some more."""


def followed(search: Search, target: int, name: str = "") -> Folding:
    """The folding whose stages cost least, of those whose FIFOs can be sized.

    Narrow words are many: where all boundaries have more than can be followed it is the cheapest for a higher rate.
    Raises InputError that names the layer which cannot be so fast, and the best that is possible.
    """
    chosen, faster = search.fold(target, name), target
    while search.words(faster) > MOST_FOLLOWED:
        faster = search.cycles(faster) * 3 // 4
        try:
            chosen = search.fold(faster, name)
        except InputError:
            break
    return chosen


def cheapest(network: Network, search: Search, target: int, name: str = "") -> Folding:
    """The folding whose plan costs least of those with which an image takes at most `target` cycles.

    Where an image is of more than `MOST_WORDS` words it is the one whose stages cost least. Raises InputError that
    names the layer which cannot be so fast, and the best that is possible.
    """
    weights = search.weights
    best = followed(search, target, name)
    stages = without_fifos(network, best)
    if sum(stage.out_words for stage in stages) > MOST_WORDS:
        return best
    least = weights.cost(total(with_smallest_fifos(network, best)))
    while True:
        faster = max(stage.cycles for stage in stages) - 1
        try:
            if search.pixels(faster) > search.pixels(target) or search.cost(faster) >= least:
                return best
        except InputError:
            return best
        found = search.fold(faster, name)
        stages = without_fifos(network, found)
        cost = weights.cost(total(with_smallest_fifos(network, found)))
        best, least = (found, cost) if cost < least else (best, least)
