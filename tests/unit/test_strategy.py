"""Traces follow the contract: names, handles, weights, skipped steps, real documents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import pytest
from generation_contracts import LRU, Doc, Lru, same_case

from driftcheck import (
    Closing,
    Contract,
    Handle,
    Json,
    Payload,
    Skip,
    Steps,
    corpus,
    ge,
    law,
    le,
    names,
    operation,
    schema_of,
)
from driftcheck.core.errors import ContractError
from driftcheck.core.trace import Document, LawCase, Name, Ref, Step, Trace
from driftcheck.generate._conjecture import replay
from driftcheck.generate.cutting import keep_steps, minimal_subset
from driftcheck.generate.dice import Dice, Undrawable
from driftcheck.generate.effective_mutations import nothing_to_break
from driftcheck.generate.plan import Kind
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.restrict_plan import Only
from driftcheck.generate.strategy import CaseStrategy, law_cases, traces
from driftcheck_contracts.json import JsonContract


def drawn(strategy: CaseStrategy[Any], count: int) -> list[Any]:
    """Draw cases with dice."""
    dice, cases = Dice(), []
    for seed in range(count):
        dice.throw(str(seed))
        cases.append(strategy.draw_case(dice))
    return cases


class Token:
    pass


class Small(Contract):
    """Has names of small types, in arguments and inside them."""

    def open(self, first: Annotated[bool, names(5)]) -> None: ...
    def state(self) -> bool: ...
    @operation
    def take(self, digit: Annotated[int, ge(0), le(2), names(9)]) -> None: ...
    @operation
    def take_many(self, digits: tuple[Annotated[int, ge(0), le(2), names(9)], ...]) -> None: ...
    @law
    def holds(self, other: Annotated[str, names(2)]) -> bool: ...


def test_rosters() -> None:
    """A roster has no more names than its type has values; all are distinct, nearly always."""
    cases = drawn(traces(schema_of(Small)), 50)

    assert {tuple(map(len, c.rosters.values())) for c in cases} == {(2, 3)}
    assert sum(len(set(r)) == len(r) for c in cases for r in c.rosters.values()) >= 80
    assert all(isinstance(c.opening[0], Name) for c in cases)


def test_names_inside_values() -> None:
    """A name inside another value is a plain value of the roster."""
    for case in drawn(traces(schema_of(Small)), 50):
        roster = case.rosters["int 0..2 x3"]
        for step in case.steps:
            if step.operation == "take_many":
                assert set(step.arguments[0]) <= set(roster)


def test_rosters_of_laws() -> None:
    """Names that only a law uses are drawn for that law, not for every trace."""
    schema = schema_of(Small)

    (case,) = drawn(law_cases(schema, schema.laws[0]), 1)
    (trace,) = drawn(traces(schema), 1)

    assert set(case.trace.rosters) - set(trace.rosters) == {"text 0.. x2"}


class Circular(Contract):
    """Needs a handle to make one."""

    @operation
    def next(self, token: Handle[Token]) -> Handle[Token]: ...


def test_no_first_step() -> None:
    """A contract in which no step can be first is refused with the reason."""
    with pytest.raises(
        ContractError, match="'circular': every operation needs a handle, so no step can be first"
    ):
        compile_plan(schema_of(Circular))


class Closed(Contract):
    """Ends its handles."""

    @operation(weight=1)
    def make(self) -> Handle[Token]: ...
    @operation(weight=1000)
    def end(self, token: Closing[Handle[Token]]) -> None: ...


def test_closed_handles() -> None:
    """A handle ends once; weights hold among the operations that can be drawn."""
    for case in drawn(traces(schema_of(Closed)), 20):
        ended = [s.arguments[0] for s in case.steps if s.operation == "end"]
        assert len(set(ended)) == len(ended)
        assert len(ended) >= 24
    assert sum(o.slots for o in compile_plan(schema_of(Closed)).operations) <= 257


class Counter_(Contract, name="counter"):  # noqa: N801 - `Counter` is taken
    """Counts down."""

    def open(self, start: Annotated[int, ge(0), le(5)]) -> None: ...
    def state(self) -> Annotated[int, ge(0), le(9)]: ...
    @operation
    def down(self, by: Annotated[int, ge(1), le(3)]) -> None: ...
    @operation
    def up(self) -> None: ...


class CounterModel(Counter_):
    """Skips what would go below zero or above nine."""

    def __init__(self) -> None:
        self.count = 0

    def open(self, start: int) -> None:
        self.count = start

    def state(self) -> int:
        return self.count

    def down(self, by: int) -> None:
        if by > self.count:
            raise Skip
        self.count -= by

    def up(self) -> None:
        if self.count == 9:
            raise Skip
        self.count += 1


def counts(case: Trace) -> list[int]:
    """Return the counts that a trace goes through."""
    seen = [case.opening[0]]
    for step in case.steps:
        seen.append(seen[-1] + 1 if step.operation == "up" else seen[-1] - step.arguments[0])
    return seen


def test_skipped_steps() -> None:
    """A step that the model skips is not in the trace, and lifted traces are drawn again as they are."""
    strategy = traces(schema_of(Counter_), model=CounterModel)
    cases = drawn(strategy, 60)

    for case in cases:
        assert 0 <= min(counts(case)) <= max(counts(case)) <= 9
        assert same_case(replay(strategy, strategy.lift(case)), case)
    assert sum(len(c.steps) for c in cases) >= 60 * 20


def test_model_that_never_skips() -> None:
    """A model without Skip is not run."""

    class LruModel(Lru):
        def __init__(self) -> None:
            raise AssertionError

        def open(self, capacity: int) -> None: ...
        def state(self) -> tuple[Any, ...]: ...
        def put(self, key: str, value: bytes) -> None: ...
        def get(self, key: str) -> bytes: ...
        def peek(self, key: str) -> bytes: ...
        def remove(self, key: str) -> bool: ...
        def resize(self, capacity: int) -> int: ...
        def walk(self) -> Any: ...
        def advance(self, cursor: Any) -> Any: ...
        def finish(self, cursor: Any) -> int: ...

    assert len(drawn(traces(LRU, model=LruModel), 3)) == 3


class Recorded(Contract):
    """Reads real documents."""

    @operation
    def read(self, document: Annotated[Payload[Doc, Json], corpus("recorded_documents/*.json")]) -> bool: ...


def test_real_documents(tmp_path: Path) -> None:
    """Real documents of the contract and of the corpus are drawn unchanged and with mutations."""
    (tmp_path / "a.json").write_bytes(b'{"id":1}')
    (tmp_path / "b.json").write_bytes(b'{"id":2,"tags":["x"]}')
    strategy = traces(schema_of(Recorded), corpus=[f"{tmp_path}/*.json"])

    documents = [c.steps[0].arguments[0] for c in drawn(strategy, 400)]

    whole = Counter(d.data for d in documents if d.seed is not None and not d.mutations)
    assert set(whole) == {b'{"id":1}', b'{"id":2,"tags":["x"]}', b'{"id":3}'}
    assert sum(d.seed == "b.json" and bool(d.mutations) for d in documents) >= 20
    for case in drawn(strategy, 100):
        assert same_case(replay(strategy, strategy.lift(case)), case)


class Between(Contract):
    """Has a law with a run of steps."""

    def state(self) -> bool: ...
    @operation
    def make(self) -> Handle[Token]: ...
    @operation
    def use(self, token: Handle[Token]) -> None: ...
    @law
    def holds(self, token: Handle[Token], between: Steps) -> bool: ...


def test_well_formed_documents() -> None:
    """A well-formed document has only values that its codec can write: no NaN in JSON."""
    schema = schema_of(JsonContract)
    steps = [c.steps[0] for c in drawn(traces(schema, malformed=0.0), 2_000)]
    read = {o.name: o.arguments[0].type for o in schema.operations}
    wrong = [
        document
        for step in steps
        for document in step.arguments
        if isinstance(document, Document) and Json().features_typed(document.data, read[step.operation].inner)
    ]
    assert wrong == []


def test_handles_of_runs() -> None:
    """A run of steps uses handles of the steps before it, and its own, numbered after them."""
    schema = schema_of(Between)
    ages = set()
    for case in drawn(law_cases(schema, schema.laws[0]), 100):
        before = len(case.trace.steps)
        for number, step in enumerate(case.arguments[1], before):
            for ref in step.arguments:
                assert ref.step < number
                ages.add(ref.step >= before)
    assert ages == {True, False}


def test_cutting_a_law_case() -> None:
    """Steps that use a removed step's handle are removed too; the law's own handle stays."""
    make, use = Step("make"), lambda n: Step("use", (Ref(n),))
    case = LawCase(Trace((make, make, use(0))), "holds", (Ref(1), (make, use(3), use(0), use(1))))

    assert keep_steps(case, [1, 4, 5, 6]) == LawCase(Trace((make,)), "holds", (Ref(0), (use(0),)))
    assert keep_steps(case, [1, 3, 4]) == LawCase(Trace((make,)), "holds", (Ref(0), (make, use(1))))
    assert keep_steps(case, [0, 2, 3]) == case


@pytest.mark.parametrize("wanted", [set(), {0}, {49}, {3, 4, 5}, {0, 25, 49}, set(range(50))])
def test_minimal_subset(wanted: set[int]) -> None:
    """Cutting keeps the needed items and nothing else, with few calls where few items are needed."""
    asked = 0

    def still(items: list[int]) -> bool:
        nonlocal asked
        asked += 1
        return wanted <= set(items)

    assert set(minimal_subset(list(range(50)), still)) == wanted
    if len(wanted) <= 3:
        assert asked <= 60


JSON = schema_of(JsonContract)


def test_only_one_mutation() -> None:
    """With one mutation, each document has it once and alone, and can be lifted."""
    strategy = traces(JSON, only=Only("decode", "document", mutation="wrong-case-optional"))
    payload = JSON.operation("decode").arguments[0].type

    for case in drawn(strategy, 50):
        (step,) = case.steps
        (document,) = step.arguments
        assert document.mutations == ("wrong-case-optional",)
        assert document.data != payload.codec.encode_typed(document.value, payload.inner)
        assert replay(strategy, strategy.lift(case)) == case


@pytest.mark.parametrize(("kind", "is_well_formed"), [("value", True), ("raw", False)])
def test_only_one_kind_of_document(kind: Kind, is_well_formed: bool) -> None:
    """With one kind of document, there are no documents of another kind."""
    cases = drawn(traces(JSON, only=Only("decode", "document", kind)), 50)

    assert {case.steps[0].arguments[0].is_well_formed for case in cases} == {is_well_formed}


class Dealt(Contract):
    """Has names in play in two operations."""

    @operation
    def deal(self, hands: tuple[Annotated[int, ge(0), le(9), names(3)] | None, ...]) -> bool: ...
    @operation
    def flip(self, coin: Annotated[bool, names(2)]) -> bool: ...


class Store(Contract):
    """Has state, and two payloads in one operation."""

    def state(self) -> bool: ...
    @operation
    def flip(self) -> bool: ...
    @operation
    def put(self, one: Payload[Doc, Json], other: Payload[Doc, Json]) -> bool: ...


def test_only_one_payload_of_several() -> None:
    """One payload has the mutation and the other is well-formed; other operations are drawn too."""
    cases = drawn(traces(schema_of(Store), only=Only("put", "other", mutation="null-field")), 5)

    steps = [step for case in cases for step in case.steps]
    assert {step.operation for step in steps} == {"flip", "put"}
    documents = [step.arguments for step in steps if step.operation == "put"]
    assert {(one.mutations, other.mutations) for one, other in documents} == {((), ("null-field",))}


def test_only_the_names_that_are_used() -> None:
    """Names in play that only other operations use are not drawn; those inside a used value are drawn."""
    plans = [traces(schema_of(Dealt), only=Only(name)).interpreter.plan for name in ("deal", "flip")]

    assert [[roster.key for roster in plan.rosters] for plan in plans] == [["int 0..9 x3"], ["bool x2"]]


def test_only_a_mutation_without_effect() -> None:
    """Where the only mutation has no effect, no document is drawn without it."""
    strategy = traces(JSON, only=Only("decode", "document", mutation="duplicate-key"))

    with pytest.raises(Undrawable):
        drawn(strategy, 1)


@pytest.mark.parametrize(
    "only", [Only("decode", "item"), Only("encode", "item"), Only("decode", "document", mutation="no-such")]
)
def test_only_what_is_there(only: Only) -> None:
    """An argument that is no payload, or a mutation that its codec does not have, is refused."""
    with pytest.raises(KeyError):
        traces(JSON, only=only)


def test_a_mutation_may_have_no_effect() -> None:
    """A mutation of map keys needs a map; a mutation of the whole document always has an effect."""
    names = nothing_to_break(JSON, "decode", "document")

    assert "duplicate-key" in names
    assert "null-document" not in names
