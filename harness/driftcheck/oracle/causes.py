"""
Causes: which mutations a divergence needs, in the words of its codec's features, and which odd values.

Mutations that are not needed are dropped first; without this, five differences of one operation would be one
finding. What needs two only because each of them alone diverges in its own way is put down to one of them;
without that, each pair of differences would be a finding of its own. So is what a fault around the step only
gives another ending. Knows traces and codecs; what a trace shows is asked of the caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, Trace
from driftcheck.generate.drop_mutations import origin_of, with_mutations
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence

NOT_FINITE = "not-finite"  # a value holds NaN or an infinity
UNDER = "under-"  # what goes wrong around the step, by name
ACCEPTED = "accepted"

_OF_OUTCOMES = {checks.ACCEPT_REJECT, checks.REJECTION_CLASS}


@attrs.frozen
class VariantResult:
    """What a trace with other bytes in it shows."""

    divergence: Divergence | None  # the first one at or after the same step
    kinds: Mapping[str, str]  # of the outcomes at that step, by subject


Examine = Callable[[Trace], VariantResult]
IsKnown = Callable[[Divergence], bool]
Put = Callable[[Any], Trace]


def with_cause(
    schema: Schema, trace: Trace, divergence: Divergence, examine: Examine, is_known: IsKnown
) -> Divergence:
    """Return the divergence with its cause; or that of a part of it, where its parts explain the whole.

    Args:
        examine: says what a trace with other bytes in it shows.
        is_known: says whether a divergence is lived with; of several parts one that is not is returned.
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
                without = with_cause(schema, sound, shown, examine, is_known)
                if not is_known(without):
                    return without  # the fault only gives it another ending
            divergence = _with(divergence, {f"{UNDER}{step.fault}": frozenset()})
    for i, argument in enumerate(schema.operation(trace.steps[number].operation).arguments):
        value = trace.steps[number].arguments[i]
        put = partial(_replaced, trace, number, i)

        def shows_the_same(other: Any, put: Put = put, divergence: Divergence = divergence) -> bool:
            return _is_same(examine(put(other)).divergence, divergence)

        type_ = t.bare(argument.type)
        if isinstance(type_, t.Payload) and isinstance(value, Document):
            value = _needed(type_, value, shows_the_same)
            parts = [put(part) for part in _parts(type_, value, divergence)]
            if found := _explaining(parts, divergence, examine):
                caused = [with_cause(schema, *part, examine, is_known) for part in found]
                return next((one for one in caused if not is_known(one)), caused[0])
            divergence = _with(divergence, _places(type_, value))
        elif (finite := _finite(value)) is not value:
            if shows_the_same(finite):
                value = finite
            else:
                divergence = _with(divergence, {NOT_FINITE: frozenset()})
        trace = put(value)  # of two arguments that each suffice for the difference, the second is needed now
    return divergence


def _with(divergence: Divergence, places: Mapping[str, frozenset[str]]) -> Divergence:
    places = {**divergence.places, **places}
    return attrs.evolve(divergence, cause=tuple(sorted(places)), places=places)


def _is_same(one: Divergence | None, other: Divergence) -> bool:
    return one is not None and _core(one) == _core(other)


def _core(divergence: Divergence) -> tuple[object, ...]:
    signature = attrs.evolve(divergence.signature, cause=())
    if divergence.check in (checks.VALUE, checks.DETAIL):  # what the others did is no part of it
        signature = attrs.evolve(signature, shape=(), disagreement="")
    return divergence.step, signature


def _replaced(trace: Trace, number: int, i: int, value: Any) -> Trace:
    step = trace.steps[number]
    arguments = (*step.arguments[:i], value, *step.arguments[i + 1 :])
    steps = (*trace.steps[:number], attrs.evolve(step, arguments=arguments), *trace.steps[number + 1 :])
    return trace.with_steps(steps)


def _finite(value: Any) -> Any:
    """Return a value with 0 for each float that is no number or infinite; itself where it has none."""
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
    """Return the document with each of its mutations alone, where these may explain the divergence.

    One that was read from a file does not say what its mutations drew, and cannot be made with fewer.
    """
    count = len(document.mutations)
    if count < 2 or count != len(document.draws) or divergence.check not in _OF_OUTCOMES:
        return []
    return [with_mutations(type_, document, (number,)) for number in range(len(document.mutations))]


def _explaining(
    parts: Sequence[Trace], whole: Divergence, examine: Examine
) -> list[tuple[Trace, Divergence]]:
    """Return the parts that diverge at the same step, each with its divergence, if they explain the whole."""
    shown = [examine(part) for part in parts]
    if not _explains([one.kinds for one in shown], dict(whole.shape)):
        return []
    return [
        (part, one.divergence)
        for part, one in zip(parts, shown, strict=True)
        if one.divergence is not None and one.divergence.step == whole.step
    ]


def _explains(parts: Sequence[Mapping[str, str]], whole: Mapping[str, str]) -> bool:
    """Say whether each subject does with the whole as with its parts, and refuses it for a part alone."""
    for name, kind in whole.items():
        refusals = {part.get(name, "") for part in parts} - {ACCEPTED}
        if (kind not in refusals) if refusals else (kind != ACCEPTED):
            return False
    return True


def _places(type_: t.Payload, document: Document) -> Mapping[str, frozenset[str]]:
    return type_.codec.all_places(document.data, type_.inner)


def _needed(type_: t.Payload, document: Document, shows_the_same: Callable[[Document], bool]) -> Document:
    """Return the document with the fewest mutations that shows the same."""
    if len(document.draws) != len(document.mutations) or origin_of(type_, document) is None:
        return document
    numbered = range(len(document.mutations))
    for size in range(len(document.mutations)):
        for kept in combinations(numbered, size):
            smaller = with_mutations(type_, document, kept)
            if shows_the_same(smaller):
                return smaller
    return document
