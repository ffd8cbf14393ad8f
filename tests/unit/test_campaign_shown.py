"""What a campaign keeps of a trace for the blocks that it ran."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from driftcheck import schema_of
from driftcheck.campaign import shown
from driftcheck.campaign.corpus import DOCUMENTS, TRACES
from driftcheck.campaign.shown import LONGEST_DOCUMENT, Collector
from driftcheck.core.trace import Document, Step, Trace
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

RAN = frozenset({"ran: go a.go:1 once", "ran: go a.go:2 often"})
PUT = Trace((Step("put", ("k", b"v")),), (1,))


def executed(trace: Trace, *, is_equal: bool = True) -> Any:
    """Return what `take_blocks` reads of an execution."""
    return SimpleNamespace(trace=trace, is_equal=is_equal)


def decoded(data: bytes) -> Trace:
    """Return a call with a document."""
    return Trace((Step("decode", (Document(data),)),))


def test_a_trace_that_runs_new_code_is_kept_once() -> None:
    """It is kept whole, with all that it ran; the second time nothing of it is new."""
    collector = Collector(schema_of(Lru), set())
    (kept,) = collector.take_blocks(executed(PUT), RAN)

    assert (kept.kind, kept.shows) == (TRACES, RAN)
    assert collector.take_blocks(executed(PUT), RAN) == []
    assert collector.times == dict.fromkeys(RAN, 2)


def test_a_trace_with_state_on_which_subjects_differ_is_not_kept() -> None:
    """Each trace that begins with it would differ, too; what it ran stays new."""
    collector = Collector(schema_of(Lru), set())

    assert collector.take_blocks(executed(PUT, is_equal=False), RAN) == []
    assert collector.take_blocks(executed(PUT), RAN)


def test_a_trace_without_steps_is_not_kept() -> None:
    """A later turn would have nothing to run; what opening runs stays new, for a trace with steps."""
    collector = Collector(schema_of(Lru), set())

    assert collector.take_blocks(executed(Trace((), (1,))), RAN) == []
    assert collector.take_blocks(executed(PUT), RAN)


def test_a_call_with_a_document_is_kept_as_the_document() -> None:
    """Also if subjects differ on it, but not if it is long."""
    collector = Collector(schema_of(JsonContract), set())
    long = decoded(b" " * (LONGEST_DOCUMENT + 1))

    assert collector.take_blocks(executed(long), RAN) == []
    (kept,) = collector.take_blocks(executed(decoded(b"{}"), is_equal=False), RAN)
    assert (kept.kind, kept.data, kept.shows) == (DOCUMENTS, b"{}", RAN)


def test_what_the_corpus_shows_is_not_new() -> None:
    """Whether it was known at the start of a turn, or another entry has shown it since."""
    known, told = Collector(schema_of(Lru), RAN), Collector(schema_of(Lru), set())
    told.know(RAN)

    assert known.take_blocks(executed(PUT), RAN) == told.take_blocks(executed(PUT), RAN) == []


def test_blocks_have_their_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large library does not end what is kept for outcomes, and the other way round."""
    monkeypatch.setattr(shown, "MOST_THINGS", 1)
    monkeypatch.setattr(shown, "MOST_BLOCKS", 2)
    collector = Collector(schema_of(Lru), {"put accepted"})

    assert collector.take_blocks(executed(PUT), RAN)
    assert collector.take_blocks(executed(PUT), frozenset({"ran: go a.go:3 once"})) == []
