"""
A CBOR document matched with a declared type: every value that the type describes is a site.

Typed mutations change sites, and typed features judge them. Knows nothing of either. A document that claims a
schema version is matched with the fields of that schema version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal

import attrs

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.scan import DEPTHS, Node, Scan, scan
from driftcheck.core import types as t
from driftcheck.core.recent import Recent

Place = Literal["document", "field", "element", "key"]
BIGNUM_WORDS = ("bignum", "bignum-past-64")


@attrs.frozen(eq=False)
class Site:
    """A value, the type that is declared for it, and what it is in the value around it."""

    node: Node  # without the tags around it
    outer: Node  # with them
    type: t.Type  # without wrappers and without `Optional`
    path: str = ""
    place: Place = "document"
    optional: bool = False
    certain: bool = True  # every reader finds it: each name on the way to it is its field's own

    def within(self, field: str) -> str:
        """Return the path of a field of this value."""
        return f"{self.path}.{field}" if self.path else field


@attrs.frozen(eq=False)
class Document:
    """Any bytes as a document of a declared type."""

    scan: Scan
    type: t.Type

    @classmethod
    def of(cls, data: bytes, type_: t.Type) -> Document:
        """Return the document; the same one if it was asked for a moment ago."""

        def make() -> tuple[t.Type, Document]:
            scanned = scan(data)
            return type_, cls(scanned, of_its_schema_version(scanned, type_))  # the first keeps its number

        return _DOCUMENTS.get((data, id(type_)), len(data), make)[1]

    @property
    def data(self) -> bytes:
        return self.scan.data

    def raw(self, node: Node) -> bytes:
        return self.scan.raw(node)

    def is_nest(self, node: Node) -> bool:
        """Tell whether a value is the reason for the document's depth; it then has no other feature."""
        return self.scan.depth > DEPTHS[0] and node.height > DEPTHS[0] // 2

    @cached_property
    def sites(self) -> Sequence[Site]:
        """Every site in the document's order; a value that the type does not describe has no site."""
        if self.scan.root is None:
            return ()
        return [*self.below(_site(self.scan.root, self.type, "", "document"))]

    @cached_property
    def targets(self) -> Sequence[Site]:
        """The sites to break: those that every reader finds, so that a change has one meaning."""
        return [site for site in self.sites if site.certain]

    def below(self, site: Site, *, in_any_case: bool = False) -> Iterator[Site]:
        """Yield a site and all sites inside it.

        Args:
            in_any_case: of a record, only those of `first_of_each`.
        """
        yield site
        node, certain = site.node, site.certain
        if node.lies:
            return  # it contains what follows it
        match site.type, node.kind:
            case t.Record(), "map":
                for key, value, field in self.first_of_each(site) if in_any_case else self.fields(site):
                    if field is not None:
                        yield from self.below(
                            self.field_site(site, key, value, field), in_any_case=in_any_case
                        )
            case t.Union(alternatives=alternatives), "map":
                for key, value in node.pairs():
                    record = next((a for a in alternatives if a.name == self.name(key)), None)
                    if record is not None:
                        inside = _site(value, record, site.path, "element", certain)
                        yield from self.below(inside, in_any_case=in_any_case)
            case t.Mapping(key=key_type, value=value_type), "map":
                for key, value in node.pairs():
                    yield _site(key, key_type, site.path + "[]", "key", certain)
                    inside = _site(value, value_type, site.path + "[]", "element", certain)
                    yield from self.below(inside, in_any_case=in_any_case)
            case t.Sequence(inner=inner), "array":
                for item in node.items:
                    inside = _site(item, inner, site.path + "[]", "element", certain)
                    yield from self.below(inside, in_any_case=in_any_case)

    def name(self, key: Node) -> str | None:
        """Return the name that a key of text is, else None."""
        return self.scan.string(key).decode(errors="replace") if key.kind == "text" else None

    def fields(self, site: Site) -> list[tuple[Node, Node, t.Field | None]]:
        """Pair the entries of a record's map with its fields: by name in any case, as bytes, by number."""
        assert isinstance(site.type, t.Record)
        return [(key, value, self._field(site.type, key)) for key, value in site.node.pairs()]

    def first_of_each(self, site: Site) -> list[tuple[Node, Node, t.Field]]:
        """Return the first entry of each field; who ignores the case of names may skip the others."""
        firsts: dict[str, tuple[Node, Node, t.Field]] = {}
        for key, value, field in self.fields(site):
            if field is not None and key.kind == "text":
                firsts.setdefault(field.name, (key, value, field))
        return [*firsts.values()]

    def _field(self, record: t.Record, key: Node) -> t.Field | None:
        if key.kind == "integer":
            number = key.number if self.data[key.start] >> 5 == h.UINT else -1
            return record.fields[number] if 0 <= number < len(record.fields) else None
        if key.kind not in ("text", "bytes"):
            return None
        name = self.scan.string(key).decode(errors="replace")
        exact = next((f for f in record.fields if f.name == name), None)
        if exact is not None or key.kind == "bytes":
            return exact
        return next((f for f in record.fields if f.name.casefold() == name.casefold()), None)

    def field_site(self, site: Site, key: Node, value: Node, field: t.Field) -> Site:
        """Return the site of a record's entry that was paired with a field."""
        certain = site.certain and self.name(key) == field.name
        return _site(value, field.type, site.within(field.name), "field", certain)

    def replaced(self, node: Node, item: bytes) -> bytes:
        """Return the bytes with one item replaced."""
        return self.spliced(node.start, node.end, item)

    def spliced(self, start: int, end: int, data: bytes) -> bytes:
        return self.data[:start] + data + self.data[end:]

    def with_items(self, node: Node, items: list[bytes]) -> bytes:
        """Return the bytes with other items in an array, or keys and values in turn in a map."""
        if node.indefinite:
            return self.spliced(node.body, node.end - 1, b"".join(items))
        major = h.MAP if node.kind == "map" else h.ARRAY
        count = len(items) // 2 if node.kind == "map" else len(items)
        return self.replaced(node, h.head(major, count) + b"".join(items))

    def entries(self, node: Node) -> list[bytes]:
        """Return keys and values in turn, as bytes."""
        return [self.raw(item) for item in node.items]


