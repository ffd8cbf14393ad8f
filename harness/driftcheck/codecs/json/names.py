"""
The features of the names of a record's fields: absent, repeated, unknown, in another form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from driftcheck.codecs.json.any_value import is_any
from driftcheck.codecs.json.document import Document, Site, is_version
from driftcheck.codecs.json.scalars import is_out_of_range
from driftcheck.codecs.json.scan import Member, Node
from driftcheck.core import types as t
from driftcheck.core.unicode_text import normal_form

Found = Iterator[tuple[str, str]]  # a feature and its path
Pairs = list[tuple[Member, t.Field | None]]

# What is odd about a string that some readers skip, so that they may read it less closely.
SKIPPED = {"invalid-utf8": "skipped-utf8", "lone-surrogate": "skipped-surrogate"}

# Cyrillic letters that look like these of ASCII.
LOOK_ALIKES = dict(zip("aceopxy", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443", strict=True))
_SKELETON = str.maketrans({alike: letter for letter, alike in LOOK_ALIKES.items()})


def is_optional(field: t.Field) -> bool:
    """Tell whether a field may be left out."""
    return isinstance(t.bare(field.type), t.Optional)


def is_nullable(type_: t.Type) -> bool:
    """Tell whether a value may be null."""
    bare = t.bare(type_)
    return isinstance(bare, t.Optional) or is_any(bare)


def skeleton(name: str) -> str:
    """Return the skeleton of a name; names that look the same have the same skeleton."""
    return normal_form("NFKC", name).translate(_SKELETON)


def record(document: Document, site: Site, fits: Callable[[Site], bool]) -> Found:
    """Return the features of the names and of the version of the record at a site.

    Args:
        fits: says whether a value is one of its type, in whichever form.
    """
    pairs = document.fields(site)
    exact = Counter(f.name for m, f in pairs if f is not None and f.name == document.name(m))
    unknown = Counter(document.name(m) for m, f in pairs if f is None)
    yield from _twice(document, site, pairs, exact)
    skipped = skipped_values(document, site)
    inexact = Counter(document.name(m) for m, f in pairs if f is None or f.name != document.name(m))
    if max(inexact.values(), default=0) > 1 or _repeat_a_name(document, skipped):
        yield "duplicate-unknown", site.path
    present = list(dict.fromkeys(f.name for _, f in pairs if f is not None))
    alikes: set[str] = set()
    for member, field in pairs:
        if member.name.odd:
            continue
        if field is not None:
            yield from _known(document, site, member, field, exact, fits)
        elif alike := _like(document.name(member), site, present):
            alikes.add(alike.name)
            yield "look-alike-name", site.path_of(alike)
        elif unknown[document.name(member)] == 1 and not _is_named(document, member.value):
            yield "unknown-field" if document.name(member) else "empty-name", site.path
    yield from _order(site, present, alikes)


def skipped_values(document: Document, site: Site) -> list[Node]:
    """List the values of a record that some readers skip: of names that are unknown or in the wrong case."""
    if not isinstance(site.type, t.Record) or site.node.kind != "object":
        return []
    return [m.value for m, f in document.fields(site) if f is None or f.name != document.name(m)]


def _is_named(document: Document, value: Node) -> bool:
    """Tell whether the value of an unknown field has a feature that stands for the field, too."""
    marks = document.scan.marks
    has_mark = any(word in SKIPPED and value.start <= at < value.end for word, at in marks)
    return has_mark or document.is_nest(value)


def _repeat_a_name(document: Document, nodes: list[Node]) -> bool:
    """Say whether an object in these values has a name twice; no recursion, since values can be deep."""
    stack = [*nodes]
    while stack:
        node = stack.pop()
        names = [document.name(member) for member in node.members]
        if len(set(names)) < len(names):
            return True
        stack += node.items
        stack += (member.value for member in node.members)
    return False


def _twice(document: Document, site: Site, pairs: Pairs, exact: Counter[str]) -> Found:
    halves = document.halved(site)
    for field in {f.name: f for _, f in pairs if f is not None and exact[f.name] > 1}.values():
        word = "repeated-version" if is_version(field) else "duplicate-field"
        yield "split-object" if field in halves else word, site.path_of(field)


def _known(
    document: Document,
    site: Site,
    member: Member,
    field: t.Field,
    exact: Counter[str],
    fits: Callable[[Site], bool],
) -> Found:
    if field.name != document.name(member):
        if not fits(document.field_site(site, member, field)):
            yield "wrong-case-value", site.path_of(field)  # which some readers reject, and others skip
            return
        word = "wrong-case-optional" if is_optional(field) else "wrong-case"
        word = "wrong-case-version" if is_version(field) else word
        yield "duplicate-wrong-case" if exact[field.name] else word, site.path_of(field)
        return
    if b"\\" in document.raw(member.name):
        yield "escaped-name", site.path_of(field)
    if is_version(field) and member.value.kind == "number" and not member.value.odd:
        yield from _version(document.raw(member.value), site, field)


def _version(raw: bytes, site: Site, field: t.Field) -> Found:
    type_ = t.bare(field.type)
    assert isinstance(type_, t.Int)
    if raw.lstrip(b"-").isdigit() and raw != b"-0" and not is_out_of_range(raw, type_):
        if int(raw) < type_.lo:
            yield "older-version", site.path_of(field)
        elif int(raw) > type_.hi:
            yield "newer-version", site.path_of(field)


def _like(name: str, site: Site, present: list[str]) -> t.Field | None:
    """Return the optional field that is absent, and which a name looks like."""
    assert isinstance(site.type, t.Record)
    if name.isascii():
        return None
    alike = skeleton(name)
    fields = (f for f in site.type.fields if is_optional(f) and f.name not in present)
    return next((f for f in fields if f.name == alike), None)


def _order(site: Site, present: list[str], alikes: set[str]) -> Found:
    assert isinstance(site.type, t.Record)
    declared = [f.name for f in site.type.fields]
    if present != sorted(present, key=declared.index):
        yield "reordered", site.path
    if not site.node.closed or site.half:
        return
    for missing in site.type.fields:
        if missing.name not in present and missing.name not in alikes:
            word = "absent-optional" if is_optional(missing) else "absent-field"
            yield "absent-version" if is_version(missing) else word, site.path_of(missing)
