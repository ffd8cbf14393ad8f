"""What a run keeps of what it meets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from driftcheck import schema_of
from driftcheck.cli import summary
from driftcheck.core.trace import Step, Trace
from driftcheck.generate.engine import Found
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.search import confirm
from driftcheck.search import explore as loop
from driftcheck.search.explore import Budget, Watch
from driftcheck.search.statistics import RunStatistics
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import dumps
from driftcheck_contracts.lru import Lru

TRACE = Trace((Step("walk"), Step("walk")), (1,))


def _explorer(*, fail_fast: bool = False) -> Any:
    oracle = SimpleNamespace(rule_out_nondeterminism=lambda verdict: verdict)
    lockstep = SimpleNamespace(take_unconfirmed_deaths=lambda: (), hosts_spent=0)
    session: Any = SimpleNamespace(
        oracle=oracle, descriptions={}, lockstep=lockstep, schema=schema_of(Lru), asymmetries=Asymmetries()
    )
    return loop._Explorer(session, Budget(), 0, fail_fast, Watch(), False)


@pytest.fixture
def nothing_recurs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no fresh process show anything again."""
    monkeypatch.setattr(loop, "confirm", lambda *_: None)
    monkeypatch.setattr(confirm, "full_execution", lambda *_: None)


def _of(check: checks.Check) -> Divergence:
    return Divergence(check, 0, "walk", (("go", "accepted"), ("rust", "accepted")))


def _met_in_one_search(explorer: Any) -> list[Divergence]:
    """Let it meet a divergence, and another one while the first is shrunk."""
    found = [_of(checks.VALUE), _of(checks.POST_STATE)]
    for number, divergence in enumerate(found):
        explorer.new(Verdict(divergence), shrinking=number > 0)
    for divergence in found:
        explorer.keep(Found(divergence.signature, TRACE, (), TRACE, 1, 1, recurs=False))
    return found


@pytest.mark.usefixtures("nothing_recurs")
def test_what_was_met_while_another_was_shrunk_is_kept() -> None:
    """Two divergences of one search, of which neither comes again, are two findings that came once."""
    explorer = _explorer()

    found = _met_in_one_search(explorer)

    assert [f.divergence for f in explorer.findings] == found
    assert all(f.is_flaky for f in explorer.findings)


@pytest.mark.usefixtures("nothing_recurs")
def test_what_came_once_of_what_varies_is_told_as_that() -> None:
    """However many other checks have met it, it is one finding."""
    explorer, varies = _explorer(), _of(checks.NOT_DETERMINISTIC)
    explorer.oracle.rule_out_nondeterminism = lambda verdict: Verdict(varies)

    _met_in_one_search(explorer)

    assert [f.divergence for f in explorer.findings] == [varies]


@pytest.mark.parametrize(("fail_fast", "aimed"), [(False, checks.NOT_DETERMINISTIC), (True, None)])
def test_what_waits_to_be_shrunk_is_shrunk_as_what_it_is(fail_fast: bool, aimed: checks.Check | None) -> None:
    """As what varies, for one; but nothing is where the first finding has ended the run."""
    explorer = _explorer(fail_fast=fail_fast)
    explorer.findings.append(_of(checks.VALUE))

    explorer.aim(_of(checks.NOT_DETERMINISTIC).signature)

    assert explorer.target == aimed


@pytest.mark.usefixtures("nothing_recurs")
def test_a_run_that_ends_with_its_first_finding_counts_the_others() -> None:
    """They were met while it was shrunk, and are not shrunk themselves; the last screen tells."""
    explorer = _explorer(fail_fast=True)

    found = _met_in_one_search(explorer)

    explored = explorer.close("traces")
    assert [f.divergence for f in explored.findings] == found[:1]
    assert (explored.ended_by, explored.passed_over) == ("finding", 1)
    shown = summary.lines(summary.Reported(schema_of(Lru), explored, Asymmetries(), {}, ("one.json",), ()))
    assert shown[-1] == "  1 other met on the way; run without --fail-fast to see it shrunk"


def test_what_one_subject_does_not_support_is_told() -> None:
    """A step that was compared without a subject is not passed over in silence."""
    schema, statistics = schema_of(Lru), RunStatistics()
    done, not_done = ([[[0, None]], [plain, None] * 2, None, None] for plain in ([0, 1], [4]))
    answers = {name: Answer(dumps(r), Wire(schema)) for name, r in (("go", done), ("rust", not_done))}

    statistics.count_unsupported(TRACE, answers)

    assert statistics.unsupported == {("walk", "rust"): 2}
    assert "operation walk in rust: unsupported" in statistics.not_exercised(schema)
