"""
Compares values place by place: arguments, results, the state, details, and all documents.

The new contract must accept what old callers pass, so arguments may only be widened. Old callers must
understand what it returns, so results may only be narrowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.compat import rules
from driftcheck.compat.changes import Change, Whom, Witness
from driftcheck.compat.exported import Exported, has_schema_versions, of_schema_version
from driftcheck.compat.mismatches import UNKNOWN, Mismatch, expressible, mismatches
from driftcheck.compat.simplest import refusal, stripped
from driftcheck.contract.export import Json
from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.errors import CodecError
from driftcheck.subjects.wire import DETAIL
from driftcheck.values import notation
from driftcheck.values.encoding import OutsideType


@attrs.frozen
class Place:
    """One place that has values in both contracts."""

    path: str
    old: t.Type
    new: t.Type
    is_given: bool  # it is an argument; else it is returned

    @property
    def is_document(self) -> bool:
        """Tell whether it holds documents in both contracts."""
        return isinstance(stripped(self.old), t.Payload) and isinstance(stripped(self.new), t.Payload)

    def path_of(self, mismatch: Mismatch) -> str:
        """Return the path of a mismatch, such as `decode.document.Item.tags`."""
        root = stripped(self.old)
        root = stripped(root.inner) if isinstance(root, t.Payload) else root
        name = root.name if isinstance(root, t.Record | t.Union | t.Enumeration) else ""
        parts = (self.path, name, mismatch.path) if mismatch.path else (self.path,)
        return ".".join(part for part in parts if part).replace(".[", "[")

    @property
    def whom(self) -> Whom:
        """Return whom a mismatch at this place breaks."""
        if not self.is_document:
            return "old callers"
        return "new readers of old documents" if self.is_given else "old readers of new documents"


def places(old: Schema, new: Schema) -> Iterator[Place]:
    """Yield the places that are in both contracts."""
    yield from _arguments("open", old.opening, new.opening)
    if old.state is not None and new.state is not None:
        yield Place("state", old.state, new.state, False)
    after = {o.name: o for o in new.operations}
    for operation in old.operations:
        if (other := after.get(operation.name)) is None:
            continue
        yield from _arguments(operation.name, operation.arguments, other.arguments)
        if operation.result is not None and other.result is not None:
            yield Place(f"{operation.name}.result", operation.result, other.result, False)
    details = {r.name: r.detail for r in new.rejections}
    for rejection in old.rejections:
        detail = details.get(rejection.name)
        if rejection.detail is not None and detail is not None:
            yield Place(f"{rejection.name}.{DETAIL}", rejection.detail, detail, False)


def _arguments(of: str, old: tuple[Argument, ...], new: tuple[Argument, ...]) -> Iterator[Place]:
    after = {a.name: a.type for a in new}
    for argument in old:
        if argument.name in after:
            yield Place(f"{of}.{argument.name}", argument.type, after[argument.name], True)


def broken(old: Exported, new: Exported) -> Iterator[Change]:
    """Yield what breaks because a reader no longer accepts all that a writer may write."""
    yield from _compared(old, new, breaks=True)


def widened(old: Exported, new: Exported) -> Iterator[Change]:
    """Yield what is newly accepted or no longer returned, which breaks nobody."""
    yield from _compared(old, new, breaks=False)


def _compared(old: Exported, new: Exported, *, breaks: bool) -> Iterator[Change]:
    for place in places(old.schema, new.schema):
        if not place.is_document:
            found = _changes(place, breaks, None)
            yield from (c for c in found if not (breaks and _came_with_a_schema_version(c, old, new)))
    for before, after in schema_versions_of(old, new):
        for place in places(old.schema, new.schema):
            if place.is_document:
                place = attrs.evolve(place, old=_narrowed(place.old, before), new=_narrowed(place.new, after))
                is_named = has_schema_versions(place.old) or has_schema_versions(place.new)
                shared = (before if before is not None else after) if is_named else None
                yield from (_moved(c, old, new) for c in _changes(place, breaks, shared))


def _narrowed(document: t.Type, schema_version: int | None) -> t.Type:
    payload = stripped(document)
    if schema_version is None or not isinstance(payload, t.Payload):
        return document
    return attrs.evolve(payload, inner=of_schema_version(payload.inner, schema_version))


def schema_versions_of(old: Exported, new: Exported) -> list[tuple[int | None, int | None]]:
    """Pair the schema versions whose documents must fit each other; None: the contract has none."""
    before = (None,) if old.schema_versions is None else old.schema_versions.numbers
    after = (None,) if new.schema_versions is None else new.schema_versions.numbers
    # Documents without a schema version count as documents of the first one.
    if None in before or None in after:
        return [(before[0], after[0])]
    return [(n, n) for n in before if n in after]


def _changes(place: Place, breaks: bool, schema_version: int | None) -> Iterator[Change]:
    to_new = place.is_given == breaks
    writer, reader = (place.old, place.new) if to_new else (place.new, place.old)
    if breaks:
        verb = "refused" if place.is_given or place.is_document else "not expected"
    else:
        verb = "now accepted" if place.is_given else "no longer written"
    for mismatch in mismatches(writer, reader):
        found = witness(writer, reader, mismatch)
        rule, says = mismatch.rule, mismatch.says
        if rule is rules.RETYPED and place.is_document and _is_read(found):
            rule, says = rules.UNPROVEN, f"{says} accepted by the codec for the value that was tried"
        elif rule is not rules.UNPROVEN:
            says = f"{says} {verb}"
        is_break = breaks and rule is not rules.UNPROVEN
        whom, numbers = place.whom if is_break else None, () if schema_version is None else (schema_version,)
        yield Change(rule, whom, place.path_of(mismatch), says, found, mismatch.home, schema_versions=numbers)


def _is_read(found: Witness | None) -> bool:
    """Tell whether a reader accepts a document of another kind of type, as 0 for 0.0."""
    return found is not None and found.document is not None and found.refused is None


def _passing(change: Change, old: Exported, new: Exported) -> tuple[Json | None, Json | None]:
    """Return the definitions of the field that a change is about."""
    record, _, path = change.home.partition(".")
    field = re.split(r"[.\[]", path)[0]
    return old.passing(record, field), new.passing(record, field)


def _came_with_a_schema_version(change: Change, old: Exported, new: Exported) -> bool:
    """Tell whether a change comes from a new schema version, or from a field that is new with it.

    Outside documents such a field is null if it is not known, which authors of schema versions expect.
    """
    before, after = _passing(change, old, new)
    if before is not None and after is not None:
        return bool(before.get("schema_version") and after.get("schema_version"))
    if before is not None or after is None or old.schema_versions is None:
        return False
    return after.get("since") is not None and after["since"] > old.schema_versions.numbers[-1]


def _moved(change: Change, old: Exported, new: Exported) -> Change:
    """Add to a change that the schema versions of its field were changed."""
    before, after = _passing(change, old, new)
    if before is None or after is None:
        return change
    for word in ("since", "until"):
        if before.get(word) != after.get(word):
            was, now = (f"{word} {d[word]}" if d.get(word) else f"without {word}" for d in (before, after))
            change = attrs.evolve(change, says=f"{change.says}; it was {was} and is {now}")
    return change


def witness(writer: t.Type, reader: t.Type, mismatch: Mismatch) -> Witness | None:
    """Return the value of a mismatch, checked against both types; None if there is none."""
    if mismatch.value is UNKNOWN:
        return None
    writer, reader = stripped(writer), stripped(reader)
    if not isinstance(writer, t.Payload):
        return _checked(Witness(mismatch.value), writer, reader)
    document = encoded(writer, mismatch.value)
    inner = stripped(reader.inner) if isinstance(reader, t.Payload) else reader
    found = _checked(Witness(mismatch.value, document), expressible(writer), inner)
    if found is None or found.refused is not None or document is None or not isinstance(reader, t.Payload):
        return found
    return attrs.evolve(found, refused=_unread(reader, document))


def _checked(found: Witness, writer: t.Type, reader: t.Type) -> Witness | None:
    """Return None if the writer's type does not have the value; else add why the reader refuses it."""
    if refusal(writer, found.value) is not None:
        return None
    return attrs.evolve(
        found, refused=None if isinstance(reader, t.Payload) else refusal(reader, found.value)
    )


def encoded(payload: t.Payload, value: Any) -> bytes | None:
    """Return a value as a document; None if the codec is not available or needs the author's classes."""
    type_ = expressible(payload)
    try:
        return checked_calls.encode(payload.codec, type_, notation.read(type_, value))
    except OutsideType:
        return None
    except CodecError:  # an author's codec may need more than the rebuilt classes have
        return None


def _unread(payload: t.Payload, document: bytes) -> str | None:
    """Return why a codec does not read a document as its type; None if it does, or cannot tell."""
    try:
        checked_calls.value_of(payload.codec, payload.inner, document)
    except ValueError as error:
        return None if "cannot read a value" in str(error) else str(error)
    except CodecError:  # see `encoded`
        return None
    return None
