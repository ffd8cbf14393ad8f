"""
Shorter CBOR documents: without an entry, an item or a part of a string, or with an item in place of its
container. Each head has the new length.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.scan import Node, scan


def shorter(data: bytes) -> Iterator[bytes]:
    """Yield the documents that result from any bytes without one part."""
    read = scan(data)
    for node in read.nodes():
        for inside in (*map(read.raw, node.items), *_with_less(data, node)):
            yield data[: node.start] + inside + data[node.end :]


def _with_less(data: bytes, node: Node) -> Iterator[bytes]:
    """Yield an item with less in it."""
    if not node.closed or node.lies:
        return
    major = data[node.start] >> 5
    if node.kind in ("array", "map") or (node.indefinite and node.items):
        width = 2 if node.kind == "map" else 1
        for at in range(0, len(node.items), width):
            kept = [data[n.start : n.end] for n in (*node.items[:at], *node.items[at + width :])]
            if node.indefinite:
                yield h.indefinite_head(major) + b"".join(kept) + h.BREAK
            else:
                yield h.head(major, len(kept) // width) + b"".join(kept)
    elif node.kind in ("text", "bytes") and not node.indefinite and node.body < node.end:
        content = data[node.body : node.end]
        half = len(content) // 2
        bytes_gone = (content[:at] + content[at + 1 :] for at in range(len(content)))
        for less in (b"", content[:half], content[len(content) - half :], *bytes_gone):
            yield h.head(major, len(less)) + less
