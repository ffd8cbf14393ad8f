"""
Makes mutations of JSON from functions of a leniently read document and its choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.features import judge, kind
from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.types import Type

Item = TypeVar("Item")


def json_mutation(breaks: Callable[[Document, Draw], bytes | None]) -> Mutation:
    """Make a mutation of a function that receives the document matched with its declared type."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        return breaks(Document.of(data, type_), draw)

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


def pick(draw: Draw, items: Sequence[Item]) -> Item:
    """Draw one of the items; the first is the simplest."""
    return items[draw.integer(0, len(items) - 1)]


def values(document: Document, *kinds: str) -> list[Site]:
    """List the sites that are declared, if anything is, and written as one of these kinds of JSON value."""
    return [
        site
        for site in document.targets
        if site.is_sound and site.node.kind in kinds and kind(site.type) == site.node.kind
    ]


def declared(document: Document, *kinds: str) -> list[Site]:
    """List those of `values` for which a type is declared, so that another kind of value is odd."""
    return [site for site in values(document, *kinds) if not site.untyped]


def takes_odd_value(document: Document, site: Site) -> bool:
    """Tell whether a document can take a value that readers may read as another value.

    A document without a type is compared as a whole, so it takes at most one such value. It takes none inside
    a nest, since the value goes with the nest.
    """
    if not site.untyped:
        return True
    if document.is_nest(site.node):
        return False
    return not any(s.untyped and any(judge(document, s)) for s in document.sites)


def replace_one(document: Document, draw: Draw, sites: Sequence[Site], *texts: bytes) -> bytes | None:
    """Replace one of the sites by one of the texts; `%s` in a text is the old value."""
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, pick(draw, texts).replace(b"%s", document.raw(node)))
