"""
Makes mutations of CBOR from functions of a leniently read document and its choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.features import kind
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw, Mutation, mutation

Item = TypeVar("Item")


def cbor_mutation(breaks: Callable[[Document, Draw], bytes | None]) -> Mutation:
    """Make a mutation of a function that receives the document matched with its declared type."""

    def apply(data: bytes, draw: Draw, type_: t.Type) -> bytes | None:
        return breaks(Document.of(data, type_), draw)

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


def pick(draw: Draw, items: Sequence[Item]) -> Item:
    """Draw one of the items; the first is the simplest."""
    return items[draw.integer(0, len(items) - 1)]


def values(document: Document, *kinds: str) -> list[Site]:
    """List the sites that are declared and written, untagged and whole, as one of these kinds of item."""
    return [site for site in document.targets if _is_plain(site) and site.node.kind in kinds]


def _is_plain(site: Site) -> bool:
    return site.node is site.outer and site.node.closed and kind(site.type) == site.node.kind


def present(document: Document) -> list[Site]:
    """List the sites that have a value of their type, untagged; keys are none of them."""
    every = ("integer", "float", "bool", "text", "bytes", "array", "map")
    return [site for site in values(document, *every) if site.place != "key"]


def records(document: Document) -> list[Site]:
    return [site for site in values(document, "map") if isinstance(site.type, t.Record)]


def replace_one(document: Document, draw: Draw, sites: Sequence[Site], *items: bytes) -> bytes | None:
    """Replace one of the sites by one of the items."""
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, pick(draw, items))
