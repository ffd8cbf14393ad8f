"""
Compares what can be called: operations, opening, rejections, faults, promises, instances, schema versions.

Does not compare the types of arguments and results; `values` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from driftcheck.compat import rules
from driftcheck.compat.changes import Change, Whom, Witness
from driftcheck.compat.exported import Exported, has_schema_versions, of_schema_version
from driftcheck.compat.mismatches import expressible
from driftcheck.compat.simplest import NoValue, simplest, stripped
from driftcheck.compat.values import encoded
from driftcheck.contract.schema import Argument, Operation, RejectionClass, Schema
from driftcheck.core import types as t

CALLERS: Whom = "old callers"
ADAPTERS: Whom = "old adapters"
READERS: Whom = "new readers of old documents"

PROMISES = {  # to callers
    "query": "changes nothing",
    "idempotent": "can be repeated",
    "neutral": "changes no result of another step",
}
FREEDOMS = {  # a new one breaks a promise to callers
    "changes_peer": "may now change its peer",
    "history": "may now depend on rejected steps",
}


def broken(old: Exported, new: Exported) -> Iterator[Change]:
    """Yield what breaks calls and adapters."""
    before, after = old.schema, new.schema
    yield from _arguments("open", before.opening, after.opening)
    yield from _opened(before, after)
    if before.state is not None and after.state is None:
        yield Change(rules.RESULT_CHANGED, CALLERS, "state", "it was removed, but callers read it")
    others = {o.name: o for o in after.operations}
    for operation in before.operations:
        other = others.get(operation.name)
        if other is None:
            likely = _renamed(operation, before, after)
            says = "it was removed" + (f"; was it renamed to {likely}?" if likely else "")
            yield Change(rules.OPERATION_REMOVED, CALLERS, operation.name, says)
            continue
        yield from _arguments(operation.name, operation.arguments, other.arguments)
        yield from _result(operation, other)
        yield from _rejects(operation, other, before)
        yield from _faults(operation, other)
        yield from _promises(operation, other)
    yield from _rejections(before.rejections, after.rejections)
    yield from _schema_versions(old, new)


def _renamed(operation: Operation, old: Schema, new: Schema) -> str | None:
    """Return the new operation that has the same arguments and result as this one."""
    known = {o.name for o in old.operations}
    look = [stripped(a.type) for a in operation.arguments]
    for one in new.operations:
        same = len(one.arguments) == len(look) and all(
            type(stripped(a.type)) is type(b) for a, b in zip(one.arguments, look, strict=True)
        )
        if one.name not in known and same and type(one.result) is type(operation.result):
            return one.name
    return None


def renamed_arguments(old: Sequence[Argument], new: Sequence[Argument]) -> dict[str, str]:
    """Pair the arguments that have a new name, but the same type and position."""
    before, after = {a.name for a in old}, {a.name for a in new}
    return {
        a.name: b.name
        for a, b in zip(old, new, strict=False)
        if a.name not in after and b.name not in before and type(stripped(a.type)) is type(stripped(b.type))
    }


def _arguments(of: str, old: Sequence[Argument], new: Sequence[Argument]) -> Iterator[Change]:
    renamed = renamed_arguments(old, new) if len(old) == len(new) else {}
    before, after = [a.name for a in old], [a.name for a in new]
    for name in before:
        if name not in after and name not in renamed:
            yield Change(
                rules.ARGUMENT_REMOVED,
                CALLERS,
                f"{of}.{name}",
                "callers pass it, but it is no longer accepted",
            )
    for name in after:
        if name not in before and name not in renamed.values():
            yield Change(
                rules.ARGUMENT_ADDED,
                CALLERS,
                f"{of}.{name}",
                "it is required, but old callers do not pass it",
            )
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        shown = f"({', '.join(before)}) is now ({', '.join(after)})"
        yield Change(rules.ARGUMENTS_REORDERED, CALLERS, of, shown)


def _opened(old: Schema, new: Schema) -> Iterator[Change]:
    after = {a.name: a for a in new.opening}
    for argument in old.opening:
        other = after.get(argument.name)
        if other is not None and argument.flag and not other.flag:
            path = f"open.{argument.name}"
            yield Change(
                rules.PROMISE_LOST, CALLERS, path, "it was a flag and changed no result, but may now"
            )


def _result(old: Operation, new: Operation) -> Iterator[Change]:
    path = f"{old.name}.result"
    if old.result is not None and new.result is None:
        yield Change(rules.RESULT_CHANGED, CALLERS, path, "it was removed, but callers use it")
    elif old.result is None and new.result is not None:
        yield Change(rules.RESULT_CHANGED, CALLERS, path, "it was added, but callers do not expect it")


def _rejects(old: Operation, new: Operation, before: Schema) -> Iterator[Change]:
    known = {r.name for r in before.rejections}
    for name in new.rejects:
        if name not in old.rejects:
            new_class = "" if name in known else ", a new class"
            says = f"it may now reject with {name}{new_class}"
            yield Change(rules.REJECTION_ADDED, CALLERS, old.name, says)
    for name in old.rejects:
        if name not in new.rejects:
            yield Change(rules.REJECTION_REMOVED, ADAPTERS, old.name, f"it must no longer reject with {name}")


def _faults(old: Operation, new: Operation) -> Iterator[Change]:
    for name in old.faults:
        if name not in new.faults:
            yield Change(rules.FAULTS_CHANGED, CALLERS, old.name, f"it no longer has the fault {name}")
    for name in new.faults:
        if name not in old.faults:
            yield Change(rules.FAULTS_CHANGED, ADAPTERS, old.name, f"it now has the fault {name}")


def _promises(old: Operation, new: Operation) -> Iterator[Change]:
    for word, meaning in PROMISES.items():
        # A query changes nothing, so it can be repeated.
        if getattr(old, word) and not getattr(new, word) and not (word == "idempotent" and new.query):
            says = f"it no longer promises that it {meaning}"
            yield Change(rules.PROMISE_LOST, CALLERS, old.name, says)
    for word, meaning in FREEDOMS.items():
        if getattr(new, word) and not getattr(old, word):
            yield Change(rules.PROMISE_LOST, CALLERS, old.name, f"it {meaning}")


def _rejections(old: Iterable[RejectionClass], new: Iterable[RejectionClass]) -> Iterator[Change]:
    after = {r.name: r for r in new}
    for one in old:
        other = after.get(one.name)
        if other is None:
            continue  # the operations that rejected with it report this
        for word in ("retryable", "catch_all"):
            was, now = getattr(one, word), getattr(other, word)
            if was != now:
                is_now = "is" if now else "is not"
                says = f"it {is_now} {word.replace('_', '-')} now, and {'was' if was else 'was not'} before"
                yield Change(rules.REJECTION_CHANGED, CALLERS, one.name, says)
        if (one.detail is None) != (other.detail is None):
            says = "its detail was removed" if other.detail is None else "it now has a detail"
            yield Change(rules.REJECTION_CHANGED, CALLERS, f"{one.name}.detail", says)


def _schema_versions(old: Exported, new: Exported) -> Iterator[Change]:
    before, after = old.schema_versions, new.schema_versions
    if before is None:
        return
    path = before.name
    numbers = () if after is None else after.numbers
    for number in before.numbers:
        if number not in numbers and (after is not None or number != before.numbers[0]):
            says = f"documents of schema version {number} no longer have a reader"
            found = _document_of(old, number)
            yield Change(rules.SCHEMA_VERSION_REMOVED, READERS, path, says, found, schema_versions=(number,))
    if after is None:
        return
    for reader, writer in sorted(before.reads - after.reads):
        if reader in numbers and writer in numbers:
            says = f"schema version {reader} no longer reads documents of {writer}"
            found = _document_of(old, writer)
            yield Change(rules.READING_LOST, READERS, path, says, found, schema_versions=(writer,))
    if before.otherwise != after.otherwise:
        says = f"refused documents are rejected with {after.otherwise} instead of {before.otherwise}"
        yield Change(rules.OTHERWISE_CHANGED, CALLERS, path, says)


def _document_of(exported: Exported, schema_version: int) -> Witness | None:
    """Return the simplest document of a schema version, from the first operation that has such documents."""
    types = [
        type_
        for o in exported.schema.operations
        for type_ in (*(a.type for a in o.arguments), o.result)
        if type_ is not None
    ]
    for type_ in types:
        payload = stripped(type_)
        if isinstance(payload, t.Payload) and has_schema_versions(payload):
            payload = attrs.evolve(payload, inner=of_schema_version(payload.inner, schema_version))
            try:
                value = simplest(expressible(payload))
            except NoValue:
                return None
            return Witness(value, encoded(payload, value))
    return None
