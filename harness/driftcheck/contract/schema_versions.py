"""
The schema versions of a contract: read from its class, and checked against all that refers to them.

Knows the words, and the data of `schema`. Knows nothing of how documents are written.

Every mistake is a ValueError whose text continues "contract 'x': ...".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftcheck.contract.schema import RejectionClass, Schema, SchemaVersionTable
from driftcheck.contract.words import SchemaVersions
from driftcheck.core import types as t

LEAST = 2  # with a single one, no reader and writer can differ


def read_schema_versions(cls: type, rejections: tuple[RejectionClass, ...]) -> SchemaVersionTable | None:
    """Return the table that a contract class declares, or None."""
    found = [m for m in vars(cls).values() if isinstance(m, SchemaVersions)]
    if not found:
        return None
    if len(found) > 1:
        names = " and ".join(repr(g.name) for g in found)
        raise ValueError(f"it declares schema versions twice, as {names}; keep one")
    (word,) = found
    where = f"schema versions {word.name!r}"
    numbers: tuple[Any, ...] = word.numbers
    if len(numbers) == 1 and isinstance(numbers[0], list | tuple):
        raise ValueError(f"{where}: {numbers[0]!r} is a list; give the numbers one by one")
    if any(type(n) is not int or not 0 <= n <= t.U64_MAX for n in numbers):
        raise ValueError(f"{where}: {numbers!r} are not all whole numbers of 0 or more; correct them")
    if len(numbers) < LEAST:
        raise ValueError(
            f"{where}: {numbers!r} has fewer than {LEAST} numbers; list every schema version that is in use"
        )
    if list(numbers) != sorted(set(numbers)):
        raise ValueError(f"{where}: {numbers!r} are not in ascending order; sort them, and list each once")
    if word.otherwise is None:
        raise ValueError(
            f"{where}: otherwise is missing; name the rejection of a document that the reader does not "
            "accept, "
            "as otherwise=too_far"
        )
    otherwise = getattr(word.otherwise, "name", None)
    if vars(cls).get(str(otherwise)) is not word.otherwise or otherwise not in {r.name for r in rejections}:
        raise ValueError(
            f"{where}: otherwise is {word.otherwise!r}, which is not a rejection of the contract; "
            "name one of its attributes"
        )
    return SchemaVersionTable(word.name, numbers, _reads(word, where), str(otherwise))


def _reads(word: SchemaVersions, where: str) -> frozenset[tuple[int, int]]:
    if not callable(word.reads):
        found = "missing" if word.reads is None else f"{word.reads!r}, which cannot be called"
        raise ValueError(
            f"{where}: reads is {found}; give neighbours, backward, or a function of reader and writer that "
            "says whether the reader accepts what the writer wrote"
        )
    pairs = set()
    for reader in word.numbers:
        for writer in word.numbers:
            try:
                answer = word.reads(reader, writer)
            except Exception as error:  # an author's function may raise anything
                raise ValueError(
                    f"{where}: reads({reader}, {writer}) raised {type(error).__name__}: {error}; "
                    "it must say whether a reader of the first accepts what a writer of the second wrote"
                ) from error
            if type(answer) is not bool:
                raise ValueError(f"{where}: reads({reader}, {writer}) is {answer!r}; return True or False")
            if answer:
                pairs.add((reader, writer))
    for number in word.numbers:
        if (number, number) not in pairs:
            raise ValueError(
                f"{where}: {number} does not read its own documents; make reads({number}, {number}) return "
                "True"
            )
    return frozenset(pairs)


def check_schema_versions(schema: Schema) -> None:
    """Check the arguments and the payloads of a contract against its schema versions."""
    roots = [
        t.bare(payload.inner)
        for o in schema.operations
        for type_ in (*(a.type for a in o.arguments), o.result)
        if isinstance(payload := None if type_ is None else t.bare(type_), t.Payload)
    ]
    for root in dict.fromkeys(roots):
        _check_payload(root)
    table = schema.schema_versions
    if table is None:
        return
    where = f"schema versions {table.name!r}"
    opened = [a.name for a in schema.opening if a.schema_version]
    if len(opened) != 1:
        raise ValueError(
            f"{where}: 'open' must take one argument of Annotated[int, schema_version], the schema version "
            f"of the instance; {_found_opened(schema, opened)}"
        )
    for operation in schema.operations:
        moving = [a.name for a in operation.arguments if a.schema_version]
        if len(moving) > 1:
            raise ValueError(
                f"operation {operation.name!r} has several arguments marked schema_version, "
                f"{' and '.join(moving)}; keep one mark"
            )
    if not any(table.otherwise in o.rejects for o in schema.operations):
        raise ValueError(
            f"{where}: no operation rejects with {table.otherwise!r}; name it in 'rejects=[...]' of "
            "operations that read documents"
        )
    for operation in schema.operations:
        reads = any(t.schema_version_field(p.inner) for a in operation.arguments if (p := _payload(a.type)))
        if reads and table.otherwise not in operation.rejects:
            raise ValueError(
                f"operation {operation.name!r} reads documents of all schema versions but never rejects with "
                f"{table.otherwise!r}; name it in 'rejects=[...]'"
            )


def _found_opened(schema: Schema, opened: list[str]) -> str:
    """Say which arguments of 'open' are marked or could be, and what to do."""
    if opened:
        return f"{' and '.join(opened)} are marked; keep one mark"
    whole = [a.name for a in schema.opening if isinstance(t.bare(a.type), t.Int)]
    if whole:
        return f"{' and '.join(whole)} has no mark; write {whole[0]}: Annotated[int, schema_version]"
    return "it takes none; add schema: Annotated[int, schema_version]"


def _payload(type_: t.Type) -> t.Payload | None:
    bare = t.bare(type_)
    return bare if isinstance(bare, t.Payload) else None


def _check_payload(root: t.Type) -> None:
    """Check that a document has one schema version field, if some of its fields depend on it."""
    name = root.name if isinstance(root, t.Record) else "the payload"
    marked = [f.name for f in _fields(root) if f.schema_version]
    own = [f.name for f in root.fields if f.schema_version] if isinstance(root, t.Record) else []
    if len(marked) > 1 or marked != own:
        raise ValueError(
            f"{name} is marked schema_version at {', '.join(marked)}; mark one field, in the outermost record"
        )
    passing = [f.name for f in _fields(root) if f.since is not None or f.until is not None]
    if passing and not marked:
        raise ValueError(
            f"{name} has the field {passing[0]!r} in some schema versions only, but no field for the "
            "schema version; add one of Annotated[int, schema_version]"
        )


def _fields(type_: t.Type) -> Iterator[t.Field]:
    """Yield all fields in a type; this ends, since no record contains itself."""
    stack = [t.bare(type_)]
    while stack:
        current = t.bare(stack.pop())
        if isinstance(current, t.Record):
            yield from current.fields
        stack.extend(t.children(current))
