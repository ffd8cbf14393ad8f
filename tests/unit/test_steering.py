"""Which causes a search draws rarely, and that they are still drawn."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from generation_contracts import LRU

from driftcheck import schema_of
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings.last_run import Sighted
from driftcheck.generate.coder import identity
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import lift, traces
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence
from driftcheck.search.statistics import mutation_names
from driftcheck.search.steering import OFTEN, Steering
from driftcheck_contracts.json import JsonContract

JSON = schema_of(JsonContract)
SHAPE = (("go", "accepted"), ("rust", "malformed"))
TWICE = Document(b'{"id":1,"id":1}', mutations=("duplicate-field",))


def found(*cause: str, operation: str = "decode", check: checks.Check = checks.ACCEPT_REJECT) -> Divergence:
    return Divergence(check, 0, operation, SHAPE, cause=cause)


def seen(steering: Steering, times: int, divergence: Divergence, *features: str) -> None:
    for _ in range(times):
        steering.count(Trace((Step(divergence.operation, (TWICE,)),)), divergence, features)


def new(sighted: Mapping[Sighted, int] | None = None) -> Steering:
    return Steering(JSON, sighted or {})


def test_a_known_cause_is_rare_when_it_was_seen_often() -> None:
    """Twenty traces make it rare at its operation alone, and only where they show it in the known way."""
    before = Sighted.of(found(), frozenset({"duplicate-field", "nul"}))  # counts, once it is known what it is
    steering = new({before: 5, Sighted.of(found(check=checks.VALUE), frozenset({"duplicate-field"})): OFTEN})
    steering.learn(found("duplicate-field"))
    seen(steering, OFTEN, found(operation="encode"), "duplicate-field")
    seen(steering, OFTEN, found(), "null-field")
    seen(steering, OFTEN - 6, found(), "duplicate-field", "null-field")

    assert not steering.is_rare(Step("decode", (TWICE,)))
    seen(steering, 1, found(), "duplicate-field")
    assert steering.is_rare(Step("decode", (TWICE,)))
    assert not steering.is_rare(Step("encode", (TWICE,)))
    assert not steering.is_rare(Step("decode", (Document(b"null"),)))
    assert steering.drawn_rarely == ("decode with duplicate-field",)


def test_bytes_without_a_mutation_hold_a_cause_too() -> None:
    """A feature is known by the bytes, wherever these come from."""
    steering = new()
    steering.learn(found("null-document"))
    seen(steering, OFTEN, found(), "null-document")

    assert steering.is_rare(Step("decode", (Document(b"null"),)))


def test_an_operation_is_rare_only_where_nearly_each_call_diverges() -> None:
    """Without a cause, nobody can tell which arguments it needs."""
    always, sometimes = new(), new()
    for steering in (always, sometimes):
        steering.learn(found())
    for _ in range(OFTEN):
        sometimes.count(Trace((Step("decode"),)), None, ())
    seen(always, OFTEN, found())
    seen(sometimes, OFTEN, found())

    assert always.is_rare_operation("decode")
    assert not sometimes.is_rare_operation("decode")
    assert always.drawn_rarely == ("decode",)
    assert sometimes.drawn_rarely == ()


class Avoiding:
    """Says that everything is rare, or some mutations."""

    def __init__(self, *mutations: str) -> None:
        self.mutations = frozenset(mutations)

    def is_rare_operation(self, operation: str) -> bool:
        return not self.mutations

    def is_rare(self, step: Step) -> bool:
        return not self.mutations or self.holds(step)

    def holds(self, step: Step) -> bool:
        documents = [one for one in step.arguments if isinstance(one, Document)]
        return any(self.mutations & set(one.mutations) for one in documents)


def test_what_is_rare_has_a_tenth_of_its_weight() -> None:
    """It is still drawn, so that a change of its behaviour shows."""
    half = Avoiding(*mutation_names(JSON)[::2])

    def drawn(steering: Avoiding | None) -> int:
        return sum(half.holds(t.steps[0]) for t in islice(draw(traces(JSON), 7, steering), 400))

    before, after = drawn(None), drawn(half)

    assert before > 60
    assert 0 < after < before / 4


def test_a_trace_in_which_all_is_rare_is_as_sound_as_any() -> None:
    """Handles stay while a step is drawn again; the choices of the trace are still known."""
    drawn = [*islice(draw(traces(LRU), 3, Avoiding()), 5)]

    assert all(len(trace.steps) == 50 for trace in drawn)
    for trace in drawn:
        lift(LRU, trace)


def test_a_seed_draws_the_same_where_nothing_is_rare() -> None:
    """Asking costs no choice."""
    nothing = Avoiding("no such mutation")

    plain, steered = (islice(draw(traces(JSON), 5, one), 60) for one in (None, nothing))

    assert [*map(identity, steered)] == [*map(identity, plain)]
