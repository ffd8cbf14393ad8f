"""Several instances in one trace: drawn, lifted, shrunk, written down, judged, and asked by laws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import attrs
import pytest
from gossip import Gossip
from hypothesis import find, settings

from driftcheck import schema_of
from driftcheck.core.errors import CaseError
from driftcheck.core.trace import Instance, LawCase, Name, Step, Trace
from driftcheck.findings import keep, words
from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.dice import Dice
from driftcheck.generate.draw import draw
from driftcheck.generate.naming import with_instances_in_order
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import law_cases, lift, traces
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.laws import Laws
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.subjects.discover import Subject
from driftcheck.values.json_text import lay_out

GOSSIP = schema_of(Gossip)
RIGHT = "gossip.model:GossipModel"
PLACES = (0, 1, 2)
OPENING = (*(Name("place", i, i) for i in PLACES), 9, 0, 0, 0)  # places, a limit for all, starts
ADD = Step("add", (1,))


def _pull(by: int, of: int) -> Step:
    return Step("pull", (Instance(of),), by)


@contextmanager
def _oracle(other: str, one: str = RIGHT) -> Iterator[Oracle]:
    here = {"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[1] / 'subjects'}"}
    subjects = [
        Subject(name, "python", "python", target, here) for name, target in (("go", one), ("rust", other))
    ]
    with Lockstep(GOSSIP, subjects) as lockstep:
        yield Oracle(GOSSIP, lockstep)


def _drawn(count: int) -> list[Trace]:
    strategy, dice = traces(GOSSIP, max_steps=12), Dice()
    cases = []
    for seed in range(count):
        dice.throw(str(seed))
        cases.append(strategy.draw_case(dice))
    return cases


def test_opening_arguments_are_shared_distinct_or_each_one_s_own() -> None:
    """One limit for all, another place for each, and a start that may be the same or not."""
    drawn = _drawn(100)
    openings = [[GOSSIP.opening_of(t.opening, i) for i in range(3)] for t in drawn]

    assert all(len({limit for _, limit, _ in one}) == 1 for one in openings)
    assert all({place.value for place, _, _ in one} == set(PLACES) for one in openings)
    assert {len({start for _, _, start in one}) for one in openings} >= {2, 3}
    assert {tuple(place.value for place, _, _ in one) for one in openings} > {(0, 1, 2), (2, 1, 0)}


def test_a_peer_is_another_instance_and_a_handle_its_own() -> None:
    """Steps go to all instances and all pairs of them; who made a handle uses it."""
    steps = [(t, s) for t in _drawn(100) for s in t.steps]
    pairs = {(s.instance, s.arguments[0].number) for _, s in steps if s.operation == "pull"}
    users = [(s.instance, t.steps[s.arguments[0].step].instance) for t, s in steps if s.operation == "since"]

    assert pairs == {(a, b) for a in PLACES for b in PLACES if a != b}
    assert {user for user, _ in users} == set(PLACES)
    assert all(user == maker for user, maker in users)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step("pull", (Instance(1),), 1), "Instance.number=1. is not another instance"),
        (Step("pull", (Instance(3),), 0), "Instance.number=3. is not another instance"),
        (Step("add", (1,), 3), "there is no instance 3"),
    ],
)
def test_what_no_draw_could_give_is_not_lifted(step: Step, said: str) -> None:
    """No instance beyond the last, and none that is its own peer."""
    with pytest.raises(CannotLift, match=said):
        lift(GOSSIP, Trace((step,), OPENING, {"place": PLACES}))


def test_hypothesis_shrinks_to_the_first_instances() -> None:
    """A simplest trace with a pull is one of the first by the second."""
    strategy = traces(GOSSIP, max_steps=8)

    found = find(
        strategy,
        lambda trace: any(s.operation == "pull" for s in trace.steps),
        settings=settings(database=None, max_examples=2000),
    )

    assert found.steps == (_pull(0, 1),)


def test_instances_are_renamed_in_the_order_in_which_they_come() -> None:
    """What #3 and #1 do is printed as #1 and #2; a law's own instance stays the first."""
    trace = Trace((Step("add", (1,), 2), _pull(2, 0)), OPENING, {"place": PLACES})

    renamed = with_instances_in_order(trace)
    of_law = with_instances_in_order(LawCase(trace, "converges"))

    assert renamed.steps == (Step("add", (1,), 0), _pull(0, 1))
    assert of_law.trace.steps == (Step("add", (1,), 1), _pull(1, 0))


def _written(case: Trace | LawCase) -> dict[str, Any]:
    shape = (("go", "accepted"), ("rust", "accepted"))
    trace = case.trace if isinstance(case, LawCase) else case
    divergence = Divergence(checks.VALUE, 0, "add", shape)
    return keep.to_json(Finding(divergence, case, Execution(trace, {}), 3, 3, {}), GOSSIP)


