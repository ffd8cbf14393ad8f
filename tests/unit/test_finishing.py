"""Searches that are asked to finish: they draw nothing more, and shrink what they have seen."""

from __future__ import annotations

import time

import pytest
import tiny

from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.search import explore as explore_module
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.observer import Observer
from driftcheck.search.session import open_session

LONG = Trace((Step("read"), *(Step("add", (1,)),) * 9, Step("read")))  # the ninth sum is outside its type


def explored(observer: Observer) -> Explored:
    """Search a contract for a minute, beginning with one trace that diverges."""
    with open_session(tiny.Tiny, env={tiny.VARIABLE: "outside"}) as session:
        return explore(session, Budget(max_time_s=60.0), seed=1, observer=observer, begin_with=[LONG])


def test_a_search_that_is_to_finish_shrinks_what_it_has_seen() -> None:
    """It ends as if its time were over, with a case of one step."""
    seen: list[Execution] = []
    began = time.monotonic()
    found = explored(Observer(executed=seen.append, finishing=lambda: bool(seen)))

    (finding,) = found.findings
    assert finding.is_minimal
    assert finding.case == Trace((Step("add", (9,)),))
    assert found.ended_by == "time"
    assert found.statistics.traces == 1
    assert time.monotonic() - began < 30.0


def test_shrinking_ends_in_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not shrunk by then is kept with a mark."""
    monkeypatch.setattr(explore_module, "GRACE_S", 0.0)
    seen: list[Execution] = []
    found = explored(Observer(executed=seen.append, finishing=lambda: bool(seen)))

    assert found.unexamined + len(found.findings) == 1
    assert not any(finding.is_minimal for finding in found.findings)
