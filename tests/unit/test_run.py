"""What a run keeps of the divergences that it sees."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gossip import Gossip

from driftcheck import schema_of
from driftcheck.cli import summary
from driftcheck.cli.reported import Reported
from driftcheck.contract.schema import Schema
from driftcheck.core.outcome import Crashed, Evidence
from driftcheck.core.trace import Step, Trace
from driftcheck.findings.case import Case
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Answer, Execution, UnconfirmedDeath
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.oracle import Glance, Oracle, Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.search import budget as budgets
from driftcheck.search.budget import GRACE_S, Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Kept
from driftcheck.search.replay import replay
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.unexercised import ENOUGH_STEPS, NotExercised, not_exercised
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import Limits
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import dumps
from driftcheck_contracts.lru import Lru

LRU = schema_of(Lru)
TRACE = Trace((Step("walk"), Step("walk")), (1,))


def _of(check: checks.Check) -> Divergence:
    return Divergence(check, None, "walk", (("go", "accepted"), ("rust", "accepted")))


A, B, C = _of(checks.VALUE), _of(checks.POST_STATE), _of(checks.MEMORY)


def _execution(trace: Trace) -> Execution:
    """Return how two subjects answer a trace in which every step is accepted."""
    raw = dumps([[[0, None]], [[0, 1], None] * len(trace.steps), None, None])
    return Execution(trace, {name: Answer(raw, Wire(LRU)) for name in ("go", "rust")})


def _explored(
    drawn: Callable[[Trace], Divergence | None],
    probed: Callable[[Trace], Divergence | None] = lambda trace: None,
    confirmed: Callable[[Trace], Divergence | None] = lambda trace: None,
    ruled_out: Callable[[Verdict], Verdict] = lambda verdict: verdict,
    *,
    count: int = 3,
    max_time_s: float | None = None,
    fail_fast: bool = False,
    deaths: tuple[UnconfirmedDeath, ...] = (),
    death: Divergence | None = None,
    asymmetries: Asymmetries | None = None,
    whole: Callable[[Trace], Divergence | None] | None = None,
    glances: list[tuple[Trace, Sequence[str]]] | None = None,
) -> Explored:
    """Run a contract whose oracle sees what these say in drawn, smaller and confirmed traces.

    Args:
        whole: what a glance at all subjects shows, where one of them is in Python.
        glances: receives each trace that was glanced at, and the subjects that did not take part.
    """

    def verdict(says: Callable[[Trace], Divergence | None]) -> Callable[..., Verdict]:
        return lambda trace, **_: Verdict(says(trace), execution=_execution(trace), unconfirmed_deaths=deaths)

    lockstep = SimpleNamespace(
        ahead=lambda traces, without=(): None,
        probe=lambda trace, *_, **__: _execution(trace),
        subjects=[SimpleNamespace(name="go", language="go")],
        in_python=("model",) if whole is not None else (),
        run_each=lambda traces: {name: _execution(one).answers[name] for name, one in traces.items()},
        take_unconfirmed_deaths=lambda: (),
        hosts_spent=0,
        killed=0,
        limits=Limits(),
    )

    def glance(trace: Trace, without: Sequence[str] = ()) -> Glance:
        if glances is not None:
            glances.append((trace, without))
        says = drawn if without or whole is None else whole
        return Glance(_execution(trace), says(trace), deaths, death)

    oracle = SimpleNamespace(
        schema=LRU,
        glance=glance,
        examine=lambda glance, known=(): Verdict(glance.divergence, execution=glance.execution),
        probe=verdict(probed),
        probe_quickly=lambda trace, wanted, **_: Glance(_execution(trace), probed(trace)),
        asymmetries=Asymmetries(),
        confirm=verdict(confirmed),
        rule_out_nondeterminism=ruled_out,
        check_replies=lambda execution: None,
        lockstep=lockstep,
    )
    session: Any = SimpleNamespace(
        schema=LRU,
        model=None,
        oracle=oracle,
        lockstep=lockstep,
        descriptions={},
        asymmetries=asymmetries or Asymmetries(),
    )
    budget = Budget(count, max_time_s)
    return explore(session, budget, seed=0, fail_fast=fail_fast, laws=False)


def _puts(trace: Trace) -> int:
    return sum(step.operation == "put" for step in trace.steps)


def _by_puts(trace: Trace) -> Divergence | None:
    return {0: None, 1: A}.get(_puts(trace), B)


def test_a_subject_in_python_runs_one_trace_in_eight() -> None:
    """And those that are examined, since they show something new: at most one in four of all."""
    glances: list[tuple[Trace, Sequence[str]]] = []

    explored = _explored(lambda trace: None, whole=lambda trace: None, glances=glances, count=64)

    asked = [trace for trace, without in glances if not without]
    assert [without for _, without in glances].count(("model",)) == explored.statistics.traces == 64
    assert 64 // 8 <= len(asked) <= 64 // 8 + 64 // 4


def test_what_a_subject_in_python_alone_shows_is_found() -> None:
    """The others agree in each trace."""
    explored = _explored(lambda trace: None, _by_puts, _by_puts, whole=_by_puts, count=64)

    assert {finding.signature for finding in explored.findings} == {A.signature, B.signature}


def test_where_the_others_differ_a_subject_in_python_is_asked() -> None:
    """What only they show once is offered too, since it may be flaky."""
    glances: list[tuple[Trace, Sequence[str]]] = []

    explored = _explored(_by_puts, whole=lambda trace: None, glances=glances, count=16)

    differing = [trace for trace, without in glances if without and _by_puts(trace) is not None]
    asked = [trace for trace, without in glances if not without]
    assert differing
    assert all(any(trace is other for other in asked) for trace in differing)
    assert explored.findings


def test_each_divergence_is_shrunk_under_its_own_signature() -> None:
    """One run finds both, each once, though the traces of one show the other when they are made smaller."""
    explored = _explored(_by_puts, _by_puts, _by_puts, count=20)

    found = {finding.signature: finding for finding in explored.findings}
    assert len(explored.findings) == len(found) == 2
    assert [s.operation for s in _steps(found[A.signature])] == ["put"]
    assert [s.operation for s in _steps(found[B.signature])] == ["put", "put"]
    assert [(f.confirmed, f.of) for f in explored.findings] == [(3, 3), (3, 3)]
    assert explored.statistics.traces == 20


def _steps(finding: Any) -> tuple[Step, ...]:
    assert isinstance(finding.case, Trace)
    return finding.case.steps


def test_what_shows_in_each_trace_is_found_once() -> None:
    """A signature that is known is not reported again, and the run goes on."""
    explored = _explored(lambda trace: A, lambda trace: A, lambda trace: A, count=20)

    assert [finding.divergence for finding in explored.findings] == [A]
    assert explored.statistics.traces == 20


def test_the_original_trace_is_confirmed_where_the_shrunk_one_is_not() -> None:
    """A shrunk case that fresh hosts do not confirm gives way to the trace that it was shrunk from."""
    explored = _explored(lambda trace: A, lambda trace: A, lambda trace: A if trace.steps else None)

    (finding,) = explored.findings
    assert len(_steps(finding)) == 50
    assert not finding.is_flaky


def test_two_divergences_that_do_not_recur_are_two_flaky_findings() -> None:
    """The second was seen only while the first was shrunk, and is kept too."""
    explored = _explored(lambda trace: A, lambda trace: B)

    assert [finding.divergence for finding in explored.findings] == [A, B]
    assert all(finding.is_flaky for finding in explored.findings)


def test_nondeterminism_explains_what_does_not_recur() -> None:
    """Two divergences that a nondeterministic subject explains are one finding."""
    nondeterministic = _of(checks.NOT_DETERMINISTIC)

    def ruled_out(verdict: Verdict) -> Verdict:
        drawn_or_seen_again.append(verdict.divergence)
        is_drawn = len(drawn_or_seen_again) == 1
        return verdict if is_drawn else Verdict(nondeterministic, execution=verdict.execution)

    drawn_or_seen_again: list[Divergence | None] = []

    explored = _explored(lambda trace: A, lambda trace: B, ruled_out=ruled_out, count=1)

    assert drawn_or_seen_again == [A, A, B]
    assert [finding.divergence for finding in explored.findings] == [nondeterministic]


def test_a_run_that_ends_with_its_first_finding_counts_the_others() -> None:
    """The last screen tells how many were seen while it was shrunk; they are not shrunk themselves."""
    probed: list[Divergence] = []

    def probe(trace: Trace) -> Divergence:
        probed.append(B if len(probed) < 4 else C)
        return probed[-1]

    explored = _explored(lambda trace: A, probe, fail_fast=True)

    assert [finding.divergence for finding in explored.findings] == [A]
    assert (explored.ended_by, explored.passed_over) == ("finding", 1)
    assert probed == [B] * 4
    kept = tuple(Kept(finding, Path("one.json")) for finding in explored.findings)
    shown = summary.lines(Reported(LRU, explored, Asymmetries(), {}, kept, ()))
    assert shown[-1] == "  1 more divergence seen; run without --fail-fast to keep it"


def test_a_run_that_ends_with_its_first_finding_keeps_one_of_two_in_a_trace() -> None:
    """A death behind a divergence waits beside it; the one that is not first is counted."""
    explored = _explored(lambda trace: A, lambda trace: A, lambda trace: A, fail_fast=True, death=C, count=1)

    assert len(explored.findings) == 1
    assert explored.passed_over == 1


@pytest.mark.parametrize(("late_s", "steps"), [(GRACE_S - 1, 0), (GRACE_S + 1, 50)])
def test_the_end_of_the_time_waits_for_the_finding(
    monkeypatch: pytest.MonkeyPatch, late_s: float, steps: int
) -> None:
    """Within the grace the finding is shrunk to its end; after it, the case stays as large as it is."""
    now = 0.0
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=lambda: now))

    def probe(trace: Trace) -> Divergence:
        nonlocal now
        now = 10 + late_s
        return A

    explored = _explored(lambda trace: A, probe, lambda trace: A, max_time_s=10)

    (finding,) = explored.findings
    assert len(_steps(finding)) == steps
    assert explored.ended_by == "time"
    assert explored.statistics.traces == 1


def test_a_run_without_time_counts_what_it_did_not_examine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A divergence that still waits when the grace is over may be anything, so that the run says so."""
    now = 0.0
    monkeypatch.setattr(budgets, "time", SimpleNamespace(monotonic=lambda: now))

    def drawn(trace: Trace) -> Divergence:
        nonlocal now
        now = 10 + GRACE_S + 1
        return A

    in_time = _explored(lambda trace: A, lambda trace: A, lambda trace: A, max_time_s=10)
    late = _explored(drawn, max_time_s=10)

    assert (in_time.unexamined, late.unexamined) == (0, 1)
    assert late.findings == ()


