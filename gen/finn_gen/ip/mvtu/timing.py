# SPDX-License-Identifier: Apache-2.0
"""The matrix-vector unit, cycle by cycle."""

from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.timing.actor import Actor, Rate, Timing
from finn_gen.timing.kernel import Kernel, Row, flags, part
from finn_gen.timing.storage import fifo_out

SF, NF, WAY, LIMIT = range(4)
"""Words of a vector, passes, cycles from issue to the result FIFO, and results in it below which there is room."""
S_SF, PASS, SLOT, WRITE_TURN, READ_TURN, ON_THE_WAY, COUNT, OUT_VALID = range(8)
"""Word and pass that are issued next; words in the slice (SF = 1) or the slot that is written next, its turn and that
of the slot that is read; results on the way (a bit a cycle); results in the FIFO and whether it offers one."""


@part
def _issues(p: Row, s: Row) -> bool:
    """Whether a word of the input is there for the pipeline, for vectors that are held for several passes."""
    if p[SF] == 1:
        return s[SLOT] > 0
    return s[PASS] > 0 or s[WRITE_TURN] != s[READ_TURN] or s[SLOT] != s[S_SF]


@part
def step(p: Row, s: Row, take: int, give: int) -> int:
    """One vector after the other, read in the first pass and held for the others."""
    sf, passes, slot, count = s[S_SF], s[PASS], s[SLOT], s[COUNT]
    sfs, nfs = p[SF], p[NF]
    room = count < p[LIMIT]
    if nfs == 1:
        issue = take > 0
    else:
        issue = room and _issues(p, s)
        if sfs == 1:
            s[SLOT] += take - (1 if issue and passes == nfs - 1 else 0)
        elif take:
            s[SLOT] = 0 if slot == sfs - 1 else slot + 1
            if slot == sfs - 1:
                s[WRITE_TURN] ^= 1
    pass_end = sf == sfs - 1
    if issue:
        s[S_SF] = 0 if pass_end else sf + 1
        if pass_end and nfs > 1:
            s[PASS] = 0 if passes == nfs - 1 else passes + 1
            if passes == nfs - 1:
                s[READ_TURN] ^= 1
    done = s[ON_THE_WAY] >> (p[WAY] - 1) & 1
    s[ON_THE_WAY] = (s[ON_THE_WAY] << 1 | (1 if issue and pass_end else 0)) & ((1 << p[WAY]) - 1)
    s[OUT_VALID] = fifo_out(count, s[OUT_VALID], give)
    s[COUNT] += done - give
    room = s[COUNT] < p[LIMIT]
    going = s[ON_THE_WAY] != 0 or (s[OUT_VALID] == 0 and s[COUNT] > 0)
    if nfs == 1:
        return flags(s[OUT_VALID] > 0, room, going)
    going = going or (room and _issues(p, s))
    ready = s[SLOT] < 2 if sfs == 1 else s[WRITE_TURN] == s[READ_TURN] or (s[PASS] == nfs - 1 and s[SLOT] < s[S_SF])
    return flags(s[OUT_VALID] > 0, ready, going)


@part
def _goes_on(p: Row, s: Row) -> bool:
    """Whether words are issued that are there already."""
    return p[NF] > 1 and s[COUNT] < p[LIMIT] and _issues(p, s)


@part
def _until_result(p: Row, s: Row) -> int:
    """Cycles until the oldest result on the way has arrived."""
    cycles, way = p[WAY], s[ON_THE_WAY] >> 1
    while way != 0:
        way >>= 1
        cycles -= 1
    return cycles


@part
def silent(p: Row, s: Row) -> int:
    """Cycles in which words are issued that are held, and results are on their way, up to the next one's arrival.

    While a result is offered the next one's arrival is left to `step`, and so is what sets words of the vector free.
    """
    waiting = s[OUT_VALID] > 0
    if not waiting and s[COUNT] > 0:
        return 0
    going = _goes_on(p, s)
    if going and (p[SF] == 1 or s[WRITE_TURN] == s[READ_TURN]):
        return 0
    cycles = _until_result(p, s) if s[ON_THE_WAY] != 0 else p[SF] - s[S_SF] + p[WAY]
    if waiting or p[LIMIT] == 1:
        cycles -= 1
    if not going:
        return cycles
    if s[PASS] < p[NF] - 1:
        return min(cycles, (p[NF] - 1 - s[PASS]) * p[SF] - s[S_SF])
    if s[SLOT] >= s[S_SF]:
        return min(cycles, s[SLOT] - s[S_SF])  # then the first slot is free for the next vector
    return min(cycles, p[SF] - 1 - s[S_SF])


@part
def skip(p: Row, s: Row, cycles: int) -> None:
    """Issue a word in each cycle, if that goes on, and take results on."""
    issued = s[S_SF] + cycles if _goes_on(p, s) else 0
    if s[ON_THE_WAY] != 0 and cycles >= _until_result(p, s):
        s[COUNT] += 1
    way = s[ON_THE_WAY] << cycles if cycles < p[WAY] else 0
    # The last words of passes, the youngest first.
    since = issued % p[SF]
    while since < min(issued - s[S_SF], p[WAY] + 1):
        if since == p[WAY]:
            s[COUNT] += 1
        else:
            way |= 1 << since
        since += p[SF]
    s[ON_THE_WAY] = way & ((1 << p[WAY]) - 1)
    if issued > 0:
        s[PASS] += issued // p[SF]
        s[S_SF] = issued % p[SF]


KERNEL = Kernel("mvtu", step, silent, skip)


def rate(plan: MvtuPlan) -> Rate:
    """A vector in, a vector out."""
    return Rate(plan.fold.sf, plan.fold.nf)


def actor(plan: MvtuPlan, taken: int, given: int) -> Actor:
    """The unit of the plan."""
    parameters = (plan.fold.sf, plan.fold.nf, plan.pipeline.way, plan.pipeline.limit)
    return Actor(plan.module, KERNEL, parameters, (0,) * 8)


TIMING = Timing((KERNEL,), rate, actor)
