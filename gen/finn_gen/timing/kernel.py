# SPDX-License-Identifier: Apache-2.0
"""A chain of streaming stages, cycle by cycle: what of its RTL decides when words move, compiled by numba.

No IP has a combinational path between the handshakes of its two sides. In a cycle every stage's `out_valid` and
`in_ready` are therefore functions of its state alone; a word moves across a boundary when the stage before offers
one and the stage behind is ready, and then every stage's state goes on. That is what `advance` does.

A stage is a kind and a row each of parameters and state, whole numbers. A function a kind, named after it, takes
both, whether a word goes in and whether one goes out, and returns whether the stage then offers a word
(`_VALID`), takes one (`_READY`), and whether it may go on by itself, although no word moves (`_ACTIVE`). A stage
that is not active and moves no word is left alone, which is most of them in most cycles.

`finn_gen.timing.stages` makes the rows from the plans of IPs, `finn_gen.timing.chain` is the way in.
"""

import numpy as np
from numba import njit

SLICE, FIFO, DOWN, UP, GATHER, RING, MVTU, PAD, POOL, LABEL, SERIAL, WINDOW, WINDOWS = range(13)

STATE = 10
"""Numbers of a stage's state, at least; waiting windows take one more each."""
MAX_LOOPS = 5
"""Nested loops of a serial window generator."""
# Where its parameters and its state have their lists.
_LAST, _LEVEL = 8, 5
_MOVE = _LAST + MAX_LOOPS
_FREED = _MOVE + MAX_LOOPS + 1
PARAMETERS = _FREED + MAX_LOOPS + 1
"""Parameters of a stage, at most."""

CYCLE, EVERY, OFFERED, SOURCE_AT, SINK_AT, RUN = range(6)
"""The scalars of a run: the cycle, the least cycles from an image's first offer to the next one's, whether the source
has offered a word that was not taken yet, and the positions in the two patterns."""

_VALID, _READY, _ACTIVE = 1, 2, 4
RESET = _READY | _ACTIVE
"""What every stage does after reset: it takes a word and offers none. Whether it goes on shows in the first cycle."""

Row = np.ndarray

# Parts of `advance`. Nothing is allocated, so that references to arrays need not be counted (_nrt): that and calls
# would take two thirds of the time.
_part = njit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)


def offers(flags: int) -> bool:
    """Whether a stage with these flags offers a word."""
    return bool(flags & _VALID)


@_part
def _flags(valid: bool, ready: bool, active: bool) -> int:
    return (_VALID if valid else 0) | (_READY if ready else 0) | (_ACTIVE if active else 0)


@_part
def _fifo_out(count: int, valid: int, give: int) -> int:
    """finn_fifo_control: whether the output register holds a word a cycle later; `count` is that of this cycle."""
    if valid:
        return 1 if not give or count >= 2 else 0
    return count & 1


@_part
def _slice(p: Row, s: Row, take: int, give: int) -> int:
    """finn_reg_slice and, with room for a single word, finn_half_slice."""
    s[0] += take - give
    return _flags(s[0] > 0, s[0] < p[0], False)


@_part
def _fifo(p: Row, s: Row, take: int, give: int) -> int:
    """finn_fifo_srl and finn_fifo_ram of p[0] words."""
    s[1] = _fifo_out(s[0], s[1], give)
    s[0] += take - give
    return _flags(s[1] > 0, s[0] < p[0], s[1] == 0 and s[0] > 0)


@_part
def _down(p: Row, s: Row, take: int, give: int) -> int:
    """Converter to a width that is p[0] times narrower."""
    busy, part, valid = s[0], s[1], s[2]
    free = not valid or give
    final = part == p[0] - 1
    if take:
        s[0] = 1
    elif free and final:
        s[0] = 0
    if free:
        if take or busy:
            s[1] = 0 if busy and final else part + 1
        s[2] = 1 if take or busy else 0
    return _flags(s[2] > 0, s[0] == 0, s[0] > 0 and s[2] == 0)


@_part
def _up(p: Row, s: Row, take: int, give: int) -> int:
    """Converter to a width that is p[0] times wider, without TLAST."""
    final = s[0] == p[0] - 1
    if give:
        s[1] = 0
    if take:
        if final:
            s[1] = 1
        s[0] = 0 if final else s[0] + 1
    return _flags(s[1] > 0, not (s[0] == p[0] - 1 and s[1] > 0), False)


