"""
What is odd about any bytes as a JSON document of a declared type, in the words of the mutations.

One oddity, one word: where one thing explains another (a name in the wrong case is no unknown field, and
its field is not absent), only the first is said.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator

from driftcheck.codecs.json_document import Document, Site
from driftcheck.codecs.json_scan import Member
from driftcheck.contract import types as t

SIGNIFICANT_DIGITS = 17  # as many as any double needs
NULL = {"document": "null-document", "field": "null-field", "element": "null-element"}
SWAPPED = {
    ("number", "string"): "number-as-string",
    ("number", "bool"): "number-as-bool",
    ("string", "number"): "string-as-number",
    ("string", "bool"): "string-as-bool",
    ("bool", "number"): "bool-as-number",
    ("bool", "string"): "bool-as-string",
    ("array", "object"): "array-as-object",
    ("object", "array"): "object-as-array",
    **{(scalar, "array"): "scalar-as-array" for scalar in ("number", "string", "bool")},
    **{(scalar, "object"): "scalar-as-object" for scalar in ("number", "string", "bool")},
    **{("array", scalar): "array-as-scalar" for scalar in ("number", "string", "bool")},
    **{("object", scalar): "object-as-scalar" for scalar in ("number", "string", "bool")},
}
_DIGITS = re.compile(rb"-?0*\.?0*([0-9]*)\.?([0-9]*)")


def features(data: bytes, type_: t.Type) -> set[str]:
    """Name what is odd about the bytes; the empty set for what `write` makes of a value."""
    document = Document.of(data, type_)
    found = set(document.scan.oddities)
    for site in document.sites():
        found.update(judge(document, site))
    return found


def kind(type_: t.Type) -> str:
    """Return the kind of JSON value that stands for a type."""
    match type_:
        case t.Int() | t.Float():
            return "number"
        case t.Bool():
            return "bool"
        case t.Sequence():
            return "array"
        case t.Record() | t.Union() | t.Mapping():
            return "object"
        case _:
            return "string"


def judge(document: Document, site: Site) -> Iterator[str]:
    """Name what is odd about one value, but for what is inside it."""
    if site.is_null and not site.optional:
        yield NULL[site.place]
    if not site.is_sound:
        return
    expected = kind(site.type)
    if site.node.kind != expected:
        if document.is_nest(site.node):
            return
        if isinstance(site.type, t.Bytes) and site.node.kind == "array":
            yield "bytes-as-array"
        else:
            yield SWAPPED[expected, site.node.kind]
        return
    raw = document.raw(site.node)
    match site.type:
        case t.Int():
            yield from _integer(raw, site.type)
        case t.Float():
            yield from _float(raw)
        case t.Bytes():
            text = document.scan.text(site.node)
            if not is_base64(text):
                yield "invalid-base64"
        case t.Enumeration(members=members):
            if document.scan.text(site.node) not in {m.name for m in members}:
                yield "unknown-member"
        case t.Record():
            yield from _record(document, site)
        case t.Union(alternatives=alternatives):
            names = [document.name(m) for m in site.node.members]
            if site.node.closed and (len(names) != 1 or names[0] not in {a.name for a in alternatives}):
                yield "unknown-alternative"
        case t.Mapping():
            names = [document.name(m) for m in site.node.members]
            if len(set(names)) < len(names):
                yield "duplicate-key"


def _integer(raw: bytes, type_: t.Int) -> Iterator[str]:
    if b"." in raw or b"e" in raw or b"E" in raw:
        if math.isinf(float(raw)):
            yield "huge-number"
        elif b"e" in raw or b"E" in raw:
            yield "exponent"
        else:
            yield "fraction" if raw.partition(b".")[2].strip(b"0") else "zero-fraction"
    elif raw == b"-0":
        yield "negative-zero"
    elif is_out_of_range(raw, type_):
        yield "out-of-range"


def is_out_of_range(raw: bytes, type_: t.Int) -> bool:
    """Say whether an integer's text is beyond the 64 bits that its type travels in."""
    lo, hi = (t.I64_MIN, t.I64_MAX) if type_.signed else (0, t.U64_MAX)
    return len(raw) > 20 or not lo <= int(raw) <= hi


def _float(raw: bytes) -> Iterator[str]:
    value = float(raw)
    match = _DIGITS.match(raw)
    digits = b"".join(match.groups()) if match else b""
    if math.isinf(value):
        yield "huge-number"
    elif value == 0 and digits:
        yield "tiny-number"
    elif len(digits.rstrip(b"0")) > SIGNIFICANT_DIGITS:
        yield "excess-digits"


def is_base64(text: str) -> bool:
    """Say whether a text is padded base64 as RFC 4648, 4 has it, with no spare bits set."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def _record(document: Document, site: Site) -> Iterator[str]:
    pairs = document.fields(site)
    exact = [f.name for m, f in pairs if f is not None and f.name == document.name(m)]
    if len(set(exact)) < len(exact):
        yield "duplicate-field"
    for member, field in pairs:
        yield from _name(document, member, field)
    assert isinstance(site.type, t.Record)
    declared = [f.name for f in site.type.fields]
    present = list(dict.fromkeys(f.name for _, f in pairs if f is not None))
    if present != sorted(present, key=declared.index):
        yield "reordered"
    if not site.node.closed:
        return
    for missing in site.type.fields:
        if missing.name not in present:
            is_optional = isinstance(t.bare(missing.type), t.Optional)
            yield "absent-optional" if is_optional else "absent-field"


def _name(document: Document, member: Member, field: t.Field | None) -> Iterator[str]:
    name = document.name(member)
    if member.name.odd:
        return
    if field is None:
        if not document.is_nest(member.value):
            yield "unknown-field" if name else "empty-name"
    elif name != field.name:
        is_optional = isinstance(t.bare(field.type), t.Optional)
        yield "wrong-case-optional" if is_optional else "wrong-case"
    elif b"\\" in document.raw(member.name):
        yield "escaped-name"
