"""One request for the Go SDK, the Rust SDK and the Python model, and their one reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import canonical
import cbor2
import unruly
from unruly import Unruly, When

from driftcheck import Contract, schema_of
from driftcheck.subjects.wire import DIGESTS, FULL, STATES

MODES = (DIGESTS, STATES, FULL)
ACCEPTED, REJECTED, UNMAPPED, PANICKED, UNSUPPORTED, VOID, BROKEN, NOT_REACHED = range(8)
NOTHING = [ACCEPTED, None]  # accepted, where there is no result or a handle

Ask = Callable[[bytes], bytes]
Sides = dict[str, Ask]
Steps = Sequence[tuple[str, list[Any]]]


def request(contract: type[Contract], opening: list[Any], steps: Steps, mode: int = DIGESTS) -> bytes:
    """Encode a request of one trace, whose arguments are plain data."""
    schema = schema_of(contract)
    encoded = [[schema.operation(name).index, 0, None, arguments] for name, arguments in steps]
    trace = canonical.encode(["id", [[1, []]], [opening], encoded])
    return canonical.encode([1, mode, [trace]])


def agreed(sides: Sides, asked: bytes) -> Any:
    """Return the one reply of all sides to a request of one trace, decoded."""
    replies = {ask(asked) for ask in sides.values()}
    assert len(replies) == 1
    (reply,) = canonical.decode_replies(replies.pop())
    return reply


def misbehaved(sides: Sides, when: When, steps: Steps, mode: int = DIGESTS, length: int = 0) -> Any:
    """Return the one reply of all sides but for what `placeless` takes away."""
    asked = request(Unruly, [when.value, length], steps, mode)
    first, *others = (placeless(canonical.decode_replies(ask(asked))[0]) for ask in sides.values())
    assert all(other == first for other in others)
    return first


def placeless(reply: Any) -> Any:
    """Return a reply without the places of panics, and with ill-formed text as if it had been replaced."""
    match reply:
        case [3, str(words)]:
            assert words.startswith(unruly.PANIC)
            assert words.endswith(")")
            return [3, words.rpartition(" (")[0]]
        case list():
            return [placeless(item) for item in reply]
        case cbor2.CBORTag(value=data):
            return data.decode(errors="replace")
    return reply


def outcomes(reply: Any) -> list[Any]:
    return list(reply[1][::2])
