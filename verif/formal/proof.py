# SPDX-License-Identifier: Apache-2.0
"""What is proved: a design with its properties, and the bugs that the properties must find in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Proof:
    """One core at one point of its parameters, among its properties.

    name        unique, shown to the user; a folder below build/formal
    harness     module that instantiates core and properties: `<harness>.sv` in this folder
    core        module that is proved; no output of it may depend on an input within a cycle
    sources     Verilog of the core and contents of its memories: file name to text; modules of the proof alone may be
                among them
    parameters  of the harness
    modules     further modules that it needs, of this folder or in `sources`: name, which is the file's too, to
                parameters
    defines     Verilog macros to define; COVER is one more where cover statements are all that counts
    cover_depth cycles within which every cover statement must be reached
    induction   steps of k-induction, for a harness that states the core's invariants itself; 0: let the prover
                search for them
    """

    name: str
    harness: str
    core: str
    sources: Mapping[str, str]
    parameters: Mapping[str, int | str] = field(default_factory=dict)
    modules: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    defines: tuple[str, ...] = ()
    cover_depth: int = 20
    induction: int = 0


@dataclass(frozen=True)
class Bug:
    """A bug planted in a core that is proved: in `file` the text `old` becomes `new`, and the proof must fail.

    by_paths  it is no wrong output but one that depends on an input within a cycle
    """

    name: str
    proof: Proof
    file: str
    old: str
    new: str
    by_paths: bool = False

    def planted(self) -> Proof:
        """The proof of the core with the bug; ValueError unless `old` stands in the file exactly once."""
        text = self.proof.sources[self.file]
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.old!r} stands {text.count(self.old)} times in {self.file}")
        sources = {**self.proof.sources, self.file: text.replace(self.old, self.new)}
        return replace(self.proof, name=self.name, sources=sources)