@_part
def _gather(p: Row, s: Row, take: int, give: int) -> int:
    """Converter to a width that is p[0] times wider, with TLAST at every p[1]-th word."""
    lane, full, valid, word = s[0], s[1], s[2], s[3]
    free = not valid or give
    last = take and word == p[1] - 1
    whole = take and (last or lane == p[0] - 1)
    if whole:
        s[0] = 0
    elif take:
        s[0] = lane + 1
    if take:
        s[3] = 0 if last else word + 1
    if free:
        s[1] = 0
        s[2] = 1 if full or whole else 0
    elif whole:
        s[1] = 1
    return _flags(s[2] > 0, s[1] == 0, False)


@_part
def _ring(p: Row, s: Row, take: int, give: int) -> int:
    """Converter through a ring of p[2] units; words of p[0] in, p[1] out.

    A frame of p[3] words in and p[4] words out ends with words that count p[5] and p[6] units: the rest of the ring
    is left out.
    """
    fill, valid = s[0], s[1]
    free = not valid or give
    leave = free and fill >= p[1]
    if take:
        last = s[2] == p[3] - 1
        s[0] += p[5] if last else p[0]
        s[2] = 0 if last else s[2] + 1
    if leave:
        last = s[3] == p[4] - 1
        s[0] -= p[6] if last else p[1]
        s[3] = 0 if last else s[3] + 1
    if free:
        s[1] = 1 if leave else 0
    return _flags(s[1] > 0, s[0] <= p[2] - p[0], s[1] == 0 and s[0] >= p[1])


@_part
def _mvtu_issues(p: Row, s: Row) -> bool:
    """Whether a word of the input is there for the pipeline, for vectors that are held for several passes."""
    if p[0] == 1:
        return s[2] > 0
    return s[1] > 0 or s[3] != s[4] or s[2] != s[0]


@_part
def _mvtu(p: Row, s: Row, take: int, give: int) -> int:
    """SF p[0], NF p[1], p[2] cycles from issue to the result FIFO, room below p[3] results.

    s: sf, pass, then words in the slice (SF = 1) or slot that is written next, its turn, the turn that is read,
    results on the way (a bit a cycle), count and valid of the result FIFO.
    """
    sf, passes, slot, count = s[0], s[1], s[2], s[6]
    sfs, nfs = p[0], p[1]
    room = count < p[3]
    if nfs == 1:
        issue = take > 0
    else:
        issue = room and _mvtu_issues(p, s)
        if sfs == 1:
            s[2] += take - (1 if issue and passes == nfs - 1 else 0)
        elif take:
            s[2] = 0 if slot == sfs - 1 else slot + 1
            if slot == sfs - 1:
                s[3] ^= 1
    pass_end = sf == sfs - 1
    if issue:
        s[0] = 0 if pass_end else sf + 1
        if pass_end and nfs > 1:
            s[1] = 0 if passes == nfs - 1 else passes + 1
            if passes == nfs - 1:
                s[4] ^= 1
    done = s[5] >> (p[2] - 1) & 1
    s[5] = (s[5] << 1 | (1 if issue and pass_end else 0)) & ((1 << p[2]) - 1)
    s[7] = _fifo_out(count, s[7], give)
    s[6] += done - give
    room = s[6] < p[3]
    going = s[5] != 0 or (s[7] == 0 and s[6] > 0)
    if nfs == 1:
        return _flags(s[7] > 0, room, going)
    going = going or (room and _mvtu_issues(p, s))
    ready = s[2] < 2 if sfs == 1 else s[3] == s[4] or (s[1] == nfs - 1 and s[2] < s[0])
    return _flags(s[7] > 0, ready, going)


@_part
def _pad_inside(p: Row, s: Row) -> bool:
    """Whether the next output word is one of the input."""
    return p[2] <= s[1] < p[3] and p[4] <= s[2] < p[5]


@_part
def _pad_goes(p: Row, s: Row) -> bool:
    """Whether there is a word for the output register."""
    return s[0] > 0 or ((s[3] > 0 or not p[6]) and not _pad_inside(p, s))


