"""
Shorter JSON documents: without a member, an item or a text, or with a value in place of its container.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.codecs.json.scan import scan


def shorter(data: bytes) -> Iterator[bytes]:
    """Yield the documents that result from any bytes without one part."""
    read = scan(data)
    for node in read.nodes():
        values = [*node.items, *(member.value for member in node.members)]
        yield from (data[: node.start] + read.raw(value) + data[node.end :] for value in values)
        spans = [(item.start, item.end) for item in node.items]
        spans += [(member.name.start, member.value.end) for member in node.members]
        yield from (_without(data, spans, number) for number in range(len(spans)))
        if node.kind == "string" and node.closed:
            yield data[: node.start + 1] + data[node.end - 1 :]


def _without(data: bytes, spans: list[tuple[int, int]], number: int) -> bytes:
    """Leave out one of the spans, and one comma beside it."""
    start, end = spans[number]
    if number + 1 < len(spans):
        end = spans[number + 1][0]
    elif number:
        start = spans[number - 1][1]
    return data[:start] + data[end:]
