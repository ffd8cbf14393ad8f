"""
A JSON document matched with a declared type: every value that the type describes is a site.

Typed mutations change sites, and typed features judge them. Knows nothing of either. A document that claims a
schema version is matched with the fields of that schema version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal

import attrs

from driftcheck.codecs.json.any_value import is_any
from driftcheck.codecs.json.scan import NEAR, SERDE_DEPTH, Member, Node, Scan, scan
from driftcheck.core import types as t
from driftcheck.core.recent import Recent

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
    is_version: bool = False  # it is the version of its message

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
    """Any bytes as a document of a declared type; they are read when somebody asks for what is in them."""

    data: bytes
    declared: t.Type

    @classmethod
    def of(cls, data: bytes, type_: t.Type) -> Document:
        """Return the document; the same one if it was asked for a moment ago."""
        # The types are held by the documents, so that no other type gets their number.
        return _DOCUMENTS.get((data, id(type_)), len(data), lambda: cls(data, type_))

    @cached_property
    def scan(self) -> Scan:
        return scan(self.data)

    @cached_property
    def type(self) -> t.Type:
        """The declared type, at the schema version that the document claims."""
        if t.schema_version_field(self.declared) is None:
            return self.declared
        version = schema_version_of(self.scan, self.declared)
        return self.declared if version is None else t.at_schema_version(t.bare(self.declared), version)

    def is_nest(self, node: Node) -> bool:
        """Tell whether a value is the reason for the document's depth; it then has no other feature."""
        return self.scan.depth > SERDE_DEPTH - NEAR and node.height > SERDE_DEPTH // 2

    def raw(self, node: Node) -> bytes:
        return self.scan.raw(node)

    @cached_property
    def root(self) -> Site | None:
        """The site of the whole document."""
        node = self.scan.root
        return None if node is None else self._site(node, self.type, "document", "")

    @cached_property
    def sites(self) -> Sequence[Site]:
        """Every site in the document's order; a value that the type does not describe has no site."""
        return () if self.root is None else [*self.below(self.root)]

    def judged(self) -> Iterator[Site]:
        """Yield the sites that may have a feature, in the document's order.

        A container of one value without a declared type has none; a deep nest consists of these.
        """
        stack = [] if self.root is None else [self.root]
        while stack:
            site = stack.pop()
            if site.untyped and (node := _innermost(site.node)) is not site.node:
                inner = _inner_type(site.type)
                site = self._site(node, inner, "element", site.path, site.certain)
            yield site
            if site.node.items or site.node.members:
                stack.extend(reversed(self._inside(site)))

    @cached_property
    def targets(self) -> Sequence[Site]:
        """The sites to break: those that every reader finds, so that a change has one meaning."""
        return [site for site in self.sites if site.certain]

    def below(self, site: Site) -> Iterator[Site]:
        """Yield a site and all sites inside it, without recursion, since an untyped document can be deep."""
        stack = [site]
        while stack:
            site = stack.pop()
            yield site
            if site.node.items or site.node.members:
                stack.extend(reversed(self._inside(site)))

    def _inside(self, site: Site) -> list[Site]:
        inside = site.path if site.untyped else site.path + "[]"
        match site.type, site.node.kind:
            case t.Record(), "object":
                return self._fields_inside(site)
            case t.Record(fields=fields), "array":  # some readers take its items for the fields, in order
                pairs = zip(fields, site.node.items, strict=False)
                return [self._site(item, f.type, "field", site.path_of(f), site.certain) for f, item in pairs]
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
            self.field_site(site, member, field, half=bool(halves) and field in halves)
            for member, field in self.fields(site)
            if field is not None
        ]

    def halved(self, site: Site) -> list[t.Field]:
        """List the fields of a record that are given twice, as two halves of one record."""
        names = [self.name(member) for member in site.node.members]
        if len(set(names)) == len(names):
            return []
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
        exact, folded = site.type.by_name, site.type.by_folded_name
        return [
            (m, exact.get(name) or folded.get(name.casefold()))
            for m, name in zip(site.node.members, map(self.name, site.node.members), strict=True)
        ]

    def field_site(self, site: Site, member: Member, field: t.Field, *, half: bool = False) -> Site:
        """Return the site of a record's member that was paired with a field."""
        certain = site.certain and field.name == self.name(member)
        path = site.path_of(field)
        return self._site(
            member.value, field.type, "field", path, certain, half=half, version=is_version(field)
        )

    def _inner(self, node: Node, type_: t.Type, outer: Site, path: str) -> Site:
        return self._site(node, type_, "element", path, outer.certain)

    def _site(
        self,
        node: Node,
        type_: t.Type,
        place: Place,
        path: str,
        certain: bool = True,
        *,
        half: bool = False,
        version: bool = False,
    ) -> Site:
        bare, optional = _without_wrappers(type_)
        untyped = is_any(bare)
        if is_any(bare):
            bare, optional = self._seeming(node, bare), True
        return Site(node, bare, place, path, optional, certain, untyped, half, version)

    def _seeming(self, node: Node, type_: t.Record) -> t.Type:
        """Return the type that a value without a declared one seems to be of."""
        match node.kind:
            case "object":
                return _containers_of(type_)[0]
            case "array":
                return _containers_of(type_)[1]
            case "bool":
                return _BOOL
            case "number":
                is_whole = self.raw(node).lstrip(b"-").isdigit()
                return _INT if is_whole else _FLOAT
            case _:
                return _TEXT

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


def _inner_type(type_: t.Type) -> t.Type:
    """Return the type of the items of a map or a sequence."""
    assert isinstance(type_, t.Mapping | t.Sequence)
    return type_.value if isinstance(type_, t.Mapping) else type_.inner


def _innermost(node: Node) -> Node:
    """Return the innermost value of containers of one value."""
    while True:
        if len(node.items) == 1:
            node = node.items[0]
        elif len(node.members) == 1:
            node = node.members[0].value
        else:
            return node


_BOOL, _INT, _FLOAT, _TEXT = t.Bool(), t.Int(t.I64_MIN, t.U64_MAX), t.Float(), t.Text()


_BARE: Recent[int, tuple[t.Type, tuple[t.Type, bool]]] = Recent(256, 256)


def _without_wrappers(type_: t.Type) -> tuple[t.Type, bool]:
    """Return a type without wrappers and without `Optional`, and whether it had the latter."""

    def make() -> tuple[t.Type, tuple[t.Type, bool]]:
        bare = t.bare(type_)
        optional = isinstance(bare, t.Optional)
        while isinstance(bare, t.Optional):
            bare = t.bare(bare.inner)
        return type_, (bare, optional)

    return _BARE.get(id(type_), 1, make)[1]


def _containers_of(type_: t.Record) -> tuple[t.Mapping, t.Sequence]:
    """Return what an object and an array without a declared type seem to be of."""
    return _CONTAINERS.get(id(type_), 1, lambda: (t.Mapping(_TEXT, type_), t.Sequence(type_)))


# What a mutation or a feature asks for, the next one asks for again. A site takes about 150 bytes.
_DOCUMENTS: Recent[tuple[bytes, int], Document] = Recent(16, 1 << 17)
_CONTAINERS: Recent[int, tuple[t.Mapping, t.Sequence]] = Recent(64, 64)


def is_version(field: t.Field) -> bool:
    """Tell whether a field is the version of its message."""
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
