"""
The features of any bytes as a CBOR document of a declared type, and the fields that have them.

If one feature explains another, only the first is returned: a name in the wrong case is not also an unknown
field, and its field is not also absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set

import attrs

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor import value as v
from driftcheck.codecs.cbor.document import BIGNUM_WORDS, Document, Site, judged_items
from driftcheck.codecs.cbor.entries import (
    is_readable_in_any_case,
    meaning_of,
    repeats_a_key,
    skipped_in_any_case,
    skipped_values,
)
from driftcheck.codecs.cbor.scan import Node
from driftcheck.core import types as t
from driftcheck.core.recent import Recent

NULL = {"document": "null-document", "field": "null-field", "element": "null-element", "key": "null-element"}
CONTAINERS = ("array", "map")
SWAPPED = {
    ("integer", "text"): "integer-as-text",
    ("integer", "bool"): "integer-as-bool",
    ("float", "integer"): "float-as-integer",
    ("float", "text"): "float-as-text",
    ("text", "bytes"): "text-as-bytes",
    ("text", "integer"): "text-as-integer",
    ("bytes", "text"): "bytes-as-text",
    ("bytes", "array"): "bytes-as-array",
    ("bool", "integer"): "bool-as-integer",
    ("array", "map"): "array-as-map",
    ("array", "bytes"): "array-as-bytes",
    ("map", "array"): "map-as-array",
}
# What a reader says of a value that it skips: it may read texts and tags less closely, and takes any float.
SKIPPED = {
    **dict.fromkeys(("unknown-tag", "time-tag", "wrong-tag-content", "self-described"), "skipped-tag"),
    **dict.fromkeys(BIGNUM_WORDS, "skipped-tag"),
    **dict.fromkeys(("invalid-utf8", "split-character"), "skipped-text"),
    "nested-chunks": "skipped-nested-chunks",
    "other-chunk": "skipped-other-chunk",
    **dict.fromkeys(("half-float", "single-float", "nan-payload"), ""),
}
# A value with no other typed features than these, and with none of the others, is one of its type to a reader
# that ignores the case of names, and skips repeated ones and numbers.
FITTING = frozenset(
    (
        *("absent-field", "absent-optional", "null-field", "null-element", "undefined-field"),
        *("undefined-optional", "reordered", "unsorted-keys", "unknown-field", "empty-name"),
        *("float-as-integer", "bytes-as-array"),
        *("duplicate-field", "duplicate-key", "duplicate-unknown"),
        *("wrong-case", "wrong-case-optional", "duplicate-wrong-case", "value-after-wrong-case"),
        *("odd-key", "name-as-integer"),
    )
)
UNFIT = frozenset(("invalid-utf8", "split-character", "wrong-tag-content", "bignum-past-64"))
SPOILT = ("invalid-utf8", "split-character", "nested-chunks", "other-chunk", "huge-length")
SHORT_FLOATS = ("half-float", "single-float")
JUDGED = ("integer", "float", "bool", "text", "bytes", "array", "map")

Found = Iterator[tuple[str, str]]  # words and paths


def places(data: bytes, type_: t.Type, *, deterministic: bool = False) -> Mapping[str, frozenset[str]]:
    """Return the features of the bytes, each with its paths; none for what `write` returns.

    Args:
        deterministic: as for `write`; sorted fields and shortest floats are then not features.
    """
    found: dict[str, set[str]] = {}
    for word, path in _found(_document(data, type_, deterministic), deterministic):
        found.setdefault(word, set()).add(path)
    return {word: frozenset(paths) for word, paths in found.items()}


def has_only(data: bytes, type_: t.Type, features: Collection[str], *, deterministic: bool = False) -> bool:
    """Tell whether the bytes have no other features than these; stops at the first other one."""
    document = _document(data, type_, deterministic)
    return all(word in features for word, _ in _found(document, deterministic))


def _document(data: bytes, type_: t.Type, deterministic: bool) -> Document:
    return Document.of(data, _sorted(type_) if deterministic else type_)


_SORTED: Recent[int, tuple[t.Type, t.Type]] = Recent(64, 64)


def _sorted(type_: t.Type) -> t.Type:
    """Return the type with the fields of its records in the order of their encoded names."""
    return _SORTED.get(id(type_), 1, lambda: (type_, _newly_sorted(type_)))[1]


def _newly_sorted(type_: t.Type) -> t.Type:
    match type_:
        case t.Record(fields=fields):
            ordered = sorted(fields, key=lambda f: h.text(f.name))
            return attrs.evolve(type_, fields=tuple(attrs.evolve(f, type=_sorted(f.type)) for f in ordered))
        case t.Union(alternatives=alternatives):
            records = (_sorted(a) for a in alternatives)
            return attrs.evolve(type_, alternatives=tuple(r for r in records if isinstance(r, t.Record)))
        case t.Mapping(value=value):
            return attrs.evolve(type_, value=_sorted(value))
        case t.Optional(inner=inner) | t.Sequence(inner=inner) | t.Named(inner=inner):
            return attrs.evolve(type_, inner=_sorted(inner))
        case _:
            return type_


def _found(document: Document, deterministic: bool) -> Found:
    paths: dict[int, str] = {}
    names: set[int] = set()
    skipped: set[int] = set()
    members: set[int] = set()  # maps in place of a member of an enumeration
    missing = _behind(document)
    for word in document.scan.words:
        yield "short-length" if word == "second-item" and missing else word, ""
    for site in document.sites:
        paths[id(site.outer)] = site.path
        names.update(map(id, _names(site)))
        if not site.certain:
            continue  # some readers skip it
        skipped.update(map(id, skipped_values(document, site)))
        if isinstance(site.type, t.Enumeration) and site.node.kind == "map":
            members.add(id(site.node))
        for word, path in judge(document, site):
            if not (site.place == "document" and missing and word.startswith("absent")):
                yield word, path
    if document.scan.root is not None:
        for node, word, path in _words(document.scan.root, paths, names, skipped):
            is_named = word == "wide-length" and id(node) in members  # "member-as-wide-map" says it
            if not is_named and not (deterministic and word in SHORT_FLOATS and _is_shortest(document, node)):
                yield word, path


def _is_shortest(document: Document, node: Node) -> bool:
    return h.shortest_float(h.float_of_bits(node.number)) == document.raw(node)


def _names(site: Site) -> list[Node]:
    """List what a typed reader takes for names: the keys of a record, a member of an enumeration."""
    if isinstance(site.type, t.Record) and site.node.kind == "map":
        return [key for key, _ in site.node.pairs()]
    return [site.node] if isinstance(site.type, t.Enumeration) else []


def _content(node: Node) -> Node:
    """Return what stands in a tag, or in the tags around it."""
    while node.kind == "tag" and node.items:
        node = node.items[0]
    return node


def _words(
    root: Node, paths: Mapping[int, str], names: Set[int], skipped: Set[int]
) -> Iterator[tuple[Node, str, str]]:
    """Yield the features of items that do not depend on types, at the site that contains them."""
    stack = [(root, "", False)]
    while stack:
        node, around, is_skipped = stack.pop()
        path = paths.get(id(node), around)
        is_skipped = is_skipped or id(node) in skipped
        words = _words_of_skipped(node) if is_skipped else node.words
        for word in words:
            if id(node) not in names or is_skipped:
                yield node, word, path
            elif node.kind != "tag":
                yield node, "indefinite-name" if word == "indefinite-text" else word, path
        stack.extend((item, path, is_skipped) for item in judged_items(node))


def _words_of_skipped(node: Node) -> list[str]:
    words = [SKIPPED.get(word, word) for word in node.words]
    if "skipped-text" in words and node.indefinite:
        words.append("indefinite-text")
    return [word for word in words if word]


def _behind(document: Document) -> bool:
    """Tell whether the length of the document's record leaves out an entry that follows it."""
    site = next(iter(document.sites), None)
    if site is None or not isinstance(site.type, t.Record) or "second-item" not in document.scan.words:
        return False
    behind = Document.of(document.data[site.outer.end :], site.type)
    present = {document.name(key) for key, _ in site.node.pairs()}
    missing = {field.name for field in site.type.fields} - present
    return behind.scan.root is not None and behind.name(behind.scan.root) in missing


