"""Faults around steps: drawn, lifted, shrunk, written down, and among the causes of a divergence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
from gossip import Gossip
from test_instances import GOSSIP, OPENING, PLACES, _drawn, _oracle, _pull, _shrunk, _written

from driftcheck.core.errors import CaseError
from driftcheck.core.trace import Instance, Step, Trace
from driftcheck.findings import words
from driftcheck.findings.case import load
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.strategy import lift
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle import checks
from driftcheck.oracle.laws import Caller, Prefetch, _Script
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.unexercised import not_exercised
from driftcheck.subjects.wire import Wire
from driftcheck.values.json_text import lay_out


def _trace(*steps: Step) -> Trace:
    return Trace(steps, OPENING, {"place": PLACES})


def _under(fault: str | None) -> Step:
    return attrs.evolve(_pull(0, 1), fault=fault)


def test_one_step_in_five_meets_a_fault() -> None:
    """Each fault of an operation comes as often as the other, and none around others."""
    met = Counter((s.operation, s.fault) for t in _drawn(400) for s in t.steps)
    pulls = sum(n for (operation, _), n in met.items() if operation == "pull")

    assert {f for _, f in met} == {None, "lost", "twice"}
    assert {o for o, f in met if f is not None} == {"pull"}
    assert 0.07 < met["pull", "lost"] / pulls < 0.13
    assert 0.07 < met["pull", "twice"] / pulls < 0.13


def test_what_goes_wrong_elsewhere_is_not_lifted() -> None:
    """A fault that the operation does not meet is no case of this contract."""
    with pytest.raises(CannotLift, match="add meets no fault 'lost'"):
        lift(GOSSIP, _trace(Step("add", (1,), 0, "lost")))


def test_a_case_file_names_the_fault(tmp_path: Path) -> None:
    """It stands in its step, is read back, and is reported if there is none of that name."""
    trace = _trace(_under("lost"), _under(None))
    path = tmp_path / "case.json"

    data = _written(trace)

    assert [step.get("fault") for step in data["steps"]] == ["lost", None]
    path.write_text(lay_out(data), encoding="utf-8")
    assert load(path, lambda _: GOSSIP).case == trace
    data["steps"][0]["fault"] = "lots"
    path.write_text(lay_out(data), encoding="utf-8")
    with pytest.raises(CaseError, match=r"step 1 has the fault 'lots', which 'pull' lacks; .*'lost'"):
        load(path, lambda _: GOSSIP)


def test_a_step_is_told_with_its_fault() -> None:
    """After the call, in words."""
    assert words.step(GOSSIP, _under("twice")) == "#1.pull(#2) under twice"


def test_a_fault_that_a_divergence_needs_is_its_cause() -> None:
    """It is found, shrunk to one step, and named as an entry of asymmetries names it."""
    with _oracle("gossip_models:Echoing") as oracle:
        lockstep = oracle.lockstep
        session = Session(Gossip, GOSSIP, None, lockstep, oracle, oracle.asymmetries, lockstep.start())
        explored = explore(session, Budget(max_traces=60), seed=0, max_steps=12, laws=False)

    (one,) = [f for f in explored.findings if f.signature.cause]
    assert one.signature.cause == ("under-twice",)
    assert isinstance(one.case, Trace)
    assert [words.step(GOSSIP, s) for s in one.case.steps] == ["#1.pull(#2) under twice"]


def test_a_fault_that_only_gives_a_divergence_another_ending_is_no_cause() -> None:
    """Who refuses what the other accepts, and the other way round under a fault, is found once."""
    verdicts = {}
    with _oracle("gossip_models:Contrary") as oracle:
        for fault in (None, "lost", "twice"):
            verdicts[fault] = oracle.probe(_trace(_under(fault))).divergence

    assert verdicts[None] is not None
    assert {d.signature for d in verdicts.values() if d is not None} == {verdicts[None].signature}
    assert all(verdicts.values())
    assert verdicts[None].signature.cause == ()


def test_what_a_rejected_step_changed_is_one_finding() -> None:
    """Whichever part of the state it is: the signature says that something changed, and the finding what."""
    with _oracle("gossip_models:Overhearing", "gossip_models:Overhearing") as oracle:
        told = [oracle.probe(_trace(*steps, _under("lost"))).divergence for steps in ((), (_pull(0, 1),))]

    assert [d.check for d in told if d is not None] == [checks.REJECTED_CHANGED_STATE] * 2
    assert len({d.path for d in told if d is not None}) == 2
    assert len({d.signature for d in told if d is not None}) == 1


def test_a_fault_that_a_divergence_does_not_need_goes() -> None:
    """What shows without anything that goes wrong has no such cause."""
    signature, _ = _shrunk("gossip_models:Telling", checks.QUERY_CHANGED_STATE)

    assert signature.cause == ()


def test_a_rejected_step_must_be_forgotten() -> None:
    """What a lost answer leaves behind outside the state is found by leaving the rejected step out."""
    trace = _trace(_under("lost"), Step("add", (1,), 1), Step("ahead", (Instance(1), 0)), Step("losses", ()))

    with _oracle("gossip.model:GossipModel") as oracle:
        right = oracle.explore(trace, sampled=True)
    with _oracle("gossip_models:Tiring", "gossip_models:Tiring") as oracle:
        verdict = oracle.explore(trace, sampled=True)

    assert right.divergence is None  # the losses tell of the rejected step, as a history may
    assert verdict.divergence is not None
    assert (verdict.divergence.check, verdict.divergence.step) == (checks.NOT_FORGOTTEN, 2)
    assert verdict.divergence.blamed == ("go", "rust")
    assert verdict.divergence.variation == _trace(*trace.steps[1:3])  # up to the step that diverges


def test_a_law_may_ask_under_a_fault() -> None:
    """It names faults and rejections as the contract does."""
    steps: list[Any] = []
    caller: Any = Caller(_script(steps))

    caller.pull(caller.instances[1], fault=caller.lost)

    assert steps == [_under("lost")]
    assert caller.unheard is Gossip.unheard
    with pytest.raises(AttributeError, match="the contract has no operation 'lots'"):
        _ = caller.lots


class _Answering(_Script):
    """Accepts all that a law asks, and keeps it."""

    kept: list[Any]

    def answer(self, step: Step | None) -> Any:
        self.kept.append(step)
        return attrs.make_class("Accepted", ["value"])(1)


def _script(steps: list[Any]) -> _Script:
    laws: Any = attrs.make_class("Laws", ["schema", "operations"])(
        GOSSIP, {o.name: o for o in GOSSIP.operations}
    )
    script = _Answering(laws, 0, [], Prefetch())
    script.kept = steps
    return script


def test_what_never_went_wrong_is_told() -> None:
    """A fault that no step met is not passed over in silence."""
    statistics, wire = RunStatistics(), Wire(GOSSIP)
    with _oracle("gossip.model:GossipModel") as oracle:
        execution = oracle.lockstep.run(_trace(_under("lost")))

    statistics.count(GOSSIP, execution.trace, Answer(execution.answers["go"].raw, wire))

    assert statistics.faults == {("pull", "lost"): 1}
    missing = [str(one) for one in not_exercised(GOSSIP, statistics).items]
    assert "fault twice of pull: never seen" in missing
    assert "fault lost of pull: never seen" not in missing
