"""
The features of any bytes as a JSON document of a declared type, and the fields that have them.

If one feature explains another, only the first is returned: a name in the wrong case is not also an unknown
field, and its field is not also absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from driftcheck.codecs.json import scalars as json_scalars
from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.names import SKIPPED, Found, record, skipped_values
from driftcheck.core import types as t

NULL = {"document": "null-document", "field": "null-field", "element": "null-element"}
SCALARS = ("number", "string", "bool")
SWAPPED = {
    ("number", "string"): "number-as-string",
    ("number", "bool"): "number-as-bool",
    ("string", "number"): "string-as-number",
    ("string", "bool"): "string-as-bool",
    ("bool", "number"): "bool-as-number",
    ("bool", "string"): "bool-as-string",
    ("array", "object"): "array-as-object",
    ("object", "array"): "object-as-array",
    **{(scalar, "array"): "scalar-as-array" for scalar in SCALARS},
    **{(scalar, "object"): "scalar-as-object" for scalar in SCALARS},
    **{("array", scalar): "array-as-scalar" for scalar in SCALARS},
    **{("object", scalar): "object-as-scalar" for scalar in SCALARS},
}
# A value with no other features than these is one of its type.
FITTING = frozenset(
    (
        *("absent-field", "absent-optional", "null-field", "null-element", "reordered"),
        *("unknown-field", "empty-name", "duplicate-unknown", "duplicate-field", "duplicate-key"),
        *("split-object", "wrong-case", "wrong-case-optional", "duplicate-wrong-case", "look-alike-name"),
        *("escaped-name", "needless-escape", "long-text", "negative-zero", "negative-zero-key"),
        *("tiny-number", "subnormal", "past-53-bits", "huge-digits", "excess-digits", "bytes-as-array"),
        *("base64-line-breaks", "loose-base64", "odd-key"),
    )
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # the byte order marks


def features(data: bytes, type_: t.Type) -> set[str]:
    """Return the features of the bytes; none for what `write` returns."""
    return set(places(data, type_))


def places(data: bytes, type_: t.Type) -> Mapping[str, frozenset[str]]:
    """Return the features of the bytes, each with the paths of its fields."""
    if data.startswith(UTF_16):
        return {"utf-16": frozenset(("",))}
    document = Document.of(data, type_)
    sites = [*document.judged()]
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word, path in _marks(sorted(_read(document, sites), key=lambda mark: mark[1]), sites):
        found[word].add(path)
    for site in sites:
        for word, path in judge(document, site) if site.certain else ():
            found[word].add(path)
    return {word: frozenset(paths) for word, paths in found.items()}


def has_only(data: bytes, type_: t.Type, features: Collection[str]) -> bool:
    """Tell whether the bytes have no other features than these; stops at the first other one."""
    if data.startswith(UTF_16):
        return "utf-16" in features
    document = Document.of(data, type_)
    marks = document.scan.marks
    if any(word not in features for word, _ in marks if word not in SKIPPED):
        return False
    if any(word in SKIPPED for word, _ in marks):
        marks = _read(document, [*document.judged()])
    return all(word in features for word, _ in marks) and all(
        word in features for site in document.judged() if site.certain for word, _ in judge(document, site)
    )


def _read(document: Document, sites: Sequence[Site]) -> frozenset[tuple[str, int]]:
    """Return the marks of a document, with other words for strings that some readers skip."""
    marks = document.scan.marks
    if not any(word in SKIPPED for word, _ in marks):
        return marks
    values = [node for site in sites if site.certain for node in skipped_values(document, site)]
    return frozenset(
        (SKIPPED[word] if word in SKIPPED and any(v.start <= at < v.end for v in values) else word, at)
        for word, at in marks
    )


def _marks(marks: Sequence[tuple[str, int]], sites: Sequence[Site]) -> Found:
    """Pair each mark with the path of the innermost site around it; both are in the document's order."""
    ahead = iter(sites)
    coming = next(ahead, None)
    around: list[Site] = []
    for word, at in marks:
        while coming is not None and coming.node.start <= at:
            around.append(coming)
            coming = next(ahead, None)
        # A site that has ended may lie under its siblings, which end later.
        while around and around[-1].node.end <= at:
            around.pop()
        yield word, around[-1].path if around else ""


def kind(type_: t.Type) -> str:
    """Return the kind of JSON value that represents a type."""
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


def judge(document: Document, site: Site) -> Found:
    """Return the features of one value, without those of its parts."""
    if site.is_null and not site.optional:
        yield NULL[site.place], site.path
    if not site.is_sound:
        return
    if site.node.kind != kind(site.type):
        if not document.is_nest(site.node):
            yield _swapped(document, site), site.path
        return
    match site.type:
        case t.Record():
            yield from record(document, site, partial(_fits, document))
        case t.Mapping():
            yield from _mapping(document, site)
        case _:
            yield from ((word, site.path) for word in _scalar(document, site))


def _fits(document: Document, outer: Site) -> bool:
    """Say whether a value is one of its type, in whichever form."""
    for site in document.below(outer):
        if site.node.kind != kind(site.type):
            if not site.is_null:
                return False
        elif any(not _is_fitting(word, site.type) for word, _ in judge(document, site)):
            return False
    return True


def _is_fitting(word: str, type_: t.Type) -> bool:
    if word == "negative-zero" and isinstance(type_, t.Int):
        return type_.signed
    return word in FITTING


def _swapped(document: Document, site: Site) -> str:
    """Name a value of another kind than its type's."""
    found = site.node.kind
    match site.type:
        case t.Int() if found == "string" and site.is_version:
            return "version-as-string"
        case t.Bytes() if found == "array":
            return "bytes-as-array"
        case t.Enumeration() if found == "number":
            return "member-as-number"
        case t.Enumeration(members=members) if found == "object":
            names = [document.name(m) for m in site.node.members]
            if len(names) == 1 and names[0] in {m.name for m in members}:
                return "member-as-object"
    return SWAPPED[kind(site.type), found]


def _scalar(document: Document, site: Site) -> Iterator[str]:
    # The text of a container is not copied: containers in each other would take the square of the length.
    match site.type:
        case t.Int():
            yield from json_scalars.integer(document.raw(site.node), site.type, untyped=site.untyped)
        case t.Float():
            yield from json_scalars.real(document.raw(site.node))
        case t.Text():
            yield from json_scalars.text(document.raw(site.node), site.type)
        case t.Bytes():
            yield from json_scalars.octets(document.scan.text(site.node))
        case t.Enumeration():
            yield from json_scalars.member(document.scan.text(site.node), site.type)
        case t.Union(alternatives=alternatives):
            names = [document.name(m) for m in site.node.members]
            if site.node.closed and (len(names) != 1 or names[0] not in {a.name for a in alternatives}):
                yield "unknown-alternative"


def _mapping(document: Document, site: Site) -> Found:
    assert isinstance(site.type, t.Mapping)
    names = [document.name(m) for m in site.node.members]
    if len(set(names)) < len(names):
        yield "duplicate-key", site.path
    for member in site.node.members:
        if not member.name.odd and not document.is_nest(member.value):
            for word in json_scalars.key(document.name(member), site.type.key):
                yield word, site.path