def kind(type_: t.Type) -> str:
    """Return the kind of item that represents a type."""
    match type_:
        case t.Int():
            return "integer"
        case t.Float():
            return "float"
        case t.Bool():
            return "bool"
        case t.Bytes():
            return "bytes"
        case t.Sequence():
            return "array"
        case t.Record() | t.Union() | t.Mapping():
            return "map"
        case _:
            return "text"


def judge(document: Document, site: Site) -> Found:
    """Return the features of one value, without those of its parts and those of any type."""
    node, path = site.node, site.path
    if node.kind == "null" and (not site.optional or site.outer is not node):
        yield NULL[site.place], path  # a null under a tag is not the null of an optional value
    if node.kind == "undefined":
        yield ("undefined-optional" if site.optional else "undefined-field"), path
    expected = kind(site.type)
    if node.kind == "tag" and any(word in BIGNUM_WORDS for word in node.words):
        if word := _of_bignum(document, site):
            yield word, path
        return
    if node.kind not in JUDGED or node.lies:
        return
    if node.kind != expected:
        word = swapped(document, site)
        if word:
            yield word, path
        return
    match site.type:
        case t.Int():
            if is_out_of_range(document, node, site.type):
                yield "out-of-range", path
        case t.Enumeration(members=members):
            if document.name(node) not in {m.name for m in members} and not _is_spoilt(node):
                yield "unknown-member", path
        case t.Record():
            yield from _record(document, site)
        case t.Union(alternatives=alternatives):
            names = [document.name(key) for key, _ in node.pairs()]
            if node.closed and (len(names) != 1 or names[0] not in {a.name for a in alternatives}):
                yield "unknown-alternative", path
        case t.Mapping():
            yield from ((word, path) for word in _keys(document, [key for key, _ in node.pairs()]))


