"""
What a run did not exercise of a contract, and whether the run was long enough to say so.

A run that was too short says nothing: three traces cannot contain hundreds of mutations. Knows the counts of
a run. Knows nothing of how cases are drawn or of what is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.generate.effective_mutations import without_effect
from driftcheck.search.statistics import KINDS, RunStatistics
from driftcheck.subjects.wire import ACCEPTED

ENOUGH_STEPS = 100  # of an operation, or traces, before a run says what did not occur in them
ENOUGH_OF_EACH = (
    10  # on average of each of several choices; by chance, one is then missing once in 20,000 runs
)
RARELY = 0.02  # of an operation's steps: if fewer are accepted, the run says so


@attrs.frozen
class Unexercised:
    """What the contract promises and the run did not exercise."""

    what: str
    says: str
    evidence: float  # what part of the steps that are enough the run has made; 1.0 or more is enough

    def __str__(self) -> str:
        return f"{self.what}: {self.says}"


@attrs.frozen
class NotExercised:
    """All that a run did not exercise."""

    items: tuple[Unexercised, ...]

    @property
    def lines(self) -> list[str]:
        """Return a line for each item of which the run was long enough."""
        return [str(one) for one in self.items if one.evidence >= 1]

    @property
    def undecided(self) -> int:
        """Return for how many items the run was too short."""
        return sum(one.evidence < 1 for one in self.items)

    def __str__(self) -> str:
        if not self.items:
            return "everything was exercised"
        if not self.lines:
            return f"too short to say what was not exercised; {self.undecided} not seen yet"
        more = f"; too short to judge {self.undecided} more" if self.undecided else ""
        return f"not exercised: {'; '.join(self.lines)}{more}"

    def to_json(self) -> dict[str, list[Any]]:
        """Return it as JSON data."""
        return {one.what: [one.says, round(one.evidence, 3)] for one in self.items}

    @classmethod
    def of_all(cls, runs: Sequence[Mapping[str, Sequence[Any]]]) -> NotExercised:
        """Return what none of several runs exercised, from their JSON data; each adds to the evidence."""
        first, *others = runs or [{}]
        items = []
        for what, (says, evidence) in first.items():
            again = [other.get(what) for other in others]
            missed = [one for one in again if one is not None]
            if len(missed) == len(again):
                is_said_by_all = all(one[0] == says for one in missed)
                total = evidence + sum(one[1] for one in missed)
                items.append(Unexercised(what, says if is_said_by_all else "rarely accepted", total))
        return cls(tuple(items))


def not_exercised(schema: Schema, statistics: RunStatistics, *, laws: bool = True) -> NotExercised:
    """Compare the counts of a run with what the contract promises.

    Args:
        laws: also list the laws; a run without cases of laws decides none.
    """
    return NotExercised(
        (
            *_operations(schema, statistics),
            *_rejections(schema, statistics),
            *_mutations(schema, statistics),
            *_readings(schema, statistics),
            *(one for law in schema.laws if laws for one in law_not_decided(law.name, statistics)),
            *(
                Unexercised(f"invariant {one.name}", "never checked", statistics.drawn / ENOUGH_STEPS)
                for one in schema.invariants
                if not statistics.invariants[one.name]
            ),
        )
    )


def law_not_decided(law: str, statistics: RunStatistics) -> Iterator[Unexercised]:
    """Yield a law if no case decided it."""
    if not statistics.laws[law]:
        yield Unexercised(f"law {law}", "never decided", statistics.law_cases[law] / ENOUGH_OF_EACH)


def _operations(schema: Schema, statistics: RunStatistics) -> Iterator[Unexercised]:
    weights = sum(operation.weight for operation in schema.operations) or 1
    for operation in schema.operations:
        name = operation.name
        called = statistics.of_operation(name)
        accepted = statistics.outcomes[name, KINDS[ACCEPTED]]
        if called == 0:
            expected = statistics.steps * operation.weight / weights
            yield Unexercised(f"operation {name}", "never called", expected / ENOUGH_OF_EACH)
        elif accepted < called * RARELY:
            yield Unexercised(f"operation {name}", f"accepted {accepted} of {called}", called / ENOUGH_STEPS)
        for fault in operation.faults:
            if not statistics.faults[name, fault]:
                needed = ENOUGH_STEPS * len(operation.faults)
                yield Unexercised(f"fault {fault} of {name}", "never seen", called / needed)
    for (name, subject), times in statistics.unsupported.items():
        called = statistics.of_operation(name)
        if times > called * (1 - RARELY):
            yield Unexercised(f"operation {name} in {subject}", "unsupported", called / ENOUGH_STEPS)


def _rejections(schema: Schema, statistics: RunStatistics) -> Iterator[Unexercised]:
    for rejection in schema.rejections:
        rejecting = [o.name for o in schema.operations if rejection.name in o.rejects]
        called = {name: statistics.of_operation(name) for name in rejecting}
        if rejection.catch_all:
            if not any(r == rejection.name for _, r in statistics.rejections):
                evidence = sum(called.values()) / ENOUGH_STEPS
                yield Unexercised(f"rejection {rejection.name}", "never seen", evidence)
            continue
        for name in rejecting:
            if not statistics.rejections[name, rejection.name]:
                evidence = called[name] / ENOUGH_STEPS
                yield Unexercised(f"rejection {rejection.name} of {name}", "never seen", evidence)


def _mutations(schema: Schema, statistics: RunStatistics) -> Iterator[Unexercised]:
    of_codecs = _mutations_by_codec(schema)
    never = {name for names in of_codecs for name in names if not statistics.payloads[name]}
    missed = never - without_effect(schema, frozenset(never))
    for names in of_codecs:
        mean = sum(statistics.payloads[name] for name in names) / max(1, len(names))
        for name in names:
            if name in missed:
                missed.remove(name)
                yield Unexercised(f"mutation {name}", "never seen", mean / ENOUGH_OF_EACH)


def _mutations_by_codec(schema: Schema) -> list[tuple[str, ...]]:
    payloads = (t.bare(a.type) for o in schema.operations for a in o.arguments)
    names = (tuple(m.name for m in p.codec.all_mutations) for p in payloads if isinstance(p, t.Payload))
    return list(dict.fromkeys(names))


def _readings(schema: Schema, statistics: RunStatistics) -> Iterator[Unexercised]:
    versions = schema.schema_versions
    if versions is None:
        return
    evidence = statistics.drawn / (ENOUGH_OF_EACH * len(versions.pairs))
    for reader, writer in versions.pairs:
        if not statistics.readings[reader, writer]:
            what = f"{versions.name} {reader} reading what {writer} wrote"
            yield Unexercised(what, "never seen", evidence)
