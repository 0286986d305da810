# SPDX-License-Identifier: Apache-2.0
"""Runs pieces on a backend: results in order, none lost or counted twice, pieces of dead workers again."""

from __future__ import annotations

import argparse
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from tqdm import tqdm

from finn_work import identity, slot
from finn_work.errors import WorkError
from finn_work.piece import Needs, Piece, Result
from finn_work.processes import Processes

SCHEDULER = "FINN_SCHEDULER"
"""Environment variable with the address of a scheduler, for where none is named."""
ATTEMPTS = 3
"""How often a piece is begun whose worker dies; a piece that kills its worker would go on for ever."""


class Backend(Protocol):
    """Where pieces run."""

    def submit(self, request: Mapping[str, Any], contents: Mapping[str, bytes]) -> Any:
        """A future, with `add_done_callback`, for the answer to a request; `contents` by digest."""

    def answers(self, futures: Sequence[Any]) -> list[dict[str, Any]]:
        """The answers of futures that are done."""

    def close(self, run: str) -> None:
        """End what is still running for a run."""


class Keeper(Protocol):
    """Where results outlive a run, as in `finn_work.kept.Kept`."""

    def read(self, piece: Piece, tools: Mapping[str, str]) -> Result | None:
        """The result of a piece that ran with the same sources and tools, if there is one."""

    def write(self, piece: Piece, tools: Mapping[str, str], result: Result) -> None:
        """Keep a result."""


@dataclass(frozen=True)
class Workers:
    """Who works: `jobs` processes of this machine, or the workers of the Dask scheduler at an address."""

    jobs: int = 2
    scheduler: str = ""

    @staticmethod
    def add_arguments(command: argparse.ArgumentParser) -> None:
        """The arguments of a command that has many pieces."""
        command.add_argument(
            "-j", "--jobs", type=_count, default=2, metavar="N", help="processes of this machine (default 2)"
        )
        command.add_argument(
            "--scheduler",
            default=os.environ.get(SCHEDULER, ""),
            metavar="ADDRESS",
            help=f"workers of a Dask scheduler instead, tcp://HOST:PORT or tls://HOST:PORT; ${SCHEDULER} if not given",
        )

    @classmethod
    def from_arguments(cls, parsed: argparse.Namespace) -> Workers:
        """The workers of a command whose arguments `add_arguments` made."""
        return cls(parsed.jobs, parsed.scheduler)

    def count(self) -> int:
        """How many pieces run at a time, now. Raises WorkError where a scheduler is not reached."""
        if not self.scheduler:
            return self.jobs
        from finn_work import cluster

        return cluster.count(self.scheduler)

    def words(self) -> list[str]:
        """The words of a command line that `add_arguments` reads the same from."""
        return ["--scheduler", self.scheduler] if self.scheduler else ["--jobs", str(self.jobs)]


def results(
    pieces: Sequence[Piece],
    workers: Workers,
    needs: Needs,
    *,
    what: str,
    kept: Keeper | None = None,
    tell: Callable[[Piece, Result], object] = lambda piece, result: None,
    quiet: bool = False,
) -> Iterator[Result]:
    """The results of `pieces`, in their order, each as soon as all before it are there too.

    what   is shown at the progress bar, and begins an error's line
    kept   where results are looked for, and kept as they come
    tell   called as the results come, in that order
    quiet  shows no progress

    Raises WorkError where a piece raises, named with the line that repeats it, where its workers die again and again,
    where the scheduler is not reached or lost, or a worker has not what is needed. Nothing runs any more then.
    """
    run = _Run(pieces, workers, needs, kept, what)
    with tqdm(total=len(pieces), desc=what, unit="piece", delay=1, leave=False, disable=quiet or None) as bar:
        for piece, result in run.go():
            tell(piece, result)
            bar.update()
            yield from run.due()
    yield from run.due()