def swapped(document: Document, site: Site) -> str:
    """Name a value that is of another kind than its type; "" for one that is named already."""
    expected, found = kind(site.type), site.node.kind
    if document.is_nest(site.node):
        return ""
    if isinstance(site.type, t.Enumeration) and found in ("integer", "map"):
        is_wide = found == "map" and "wide-length" in site.node.words
        return "member-as-wide-map" if is_wide else f"member-as-{found}"
    if (expected, found) == ("integer", "float"):
        return "integer-as-float" if _is_whole(site.node.number) else "fraction"
    if (expected, found) in SWAPPED:
        return SWAPPED[expected, found]
    if found in CONTAINERS:
        return f"scalar-as-{found}"
    return f"{expected}-as-scalar" if expected in CONTAINERS else "other-scalar"


def _of_bignum(document: Document, site: Site) -> str:
    """Name a bignum that is not of its type; a reader that skips tags finds bytes."""
    expected = kind(site.type)
    if isinstance(site.type, t.Int):
        number = int.from_bytes(document.scan.string(site.node.items[0]), "big")
        lo, hi = _range(site.type)
        is_within = lo <= (number if site.node.number == 2 else -1 - number) <= hi
        return "" if is_within or "bignum" not in site.node.words else "out-of-range"
    if expected in ("float", "bytes"):
        return "float-as-integer" if expected == "float" else ""
    return SWAPPED.get((expected, "bytes"), f"{expected}-as-scalar" if expected == "map" else "other-scalar")


def _is_whole(bits: int) -> bool:
    return h.float_of_bits(bits).is_integer()


def is_out_of_range(document: Document, node: Node, type_: t.Int) -> bool:
    """Tell whether an integer is beyond the 64 bits that its type travels in."""
    lo, hi = _range(type_)
    return not lo <= value_of(document, node) <= hi


def _range(type_: t.Int) -> tuple[int, int]:
    return (t.I64_MIN, t.I64_MAX) if type_.signed else (0, t.U64_MAX)


def value_of(document: Document, node: Node) -> int:
    """Return the integer that an item of major type 0 or 1 is."""
    return -1 - node.number if document.data[node.start] >> 5 == h.NINT else node.number


def _is_spoilt(node: Node) -> bool:
    """Tell whether a string has a feature already, so that its text is not judged."""
    return not node.closed or any(word in SPOILT for part in (node, *node.items) for word in part.words)


