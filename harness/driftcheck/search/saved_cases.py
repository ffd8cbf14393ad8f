"""
The saved cases of a contract, run again before a search.

A case is *open* where it still diverges and no asymmetry covers it. Knows the folder of the cases. Knows no
terminal and no pytest.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import names_in
from driftcheck.findings import case as case_files
from driftcheck.findings.keep import FOLDER
from driftcheck.findings.replayed import Replayed
from driftcheck.search.replay import replay
from driftcheck.search.session import Session
from driftcheck.search.shrink_saved import shrink_saved


@attrs.frozen(eq=False)
class SavedCase:
    """A case file, and what its replay showed."""

    path: Path  # as a command in the working directory names it
    replayed: Replayed | None  # None if the file cannot be read, or an adapter or a law is at fault
    fault: DriftcheckError | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it still diverges and no asymmetry covers it."""
        return self.replayed is not None and self.replayed.is_open

    @property
    def is_judged(self) -> bool:
        """Say whether the replay has an answer; a case may need subjects that do not run."""
        return self.replayed is None or self.replayed.is_judged


@attrs.define(eq=False)
class CasesUnreadable(DriftcheckError):
    """The folder of saved cases cannot be read, so that nobody knows whether one is open."""

    folder: str
    reason: str

    def __str__(self) -> str:
        return (
            f"the saved cases in {self.folder} cannot be read: {self.reason}; check its path and permissions"
        )


def saved_cases(contract: str, root: Path) -> list[Path]:
    """List the case files of a contract, sorted by name.

    Raises:
        CasesUnreadable: there is something in their place that is no folder, or it cannot be read.
    """
    folder = root / FOLDER / contract
    try:
        return [folder / name for name in names_in(folder) if name.endswith(".json")]
    except OSError as error:
        raise CasesUnreadable(str(from_here(folder)), error.strerror or str(error)) from None


def replay_saved(path: Path, session: Session, interrupted: Callable[[], bool] = lambda: False) -> Replayed:
    """Run a saved case of a session's contract again; shrink it further where a run had no time for that.

    Args:
        interrupted: asked before each judged case of a shrink; True ends it.

    Raises:
        DriftcheckError: the file cannot be read, belongs to another contract, or cannot be judged.
    """

    def replayed(path: Path) -> Replayed:
        case = case_files.load(path, lambda name: session.schema)
        return replay(attrs.evolve(case, path=from_here(path)), session.oracle)

    one = replayed(path)
    if one.case.is_minimal or one.case.is_flaky or not (one.is_open and one.is_the_same):
        return one
    smaller = shrink_saved(one.case, session, interrupted)
    return one if smaller is None else replayed(smaller)


def try_saved(path: Path, session: Session, interrupted: Callable[[], bool] = lambda: False) -> SavedCase:
    """Run a saved case again, and return what went wrong as a part of the result."""
    try:
        replayed = replay_saved(path, session, interrupted)
        return SavedCase(replayed.case.path, replayed)
    except DriftcheckError as fault:
        return SavedCase(from_here(path), None, fault)


def from_here(path: Path) -> Path:
    """Return a path relative to the working directory, as a command that is typed there must name it."""
    return Path(os.path.relpath(path))