@pytest.mark.parametrize("hangs", [True, False])
def test_a_hang_under_the_short_deadline_is_not_reported(hangs: bool) -> None:
    """While another divergence is shrunk a slow step may look like a hang, so that it is not believed."""
    hang = _of(checks.HANG)

    explored = _explored(lambda trace: A, lambda trace: hang if hangs else B)

    assert [finding.divergence for finding in explored.findings] == ([A] if hangs else [A, B])


def test_a_death_that_did_not_recur_is_a_finding_with_its_batch() -> None:
    """The oracle returns it with the verdict of any trace, and the run reports each signature once."""
    died = Crashed(Evidence("killed by SIGSEGV"))
    death = UnconfirmedDeath("rust", died, (TRACE, TRACE), 1)

    explored = _explored(lambda trace: None, deaths=(death, death), count=2)

    (finding,) = explored.findings
    assert finding.divergence.check == checks.CRASH
    assert finding.batch == (TRACE, TRACE)
    assert finding.is_flaky


def test_an_asymmetry_covers_a_death_that_did_not_recur() -> None:
    """Somebody has accepted it, so it is counted and not reported."""
    died = Crashed(Evidence("killed by SIGSEGV", frame="SIGSEGV"))
    death = UnconfirmedDeath("rust", died, (TRACE, TRACE), 1)
    entry = Asymmetry(
        "late",
        "",
        {"rust": "crashed"},
        ("rust",),
        "so",
        "me",
        datetime.date.max,
        check="D502",
        frame="SIGSEGV",
    )
    known = Asymmetries([entry], {"go": "go", "rust": "rust"})

    explored = _explored(lambda trace: None, deaths=(death,), count=2, asymmetries=known)

    assert explored.findings == ()
    assert explored.statistics.known["late"] == 2


