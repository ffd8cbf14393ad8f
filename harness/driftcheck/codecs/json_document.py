"""
A JSON document held against a declared type: every value that the type speaks of is a site.

Sites are what typed mutations break and what typed features judge. Knows nothing of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from driftcheck.codecs.json_scan import SERDE_DEPTH, Member, Node, Scan, scan
from driftcheck.contract import types as t

Place = Literal["document", "field", "element"]


@attrs.frozen(eq=False)
class Site:
    """A value, the type that is declared for it, and what it is in the value around it."""

    node: Node
    type: t.Type  # without wrappers and without `Optional`
    place: Place = "document"
    optional: bool = False
    certain: bool = True  # every reader finds it: no name on the way to it is in the wrong case

    @property
    def is_sound(self) -> bool:
        """Say whether the value can be judged by its type: its own syntax has no name of its own."""
        return not self.node.odd and not self.is_null

    @property
    def is_null(self) -> bool:
        return self.node.kind == "null"


@attrs.frozen(eq=False)
class Document:
    """Any bytes as a document of a declared type."""

    scan: Scan
    type: t.Type

    @classmethod
    def of(cls, data: bytes, type_: t.Type) -> Document:
        return cls(scan(data), type_)

    def is_nest(self, node: Node) -> bool:
        """Say whether a value is what the document's depth comes from: it is named by that alone."""
        return self.scan.depth > SERDE_DEPTH and node.height > SERDE_DEPTH // 2

    @property
    def data(self) -> bytes:
        return self.scan.data

    def raw(self, node: Node) -> bytes:
        return self.scan.raw(node)

    def sites(self) -> Iterator[Site]:
        """Yield every site, in the document's order; a value where the type speaks of none has no site."""
        if self.scan.root is not None:
            yield from self.below(_site(self.scan.root, self.type, "document"))

    def targets(self) -> Iterator[Site]:
        """Yield the sites to break: those that every reader finds, so that one breakage has one meaning."""
        return (site for site in self.sites() if site.certain)

    def below(self, site: Site) -> Iterator[Site]:
        """Yield a site and all that are inside it."""
        yield site
        match site.type, site.node.kind:
            case t.Record(), "object":
                for member, field in self.fields(site):
                    if field is not None:
                        yield from self.below(self.field_site(member, field, certain=site.certain))
            case t.Union(alternatives=alternatives), "object":
                for member in site.node.members:
                    record = next((a for a in alternatives if a.name == self.name(member)), None)
                    if record is not None:
                        yield from self.below(_site(member.value, record, "element", site.certain))
            case t.Mapping(value=value), "object":
                for member in site.node.members:
                    yield from self.below(_site(member.value, value, "element", site.certain))
            case t.Sequence(inner=inner), "array":
                for item in site.node.items:
                    yield from self.below(_site(item, inner, "element", site.certain))

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

    def field_site(self, member: Member, field: t.Field, *, certain: bool = True) -> Site:
        """Return the site of a record's member that was paired with a field."""
        return _site(member.value, field.type, "field", certain and field.name == self.name(member))

    def replaced(self, node: Node, text: bytes) -> bytes:
        """Return the bytes with one value, or name, replaced."""
        return self.spliced(node.start, node.end, text)

    def spliced(self, start: int, end: int, text: bytes) -> bytes:
        return self.data[:start] + text + self.data[end:]

    def without(self, node: Node, member: Member) -> bytes:
        """Return the bytes without one member, and without one comma beside it."""
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


def _site(node: Node, type_: t.Type, place: Place, certain: bool = True) -> Site:
    bare = t.bare(type_)
    optional = isinstance(bare, t.Optional)
    while isinstance(bare, t.Optional):
        bare = t.bare(bare.inner)
    return Site(node, bare, place, optional, certain)
