"""
Shrunk cases given to another reducer, which shares no code with driftcheck's: how many could be smaller.

The cases are drawn at random from the witnesses of all asymmetries that ship and from the planted faults.
`MINIMALITY_CASES` sets how many.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from random import Random

import attrs
from figures import Table, spread
from independent_reducer import Case, Reducer, size_of
from planted_cases import SHIPPED, PlantedFault, faults, shrunk_witnesses
from scale import SMOKE, sized

from driftcheck.contract import lookup
from driftcheck.core.trace import LawCase
from driftcheck.findings import show
from driftcheck.findings.finding import Finding
from driftcheck.findings.root_causes import are_one
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.lockstep.recovery import SETTLE_S
from driftcheck.oracle.oracle import Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session, open_session

COUNT = int(os.environ.get("MINIMALITY_CASES", sized("60", "1")))
PAYLOADS = 3_000  # of each contract that ships, to see its asymmetries
EACH_S = sized(120.0, 1.0)
MOST_SHORTENED = 2
SEED = 0

ShownIn = Callable[[Verdict], Divergence | None]


@attrs.frozen
class Reduced:
    """A shrunk case, and what the other reducer made of it."""

    name: str
    before: str
    after: str  # "" if it could not be smaller
    calls: int

    def __str__(self) -> str:
        end = f"could be {self.after}" if self.after else "is minimal"
        return f"{self.name}, {self.calls} calls: {self.before} {end}"


def test_other_reducers_cannot_shorten_what_was_shrunk(table: Table) -> None:
    """Of sixty cases that driftcheck has shrunk, at most two can be smaller and still show the same."""
    reduced: list[Reduced] = []
    witnesses: dict[str, dict[str, Case]] = {}
    for one in faults()[:1] if SMOKE else in_random_order():
        if len(reduced) == COUNT:
            break
        found = of_fault(one) if isinstance(one, PlantedFault) else of_witness(*one, witnesses)
        if found is not None:
            reduced.append(found)
            sys.stderr.write(f"\n{len(reduced)}. {found}")

    shortened = [str(one) for one in reduced if one.after]
    table.add(
        "shrunk cases that another reducer shortens", f"{len(shortened)} of {len(reduced)}", "at most 2"
    )
    table.add("its calls of the judge for a case", spread([one.calls for one in reduced], "{:.0f}"))
    assert reduced
    assert SMOKE or len(shortened) <= MOST_SHORTENED, "\n".join(shortened)


def in_random_order() -> list[PlantedFault | tuple[str, str]]:
    """Return all planted faults, and all asymmetries with their contracts."""
    found = [*faults(), *((name, id_) for name in SHIPPED for id_ in asymmetries_of(name))]
    return Random(SEED).sample(found, len(found))


def asymmetries_of(name: str) -> list[str]:
    with open_session(lookup.load_named(name)) as session:
        return [entry.id for entry in session.asymmetries.entries]


def of_witness(name: str, asymmetry: str, witnesses: dict[str, dict[str, Case]]) -> Reduced | None:
    """Reduce the witness of an asymmetry; None where the search has not seen it."""
    if name not in witnesses:
        witnesses[name] = dict(shrunk_witnesses(name, PAYLOADS))
    case = witnesses[name].get(asymmetry)
    if case is None:
        return None

    def shown_in(verdict: Verdict) -> Divergence | None:
        seen = (one.divergence for one in verdict.asymmetries if one.entry.id == asymmetry)
        return next(seen, None)

    with open_session(lookup.load_named(name)) as session:
        return reduced_case(session, f"{name} {asymmetry}", case, shown_in)


def of_fault(fault: PlantedFault) -> Reduced | None:
    """Reduce the first finding that tells of a fault; None where the search has none that was shrunk."""
    found: list[Finding] = []

    def take(finding: Finding) -> None:
        if fault.is_shown_by(finding) and finding.is_minimal and not finding.is_flaky:
            found.append(finding)

    with fault.opened() as session:
        fault.search(session, Observer(finding=take, interrupted=lambda: bool(found)))
        if not found:
            return None
        return reduced_case(session, fault.name, found[0].case, lambda verdict: verdict.divergence)


def reduced_case(session: Session, name: str, case: Case, shown_in: ShownIn) -> Reduced | None:
    """Give a case to the other reducer, with real hosts as its judge."""
    original = shown_in(confirmed(session, case))
    if original is None:
        return None

    def is_same(verdict: Verdict) -> bool:
        found = shown_in(verdict)
        return found is not None and (
            found.check == original.check
            and found.signature.operation == original.signature.operation
            and found.signature.shape == original.signature.shape
            and found.relation == original.relation
            and are_one(found, original)
            and len(found.cause) <= len(original.cause)
        )

    def shows(other: Case) -> bool:
        if isinstance(other, LawCase):
            return is_same(session.oracle.law(other))
        return is_same(session.oracle.probe(other, settle_s=0.02, target=original.check))

    plan = compile_plan(session.schema)
    rosters = {one.key: one.type for one in (*plan.rosters, *(r for law in plan.laws for r in law.rosters))}
    reducer = Reducer(session.schema, rosters, shows, EACH_S)
    smallest = reducer.reduce(case)
    shortened = size_of(smallest) < size_of(case) and is_same(confirmed(session, smallest))
    shown = [show.in_a_line(session.schema, one) for one in (case, smallest)]
    return Reduced(name, shown[0], shown[1] if shortened else "", reducer.calls)


def confirmed(session: Session, case: Case) -> Verdict:
    """Judge a case in fresh hosts."""
    if isinstance(case, LawCase):
        session.lockstep.refresh()
        return session.oracle.law(case)
    deadline_s = session.lockstep.limits.deadline_s
    return session.oracle.confirm(case, deadline_s=deadline_s, settle_s=SETTLE_S)