def test_two_runs_of_one_session_have_equal_statistics() -> None:
    """A run counts only what it does itself, and no saved case that is replayed between the runs."""
    schema = schema_of(Gossip)
    here = {"PYTHONPATH": str(Path(__file__).parents[1] / "subjects")}
    models = [Subject(name, "python", "python", "gossip.model:GossipModel", here) for name in ("go", "rust")]
    with Lockstep(schema, models) as lockstep:
        oracle = Oracle(schema, lockstep)
        session = Session(Gossip, schema, None, lockstep, oracle, oracle.asymmetries, lockstep.start())
        first = explore(session, Budget(max_traces=40), seed=1)
        counted = deepcopy(first.statistics)
        saved = Trace((Step("add", (1,)),), next(draw(traces(schema), 0)).opening)
        assert not replay(Case(Path("case.json"), schema, saved, A.signature), oracle).is_the_same
        second = explore(session, Budget(max_traces=40), seed=1)

    assert first.findings == second.findings == ()
    assert second.statistics == counted
    for exercised in (counted.invariants, counted.laws, counted.variations):
        assert sum(exercised.values())


def test_what_one_subject_does_not_support_is_told() -> None:
    """A step that was compared without a subject is not passed over in silence."""
    statistics = RunStatistics()
    done, not_done = ([[[0, None]], [plain, None] * 2, None, None] for plain in ([0, 1], [4]))
    answers = {name: Answer(dumps(r), Wire(LRU)) for name, r in (("go", done), ("rust", not_done))}

    statistics.count_unsupported(TRACE, answers)

    assert statistics.unsupported == {("walk", "rust"): 2}
    assert "operation walk in rust: unsupported" in missing(LRU, statistics)