@_part
def _pad(p: Row, s: Row, take: int, give: int) -> int:
    """p[0] words an output row, p[1] rows; words p[2] to p[3] - 1 of rows p[4] to p[5] - 1 are the input's.

    p[6]: the first word is padding. s: words in the slice, word of the row, row, begun, valid.
    """
    free = not s[4] or give
    goes = _pad_goes(p, s)
    if goes and free and _pad_inside(p, s):
        s[0] -= 1
    if goes and free:
        end = s[1] == p[0] - 1
        s[1] = 0 if end else s[1] + 1
        if end:
            s[2] = 0 if s[2] == p[1] - 1 else s[2] + 1
        s[3] = 0 if end and s[2] == 0 else 1
    if free:
        s[4] = 1 if goes else 0
    s[0] += take
    return _flags(s[4] > 0, s[0] < 2, s[4] == 0 and _pad_goes(p, s))


@_part
def _pool(p: Row, s: Row, take: int, give: int) -> int:
    """p[0] words a pixel, p[1] columns, p[2] rows, windows of p[3], stride p[4], an output of p[5] words.

    s: word of the pixel, column, row, whether the word in the middle is valid, whether its row ends windows, words
    in the output.
    """
    leave = s[3] and s[4] and s[5] < p[5]
    stuck = s[3] and s[4] and not leave
    s[5] += (1 if leave else 0) - give
    if not stuck:
        s[3] = 0
    if take:
        x, y = s[1] - p[3] + 1, s[2] - p[3] + 1
        s[3] = 1 if x >= 0 and x % p[4] == 0 else 0
        s[4] = 1 if y >= 0 and y % p[4] == 0 else 0
        s[0] = 0 if s[0] == p[0] - 1 else s[0] + 1
        if s[0] == 0:
            s[1] = 0 if s[1] == p[1] - 1 else s[1] + 1
            if s[1] == 0:
                s[2] = 0 if s[2] == p[2] - 1 else s[2] + 1
    waits = s[3] > 0 and s[4] > 0 and s[5] == p[5]
    return _flags(s[5] > 0, not waits, s[3] > 0 and not waits)


@_part
def _label(p: Row, s: Row, take: int, give: int) -> int:
    """p[0] words a frame, p[1]: a register before the comparison, an output of p[2] words.

    s: word that is compared next, whether the register holds one, words in the output.
    """
    final = s[0] == p[0] - 1
    ready = not final or s[2] < p[2]
    moves = s[1] > 0 and ready if p[1] else take > 0
    s[2] += (1 if moves and final else 0) - give
    if moves:
        s[0] = 0 if final else s[0] + 1
    if p[1]:
        s[1] += take - (1 if moves else 0)
    ready = s[0] != p[0] - 1 or s[2] < p[2]
    if p[1]:
        return _flags(s[2] > 0, s[1] == 0 or ready, s[1] > 0 and ready)
    return _flags(s[2] > 0, ready, False)


@_part
def _at_last(p: Row, s: Row, low: int, high: int) -> bool:
    """Whether the loops `low` to `high` - 1 of a serial window generator are in their last pass."""
    last = True
    for level in range(low, high):
        last = last and s[_LEVEL + level] == p[_LAST + level]
    return last


@_part
def _serial_early(p: Row, s: Row) -> bool:
    """Whether the window is read behind which the next image enters, and that has not happened yet."""
    if p[0] == 0 or s[3] > 0 or s[_LEVEL + p[5]] != p[6]:
        return False
    return _at_last(p, s, p[5] + 1, p[3])


@_part
def _serial_freed(p: Row, s: Row, step: int) -> int:
    """Words that a read sets free which is followed by `step`."""
    if step >= p[4]:
        return p[_FREED + step]
    top = p[0] > 0 and s[_LEVEL + p[7]] == 0
    return p[_FREED + step] if not top and _at_last(p, s, p[4], p[3]) else 0


