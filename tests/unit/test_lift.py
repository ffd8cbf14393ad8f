"""Every case can be lifted to the choices that draw it."""

from __future__ import annotations

from random import Random

import attrs
import pytest
from generation_contracts import EVERY, LRU, READS, TINY, same_case
from gossip import Gossip
from hypothesis import given, settings

from driftcheck import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Document, LawCase, Name, Ref, Step, Trace, cut
from driftcheck.generate._conjecture import draw_fresh, replay
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.cutting import keep_steps
from driftcheck.generate.dice import Dice
from driftcheck.generate.strategy import CaseStrategy, law_cases, lift, traces

SCHEMAS = [EVERY, LRU, READS, TINY, schema_of(Gossip)]


def drawn(strategy: CaseStrategy, count: int) -> list:
    """Draw cases with dice."""
    dice = Dice()
    cases = []
    for seed in range(count):
        dice.throw(str(seed))
        cases.append(strategy.draw_case(dice))
    return cases


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.name)
def test_dice(schema: Schema) -> None:
    """Hypothesis draws from lifted choices what dice drew."""
    strategy = traces(schema, max_steps=12)

    for case in drawn(strategy, 80):
        assert same_case(replay(strategy, strategy.lift(case)), case)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: s.name)
def test_recorded(schema: Schema) -> None:
    """Hypothesis draws from lifted choices what it drew at random."""
    strategy = traces(schema, max_steps=5)

    for seed in range(60):
        drawn_case = draw_fresh(strategy, Random(seed))
        if drawn_case is None:  # larger than Hypothesis' limit for a case
            continue
        case, choices = drawn_case
        lifted = strategy.lift(case)
        assert same_case(replay(strategy, lifted), case)
        assert len(lifted) <= len(choices)


@pytest.mark.parametrize("law", LRU.laws, ids=lambda law: law.name)
def test_law_cases(law) -> None:
    """Cases of laws are lifted too: names, runs of steps, handles inside runs."""
    strategy = law_cases(LRU, law)
    cases = drawn(strategy, 100)

    for case in cases:
        assert same_case(replay(strategy, strategy.lift(case)), case)
    assert any(isinstance(a, Ref) for c in cases for s in c.arguments[1] for a in s.arguments)


def test_a_cut_trace() -> None:
    """A trace cut down to some of its steps is still one that the strategy can draw."""
    strategy = traces(LRU)
    random = Random(0)

    for case in drawn(strategy, 60):
        smaller = cut(case, sorted(random.sample(range(50), 10)))
        assert same_case(replay(strategy, strategy.lift(smaller)), smaller)


def test_a_cut_law_case() -> None:
    """The strategy can also draw a cut case of a law, whose steps use handles of earlier steps."""
    strategy = law_cases(LRU, LRU.laws[0])
    random = Random(0)

    for case in drawn(strategy, 100):
        count = len(case.trace.steps) + len(case.arguments[1]) + len(case.arguments[2])
        smaller = keep_steps(case, sorted(random.sample(range(count), count // 2)))
        assert same_case(replay(strategy, strategy.lift(smaller)), smaller)


def test_foreign_bytes() -> None:
    """A document of unknown origin is lifted as bytes, however long."""
    trace = Trace((Step("decode", (Document(b'{"id": 1}' * 1000),)),))

    again = replay(traces(READS), lift(READS, trace))

    assert again == trace


def test_hand_edited_document() -> None:
    """A document whose bytes do not match its value and mutations is lifted as bytes."""
    strategy = traces(READS)
    case = next(c for c in drawn(strategy, 50) if c.steps[0].arguments[0].mutations)
    document = attrs.evolve(case.steps[0].arguments[0], data=b"edited")
    edited = case.with_steps((Step("decode", (document,)),))

    again = replay(strategy, strategy.lift(edited))

    assert again.steps[0].arguments[0] == Document(b"edited")


def test_foreign_values() -> None:
    """Values of an author's strategy, and text of a pattern, are lifted though they were never drawn."""
    case = next(c for c in drawn(traces(EVERY), 1))
    steps = (
        Step("texts", ("", "abc", "zz-1234", b"")),
        Step("chosen", ("x", "ELSEWHERE", {}, case.rosters["Colour x2"][0])),
    )
    steps = (
        steps[0],
        attrs.evolve(
            steps[1], arguments=(*steps[1].arguments[:2], next_colours(case), steps[1].arguments[3])
        ),
    )
    strategy = traces(EVERY)
    foreign = case.with_steps(steps)

    again = replay(strategy, strategy.lift(foreign))

    assert again.steps[0] == steps[0]
    assert again.steps[1].arguments[1] == "ELSEWHERE"


def next_colours(case: Trace) -> dict:
    """Return a dict that the operation `chosen` takes."""
    return {case.rosters["Colour x2"][0]: True}


@pytest.mark.parametrize(
    "step",
    [
        Step("peek", (Name("text 1..8 x4", 9, "x"),)),
        Step("advance", (Ref(0),)),
        Step("put", (Name("text 1..8 x4", 0, "?"), b"")),
        Step("resize", (5,)),
        Step("resize", ()),
        Step("unknown", ()),
    ],
    ids=lambda s: s.operation,
)
def test_what_no_draw_gives(step: Step) -> None:
    """A case outside the contract is refused, and not changed to another case."""
    case = Trace((step,), (1,), {"text 1..8 x4": ("a", "b", "c", "d")})

    with pytest.raises(CannotLift):
        lift(LRU, case)


@settings(max_examples=30, deadline=None, database=None)
@given(case=traces(LRU))
def test_in_any_given(case: Trace) -> None:
    """The strategy works in a test of a user's own."""
    assert same_case(replay(traces(LRU), lift(LRU, case)), case)


@settings(max_examples=20, deadline=None, database=None)
@given(case=law_cases(LRU, LRU.laws[1]))
def test_a_law_in_any_given(case: LawCase) -> None:
    """A law can be drawn without steps before it, and with its own names in play."""
    assert case.trace.steps == ()
    assert set(case.trace.rosters) == {"text 1..8 x4", "int 0..9 x3"}
