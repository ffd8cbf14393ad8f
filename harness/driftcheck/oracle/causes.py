"""
Causes: which features of documents, which faults and which values a divergence needs.

Mutations that are not needed are dropped first; otherwise several divergences of one operation would be one
finding. A divergence may have two mutations only because each of them diverges in its own way. Then it is
attributed to one of them; otherwise each pair would be a finding. A fault that only changes the outcome is
treated in the same way. Knows traces and codecs; the caller runs and judges variants of a trace.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.generate.drop_mutations import origin_of, with_mutations
from driftcheck.oracle import checks
from driftcheck.oracle.parts import explain
from driftcheck.oracle.signature import Divergence

NOT_FINITE = "not-finite"  # a value holds NaN or an infinity
UNDER = "under-"  # and the name of the fault around the step

_OF_OUTCOMES = {checks.ACCEPT_REJECT, checks.REJECTION_CLASS}


@attrs.frozen
class VariantResult:
    """What a variant of a trace, with other bytes in it, shows."""

    divergence: Divergence | None  # the first one at or after the same step
    kinds: Mapping[str, str]  # of the outcomes at that step, by subject


Examine = Callable[[Trace], VariantResult]
IsAccepted = Callable[[Divergence], bool]
Put = Callable[[Any], Trace]


def with_cause(
    schema: Schema, trace: Trace, divergence: Divergence, examine: Examine, is_accepted: IsAccepted
) -> Divergence:
    """Return the divergence with its cause, or the divergence of one part if the parts explain the whole.

    Args:
        examine: judges a variant of the trace.
        is_accepted: says whether an asymmetry covers a divergence. A part that no asymmetry covers is
            preferred.
    """
    if divergence.step is None:
        return divergence
    number = divergence.step
    step = trace.steps[number]
    if step.fault is not None:
        steps = (*trace.steps[:number], attrs.evolve(step, fault=None), *trace.steps[number + 1 :])
        sound = trace.with_steps(steps)
        shown = examine(sound).divergence
        if not _is_same(shown, divergence):
            if shown is not None and shown.step == number and {divergence.check, shown.check} <= _OF_OUTCOMES:
                without = with_cause(schema, sound, shown, examine, is_accepted)
                if not is_accepted(without):
                    return without  # the fault only changes the outcome
            divergence = _with(divergence, {f"{UNDER}{step.fault}": frozenset()})
    for i, argument in enumerate(schema.operation(trace.steps[number].operation).arguments):
        value = trace.steps[number].arguments[i]
        put = partial(_replaced, trace, number, i)

        def shows_the_same(other: Any, put: Put = put, divergence: Divergence = divergence) -> bool:
            return _is_same(examine(put(other)).divergence, divergence)

        type_ = t.bare(argument.type)
        if isinstance(type_, t.Payload) and isinstance(value, Document):
            needed = _needed(type_, value, shows_the_same)
            if needed is not value:
                divergence = _as_shown_by_the_cause(examine(put(needed)).divergence, divergence)
            value = needed
            parts = [put(part) for part in _parts(type_, value, divergence)]
            if found := _explaining_parts(parts, divergence, examine):
                caused = [with_cause(schema, *part, examine, is_accepted) for part in found]
                return next((one for one in caused if not is_accepted(one)), caused[0])
            divergence = _with(divergence, _places(type_, value))
        elif (finite := _finite(value)) is not value:
            if shows_the_same(finite):
                value = finite
            else:
                divergence = _with(divergence, {NOT_FINITE: frozenset()})
        trace = put(value)  # where each of two arguments suffices, the second one is needed now
    return divergence


def with_all_features(schema: Schema, trace: Trace, divergence: Divergence) -> Divergence:
    """Return the divergence with every feature and fault of its step as its cause, needed or not.

    This runs nothing. The cause that `with_cause` finds is a part of this one.
    """
    if divergence.step is None:
        return divergence
    return _with(divergence, features_of(schema, trace.steps[divergence.step]))


def features_of(schema: Schema, step: Step) -> dict[str, frozenset[str]]:
    """Return all that a step has for a cause, and for each feature the fields at which it stands."""
    places: dict[str, frozenset[str]] = {}
    if step.fault is not None:
        places[f"{UNDER}{step.fault}"] = frozenset()
    for argument, value in zip(schema.operation(step.operation).arguments, step.arguments, strict=True):
        type_ = t.bare(argument.type)
        if isinstance(type_, t.Payload) and isinstance(value, Document):
            places |= _places(type_, value)
        elif _finite(value) is not value:
            places[NOT_FINITE] = frozenset()
    return places


def _with(divergence: Divergence, places: Mapping[str, frozenset[str]]) -> Divergence:
    places = {**divergence.places, **places}
    return attrs.evolve(divergence, cause=tuple(sorted(places)), places=places)


def _as_shown_by_the_cause(shown: Divergence | None, divergence: Divergence) -> Divergence:
    """Return the divergence with what was observed in a variant that only has its cause."""
    if shown is None or not _is_same(shown, divergence):
        return divergence
    return attrs.evolve(divergence, relation=shown.relation, reason=shown.reason, observed=shown.observed)


def _is_same(one: Divergence | None, other: Divergence) -> bool:
    return one is not None and _identity(one) == _identity(other) and _has_groups_of(one, other)


def _has_groups_of(one: Divergence, other: Divergence) -> bool:
    """Say whether the subjects whose values were compared in both agree in the same groups.

    Otherwise a value differs for two reasons, and one of them would hide the other.
    """
    both = {name for group in one.groups for name in group} & {
        name for group in other.groups for name in group
    }
    groups, others = (
        {frozenset(both.intersection(g)) for g in d.groups} - {frozenset()} for d in (one, other)
    )
    return groups == others


def _identity(divergence: Divergence) -> tuple[object, ...]:
    signature = attrs.evolve(divergence.signature.without_cause, relation="")
    if divergence.check in (checks.VALUE, checks.DETAIL):  # what the others did is not part of it
        signature = attrs.evolve(signature, shape=(), disagreement="")
    return divergence.step, signature


def _replaced(trace: Trace, number: int, i: int, value: Any) -> Trace:
    step = trace.steps[number]
    arguments = (*step.arguments[:i], value, *step.arguments[i + 1 :])
    steps = (*trace.steps[:number], attrs.evolve(step, arguments=arguments), *trace.steps[number + 1 :])
    return trace.with_steps(steps)


def _finite(value: Any) -> Any:
    """Return a value with 0 for each NaN and infinity; the same object where it has none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else 0.0
    if attrs.has(type(value)):
        parts = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
        changed = {name: new for name, part in parts.items() if (new := _finite(part)) is not part}
        return attrs.evolve(value, **changed) if changed else value
    if isinstance(value, tuple):
        items = tuple(map(_finite, value))
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        values = {key: _finite(item) for key, item in value.items()}
        return values if any(values[key] is not item for key, item in value.items()) else value
    return value