@_part
def _serial(p: Row, s: Row, take: int, give: int) -> int:
    """Window generator that gives a word of the image a cycle.

    p[0]: the next image enters early, behind a gap of p[1] words and with p[2] words set free at once, in window
    p[6] of the last row; p[3] loops, p[4] of them inside a window; p[5], p[7]: the loops over windows of a row and
    over rows of a window. Lists: last passes, moves and words set free by the steps of the loops, of an image last.
    s: words ahead less one, room less one, words left of the gap, whether the next image enters, valid, passes.
    """
    early = _serial_early(p, s)
    complete = early and s[1] < 0
    # The last word of that window waits for the end of its image.
    may_read = s[0] >= 0 and not (early and _at_last(p, s, 0, p[4]))
    advance = 1 if take or s[2] > 0 else 0
    if complete:
        s[2] = p[1]
        s[3] = 1
    else:
        if s[2] > 0:
            s[2] -= 1
        if s[3] > 0 and _at_last(p, s, p[4], p[3]):
            s[3] = 0
    s[0] += advance
    s[1] += (p[2] if complete else 0) - advance
    if may_read and (not s[4] or give):
        step = 0
        while step < p[3] and s[_LEVEL + step] == p[_LAST + step]:
            step += 1
        s[0] -= p[_MOVE + step]
        s[1] += 0 if complete else _serial_freed(p, s, step)
        for level in range(step):
            s[_LEVEL + level] = 0
        if step < p[3]:
            s[_LEVEL + step] += 1
    if may_read:
        s[4] = 1
    elif give:
        s[4] = 0
    going = s[2] > 0 or (s[4] == 0 and s[0] >= 0)
    if p[0] > 0:
        going = going or (s[1] < 0 and _serial_early(p, s)) or (s[3] > 0 and _at_last(p, s, p[4], p[3]))
    return _flags(s[4] > 0, s[1] >= 0 and s[2] == 0, going)


@_part
def _ends(position: int, first: int, stride: int) -> bool:
    """Whether a row or a column completes windows."""
    return position >= first and (position - first) % stride == 0


@_part
def _window(p: Row, s: Row, take: int, give: int) -> int:
    """Window generator that gives a whole window a cycle.

    p[0] columns and p[1] rows; columns p[2] + i*p[3] and rows p[4] + i*p[5] complete windows.
    s: pixels in the slice, column, row, valid.
    """
    if not s[3] or give:
        s[3] = 0
        if s[0] > 0:
            s[0] -= 1
            s[3] = 1 if _ends(s[1], p[2], p[3]) and _ends(s[2], p[4], p[5]) else 0
            s[1] = 0 if s[1] == p[0] - 1 else s[1] + 1
            if s[1] == 0:
                s[2] = 0 if s[2] == p[1] - 1 else s[2] + 1
    s[0] += take
    return _flags(s[3] > 0, s[0] < 2, s[3] == 0 and s[0] > 0)


@_part
def _windows(p: Row, s: Row, take: int, give: int) -> int:
    """Window generator that gives a window in p[6] words.

    p[0] to p[5] as in `_window`; a queue of p[7] columns, a slice if p[8]; p[9] windows can wait.
    s: column and row that enter, columns in the queue, whether it offers one, the column that is shifted in,
    whether the register window is full, valid, the word that is offered; then the places to wait, the last first.
    """
    free = not s[6] or (give and s[7] == p[6] - 1)
    if free:
        s[6] = s[8] if p[9] else s[5]
        s[7] = 0
    elif give:
        s[7] += 1
    for place in range(p[9]):
        free = free or not s[8 + place]
        if free:
            s[8 + place] = s[9 + place] if place + 1 < p[9] else s[5]
    shift = 0
    if free or not s[5]:
        shift = 1 if s[3] else 0
        s[5] = 1 if shift and _ends(s[4], p[2], p[3]) else 0
        if shift:
            s[4] = 0 if s[4] == p[0] - 1 else s[4] + 1
    push = 0
    if take:
        push = 1 if _ends(s[1], p[4], p[5]) else 0
        s[0] = 0 if s[0] == p[0] - 1 else s[0] + 1
        if s[0] == 0:
            s[1] = 0 if s[1] == p[1] - 1 else s[1] + 1
    if not p[8]:
        s[3] = _fifo_out(s[2], s[3], shift)
    s[2] += push - shift
    if p[8]:
        s[3] = 1 if s[2] > 0 else 0
    going = s[3] == 0 and s[2] > 0
    free = not s[6]
    for place in range(p[9]):
        going = going or (free and s[8 + place])
        free = free or not s[8 + place]
    going = going or (free and s[5]) or ((free or not s[5]) and s[3])
    return _flags(s[6] > 0, s[2] < p[7] or not _ends(s[1], p[4], p[5]), going)


