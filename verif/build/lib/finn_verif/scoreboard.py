# SPDX-License-Identifier: Apache-2.0
"""Scoreboard: every output stream gives exactly the expected words, in order, and nothing more."""

from collections.abc import Iterable

from pyuvm import uvm_scoreboard, uvm_subscriber

from finn_verif.axis import Frame, Stream, Transfer


class ScoreboardError(AssertionError):
    """An output word is wrong, missing, or one too many."""


class StreamChecker(uvm_subscriber):
    """Compares one output stream, word by word, with the frames it is told to expect."""

    def build_phase(self) -> None:
        self.stream: Stream = self.cdb_get("STREAMS")[self.get_name()]
        self.seen = 0
        self.expect([])

    def expect(self, frames: Iterable[Frame]) -> None:
        """Forget what was expected and expect these frames from now on."""
        self._words = [
            (word, i, j, j == len(frame) - 1) for i, frame in enumerate(frames) for j, word in enumerate(frame)
        ]
        self._next = 0
        self.first_cycles: list[int] = []
        self.last_cycles: list[int] = []

    @property
    def missing(self) -> int:
        """Number of expected words that did not come yet."""
        return len(self._words) - self._next

    def write(self, transfer: Transfer) -> None:
        """Check one word. Raises ScoreboardError."""
        self.seen += 1
        cycle, data, last = transfer
        if self._next == len(self._words):
            raise ScoreboardError(
                f"{self.stream.name}, cycle {cycle}: surplus word {data:#x} after the {self._next} expected"
            )
        word, frame, position, frame_ends = self._words[self._next]
        if data != word:
            raise ScoreboardError(self._explain(cycle, data, word, frame, position))
        if self.stream.tlast and last != frame_ends:
            raise ScoreboardError(
                f"{self.stream.name}, cycle {cycle}: frame {frame}, word {position}: "
                f"TLAST is {int(last)}, must be {int(frame_ends)}"
            )
        if position == 0:
            self.first_cycles.append(cycle)
        if frame_ends:
            self.last_cycles.append(cycle)
        self._next += 1

    def _explain(self, cycle: int, data: int, word: int, frame: int, position: int) -> str:
        hint = ""
        if self._next and data == self._words[self._next - 1][0]:
            hint = "; it is the word before, repeated"
        elif self.missing > 1 and data == self._words[self._next + 1][0]:
            hint = "; it is the word after, one was lost or they changed places"
        digits = -(-self.stream.width // 4)
        return (
            f"{self.stream.name}, cycle {cycle}: frame {frame}, word {position} is 0x{data:0{digits}x}, "
            f"must be 0x{word:0{digits}x}{hint}"
        )


class Scoreboard(uvm_scoreboard):
    """One StreamChecker for each output; at the end asserts that all words came, and that there were any."""

    def build_phase(self) -> None:
        self.checkers = {name: StreamChecker(name, self) for name in self.cdb_get("OUTPUTS")}

    def expect(self, frames: dict[str, list[Frame]]) -> None:
        """Expect these frames, given by output, from now on."""
        for name, checker in self.checkers.items():
            checker.expect(frames[name])

    @property
    def missing(self) -> int:
        """Number of expected words that did not come yet, over all outputs."""
        return sum(checker.missing for checker in self.checkers.values())

    def check_phase(self) -> None:
        for name, checker in self.checkers.items():
            if not checker.seen:
                raise ScoreboardError(f"{name}: not one word was seen, nothing was tested")
            if checker.missing:
                raise ScoreboardError(f"{name}: {checker.missing} expected words never came")
