"""
Changes that break nothing: notes, which readers should know, and compatible changes.

Knows exports. Does not decide what breaks; the caller passes that in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftcheck.compat import rules, values
from driftcheck.compat.calls import FREEDOMS, PROMISES
from driftcheck.compat.changes import Change, Compatible, merged
from driftcheck.compat.exported import Exported
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t

LOOSE = ("doc", "weight", "names", "corpus", "generated")  # keys that matter to people and to generation only


def notes(old: Exported, new: Exported, present: str | None = None) -> Iterator[Change]:
    """Yield what readers should know although it breaks nothing by itself.

    Args:
        present: the digest of the contract that is installed now, if there is one.
    """
    yield from _swapped(old, new, present)
    before, after = old.data["fingerprint"], new.data["fingerprint"]
    if before != after:
        says = f"the wire fingerprint was {before} and is {after}"
        yield Change(rules.BUILT_AGAIN, None, "fingerprint", says)
    yield from _order(old.schema, new.schema)
    yield from _promises(old, new)
    yield from _unread(old, new)


def _swapped(old: Exported, new: Exported, present: str | None) -> Iterator[Change]:
    versions = old.schema.version, new.schema.version
    digests = old.data.get("digest"), new.data.get("digest")
    says = None
    if versions[0] > versions[1]:
        says = f"{old.path} has version {versions[0]}, but {new.path} has {versions[1]}"
    elif versions[0] == versions[1] and present is not None and present == digests[0] != digests[1]:
        says = f"{old.path} is the contract as it is installed here, but {new.path} is not"
    if says is not None:
        yield Change(rules.SWAPPED, None, "order", f"{says}; were they swapped? Give the older one first")


def _order(old: Schema, new: Schema) -> Iterator[Change]:
    after = {type_.name: type_ for type_ in _named(new)}
    for one in _named(old):
        other = after.get(one.name)
        if other is None or type(other) is not type(one):
            continue
        was, now = _parts(one), _parts(other)
        if [p for p in was if p in now] != [p for p in now if p in was]:
            says = f"{', '.join(was)} are now in the order {', '.join(now)}"
            yield Change(rules.REORDERED, None, one.name, says)


def _named(schema: Schema) -> list[t.Record | t.Union | t.Enumeration]:
    """List the named types of a contract, including those in documents."""
    found: dict[str, t.Record | t.Union | t.Enumeration] = {}
    stack = list(schema.walk())
    while stack:
        type_ = t.bare(stack.pop())
        if isinstance(type_, t.Record | t.Union | t.Enumeration) and type_.name not in found:
            found[type_.name] = type_
        stack.extend(t.children(type_))
    return [found[name] for name in sorted(found)]


def _parts(type_: t.Record | t.Union | t.Enumeration) -> list[str]:
    match type_:
        case t.Record(fields=fields):
            return [f.name for f in fields]
        case t.Union(alternatives=alternatives):
            return [a.name for a in alternatives]
        case t.Enumeration(members=members):
            return [m.name for m in members]


def _promises(old: Exported, new: Exported) -> Iterator[Change]:
    if old.schema.state is None and new.schema.state is not None:
        yield Change(rules.PROMISES_CHANGED, None, "state", "adapters must now return their state")
    for word, key in (("law", "laws"), ("invariant", "invariants")):
        before = {one["name"]: _body(one) for one in old.data.get(key) or ()}
        after = {one["name"]: _body(one) for one in new.data.get(key) or ()}
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                did = (
                    "was added"
                    if name not in before
                    else "was removed"
                    if name not in after
                    else "was changed"
                )
                yield Change(rules.PROMISES_CHANGED, None, name, f"the {word} {did}")
    others = {o.name: o for o in new.schema.operations}
    for operation in old.schema.operations:
        other = others.get(operation.name)
        if other is None:
            continue
        gained = [f"it {PROMISES[w]}" for w in PROMISES if getattr(other, w) and not getattr(operation, w)]
        gained += [
            f"it no longer has '{w}'" for w in FREEDOMS if getattr(operation, w) and not getattr(other, w)
        ]
        for says in gained:
            yield Change(
                rules.PROMISES_CHANGED, None, operation.name, f"adapters must now keep a promise: {says}"
            )
    flags = {a.name for a in new.schema.opening if a.flag}
    for argument in old.schema.opening:
        if argument.name in flags and not argument.flag:
            path = f"open.{argument.name}"
            yield Change(
                rules.PROMISES_CHANGED, None, path, "adapters must now keep a promise: it changes no result"
            )


def _body(law: Any) -> Any:
    return {key: law.get(key) for key in ("arguments", "fresh", "code")}


def _unread(old: Exported, new: Exported) -> Iterator[Change]:
    before, after = old.schema_versions, new.schema_versions
    if before is None or after is None:
        return
    for number in after.numbers:
        if number not in before.numbers and not any((n, number) in after.reads for n in before.numbers):
            says = f"schema version {number} is new, and no older schema version reads it"
            yield Change(rules.SCHEMA_VERSION_UNREAD, None, after.name, says, schema_versions=(number,))


def compatible(old: Exported, new: Exported, broken: list[Change]) -> list[Compatible]:
    """List the changes that break nobody."""
    broken_places = {(c.home or c.path) for c in broken}
    found = [
        Compatible(c.path, c.says)
        for c in merged(values.widened(old, new))
        if (c.home or c.path) not in broken_places and c.rule is not rules.UNPROVEN
    ]
    known = {o.name for o in old.schema.operations}
    found += [
        Compatible(o.name, "the operation was added") for o in new.schema.operations if o.name not in known
    ]
    found += [Compatible(path, f"{word} was changed") for path, word in _loose("", old.data, new.data)]
    if old.data.get("version") != new.data.get("version"):
        found.append(
            Compatible("version", f"it was {old.data.get('version')} and is {new.data.get('version')}")
        )
    return list(dict.fromkeys(found))


def _loose(path: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the places at which keys that matter to people and to generation only differ."""
    match old, new:
        case dict(), dict():
            for key in {**old, **new}:
                if key in LOOSE:
                    if old.get(key) != new.get(key):
                        yield path or "contract", key
                elif key in old and key in new:
                    yield from _loose(f"{path}.{key}" if path else key, old[key], new[key])
        case list(), list():
            after = {one["name"]: one for one in new if isinstance(one, dict) and "name" in one}
            for one in old:
                if isinstance(one, dict) and one.get("name") in after:
                    yield from _loose(f"{path}.{one['name']}", one, after[one["name"]])
