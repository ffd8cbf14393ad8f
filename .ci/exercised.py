"""Runs the reconciliation contract for a long time, and writes how often it exercised each promise.

Usage: exercised.py TRACES SEED SUBJECT... > docs/explanation/reconcile-run.md
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from driftcheck.core.trace import Name, Trace
from driftcheck.oracle.oracle import Verdict
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session, open_session
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.unexercised import not_exercised
from driftcheck.subjects.wire import ACCEPTED
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.reconcile.parts import policy_of

Rows = Iterable[Sequence[object]]
Policies = Counter[tuple[str, str, bool]]  # (operation, policy, accepted)


def run(traces: int, seed: int, subjects: Sequence[str]) -> str:
    """Run that many traces; return the page."""
    policies: Policies = Counter()
    with open_session(Reconcile, only=subjects) as session:
        _count_policies(session, policies)
        explored = explore(session, Budget(max_traces=traces), seed=seed)
        statistics = explored.statistics
        faults = sum(statistics.faults.values())
        head = (
            f"{statistics.traces:,} traces, {statistics.steps:,} steps, seed {seed}, "
            f"{' beside '.join(subjects)}: {len(explored.findings)} findings, {explored.seconds:,.0f} s. "
            f"{faults / statistics.steps:.1%} of the steps were under a fault."
        )
        missing = [str(one) for one in not_exercised(session.schema, statistics).items]
        not_met = f"Not exercised: {'; '.join(missing)}." if missing else "Everything was exercised."
        return "\n".join(
            [
                _TOP,
                f"`python .ci/exercised.py {' '.join(sys.argv[1:])}`\n",
                head,
                not_met,
                "",
                *_tables(session, statistics, policies),
                "",
            ]
        )


def _count_policies(session: Session, policies: Policies) -> None:
    judged = session.oracle.explore

    def explore_and_count(trace: Trace, **how: Any) -> Verdict:
        verdict = judged(trace, **how)
        outcomes = next(iter(verdict.execution.answers.values())).reply.outcomes if verdict.execution else []
        for step, outcome in zip(trace.steps, outcomes, strict=False):
            keys = [a.value for a in step.arguments if isinstance(a, Name) and isinstance(a.value, bytes)]
            for key in keys:
                policies[step.operation, policy_of(key).name.lower(), outcome[0] == ACCEPTED] += 1
        return verdict

    session.oracle.explore = explore_and_count  # type: ignore[method-assign] # to look at what it judges


def _tables(session: Session, statistics: RunStatistics, policies: Policies) -> Iterator[str]:
    schema = session.schema
    kinds = sorted({kind for _, kind in statistics.outcomes})
    yield from _table(
        "Operations",
        ["operation", *kinds],
        ([o.name, *(statistics.outcomes[o.name, kind] for kind in kinds)] for o in schema.operations),
    )
    yield from _table(
        "Policies",
        ["operation", "policy", "accepted", "rejected"],
        (
            [operation, policy, policies[operation, policy, True], policies[operation, policy, False]]
            for operation, policy in sorted({key[:2] for key in policies})
        ),
    )
    operations = [o.name for o in schema.operations if o.rejects]
    yield from _table(
        "Rejections",
        ["rejection", *operations],
        (
            [
                r.name,
                *(
                    _of(statistics.rejections[o, r.name], r.name in schema.operation(o).rejects)
                    for o in operations
                ),
            ]
            for r in schema.rejections
        ),
    )
    operations = [o.name for o in schema.operations if o.faults]
    yield from _table(
        "Faults",
        ["fault", *operations],
        (
            [
                f.name,
                *(
                    _of(statistics.faults[o, f.name], f.name in schema.operation(o).faults)
                    for o in operations
                ),
            ]
            for f in schema.faults
        ),
    )
    yield from _table(
        "Flags, of replicas opened",
        ["flag", "value", "times"],
        ([*key, n] for key, n in sorted(statistics.flags.items())),
    )
    numbers = schema.schema_versions.numbers if schema.schema_versions else ()
    yield from _table(
        "Schemas: reader by writer",
        ["reader", *numbers],
        ([reader, *(statistics.readings[reader, writer] for writer in numbers)] for reader in numbers),
    )
    yield from _table(
        "Laws",
        ["law", "cases", "decided"],
        ([law.name, statistics.law_cases[law.name], statistics.laws[law.name]] for law in schema.laws),
    )
    yield from _table(
        "Invariants",
        ["invariant", "states"],
        ([i.name, statistics.invariants[i.name]] for i in schema.invariants),
    )


def _of(count: int, is_declared: bool) -> object:
    return count if is_declared or count else "·"


def _table(title: str, head: Sequence[object], rows: Rows) -> Iterator[str]:
    yield f"## {title}\n"
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(f'{cell:,}' if type(cell) is int else str(cell) for cell in row)} |"
    yield ""


_TOP = """\
# What a long run exercised

This page counts how often a run of [the contract](../reference/reconcile.md) exercised each promise.
A dot means that the operation does not declare this rejection or this fault.
driftcheck ran one trace in eight again in other ways: with other flags, without its rejected steps, twice.
"""

if __name__ == "__main__":
    sys.stdout.write(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