def judged_items(node: Node) -> Sequence[Node]:
    """Return the items of an item that have features of their own; in a bignum only chunks have."""
    is_bignum = node.kind == "tag" and any(word in BIGNUM_WORDS for word in node.words)
    return node.items[0].items if is_bignum else node.items


_DOCUMENTS: Recent[tuple[bytes, int], tuple[t.Type, Document]] = Recent(16, 1 << 17)


def of_its_schema_version(scanned: Scan, type_: t.Type) -> t.Type:
    """Return the type at the schema version that a document claims, or the type itself."""
    schema_version = schema_version_of(scanned, type_)
    return type_ if schema_version is None else t.at_schema_version(t.bare(type_), schema_version)


def schema_version_of(scanned: Scan, type_: t.Type) -> int | None:
    """Return the schema version that a document claims, if it does so exactly once."""
    name, root = t.schema_version_field(type_), scanned.root
    if name is None or root is None or root.kind != "map" or root.lies:
        return None
    versions = [v for k, v in root.pairs() if k.kind == "text" and scanned.string(k) == name.encode()]
    if len(versions) != 1:
        return None
    (version,) = versions
    is_unsigned = version.kind == "integer" and scanned.data[version.start] >> 5 == h.UINT
    return version.number if is_unsigned else None


def _site(node: Node, type_: t.Type, path: str, place: Place, certain: bool = True) -> Site:
    bare = t.bare(type_)
    optional = isinstance(bare, t.Optional)
    while isinstance(bare, t.Optional):
        bare = t.bare(bare.inner)
    inner = node
    while inner.kind == "tag" and inner.items and inner.words and inner.words[-1] not in BIGNUM_WORDS:
        inner = inner.items[0]
    return Site(inner, node, bare, path, place, optional, certain)
