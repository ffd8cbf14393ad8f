"""Prints one contract as a page for people, from the data that `--json` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from driftcheck.values.literal import literal

Json = dict[str, Any]
WIDTH = 96


def page(contract: Json, subjects: str) -> str:
    """Return the page of an exported contract; `subjects` is the text of their line."""
    return "\n".join(_lines(contract, subjects)) + "\n"


def _lines(contract: Json, subjects: str) -> Iterator[str]:
    yield f"{contract['contract']}, version {contract['version']}"
    yield from _prose(contract["doc"], "")
    yield ""
    yield f"subjects     {subjects}"
    yield f"fingerprint  {contract['fingerprint']}"
    yield f"digest       {contract['digest']}"
    if contract["instances"] > 1:
        yield f"instances    {contract['instances']}"
    if contract["schema"] is not None:
        yield from _schema_versions(contract["schema"])
    if contract["open"]:
        yield f"open         ({_arguments(contract['open'])})"
    if contract["state"] is not None:
        yield f"state        {phrase(contract['state'])}"
    yield from _section("operations", (_operation(o) for o in contract["operations"]))
    yield from _section("rejections", (_rejection(r) for r in contract["rejections"]))
    yield from _section("faults", (_entry(f["name"], f["doc"]) for f in contract["faults"]))
    yield from _section("laws", (_law(law) for law in contract["laws"]))
    yield from _section("invariants", (_entry(i["name"], i["doc"]) for i in contract["invariants"]))
    yield from _section("types", (_definition(n, d) for n, d in contract["types"].items()))


def _section(title: str, entries: Iterable[Iterable[str]]) -> Iterator[str]:
    lines = [f"  {line}" for entry in entries for line in entry]
    if lines:
        yield from ("", title, *lines)


def _entry(head: str, doc: str, *more: str) -> Iterator[str]:
    yield head
    yield from _prose(doc, "    ")
    yield from (f"    {line}" for line in more)


def _prose(doc: str, indent: str) -> Iterator[str]:
    for paragraph in doc.split("\n\n") if doc else ():
        yield from textwrap.wrap(paragraph, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _operation(operation: Json) -> Iterator[str]:
    result = "" if operation["result"] is None else f" -> {phrase(operation['result'])}"
    more = [f"rejects with {', '.join(operation['rejects'])}"] if operation["rejects"] else []
    more += ["changes nothing"] if operation["query"] else []
    more += ["idempotent"] if operation["idempotent"] else []
    more += ["may change its peer"] if operation["changes_peer"] else []
    more += [f"may run under the faults {', '.join(operation['faults'])}"] if operation["faults"] else []
    more += ["reports what was done"] if operation["history"] else []
    more += ["changes no other result"] if operation["neutral"] else []
    more += [f"weight {operation['weight']}"] if operation["weight"] != 10 else []
    return _entry(
        f"{operation['name']}({_arguments(operation['arguments'])}){result}", operation["doc"], *more
    )


def _rejection(rejection: Json) -> Iterator[str]:
    more = ["also takes errors of the library itself"] if rejection["catch_all"] else []
    more += ["retryable"] if rejection["retryable"] else []
    more += [] if rejection["detail"] is None else [f"with the detail {phrase(rejection['detail'])}"]
    return _entry(rejection["name"], rejection["doc"], *more)


def _law(law: Json) -> Iterator[str]:
    more = ["from a newly opened subject"] if law["fresh"] else []
    return _entry(f"{law['name']}({_arguments(law['arguments'])})", law["doc"], *more)


def _definition(name: str, definition: Json) -> Iterator[str]:
    match definition:
        case {"kind": "record", "fields": fields, "doc": doc}:
            return _entry(name, doc, *map(_field, fields))
        case {"kind": "union", "alternatives": alternatives}:
            return _entry(f"{name} = {' | '.join(alternatives)}", "")
        case _:
            return _entry(f"{name}: one of {', '.join(definition['members'])}", "")


def _schema_versions(schema: Json) -> Iterator[str]:
    first = "schema       "
    for reader in schema["schema_versions"]:
        taken = " ".join(str(w) for r, w in schema["reads"] if r == reader)
        yield f"{first}{reader} reads {taken}, and rejects others with {schema['otherwise']}"
        first = " " * len(first)


def _field(field: Json) -> str:
    marks = [", the document's schema version"] if "schema_version" in field else []
    marks += [f", {word} {field[word]}" for word in ("since", "until") if word in field]
    return f"{field['name']}: {phrase(field['type'])}{''.join(marks)}"


def _arguments(arguments: Iterable[Json]) -> str:
    return ", ".join(f"{a['name']}: {phrase(a['type'])}{_across(a)}" for a in arguments)


def _across(argument: Json) -> str:
    across = f", {argument['across']}" if "across" in argument else ""
    across += ", a flag" if "flag" in argument else ""
    return across + (", the instance's schema" if "schema_version" in argument else "")


def phrase(type_: Json) -> str:
    """Return an exported type in a few words."""
    match type_:
        case {"one_of": values}:
            plain = f"one of {', '.join(_choice(v, type_['kind']) for v in values)}"
        case {"kind": "int", "min": lo, "max": hi}:
            plain = f"int {_bound(lo)}..{_bound(hi)}"
        case {"kind": "float"}:
            bounds = (
                f" {type_.get('min', '')}..{type_.get('max', '')}" if {"min", "max"} & type_.keys() else ""
            )
            plain = f"float{bounds}{', all NaN equal' if 'nan_equal' in type_ else ''}"
        case {"kind": "text"}:
            pattern = f" like {type_['pattern']!r}" if "pattern" in type_ else ""
            plain = f"str{_length(type_)}{pattern}"
        case {"kind": "named", "name": name}:
            plain = name
        case {"kind": "optional", "of": of}:
            plain = f"{phrase(of)} | None"
        case {"kind": "sequence", "of": of}:
            order = "in any order, " if "unordered" in type_ else ""
            plain = f"tuple[{order}{phrase(of)}, ...]{_length(type_)}"
        case {"kind": "mapping", "key": key, "value": value}:
            plain = f"dict[{phrase(key)}, {phrase(value)}]{_length(type_)}"
        case {"kind": "payload", "of": of, "codec": codec}:
            plain = f"payload of {phrase(of)} in {codec}"
        case {"kind": "peer"}:
            plain = "another instance"
        case {"kind": "handle", "name": name}:
            plain = f"{'closes ' if 'closing' in type_ else ''}handle of {name}"
        case {"kind": kind}:
            plain = f"{kind}{_length(type_)}"
        case _:
            raise AssertionError(f"{type_!r} is no exported type")
    if "names" in type_:
        plain += f" (one of {type_['names']} a trace)"
    return plain + (" (drawn by the author's strategy)" if "generated" in type_ else "")


def _choice(value: Any, kind: str) -> str:
    """Return one of the values that a type is drawn from; members of an enumeration are names."""
    match kind, value:
        case "bytes", {"hex": digits}:
            return literal(bytes.fromhex(digits))
        case "text" | "bool" | "float", _:
            return literal(value)
        case _:
            return str(value)


def _length(type_: Json) -> str:
    match type_.get("min_len"), type_.get("max_len"):
        case None, None:
            return ""
        case None, longest:
            return f" of at most {longest}"
        case shortest, None:
            return f" of at least {shortest}"
        case shortest, longest:
            return f" of {shortest} to {longest}"


def _bound(value: int) -> str:
    """Return a bound of 64 bits as a power of two if it is one."""
    for power in (63, 64):
        if abs(value) == 2**power:
            return f"{'-' if value < 0 else ''}2^{power}"
        if value == 2**power - 1:
            return f"2^{power}-1"
    return str(value)
