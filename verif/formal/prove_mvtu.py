# SPDX-License-Identifier: Apache-2.0
"""Proofs of the matrix-vector-threshold unit: counters, replay and handshakes, and with them the results."""

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from finn_gen.ip.mvtu.plan import MvtuPlan
from verif.formal.proof import Bug, Proof


def _plan(values: dict[str, int | str]) -> MvtuPlan:
    """The plan for the first seed whose thresholds are all within reach, so that every output takes all values, and
    differ between rows where they are in a memory."""
    for seed in range(1000):
        plan = ip.get("mvtu").build({**values, "seed": seed})
        ladder = plan.thresholds.ladder
        differ = ladder is None or len(set(ladder.words)) == len(ladder.words)
        if differ and all(0 < threshold <= plan.params.mw for row in plan.thresholds.rows for threshold in row):
            return plan
    raise ValueError(f"no seed gives {values} such thresholds")


def _proof(mw: int, mh: int, pe: int, simd: int, out_bits: int = 1, pixels: int = 1) -> Proof:  # noqa: PLR0917
    asked = {"mw": mw, "mh": mh, "pe": pe, "simd": simd, "out_bits": out_bits, "pixels": pixels}
    plan = _plan({**asked, "storage": "constant"})
    words = [int(word, 16) for word in plan.weights.words]
    weights = thresholds = 0
    for row in range(mh):
        for column in range(mw):
            word = words[row // pe * plan.fold.sf + column // simd]
            bit = word >> (row % pe * simd + column % simd) & 1
            weights |= bit << (row * mw + column)
        for level, threshold in enumerate(plan.thresholds.rows[row]):
            thresholds |= (threshold & 0xFF) << (8 * (row * plan.thresholds.levels + level))
    return Proof(
        name=f"mvtu-{mw}x{mh}-{simd}x{pe}"
        + (f"-{out_bits}" if out_bits > 1 else "")
        + (f"-{pixels}-pixels" if pixels > 1 else ""),
        harness="prove_mvtu",
        core=plan.module,
        sources={
            path: text for path, text in of_core(plan).folder(plain=True).items() if path.endswith((".v", ".mem"))
        },
        parameters={
            "MW": mw,
            "MH": mh,
            "PE": pe,
            "SIMD": simd,
            "OUT_BITS": out_bits,
            "PIXELS": pixels,
            "WEIGHTS": weights,
            # More bits than Yosys takes of a number in decimal.
            "THRESHOLDS": f"{8 * mh * plan.thresholds.levels}'h{thresholds:x}",
            # What the FIFO holds, and the vector that is replayed with the one that is read behind it.
            "CAPACITY": plan.pipeline.fifo_depth + 2 * plan.fold.nf,
            "OFFER_WITHIN": plan.latency + plan.interval,
            "ACCEPT_WITHIN": plan.interval + plan.pipeline.fifo_depth + plan.latency,
            "TDATA_WIDTH": plan.ports.out_tdata_width,
        },
        cover_depth=plan.latency + 2 * plan.interval + 2 * plan.fold.sf + 6,
    )


# Unfolded, folded in columns, in rows, in both; three words a vector; thresholds of outputs of two bits from a memory;
# two vectors a word.
PROOFS = tuple(
    _proof(*shape)
    for shape in (
        *((2, 1, 1, 2), (2, 1, 1, 1), (1, 2, 1, 1), (2, 2, 1, 2), (2, 2, 1, 1), (3, 2, 1, 1)),
        *((2, 2, 1, 2, 2), (2, 2, 1, 1, 2), (2, 1, 1, 2, 1, 2)),
    )
)
_BY_NAME = {proof.name: proof for proof in PROOFS}
BUGS = tuple(
    Bug(f"mvtu-{name}", _BY_NAME[proof], "finn_mvtu.v", old, new)
    for name, proof, old, new in (
        ("overwrites-the-word-that-is-read", "mvtu-2x2-1x1", "(whole || caught_up)", "whole"),
        ("takes-words-before-the-last-is-read", "mvtu-2x2-1x1", "(whole || caught_up)", "caught_up"),
        ("takes-the-next-vector-a-pass-early", "mvtu-2x2-1x1", "(issue && last_pass_q)", "(issue && pass_end)"),
        ("reads-a-word-before-it-is-there", "mvtu-2x2-1x1", "!(issue && ran_dry)", "1'b1"),
        (
            "forgets-a-vector-after-its-first-pass",
            "mvtu-2x2-1x1",
            "ready_q && sf_next_q == write_q",
            "sf_next_q == write_q",
        ),
        ("runs-into-a-full-fifo", "mvtu-2x1-2x1", "assign room = !held[3];", "assign room = 1'b1;"),
        ("adds-two-vectors-up", "mvtu-2x1-1x1", "!aresetn || done", "!aresetn"),
        ("starts-a-row-from-the-last-one", "mvtu-2x2-1x1", "fresh_q <= last_q[0]", "fresh_q <= fresh_q"),
        ("compares-with-the-other-row", "mvtu-2x2-1x1-2", ".address (row_q)", ".address (~row_q)"),
        ("lets-the-held-word-go-a-pass-early", "mvtu-2x2-2x1", "(room && last_pass_q)", "(room)"),
        (
            "gives-every-copy-the-first-vector",
            "mvtu-2x1-2x1-2-pixels",
            "s_axis_tdata[p*2+:2]",
            "s_axis_tdata[0+:2]",
        ),
        (
            "keeps-results-over-a-reset",
            "mvtu-2x1-2x1",
            "if (!aresetn)\n            valid_q",
            "if (1'b0)\n            valid_q",
        ),
    )
)
