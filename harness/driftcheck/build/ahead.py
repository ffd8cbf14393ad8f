"""
Builds the subjects of several contracts in the background, while the first contracts already run.

Owns the order in which contracts become ready. Knows nothing of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from pathlib import Path
from types import TracebackType

from driftcheck.build import native
from driftcheck.build.library import build
from driftcheck.build.side_by_side import SideBySide
from driftcheck.contract.schema import Schema
from driftcheck.subjects.discover import NativeSource, Subject, SubjectSource

POLL_S = 0.2  # how soon an interrupt is noticed
SEVERAL = 2  # native subjects of a contract, from which on its traces may be drawn natively


class BuildsAhead:
    """Compiles in the background, in the order of the contracts; a context manager.

    A build that fails makes its contract ready too; `built` raises its failure.

    Args:
        contracts: the schema and the subjects of each contract, by name.
        no_build: refuse stale libraries instead of building them.
        say: gets the contract's name and a line for each build that starts, from another thread.
    """

    def __init__(
        self,
        contracts: Mapping[str, tuple[Schema, Sequence[SubjectSource]]],
        *,
        no_build: bool = False,
        say: Callable[[str, str], None] = lambda name, line: None,
    ) -> None:
        self._running = SideBySide[Subject]()
        self._native: Future[Subject] | None = None
        for name, (schema, sources) in contracts.items():
            # First, since it needs what the subjects in Rust need too, and all contracts wait for it.
            if self._native is None and sum(isinstance(s, NativeSource) for s in sources) >= SEVERAL:
                job = partial(build, native.source(), schema, no_build=no_build, say=partial(say, name))
                self._native = self._running.submit("rust", job)
        self._builds: dict[str, list[Future[Subject]]] = {
            name: [
                self._running.submit(
                    source.language,
                    partial(build, source, schema, no_build=no_build, say=partial(say, name)),
                )
                for source in sources
            ]
            for name, (schema, sources) in contracts.items()
        }

    def __enter__(self) -> BuildsAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    def built(self, name: str) -> list[Subject]:
        """Return the subjects of a contract that is ready.

        Raises:
            BuildError, StaleLibrary: as `build`.
        """
        return [one.result() for one in self._builds[name]]

    def native(self) -> Path | None:
        """Return the library of the native search; None if no contract has two native subjects.

        Raises:
            BuildError, StaleLibrary: as `build`.
        """
        return None if self._native is None else Path(self._native.result().target)

    def is_ready(self, name: str) -> bool:
        """Say whether all subjects of a contract and the native search are built, or one cannot be."""
        return all(one.done() for one in self._needed(name))

    def next_ready(
        self, waiting: Sequence[str], *, interrupted: Callable[[], bool] = lambda: False
    ) -> str | None:
        """Return the first of these contracts that is built; wait where none is.

        Returns:
            the contract's name; None where the wait was interrupted.
        """
        while not interrupted():
            name = next(filter(self.is_ready, waiting), None)
            if name is not None:
                return name
            pending = [one for name in waiting for one in self._needed(name) if not one.done()]
            wait(pending, POLL_S, FIRST_COMPLETED)
        return None

    def _needed(self, name: str) -> list[Future[Subject]]:
        return [*self._builds[name], *([] if self._native is None else [self._native])]
