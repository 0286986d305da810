# SPDX-License-Identifier: Apache-2.0
"""Backend: the workers of a Dask scheduler."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from finn_work import identity, slot
from finn_work.errors import WorkError

try:
    import distributed
except ModuleNotFoundError as error:
    raise WorkError("--scheduler needs Dask: pip install 'finn-verif[cluster]' brings it") from error

CONNECT_S = 10
FIRST_WORKER_S = 60


def perform(request: Mapping[str, Any], digests: list[str], *contents: bytes) -> dict[str, Any]:
    """The answer of a slot of the Dask worker that this is called in."""
    return {**slot.perform(request, digests, *contents), "worker": distributed.get_worker().address}


def hold(data: bytes) -> bytes:
    """A content as a task: a worker that dies with it is no loss, since it is made again of the scheduler's copy."""
    return data


def connect(address: str) -> distributed.Client:
    """A client of the scheduler at an address. Raises WorkError where none answers."""
    # Dask's own words on a lost scheduler are a dozen lines; ours is one.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if address.startswith("tls://") and distributed.Security().get_connection_args("client")["ssl_context"] is None:
        raise WorkError(
            f"scheduler {address}: no certificates; DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._TLS__CLIENT__CERT and "
            "..._TLS__CLIENT__KEY name them"
        )
    try:
        return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        words = str(error).partition("\n")[0] or type(error).__name__
        raise WorkError(
            f"scheduler {address}: no Dask scheduler answers there ({words}); `dask scheduler` starts one and "
            "prints its address, tcp://HOST:PORT"
        ) from None


def count(address: str) -> int:
    """The threads of all workers of a scheduler, at least one. Raises WorkError."""
    with connect(address) as client:
        return max(1, sum(client.nthreads().values()))


class Cluster:
    """A connection to a scheduler, whose workers have been asked what they are. Raises WorkError."""

    def __init__(self, address: str, greeting: Mapping[str, Any]) -> None:
        self._address = address
        self._client = connect(address)
        self._contents: dict[str, Any] = {}
        try:
            self.found = self._greeted(greeting)
        except BaseException:
            self._client.close(timeout=1)
            raise

    def _greeted(self, greeting: Mapping[str, Any]) -> dict[str, str]:
        """What the first worker has; WorkError unless all workers can do the work."""
        try:
            self._client.wait_for_workers(1, timeout=FIRST_WORKER_S)
        except TimeoutError:
            raise WorkError(
                f"scheduler {self._address}: no worker has come for {FIRST_WORKER_S} s; "
                f"`dask worker {self._address}` starts one"
            ) from None
        answers = self._client.run(slot.ask, greeting, on_error="return")
        said = []
        for worker, answer in sorted(answers.items()):
            if isinstance(answer, Exception):
                said.append(f"worker {worker}: finn_work cannot be used there ({type(answer).__name__}: {answer})")
                continue
            other = answer.get("differences") or identity.differences(greeting["expected"], answer.get("value", {}))
            if answer["status"] == "died":
                other = [f"its child process died: {answer['said']}"]
            if other:
                said.append(f"worker {worker}: {'; '.join(other)}")
        if said:
            raise WorkError("\n".join(said))
        return next(iter(answers.values()))["value"]

    def submit(self, request: Mapping[str, Any], contents: Mapping[str, bytes]) -> Any:
        """The answer to come to a request."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that contents are large
            for digest, data in contents.items():
                if digest not in self._contents:
                    self._contents[digest] = self._client.submit(hold, data, key=f"finn-content-{digest}")
            held = [self._contents[digest] for digest in contents]
            return self._client.submit(perform, request, list(contents), *held, pure=False, priority=1)

    def answers(self, futures: Sequence[Any]) -> list[dict[str, Any]]:
        """What came of pieces that are done; `status` is lost where the scheduler has gone.

        All are fetched at once, which takes as long as to fetch one: some milliseconds.
        """
        try:
            return self._client.gather(futures)
        except Exception:
            return [self._answer(future) for future in futures]

    def _answer(self, future: Any) -> dict[str, Any]:
        try:
            return future.result()
        except distributed.KilledWorker as error:
            worker = getattr(error.last_worker, "address", "?")
            return {"status": "died", "final": True, "code": None, "said": "", "worker": worker}
        except (distributed.CancelledError, OSError, TimeoutError, RuntimeError):
            return {"status": "lost"}

    def close(self, run: str) -> None:
        """End what is still running for this run, and leave the workers to others."""
        with contextlib.suppress(Exception):
            if self._client.status == "running":
                self._client.run(slot.stop, run)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
