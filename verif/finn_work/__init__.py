# SPDX-License-Identifier: Apache-2.0
"""Many pieces of work, on processes of this machine or on the workers of a Dask cluster: one way for all tools.

piece      what a piece is, and what came of it
many       runs pieces and gives their results in order; what `--jobs` and `--scheduler` mean
processes  backend: processes of this machine
cluster    backend: a Dask scheduler; the one module that imports `distributed`
slot       a place where one piece runs at a time: a child process, of either backend
child      what runs in there
identity   sources and programs that a worker must have as the one who asks has them
kept       results on disk, by which an interrupted run goes on
schedule   how long many pieces take on many workers, simulated

A piece is a function by name, arguments that JSON can say, and files by content. What travels back is JSON too, so
nothing is ever unpickled but by Dask itself, between its own processes.
"""

from finn_work.errors import WorkError
from finn_work.kept import Kept
from finn_work.many import Workers, results
from finn_work.piece import Needs, Piece, Result

__all__ = ["Kept", "Needs", "Piece", "Result", "WorkError", "Workers", "results"]