@_part
def _update(kind: int, p: Row, s: Row, take: int, give: int) -> int:  # noqa: PLR0911
    """The state of a stage one cycle later, and what it then does."""
    if kind == SLICE:
        return _slice(p, s, take, give)
    if kind == FIFO:
        return _fifo(p, s, take, give)
    if kind == MVTU:
        return _mvtu(p, s, take, give)
    if kind == SERIAL:
        return _serial(p, s, take, give)
    if kind == DOWN:
        return _down(p, s, take, give)
    if kind == UP:
        return _up(p, s, take, give)
    if kind == GATHER:
        return _gather(p, s, take, give)
    if kind == RING:
        return _ring(p, s, take, give)
    if kind == PAD:
        return _pad(p, s, take, give)
    if kind == POOL:
        return _pool(p, s, take, give)
    if kind == LABEL:
        return _label(p, s, take, give)
    if kind == WINDOW:
        return _window(p, s, take, give)
    return _windows(p, s, take, give)


@njit(cache=True, _nrt=False)
def advance(  # noqa: PLR0917
    kinds: Row,
    parameters: Row,
    states: Row,
    flags: Row,
    high: Row,
    words: Row,
    position: Row,
    image: Row,
    first: Row,
    last: Row,
    source: Row,
    sink: Row,
    run: Row,
    stop: Row,
) -> bool:
    """Run a chain of n stages on; return whether it came to a stop, and not to rest.

    kinds, parameters, states  a stage each; `flags` is what `_update` said last, `high` the most that a slice or
                               FIFO held
    words, position, image     of n + 1 boundaries, 0 before the first stage: words of an image, those of the current
                               one that have passed, images that have passed
    first, last                [boundary, image] the cycles in which an image's first and last word pass; once all
                               columns are taken the oldest is overwritten
    source, sink               patterns, a 1 for every cycle in which a new word is offered or one taken
    run                        scalars, see `RUN`
    stop                       images to offer; stops as soon as that many images have begun to enter (stop[1]) or
                               passed all boundaries (stop[2]), or after stop[3] cycles in which no word moved although
                               the source offered one or is through
    """
    stages = len(kinds)
    cycle, offered, source_at, sink_at = run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT]
    stopped, quiet = False, 0
    while not stopped and quiet < stop[3]:
        if not offered and source[source_at] and image[0] < stop[0]:
            offered = 1 if position[0] > 0 or cycle >= image[0] * run[EVERY] else 0
        if offered or image[0] == stop[0]:
            quiet += 1
        take = 0
        for boundary in range(stages + 1):
            # The stages beside this boundary are still as they were at the beginning of the cycle.
            valid = flags[boundary - 1] & _VALID if boundary else offered
            ready = flags[boundary] & _READY if boundary < stages else sink[sink_at]
            give = 1 if valid and ready else 0
            if give:
                quiet = 0
                if position[boundary] == 0:
                    first[boundary, image[boundary] % first.shape[1]] = cycle
                position[boundary] += 1
                if position[boundary] == words[boundary]:
                    last[boundary, image[boundary] % last.shape[1]] = cycle
                    position[boundary] = 0
                    image[boundary] += 1
            if boundary and (take or give or flags[boundary - 1] & _ACTIVE):
                stage = boundary - 1
                flags[stage] = _update(kinds[stage], parameters[stage], states[stage], take, give)
                if kinds[stage] <= FIFO and states[stage, 0] > high[stage]:
                    high[stage] = states[stage, 0]
            elif not boundary and give:
                offered = 0
            take = give
        cycle += 1
        source_at = source_at + 1 if source_at + 1 < len(source) else 0
        sink_at = sink_at + 1 if sink_at + 1 < len(sink) else 0
        stopped = image[0] + (1 if position[0] > 0 else 0) >= stop[1]
        if image[stages] >= stop[2] and not stopped:
            # What no output needs may still be on its way in.
            stopped = True
            for boundary in range(stages):
                stopped = stopped and image[boundary] >= stop[2]
    run[CYCLE], run[OFFERED], run[SOURCE_AT], run[SINK_AT] = cycle, offered, source_at, sink_at
    return stopped