def test_a_case_file_names_the_instances(tmp_path: Path) -> None:
    """Counted from 1; what instances share stands once, what each has stands in a list."""
    trace = Trace((ADD, _pull(2, 0)), OPENING, {"place": PLACES})

    data = _written(trace)

    assert data["opening"] == {"place": [0, 1, 2], "limit": 9, "start": [0, 0, 0]}
    assert [(s["instance"], s["operation"], s["arguments"]) for s in data["steps"]] == [
        (1, "add", {"n": 1}),
        (3, "pull", {"peer": {"instance": 1}}),
    ]
    path = tmp_path / "case.json"
    path.write_text(lay_out(data), encoding="utf-8")
    assert load(path, lambda _: GOSSIP).case == trace


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda d: d["steps"][1].pop("instance"),
            "step 2 has null as 'instance', but a number from 1 to 3",
        ),
        (
            lambda d: d["steps"][1].update(instance=4),
            "step 2 has 4 as 'instance', but a number from 1 to 3",
        ),
        (lambda d: d["steps"][1].update(instance=1), "step 2 is its own peer; name another instance"),
        (
            lambda d: d["opening"].update(place=[0, 1]),
            "argument 'place' is a list; give a list of 3",
        ),
    ],
    ids=["no instance", "one too many", "its own peer", "a place too few"],
)
def test_a_case_that_names_no_instance_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    """Mistakes of a person's hand are reported with their place."""
    data = _written(Trace((ADD, _pull(2, 0)), OPENING, {"place": PLACES}))
    change(data)
    path = tmp_path / "case.json"
    path.write_text(lay_out(data), encoding="utf-8")

    with pytest.raises(CaseError) as refused:
        load(path, lambda _: GOSSIP)

    assert said in str(refused.value)


def test_steps_are_told_with_their_instance() -> None:
    """Both in steps and in the opening."""
    trace = Trace((_pull(2, 0),), OPENING, {"place": PLACES})

    assert words.step(GOSSIP, trace.steps[0]) == "#3.pull(#1)"
    assert words.opening(GOSSIP, trace) == "open(place: #1 0, #2 1, #3 2; limit: 9; start: #1 0, #2 0, #3 0)"


def _shrunk(target: str, check: checks.Check) -> tuple[Signature, Trace]:
    """Draw traces until a faulty model shows this check; return its signature, and the trace shrunk."""
    strategy = traces(GOSSIP, max_steps=12)
    with _oracle(target) as oracle:

        def judge(trace: Trace) -> Signature | None:
            found = oracle.probe(trace).divergence
            return None if found is None else found.signature

        for trace in islice(draw(strategy, 0), 40):
            found = oracle.explore(trace, sampled=True).divergence
            if found is not None and found.check == check:
                return found.signature, shrink(strategy, trace, judge, found.signature).case
    raise AssertionError(f"no trace shows {check}")


def test_a_peer_that_changes_is_told_in_one_step() -> None:
    """A query that writes to its peer alone is found by what it does to another instance."""
    _, found = _shrunk("gossip_models:Telling", checks.QUERY_CHANGED_STATE)

    assert len(found.steps) == 1
    assert words.step(GOSSIP, found.steps[0]).startswith("#1.ahead(#2, ")


def test_instances_that_share_what_should_be_their_own_are_found() -> None:
    """Two maps became one: a step of the first changes the second."""
    _, found = _shrunk("gossip_models:Aliasing", checks.OTHER_INSTANCE_CHANGED)

    assert [words.step(GOSSIP, step) for step in found.steps] == [
        "#1.meet(#2)",
        "#1.pull(#2)",
        "#1.meet(#3)",
    ]


def test_a_law_asks_all_instances() -> None:
    """It tells which side does not converge, from its own calls alone."""
    with _oracle("gossip_models:Adding") as oracle:
        verdicts = []
        for seed in range(20):
            dice = Dice()
            dice.throw(str(seed))
            case = law_cases(GOSSIP, GOSSIP.laws[0], max_steps=4).draw_case(dice)
            verdicts.append(oracle.law(case).divergence)

    broken = [v for v in verdicts if v is not None]
    assert broken
    assert {v.blamed for v in broken} == {("rust",)}


def _requests(monkeypatch: pytest.MonkeyPatch, body: Any) -> tuple[Counter[str], bool]:
    """Try a law on two subjects, and return how often each was asked, and whether all came to the same."""
    dice = Dice()
    dice.throw("0")
    case = law_cases(GOSSIP, GOSSIP.laws[0], max_steps=4).draw_case(dice)
    schema = attrs.evolve(GOSSIP, laws=(attrs.evolve(GOSSIP.laws[0], body=body),))
    asked: Counter[str] = Counter()
    with _oracle(RIGHT) as oracle:
        run_each = oracle.lockstep.run_each

        def counted(traces: Mapping[str, Trace], mode: int) -> dict[str, Any]:
            asked.update([*traces])
            return run_each(traces, mode)

        monkeypatch.setattr(oracle.lockstep, "run_each", counted)
        _, tried = Laws(schema, oracle.lockstep).examine(case)
    return asked, tried["go"] == tried["rust"]


def test_calls_that_a_law_does_not_look_at_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve pulls and then the states are one request to each subject."""
    asked, is_same = _requests(monkeypatch, GOSSIP.laws[0].body)

    assert asked == {"go": 1, "rust": 1}
    assert is_same


def test_what_a_law_asked_of_one_subject_the_next_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a law looks at each answer, the first subject is asked step by step, and the second once."""

    def looks(self: Any) -> bool:
        for one, other in permutations(self.instances, 2):
            one.pull(other)
            if one.state() == {}:
                return False
        return True

    asked, is_same = _requests(monkeypatch, looks)

    assert asked["rust"] == 1 < asked["go"]
    assert is_same