def _parts(type_: t.Payload, document: Document, divergence: Divergence) -> list[Document]:
    """Return the document with each of its mutations alone, if these may explain the divergence.

    A document from a file does not hold what its mutations drew, so it cannot be made with fewer.
    """
    count = len(document.mutations)
    if count < 2 or count != len(document.draws) or divergence.check not in _OF_OUTCOMES:
        return []
    return [with_mutations(type_, document, (number,)) for number in range(len(document.mutations))]


def _explaining_parts(
    parts: Sequence[Trace], whole: Divergence, examine: Examine
) -> list[tuple[Trace, Divergence]]:
    """Return the parts that diverge at the same step, with their divergences, if they explain the whole."""
    shown = [examine(part) for part in parts]
    if not explain([one.kinds for one in shown], dict(whole.shape)):
        return []
    return [
        (part, one.divergence)
        for part, one in zip(parts, shown, strict=True)
        if one.divergence is not None and one.divergence.step == whole.step
    ]


def _places(type_: t.Payload, document: Document) -> Mapping[str, frozenset[str]]:
    return checked_calls.places_of(type_.codec, type_.inner, document.data)


def _needed(type_: t.Payload, document: Document, shows_the_same: Callable[[Document], bool]) -> Document:
    """Return the document with the fewest mutations that shows the same divergence."""
    if len(document.draws) != len(document.mutations) or origin_of(type_, document) is None:
        return document
    numbered = range(len(document.mutations))
    for size in range(len(document.mutations)):
        for kept in combinations(numbered, size):
            smaller = with_mutations(type_, document, kept)
            if shows_the_same(smaller):
                return smaller
    return document
