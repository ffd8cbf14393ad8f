"""Guided traces are traces of the contract, and reach what is accepted, what is rare, and every edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Annotated, Any

import attrs
import pytest
from generation_contracts import EVERY, LRU, READS, same_case
from gossip import Gossip

from driftcheck import I64, Contract, Rejection, ge, le, max_len, min_len, names, operation, query, schema_of
from driftcheck.core.trace import Instance, Name, Trace
from driftcheck.generate._conjecture import replay
from driftcheck.generate.draw import draw
from driftcheck.generate.guidance import Guidance, Seen
from driftcheck.generate.guided import GuidedTraces
from driftcheck.generate.strategy import traces

GOSSIP = schema_of(Gossip)
Key = Annotated[str, min_len(1), max_len(64), names(4)]


class Store(Contract):
    """Keeps values; nothing of an empty store can be taken out."""

    absent = Rejection("no such key")

    def state(self) -> bool: ...
    @operation
    def put(self, key: Key, value: Annotated[bytes, min_len(2), max_len(40)]) -> None: ...
    @operation(rejects=[absent])
    def delete(self, key: Key) -> None: ...
    @query(rejects=[absent])
    def get(self, key: Key) -> bytes: ...
    @query
    def first(self, limit: Annotated[int, ge(1), le(64)], note: Annotated[str, max_len(9)] | None) -> I64: ...
    @operation
    def collect(self) -> I64: ...
    @operation
    def mark(self, many: Annotated[tuple[bool, ...], min_len(1), max_len(12)]) -> None: ...


class Numbered(Contract):
    """Takes numbers as names."""

    def state(self) -> bool: ...
    @operation
    def take(self, key: Annotated[int, ge(0), le(200), names(4)]) -> None: ...


STORE, NUMBERED = schema_of(Store), schema_of(Numbered)


def run(trace: Trace) -> list[Seen]:
    """Be a store: `collect` returns how many keys were deleted since it was called last."""
    kept: dict[Any, bytes] = {}
    deleted = 0
    seen = []
    for step in trace.steps:
        key = step.arguments[0] if step.arguments else None
        is_accepted = step.operation not in ("delete", "get") or key in kept
        has_changed = is_accepted and step.operation in ("put", "delete")
        result: Any = None
        if step.operation == "put":
            kept[key] = step.arguments[1]
        elif step.operation == "delete" and is_accepted:
            del kept[key]
            deleted += 1
        elif step.operation == "collect":
            result, has_changed, deleted = min(deleted, 2), deleted > 0, 0
        what = (step.operation, is_accepted, result, has_changed)
        seen.append(Seen(is_accepted, True, has_changed, what, result))
    return seen


def search(count: int, seed: int = 0, guidance: Guidance | None = None) -> tuple[GuidedTraces, list[Trace]]:
    """Draw traces, and tell the guide what each shows."""
    guided = GuidedTraces(traces(STORE).interpreter, guidance)
    drawn = []
    for trace in islice(draw(guided, seed), count):
        guided.guide.learn(trace, run(trace))
        guided.guide.prefixes.shorten(run)
        drawn.append(trace)
    return guided, drawn


def plainly(count: int) -> list[Trace]:
    """Draw traces that nothing guides."""
    return list(islice(draw(traces(STORE), 0), count))


def share(drawn: Sequence[Trace], fits: Callable[[Any, Seen], bool], of: str) -> float:
    """Return the share of the steps of an operation that fit."""
    pairs = [pair for t in drawn for pair in zip(t.steps, run(t), strict=True) if pair[0].operation == of]
    return sum(fits(*pair) for pair in pairs) / len(pairs)


def arguments(drawn: Sequence[Trace], of: str, at: int) -> list[Any]:
    """Return an argument of each step of an operation."""
    return [step.arguments[at] for trace in drawn for step in trace.steps if step.operation == of]


@pytest.mark.parametrize("schema", [LRU, EVERY, GOSSIP, STORE], ids=lambda schema: schema.name)
def test_a_guided_trace_can_be_lifted(schema: Any) -> None:
    """The plain strategy draws the same trace from its choices, so that it is shrunk as any other."""
    plain = traces(schema)
    for trace in islice(draw(GuidedTraces(plain.interpreter), 0), 40):
        again = replay(plain, plain.lift(trace))

        assert again is not None
        assert same_case(again, trace)


def test_the_same_seed_gives_the_same_guided_traces() -> None:
    """They depend on the seed and on what the guide was told, and on nothing else."""
    (_, one), (_, again), (_, other) = search(60), search(60), search(60, seed=1)

    assert all(map(same_case, one, again))
    assert not any(map(same_case, one, other))


def test_a_contract_without_state_is_not_guided() -> None:
    """Its traces are those of the plain strategy."""
    plain = traces(READS)
    guided = GuidedTraces(plain.interpreter)

    pairs = zip(islice(draw(plain, 0), 30), islice(draw(guided, 0), 30), strict=True)
    assert all(same_case(one, other) for one, other in pairs)


def test_a_record_is_not_guided() -> None:
    """From recorded choices the strategy draws what the plain one does."""
    plain = traces(STORE)
    guided, drawn = search(20)

    choices = plain.lift(drawn[-1])
    one, other = replay(plain, choices), replay(guided, choices)
    assert one is not None
    assert other is not None
    assert same_case(one, other)


def test_names_are_drawn_under_which_steps_are_accepted() -> None:
    """Of deletes and gets more are accepted than by chance, and some are rejected still."""
    _, drawn = search(150)
    for name in ("delete", "get"):
        by_chance, guided = (
            share(some, lambda s, one: one.is_accepted, name) for some in (plainly(150), drawn)
        )

        assert by_chance < 0.5
        assert guided >= by_chance + 0.15
        assert guided <= 0.95


def test_names_are_met_again() -> None:
    """One name comes at least three times in nearly each trace."""
    _, drawn = search(60)
    uses = [Counter(a.index for s in t.steps for a in s.arguments if isinstance(a, Name)) for t in drawn]

    assert sum(max(one.values(), default=0) >= 3 for one in uses) >= 54


def test_what_is_rare_is_reached_more_often() -> None:
    """A collect that finds two deleted keys is rare by chance, and a guided search comes to it again."""
    _, drawn = search(150)

    def finds_two(step: Any, one: Seen) -> bool:
        return one.what[2] == 2

    assert share(drawn, finds_two, "collect") >= 2 * share(plainly(150), finds_two, "collect")


def test_an_operation_whose_result_never_changes_is_in_focus() -> None:
    """It is drawn more often until its result changes, since what changes it is probably rare."""

    def collects(p_constant: float, *, is_constant: bool) -> float:
        guided = GuidedTraces(traces(STORE).interpreter, Guidance(p_constant=p_constant))
        counts = Counter[bool]()
        for trace in islice(draw(guided, 0), 300):
            counts.update(step.operation == "collect" for step in trace.steps)
            seen = run(trace)
            if is_constant:
                seen = [attrs.evolve(one, answer=one.answer if one.answer is None else 0) for one in seen]
            guided.guide.learn(trace, seen)
        return counts[True] / counts.total()

    assert collects(1.0, is_constant=True) > 1.25 * collects(0.0, is_constant=True)
    assert collects(1.0, is_constant=False) < 1.1 * collects(0.0, is_constant=False)


def test_steps_that_led_to_something_rare_come_twice() -> None:
    """Their last step then acts on what both have prepared."""

    def collects_two(p_twofold: float) -> float:
        _, drawn = search(300, guidance=Guidance(p_twofold=p_twofold))
        return share(drawn, lambda _, seen: seen.what[2] == 2, "collect")

    assert collects_two(1.0) > 1.2 * collects_two(0.0)


def test_a_kept_prefix_has_the_steps_that_it_needs() -> None:
    """It is shortened by running it: two puts, two deletes, and the collect that finds both."""

    def finds_two(trace: Trace) -> bool:
        return any(one.what[:3] == ("collect", True, 2) for one in run(trace))

    guide = GuidedTraces(traces(STORE).interpreter).guide
    trace = next(filter(finds_two, draw(traces(STORE), 0)))
    guide.learn(trace, run(trace))
    lengths = {}
    for is_short in (False, True):
        if is_short:
            guide.prefixes.shorten(run)
        (two,) = (one for what, one in guide.prefixes._kept.items() if what[:3] == ("collect", True, 2))
        lengths[is_short] = [step.operation for step in two.steps]

    assert len(lengths[False]) > 5
    assert sorted(lengths[True]) == ["collect", "delete", "delete", "put", "put"]


def test_a_prefix_of_a_trace_that_diverges_is_not_kept() -> None:
    """Each trace that begins so would diverge as well."""
    guided = GuidedTraces(traces(STORE).interpreter)
    for trace in islice(draw(guided, 0), 20):
        guided.guide.learn(trace, run(trace), may_keep=False)

    assert len(guided.guide.prefixes) == 0


def test_both_edges_of_each_constraint_are_drawn() -> None:
    """Numbers, lengths and counts are at their least, at their greatest, and one beside."""
    _, drawn = search(300)
    numbers = Counter(arguments(drawn, "first", 0))
    lengths = Counter(map(len, arguments(drawn, "put", 1)))
    texts = Counter(len(note) for note in arguments(drawn, "first", 1) if note is not None)
    counts = Counter(map(len, arguments(drawn, "mark", 0)))

    assert sum(numbers[n] for n in (1, 2, 63, 64)) >= numbers.total() * 1.4 * 4 / 64
    assert min(lengths[n] for n in (2, 3, 39, 40)) >= 10
    assert min(texts[n] for n in (0, 1, 8, 9)) >= 10
    assert min(counts[n] for n in (1, 12)) >= 10


def test_names_at_an_edge_are_in_play() -> None:
    """Of numbers from 0 to 200 the least and the greatest are names more often than by chance."""
    guided = GuidedTraces(traces(NUMBERED).interpreter)
    in_play = Counter(
        name for t in islice(draw(guided, 0), 300) for names_ in t.rosters.values() for name in names_
    )

    assert in_play[0] + in_play[200] >= 20  # twelve by chance


def test_swarms_leave_out_operations() -> None:
    """Each operation is missing in some traces that have many steps of another one, and occurs in most."""
    _, drawn = search(150)
    for name in (o.name for o in STORE.operations):
        without = sum(all(step.operation != name for step in trace.steps) for trace in drawn)

        assert 3 <= without <= 100, name


def test_rounds_ask_all_pairs() -> None:
    """In some traces six steps in a row are the pulls between all pairs."""
    guided = GuidedTraces(traces(GOSSIP).interpreter)
    runs = [t.steps[n : n + 6] for t in islice(draw(guided, 0), 60) for n in range(len(t.steps) - 5)]
    pulls = (
        {(s.instance, s.arguments[0].number) for s in run if isinstance((*s.arguments, 0)[0], Instance)}
        for run in runs
    )

    assert sum(len(pairs) == 6 for pairs in pulls) >= 20


def test_instances_are_opened_alike_and_not() -> None:
    """Both occur: all with the same arguments, and each with its own."""
    guided = GuidedTraces(traces(GOSSIP).interpreter)
    starts = [
        len({GOSSIP.opening_of(t.opening, i)[2] for i in range(3)}) for t in islice(draw(guided, 0), 80)
    ]

    assert {1, 3} <= set(starts)
    assert starts.count(1) >= 20
