"""Saved cases that were not shrunk to their end: each replay of a run goes on with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.core.trace import Step, Trace
from driftcheck.findings import keep
from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.findings.replayed import render
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.search import shrink_saved
from driftcheck.search.saved_cases import replay_saved
from driftcheck.search.session import Session
from driftcheck.subjects.discover import Subject
from driftcheck_contracts.lru import Lru

LRU = schema_of(Lru)
HERE = {"PYTHONPATH": str(Path(__file__).parent)}
MODELS = {"go": "driftcheck_contracts.lru.model:LruModel", "rust": "replayed_models:NoUse"}
PUTS = tuple(Step("put", (key, b"x")) for key in ("a", "b", "c", "d"))
NAMES = {"text 1..8 x4": ("a", "b", "c", "d")}
LONG = Trace((*PUTS, Step("get", ("c",)), Step("peek", ("d",)), Step("get", ("c",))), (2,), NAMES)


@pytest.fixture
def session() -> Iterator[Session]:
    """Run two models, of which one does not take a get for a use."""
    subjects = [Subject(name, "python", "python", target, HERE) for name, target in MODELS.items()]
    with Lockstep(LRU, subjects) as lockstep:
        descriptions = lockstep.start()
        oracle = Oracle(LRU, lockstep)
        yield Session(Lru, LRU, None, lockstep, oracle, Asymmetries(), dict(descriptions))


@contextmanager
def unfinished(session: Session, root: Path) -> Iterator[Path]:
    """Save a long case, as a run does that ends while it is shrunk."""
    verdict = session.oracle.confirm(LONG, deadline_s=1.0, settle_s=0.0)
    assert verdict.divergence is not None
    assert verdict.execution is not None
    finding = Finding(verdict.divergence, LONG, verdict.execution, 3, 3, {}, is_minimal=False)
    yield keep.save(finding, LRU, root, lambda case: None).path


def marks(path: Path) -> tuple[int, bool]:
    """Return how many steps a case file has, and whether it is marked as not completely shrunk."""
    data = json.loads(path.read_text())
    return len(data["steps"]), data.get("is_minimal") is False


def test_the_next_replay_shrinks_a_case_to_its_end(session: Session, tmp_path: Path) -> None:
    """The file then holds the small case without a mark, and the replay shows it."""
    with unfinished(session, tmp_path) as path:
        assert marks(path) == (len(LONG.steps), True)
        replayed = replay_saved(path, session)

    assert marks(path) == (3, False)
    assert len(replayed.case.trace.steps) == 3
    assert replayed.is_the_same
    assert "not completely" not in render(replayed)


def test_an_interrupted_replay_keeps_the_mark(session: Session, tmp_path: Path) -> None:
    """The run after it goes on; until then the page says that the case is not small."""
    with unfinished(session, tmp_path) as path:
        replayed = replay_saved(path, session, interrupted=lambda: True)

    assert marks(path) == (len(LONG.steps), True)
    assert "shrunk not completely; the next run shrinks it further" in render(replayed)


def test_a_case_that_does_not_become_smaller_is_not_tried_again(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise each run would lose the same seconds."""
    monkeypatch.setattr(shrink_saved, "MOST_S", 0.0)

    with unfinished(session, tmp_path) as path:
        replay_saved(path, session)

    assert marks(path) == (len(LONG.steps), False)


def test_a_case_of_the_same_size_that_is_shrunk_replaces_one_that_is_not(
    session: Session, tmp_path: Path
) -> None:
    """The mark goes when a run has shown that there is nothing smaller."""
    with unfinished(session, tmp_path) as path:
        case = load(path, lambda name: LRU)
        verdict = session.oracle.confirm(LONG, deadline_s=1.0, settle_s=0.0)
        assert verdict.divergence is not None
        assert verdict.execution is not None
        again = Finding(verdict.divergence, LONG, verdict.execution, 3, 3, {})
        keep.save(again, LRU, tmp_path, lambda case: None)

    assert not case.is_minimal
    assert attrs.evolve(load(path, lambda name: LRU)).is_minimal
