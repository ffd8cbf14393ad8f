"""
Files of earlier runs that do not fit the new contract: cases, and entries of asymmetries.

Reads the files if it has them, and reports only what it saw. Without files, it applies the rules by which
they are read and reports what would not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from driftcheck.compat import rules
from driftcheck.compat.calls import renamed_arguments
from driftcheck.compat.changes import Change, Whom
from driftcheck.compat.exported import Exported
from driftcheck.compat.mismatches import mismatches
from driftcheck.compat.values import Place, places, witness
from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.errors import CaseError
from driftcheck.core.files import Unreadable, files_below
from driftcheck.core.toml_text import read_toml
from driftcheck.findings import case as cases
from driftcheck.generate.plan_compiler import compile_plan

CASES: Whom = "cases"
ENTRIES: Whom = "asymmetries"


@attrs.frozen
class SavedFiles:
    """The places of saved files."""

    cases: Path | None = None  # the folder of the contract's cases
    asymmetries: tuple[Path, ...] = ()


def broken(old: Exported, new: Exported, saved: SavedFiles) -> Iterator[Change]:
    """Yield what no longer fits, and as notes what did not fit before either."""
    if saved.cases is None:
        yield from _cases_by_rule(old.schema, new.schema)
    else:
        yield from _cases_tried(old.schema, new.schema, saved.cases)
    if saved.asymmetries:
        for path in saved.asymmetries:
            yield from _entries_tried(old, new, path)
    else:
        operations = {o.name for o in new.schema.operations}
        for one in old.schema.operations:
            if one.name not in operations:
                says = "entries that name the operation are refused"
                yield Change(rules.ASYMMETRIES_LOST, ENTRIES, one.name, says)


def _cases_tried(old: Schema, new: Schema, folder: Path) -> Iterator[Change]:
    """Read each case file by both contracts."""
    for path in files_below(folder, ".json"):
        reason = _misfit(path, new)
        if reason is None:
            continue
        before = _misfit(path, old)
        if before is None:
            yield Change(rules.CASES_LOST, CASES, str(path), reason)
        else:
            yield Change(rules.CASES_PASSED_OVER, None, str(path), f"it did not fit before either: {before}")


def _misfit(path: Path, schema: Schema) -> str | None:
    try:
        cases.load(path, lambda name: schema)
    except CaseError as error:
        return error.what
    return None


def _cases_by_rule(old: Schema, new: Schema) -> Iterator[Change]:
    if old.instances != new.instances:
        says = f"traces had {old.instances} instances and have {new.instances}"
        yield Change(rules.INSTANCES_CHANGED, CASES, "instances", says)
    across = {a.name: a.across == "shared" for a in new.opening}
    for argument in old.opening:
        if across.get(argument.name, argument.across == "shared") != (argument.across == "shared"):
            says = "whether all instances share it was changed"
            yield Change(rules.INSTANCES_CHANGED, CASES, f"open.{argument.name}", says)
    yield from _signature("open", old.opening, new.opening)
    after = {o.name: o for o in new.operations}
    for operation in old.operations:
        other = after.get(operation.name)
        if other is None:
            yield Change(rules.CASES_LOST, CASES, operation.name, "cases that use the operation are refused")
            continue
        yield from _signature(operation.name, operation.arguments, other.arguments)
        for fault in operation.faults:
            if fault not in other.faults:
                says = f"cases with the fault {fault} are refused"
                yield Change(rules.CASES_LOST, CASES, operation.name, says)
    for place in places(old, new):
        if place.is_given:
            yield from _narrowed(place)
    rosters = {r.key for r in compile_plan(new).rosters}
    for roster in compile_plan(old).rosters:
        if roster.key not in rosters:
            says = "cases that hold these names in play are refused"
            yield Change(rules.CASES_LOST, CASES, f"names {roster.key!r}", says)


def _signature(of: str, old: Sequence[Argument], new: Sequence[Argument]) -> Iterator[Change]:
    before, after = [a.name for a in old], [a.name for a in new]
    if set(before) == set(after):
        return
    renamed = renamed_arguments(old, new) if len(old) == len(new) else {}
    changes = [f"{a} is now named {b}" for a, b in renamed.items()]
    changes += [f"{a} is no longer accepted" for a in before if a not in after and a not in renamed]
    changes += [f"{a} is now required" for a in after if a not in before and a not in renamed.values()]
    yield Change(rules.CASES_LOST, CASES, of, f"cases name its arguments, and {', '.join(changes)}")


def _narrowed(place: Place) -> Iterator[Change]:
    if isinstance(t.bare(place.old), t.Payload) and isinstance(t.bare(place.new), t.Payload):
        return  # a case has the bytes of a document and sends them unchanged
    for mismatch in mismatches(place.old, place.new):
        if mismatch.rule is not rules.UNPROVEN:
            found = witness(place.old, place.new, mismatch)
            yield Change(
                rules.CASES_LOST,
                CASES,
                place.path_of(mismatch),
                f"{mismatch.says} refused",
                found,
                mismatch.home,
            )


def _entries_tried(old: Exported, new: Exported, path: Path) -> Iterator[Change]:
    try:
        tables = read_toml(path)
    except Unreadable:
        return  # a run reports what is wrong with it
    before, after = _names(old), _names(new)
    lost: dict[tuple[str, str], list[str]] = {}
    for name, table in tables.items():
        for word, named in _named(table):
            if named in before[word] and named not in after[word]:
                lost.setdefault((word, named), []).append(name)
    for (word, named), entries in lost.items():
        verb = "name" if len(entries) > 1 else "names"
        says = f"{', '.join(entries)} {verb} the {word} {named}, which was removed"
        yield Change(rules.ASYMMETRIES_LOST, ENTRIES, str(path), says)


def _names(exported: Exported) -> dict[str, set[str]]:
    schema = exported.schema
    return {
        "operation": {o.name for o in schema.operations},
        "law": {law.name for law in schema.laws},
        "rejection": {r.name for r in schema.rejections},
    }


def _named(table: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(table, dict):
        return
    for word in ("operation", "law"):
        if isinstance(table.get(word), str):
            yield word, table[word]
    shape = table.get("shape")
    if isinstance(shape, dict):
        for outcome in sorted({v for k, v in shape.items() if isinstance(v, str) and k != "differs"}):
            yield "rejection", outcome