def _keys(document: Document, keys: list[Node]) -> Iterator[str]:
    """Return the features of the keys of a map; keys are equal if they mean the same."""
    raw = [document.raw(key) for key in keys]
    try:
        meant = [v.read(key) for key in raw]
    except ValueError:
        return
    if len(set(meant)) < len(meant):
        yield "duplicate-key"
    elif raw != sorted(raw) and not any(key.words for key in keys):
        yield "unsorted-keys"


def _record(document: Document, site: Site) -> Found:
    assert isinstance(site.type, t.Record)
    entries = document.fields(site)
    exact: set[str] = set()
    renamed: set[str] = set()  # fields whose names came in another case
    unknown = Counter(meaning_of(document, key) for key, _, field in entries if field is None)
    for key, value, field in entries:
        if field is None and unknown[meaning_of(document, key)] > 1:
            yield "duplicate-unknown", site.path
        elif (word := _name(document, key, value, field)) is not None:
            yield from _misnamed(document, site, (key, value, field), word)
        elif field is not None and field.name in exact:
            yield "duplicate-field", site.within(field.name)
        elif (
            field is not None
            and field.name in renamed
            and not _fits(document, document.field_site(site, key, value, field))
        ):
            yield "value-after-wrong-case", site.within(field.name)  # which some readers skip
        if field is not None and key.kind == "text":
            (exact if field.name == document.name(key) else renamed).add(field.name)
    declared = [f.name for f in site.type.fields]
    present = list(dict.fromkeys(f.name for _, _, f in entries if f is not None))
    if present != sorted(present, key=declared.index):
        yield "reordered", site.path
    if not site.node.closed or any(key.kind == "junk" for key, _, _ in entries):
        return
    for missing in site.type.fields:
        if missing.name not in present:
            is_optional = isinstance(t.bare(missing.type), t.Optional)
            yield ("absent-optional" if is_optional else "absent-field"), site.within(missing.name)


def _misnamed(document: Document, site: Site, entry: tuple[Node, Node, t.Field | None], word: str) -> Found:
    """Return the features of an entry whose name has one."""
    key, value, field = entry
    if field is None:
        yield word, site.path
        return
    path = site.within(field.name)
    if not word.startswith("wrong-case"):
        yield word, path
        return
    names = [document.name(k) for k, _, f in document.fields(site) if f is field and k.kind == "text"]
    inner = document.field_site(site, key, value, field)
    is_first = document.name(key) == names[0]  # a reader that ignores the case may skip the others
    if is_first and not _fits(document, inner):
        yield "wrong-case-value", path  # which some readers reject, and others skip
    elif field.name not in names:
        yield word, path
    if len(names) > 1:
        yield "duplicate-wrong-case", path
    if any(repeats_a_key(document, node) for node in document.scan.nodes(inner.outer)):
        yield "duplicate-unknown", site.path


def _fits(document: Document, site: Site) -> bool:
    """Tell whether a value is one of its type, in whichever form, if the case of names is ignored."""
    sites = [*document.below(site, in_any_case=True)]
    if not all(is_readable_in_any_case(document, inner) for inner in sites):
        return False
    if not all(word in FITTING for inner in sites for word, _ in judge(document, inner)):
        return False
    values = (value for inner in sites for value in skipped_in_any_case(document, inner))
    skipped = {id(node) for value in values for node in document.scan.nodes(value)}
    nodes = (node for node in document.scan.nodes(site.outer) if id(node) not in skipped)
    return not any(word in UNFIT for node in nodes for word in node.words)


def _name(document: Document, key: Node, value: Node, field: t.Field | None) -> str | None:
    """Return the features of the name of a record's entry."""
    name = document.name(key)
    if key.kind == "junk" or _is_spoilt(key):
        return None
    if field is None:
        if document.is_nest(value):
            return None
        if name is None and key.kind == "tag" and _content(key).kind in ("text", "bytes"):
            return "tagged-name"
        if any(SKIPPED.get(word) for node in document.scan.nodes(value) for word in node.words):
            return None  # which is named instead
        if name is None:
            return "key-as-bytes" if key.kind == "bytes" else "odd-key"
        return "unknown-field" if name else "empty-name"
    if key.kind != "text":
        return "name-as-bytes" if key.kind == "bytes" else "name-as-integer"
    if name != field.name:
        is_optional = isinstance(t.bare(field.type), t.Optional)
        return "wrong-case-optional" if is_optional else "wrong-case"
    return None
