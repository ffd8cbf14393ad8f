"""
A JSON document matched with a declared type: every value that the type describes is a site.

Typed mutations change sites, and typed features judge them. Knows nothing of either. A document that claims a
schema version is matched with the fields of that schema version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from driftcheck.codecs.json.any_value import is_any
from driftcheck.codecs.json.scan import NEAR, SERDE_DEPTH, Member, Node, Scan, scan
from driftcheck.core import types as t

VERSION = "version"  # an integer field of this name is broken as a schema version is

MOST_DIGITS = 20  # of a schema version

Place = Literal["document", "field", "element"]


@attrs.frozen(eq=False)
class Site:
    """A value, the type that is declared for it, and what it is in the value around it."""

    node: Node
    type: t.Type  # without wrappers and without `Optional`
    place: Place = "document"
    path: str = ""  # as findings write it: `tags[]`, `home.street`
    optional: bool = False
    certain: bool = True  # every reader finds it: no name on the way to it is in the wrong case
    untyped: bool = False  # no type is declared: it is of the type that it seems to be
    half: bool = False  # its record is given in two halves, each with other fields
    is_version: bool = False  # it holds the version of its message

    @property
    def is_sound(self) -> bool:
        """Tell whether the value can be judged by its type: its own syntax has no name of its own."""
        return not self.node.odd and not self.is_null

    @property
    def is_null(self) -> bool:
        return self.node.kind == "null"

    def path_of(self, field: t.Field) -> str:
        """Return the path of a field of this record."""
        return f"{self.path}.{field.name}" if self.path else field.name


@attrs.frozen(eq=False)
class Document:
    """Any bytes as a document of a declared type."""

    scan: Scan
    type: t.Type

    @classmethod
    def of(cls, data: bytes, type_: t.Type) -> Document:
        scanned = scan(data)
        schema_version = schema_version_of(scanned, type_)
        return cls(
            scanned, type_ if schema_version is None else t.at_schema_version(t.bare(type_), schema_version)
        )

    def is_nest(self, node: Node) -> bool:
        """Tell whether a value is the reason for the document's depth; it then has no other feature."""
        return self.scan.depth > SERDE_DEPTH - NEAR and node.height > SERDE_DEPTH // 2

    @property
    def data(self) -> bytes:
        return self.scan.data

    def raw(self, node: Node) -> bytes:
        return self.scan.raw(node)

    def sites(self) -> Iterator[Site]:
        """Yield every site in the document's order; a value that the type does not describe has no site."""
        if self.scan.root is not None:
            yield from self.below(self._site(self.scan.root, self.type, "document", ""))

    def targets(self) -> Iterator[Site]:
        """Yield the sites to break: those that every reader finds, so that a change has one meaning."""
        return (site for site in self.sites() if site.certain)

    def below(self, site: Site) -> Iterator[Site]:
        """Yield a site and all sites inside it, without recursion, since an untyped document can be deep."""
        stack = [site]
        while stack:
            site = stack.pop()
            yield site
            stack.extend(reversed(self._inside(site)))

    def _inside(self, site: Site) -> list[Site]:
        inside = site.path if site.untyped else site.path + "[]"
        match site.type, site.node.kind:
            case t.Record(), "object":
                return self._fields_inside(site)
            case t.Union(alternatives=alternatives), "object":
                named = {a.name: a for a in alternatives}
                found = [(m.value, named[name]) for m in site.node.members if (name := self.name(m)) in named]
                return [self._inner(value, record, site, site.path) for value, record in found]
            case t.Mapping(value=value), "object":
                return [self._inner(member.value, value, site, inside) for member in site.node.members]
            case t.Sequence(inner=inner), "array":
                return [self._inner(item, inner, site, inside) for item in site.node.items]
        return []

    def _fields_inside(self, site: Site) -> list[Site]:
        halves = self.halved(site)
        return [
            attrs.evolve(self.field_site(site, member, field), half=field in halves)
            for member, field in self.fields(site)
            if field is not None
        ]

    def halved(self, site: Site) -> list[t.Field]:
        """List the fields of a record that are given twice, as two halves of one record."""
        members: dict[int, list[Node]] = {}
        fields: dict[int, t.Field] = {}
        for member, field in self.fields(site):
            if field is not None and field.name == self.name(member):
                members.setdefault(id(field), []).append(member.value)
                fields[id(field)] = field
        return [field for key, field in fields.items() if self._are_halves(field.type, members[key])]

    def _are_halves(self, type_: t.Type, nodes: list[Node]) -> bool:
        record = t.bare(type_)
        record = t.bare(record.inner) if isinstance(record, t.Optional) else record
        if not isinstance(record, t.Record) or len(nodes) != 2 or any(n.kind != "object" for n in nodes):
            return False
        first, second = ([self.name(m) for m in node.members] for node in nodes)
        return sorted(first + second) == sorted(f.name for f in record.fields) and bool(first and second)

    def name(self, member: Member) -> str:
        return self.scan.text(member.name)

    def fields(self, site: Site) -> list[tuple[Member, t.Field | None]]:
        """Pair the members of a record's object with its fields: by name, else by name in any letter case."""
        assert isinstance(site.type, t.Record)
        exact = {f.name: f for f in site.type.fields}
        folded = {f.name.casefold(): f for f in reversed(site.type.fields)}
        return [
            (m, exact.get(name) or folded.get(name.casefold()))
            for m, name in zip(site.node.members, map(self.name, site.node.members), strict=True)
        ]

    def field_site(self, site: Site, member: Member, field: t.Field) -> Site:
        """Return the site of a record's member that was paired with a field."""
        certain = site.certain and field.name == self.name(member)
        found = self._site(member.value, field.type, "field", site.path_of(field), certain)
        return attrs.evolve(found, is_version=is_version(field))

    def _inner(self, node: Node, type_: t.Type, outer: Site, path: str) -> Site:
        return self._site(node, type_, "element", path, outer.certain)

    def _site(self, node: Node, type_: t.Type, place: Place, path: str, certain: bool = True) -> Site:
        bare = t.bare(type_)
        optional = isinstance(bare, t.Optional)
        while isinstance(bare, t.Optional):
            bare = t.bare(bare.inner)
        if is_any(bare):
            return Site(node, self._seeming(node, bare), place, path, True, certain, untyped=True)
        return Site(node, bare, place, path, optional, certain)

    def _seeming(self, node: Node, type_: t.Record) -> t.Type:
        """Return the type that a value without a declared one seems to be of."""
        match node.kind:
            case "object":
                return t.Mapping(t.Text(), type_)
            case "array":
                return t.Sequence(type_)
            case "bool":
                return t.Bool()
            case "number":
                is_whole = self.raw(node).lstrip(b"-").isdigit()
                return t.Int(t.I64_MIN, t.U64_MAX) if is_whole else t.Float()
            case _:
                return t.Text()

    def replaced(self, node: Node, text: bytes) -> bytes:
        """Return the bytes with one value, or name, replaced."""
        return self.spliced(node.start, node.end, text)

    def spliced(self, start: int, end: int, text: bytes) -> bytes:
        return self.data[:start] + text + self.data[end:]

    def without(self, node: Node, member: Member) -> bytes:
        """Return the bytes without one member and one comma next to it."""
        at = node.members.index(member)
        if at + 1 < len(node.members):
            return self.spliced(member.name.start, node.members[at + 1].name.start, b"")
        start = node.members[at - 1].value.end if at else member.name.start
        return self.spliced(start, member.value.end, b"")

    def with_member(self, node: Node, at: int, text: bytes) -> bytes:
        """Return the bytes with a member put before the one at that index; `len` means last."""
        if at < len(node.members):
            start = node.members[at].name.start
            return self.spliced(start, start, text + b",")
        if node.members:
            end = node.members[-1].value.end
            return self.spliced(end, end, b"," + text)
        return self.spliced(node.start + 1, node.start + 1, text)


def is_version(field: t.Field) -> bool:
    """Tell whether a field holds the version of its message."""
    return field.schema_version or (field.name == VERSION and isinstance(t.bare(field.type), t.Int))


def schema_version_of(scanned: Scan, type_: t.Type) -> int | None:
    """Return the schema version that a document claims, if it does so exactly once."""
    name = t.schema_version_field(type_)
    if name is None or scanned.root is None or scanned.root.kind != "object":
        return None
    versions = [scanned.raw(m.value) for m in scanned.root.members if scanned.text(m.name) == name]
    if len(versions) != 1:
        return None
    (digits,) = versions
    return int(digits) if digits.isdigit() and len(digits) < MOST_DIGITS else None