class _Run:
    def __init__(self, pieces: Sequence[Piece], workers: Workers, needs: Needs, kept: Keeper | None, what: str) -> None:
        self._pieces, self._workers, self._kept, self._what = pieces, workers, kept, what
        self._needs = asdict(needs)
        self._id = uuid.uuid4().hex
        self._expected = identity.of(needs)
        self._found: dict[int, Result] = {}
        self._told = 0
        self._attempts = [0] * len(pieces)
        self._done: SimpleQueue[tuple[int, Any]] = SimpleQueue()

    def due(self) -> Iterator[Result]:
        """Results whose turn it is."""
        while self._told in self._found:
            self._told += 1
            yield self._found.pop(self._told - 1)

    def go(self) -> Iterator[tuple[Piece, Result]]:
        """Every piece with its result, as they come."""
        backend = self._backend()
        try:
            waiting = []
            for index, piece in enumerate(self._pieces):
                result = self._kept.read(piece, self._expected) if self._kept else None
                if result:
                    self._found[index] = result
                    yield piece, result
                else:
                    waiting.append(index)
            for index in waiting:
                self._submit(backend, index)
            left = len(waiting)
            while left:
                come = [self._done.get()]
                while not self._done.empty():
                    come.append(self._done.get())
                answers = backend.answers([future for _, future in come])
                for (index, _), answer in zip(come, answers, strict=True):
                    if answer["status"] == "died" and self._attempts[index] < ATTEMPTS and not answer.get("final"):
                        self._submit(backend, index)
                        continue
                    piece, result = self._pieces[index], self._result(index, answer, len(self._pieces) - left)
                    left -= 1
                    if self._kept:
                        self._kept.write(piece, self._expected, result)
                    self._found[index] = result
                    yield piece, result
        finally:
            backend.close(self._id)

    def _backend(self) -> Backend:
        if self._workers.scheduler:
            from finn_work import cluster

            backend = cluster.Cluster(self._workers.scheduler, self._request(None))
            # What is not installed here counts as the first worker has it.
            self._expected = {
                name: backend.found[name] if value == identity.MISSING else value
                for name, value in self._expected.items()
            }
            return backend
        missing = [name for name, value in self._expected.items() if value == identity.MISSING]
        if missing:
            raise WorkError(f"{self._what}: no {', no '.join(missing)} on this machine; `make setup` installs them all")
        return Processes(self._workers.jobs)

    def _request(self, piece: Piece | None) -> dict[str, Any]:
        return {
            "run": self._id,
            "loaded": slot.LOADED,
            "needs": self._needs,
            "expected": self._expected,
            "call": piece and piece.call,
            "arguments": piece and dict(piece.arguments),
            "inputs": piece and piece.inputs,
        }

    def _submit(self, backend: Backend, index: int) -> None:
        piece = self._pieces[index]
        self._attempts[index] += 1
        contents = {piece.inputs[name]: data for name, data in piece.contents.items()}
        future = backend.submit(self._request(piece), contents)
        future.add_done_callback(lambda done: self._done.put((index, done)))

    def _result(self, index: int, answer: Mapping[str, Any], through: int) -> Result:
        """The result in an answer; WorkError for one without."""
        if answer["status"] == "done":
            return Result(answer["value"], answer["seconds"], answer["worker"])
        piece, total = self._pieces[index], len(self._pieces)
        goes_on = "; the same command goes on from there" if self._kept else ""
        if answer["status"] == "lost":
            gone = f"{self._what}: scheduler {self._workers.scheduler} is gone"
            raise WorkError(f"{gone}; {through} of {total} pieces are through{goes_on}")
        where = f"{self._what}: {piece.name}: on {answer['worker']}"
        if answer["status"] == "refused":
            raise WorkError(f"{where}: {'; '.join(answer['differences'])}{goes_on}")
        again = f"repeat it alone: {piece.command}"
        if answer["status"] == "died":
            raise WorkError(f"{where}: the worker died, {self._attempts[index]} times{_said(answer)}\n{again}")
        trace = "" if answer["kind"] in _SENTENCES else f"\n{answer['trace'].rstrip()}{_said(answer)}"
        raise WorkError(f"{where}: {answer['kind']}: {answer['words']}{trace}\n{again}", answer["kind"])


_SENTENCES = {"InputError", "SimulationError", "YosysError", "TestError"}
"""Exceptions whose message is for the user and needs no trace."""


def _said(answer: Mapping[str, Any]) -> str:
    return f"\nit printed last:\n{answer['said']}" if answer.get("said") else ""


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} must be a whole number from 1 on")
    return int(word)
