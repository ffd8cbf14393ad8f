"""Neutrality: flags and neutral steps may change how a result is computed, but not the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Trace, cut
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic import variation
from driftcheck.oracle.metamorphic.result import CheckResult
from driftcheck.values.encoding import plain


def examine(schema: Schema, lockstep: Lockstep, execution: Execution) -> CheckResult:
    """Run the trace with other flags; then without its neutral steps, since the two may hide each other."""
    trace, numbers = execution.trace, range(len(execution.trace.steps))
    neutral = {o.name for o in schema.operations if o.neutral}
    variations: list[tuple[Trace, Sequence[int], str]] = []
    flagged = _with_other_flags(schema, trace)
    if flagged is not trace:
        variations.append((flagged, numbers, "with other flags the step ended differently"))
    kept = [n for n in numbers if trace.steps[n].operation not in neutral]
    if kept and len(kept) < len(trace.steps):
        without = "without the neutral steps before it, the step ended differently"
        variations.append((cut(trace, kept), kept, without))
    for count, (other, held, said) in enumerate(variations, 1):
        found = variation.compare(schema, lockstep, execution, other, held, checks.NOT_NEUTRAL, said)
        if found.divergence is not None:
            return CheckResult(count, found.divergence)
    return CheckResult(len(variations))


def _with_other_flags(schema: Schema, trace: Trace) -> Trace:
    """Return the trace with the first value of each flag, or the last one where it has these."""
    values = {n: flag_values(a.type) for n, (a, _) in enumerate(schema.slots) if a.flag}
    if not values:
        return trace
    has_first = all(plain(trace.opening[n]) == all_[0] for n, all_ in values.items())
    opening = list(trace.opening)
    for n, all_ in values.items():
        opening[n] = all_[-1 if has_first else 0]
    return attrs.evolve(trace, opening=tuple(opening))


def flag_values(type_: t.Type) -> tuple[Any, ...]:
    """List the values of a flag's type."""
    match type_:
        case t.Choice(values=values):
            return values
        case t.Named(inner=inner) | t.Generated(inner=inner):
            return flag_values(inner)
        case t.Enumeration(members=members):
            return members
        case _:
            return (False, True)