def test_what_one_subject_rarely_does_not_support_is_exercised() -> None:
    """Two unsupported steps of hundreds were compared in all others."""
    statistics = RunStatistics()
    statistics.outcomes["walk", "accepted"] = 300
    statistics.unsupported["walk", "rust"] = 2
    assert "operation walk in rust: unsupported" not in missing(LRU, statistics)

    statistics.unsupported["walk", "rust"] = 299
    assert "operation walk in rust: unsupported" in not_exercised(LRU, statistics).lines


@pytest.mark.parametrize(("called", "lines"), [(ENOUGH_STEPS - 1, []), (ENOUGH_STEPS, [0])])
def test_a_run_says_what_did_not_occur_from_enough_steps_on(called: int, lines: list[int]) -> None:
    """Before that it counts the item as undecided."""
    statistics = RunStatistics()
    statistics.outcomes["get", "accepted"] = called

    found = not_exercised(LRU, statistics)

    line = "rejection absent of get: never seen"
    assert (line in found.lines) == bool(lines)
    assert line in missing(LRU, statistics)


def test_several_runs_together_have_the_evidence_of_all() -> None:
    """What one shard saw is exercised; what none saw needs only as many steps of all together."""
    half, other = RunStatistics(), RunStatistics()
    half.outcomes["get", "accepted"] = other.outcomes["get", "accepted"] = ENOUGH_STEPS // 2
    other.rejections["peek", "absent"] = 1
    parts = [not_exercised(LRU, one).to_json() for one in (half, other)]

    together = NotExercised.of_all(parts)

    assert "rejection absent of get: never seen" in together.lines
    assert "rejection absent of peek" not in [one.what for one in together.items]


def missing(schema: Schema, statistics: RunStatistics, *, laws: bool = True) -> list[str]:
    """Return what a run did not exercise, however long it was."""
    return [str(one) for one in not_exercised(schema, statistics, laws=laws).items]


def test_laws_that_were_never_decided_are_listed() -> None:
    """Each law of a contract has its line, and none where the laws are searched elsewhere."""
    schema, statistics = schema_of(Gossip), RunStatistics()
    lines = {f"law {name}: never decided" for name in ("converges", "only_grows")}

    assert lines <= set(missing(schema, statistics))
    assert not lines & set(missing(schema, statistics, laws=False))
