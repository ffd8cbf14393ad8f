"""
Reads an export: the data of a contract, from the output of `driftcheck contracts NAME --json`.

Reports every mistake in such a file. An export has no code of laws and invariants, no models and no subjects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

import attrs

from driftcheck.compat.export_format import check_export
from driftcheck.compat.rebuild import AtHand, Rebuilder
from driftcheck.contract.export import FORMAT, Json
from driftcheck.contract.schema import (
    Across,
    Argument,
    FaultClass,
    Law,
    Operation,
    RejectionClass,
    Schema,
)
from driftcheck.core import types as t
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.shorten import shorten
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import parse
from driftcheck.values.notation import found

KEYS = ("fingerprint", "open", "operations", "rejections", "types")
LONGEST_WORDS = 200  # characters of what an error says, which may contain a key of the file
HOW = "write one with 'driftcheck contracts NAME --json'"


@attrs.define(eq=False)
class ExportError(DriftcheckError):
    """An export cannot be read, or not be compared."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"export {self.path}: {self.what}"


@attrs.frozen
class SchemaVersions:
    """The schema versions, and which reader accepts which."""

    name: str
    numbers: tuple[int, ...]
    reads: frozenset[tuple[int, int]]  # (reader, writer)
    otherwise: str


@attrs.frozen(eq=False)
class Exported:
    """A contract, read from its export."""

    path: str
    data: Json
    schema: Schema
    schema_versions: SchemaVersions | None

    @property
    def name(self) -> str:
        """Return the contract's name."""
        return self.schema.name

    def passing(self, record: str, field: str) -> Json | None:
        """Return the definition of a field with its schema versions, or None if there is no such field."""
        fields = self.data["types"].get(record, {}).get("fields", ())
        return next((f for f in fields if f["name"] == field), None)


def has_schema_versions(type_: t.Type) -> bool:
    """Tell whether documents of a type depend on schema versions, by a marked field."""
    stack = [type_]
    while stack:
        current = t.bare(stack.pop())
        stack.extend(t.children(current))
        fields = current.fields if isinstance(current, t.Record) else ()
        if any(f.schema_version or f.since is not None or f.until is not None for f in fields):
            return True
    return False


def of_schema_version(type_: t.Type, schema_version: int) -> t.Type:
    """Return the type of the documents of one schema version."""
    narrowed = t.at_schema_version(t.bare(type_), schema_version)
    if not isinstance(narrowed, t.Record):
        return narrowed
    only = t.Int(schema_version, schema_version)
    fields = (attrs.evolve(f, type=only) if f.schema_version else f for f in narrowed.fields)
    return attrs.evolve(narrowed, fields=tuple(fields))


def parse_export(path: str, text: str) -> Json:
    """Return the data of an export, with its outermost keys checked; messages call it `path`.

    Raises:
        ExportError: the text is not an export, or has a newer format.
    """
    try:
        data = parse(text)
        _check_form(data)
    except OutsideType as fault:
        raise ExportError(path, f"{fault.path or 'it'} {fault.reason}") from None
    assert isinstance(data, dict)
    return data


def read_export(path: str, data: Json, at_hand: AtHand) -> Exported:
    """Build the contract of an export again.

    Args:
        at_hand: the author's codecs and classes; all others are known only by name.

    Raises:
        ExportError: a part of it is not as `export` writes it.
    """
    try:
        check_export(data)
        schema_versions = _schema_versions(data.get("schema"))
        return Exported(path, data, _schema(data, Rebuilder(data["types"], at_hand)), schema_versions)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        why = shorten(str(error), LONGEST_WORDS)
        message = f"its {why} is missing" if isinstance(error, KeyError) else f"it cannot be read: {why}"
        raise ExportError(path, f"{message}; was it edited? {HOW}") from None


def _check_form(data: Any) -> None:
    if isinstance(data, list):
        raise OutsideType(f"is a list of contracts; give the export of one contract: {HOW}")
    if not isinstance(data, dict) or "contract" not in data or "format" not in data:
        raise OutsideType(f"is {found(data)}, not an export of a contract; {HOW}")
    if not isinstance(data["contract"], str):
        raise OutsideType(f"has {found(data['contract'])} as 'contract', but text is expected; {HOW}")
    version = data["format"]
    if type(version) is not int or version < 1:
        raise OutsideType(f"has {found(version)} as 'format', but {FORMAT} is expected; {HOW}")
    if version > FORMAT:
        raise OutsideType(f"has format {version}, but this driftcheck reads {FORMAT}; upgrade driftcheck")
    for key in KEYS:
        if key not in data:
            raise OutsideType(f"lacks {key!r}, so it is not an export of a contract; {HOW}")


def _schema_versions(data: Json | None) -> SchemaVersions | None:
    if data is None:
        return None
    reads = frozenset((reader, writer) for reader, writer in data["reads"])
    return SchemaVersions(data["name"], tuple(sorted(data["schema_versions"])), reads, data["otherwise"])


def _schema(data: Json, types: Rebuilder) -> Schema:
    return Schema(
        name=data["contract"],
        cls=object,
        doc=data.get("doc") or "",
        version=data.get("version") or 1,
        opening=tuple(_opened(a, types) for a in data["open"]),
        state=_type(data.get("state"), types),
        operations=tuple(_operation(i, o, types) for i, o in enumerate(data["operations"])),
        rejections=tuple(_rejection(i, r, types) for i, r in enumerate(data["rejections"])),
        invariants=(),
        laws=tuple(
            Law(law["name"], _arguments(law["arguments"], types), _no_code, bool(law.get("fresh")))
            for law in data.get("laws") or ()
        ),
        instances=data.get("instances") or 1,
        faults=tuple(FaultClass(f["name"], i, "") for i, f in enumerate(data.get("faults") or ())),
    )


def _opened(data: Json, types: Rebuilder) -> Argument:
    type_ = types.type(data["type"])
    across: Any = data.get("across") or "each"
    if across not in get_args(Across) or (across == "distinct" and not isinstance(type_, t.Named)):
        raise ValueError(
            f"the argument {data['name']!r} of 'open' is {across!r} across instances, which is not possible"
        )
    return Argument(data["name"], type_, across, bool(data.get("flag")), bool(data.get("schema_version")))


def _operation(index: int, data: Json, types: Rebuilder) -> Operation:
    return Operation(
        name=data["name"],
        index=index,
        arguments=_arguments(data["arguments"], types),
        result=_type(data["result"], types),
        rejects=tuple(data["rejects"]),
        faults=tuple(data.get("faults") or ()),
        query=bool(data.get("query")),
        idempotent=bool(data.get("idempotent")),
        changes_peer=bool(data.get("changes_peer")),
        history=bool(data.get("history")),
        neutral=bool(data.get("neutral")),
        weight=max(1, data.get("weight") or 1),
    )


def _rejection(index: int, data: Json, types: Rebuilder) -> RejectionClass:
    marks = bool(data.get("catch_all")), bool(data.get("retryable"))
    return RejectionClass(data["name"], index, "", *marks, _type(data.get("detail"), types))


def _arguments(data: Iterable[Json], types: Rebuilder) -> tuple[Argument, ...]:
    return tuple(Argument(a["name"], types.type(a["type"])) for a in data)


def _type(data: Json | None, types: Rebuilder) -> t.Type | None:
    return None if data is None else types.type(data)


def _no_code(*arguments: object) -> bool:
    raise AssertionError("an export has no code of laws")
