"""
Messages to and from a host: requests and replies as bytes, for one contract.

docs/reference/wire.md is normative. Knows nothing of processes, or of what a reply means for a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import cbor2

from driftcheck.contract.schema import WIRE_PROTOCOL, Operation, Schema
from driftcheck.core.limits import REPLY_ITEMS, cut_text
from driftcheck.core.outcome import (
    Accepted,
    Broken,
    NotReached,
    Outcome,
    Panicked,
    Rejected,
    Unmapped,
    Unsupported,
    Void,
)
from driftcheck.core.trace import Trace
from driftcheck.values.encoding import (
    Decode,
    OutsideType,
    decoder,
    dumps,
    glimpse,
    head,
    load_strictly,
    writer,
)

DIGESTS: Final = 0
STATES: Final = 1
FULL: Final = 2  # states, and the error texts of the library

DIGEST = 8  # bytes, of one instance
LARGE_STATE = 4096  # bytes; a larger state has a digest only after the last step
DETAIL: Final = "detail"  # the path of the detail of a rejection
NOTHING_MORE = 0xFFFFFFFF  # in the note: the whole request is done

ACCEPTED, REJECTED, UNMAPPED, PANICKED, UNSUPPORTED, VOID, BROKEN, NOT_REACHED = range(8)

_NULL, _FOUR = b"\xf6", b"\x84"  # null, and the head of an array
_INSTANCE = b"\x82\x01\x80"  # [1, []]: schema version 1, without flags


class TooManyItems(ValueError):
    """A reply has more items than its limit."""


@attrs.frozen
class Reply:
    """What a subject answered to one trace. Outcomes are plain data, since most are never decoded."""

    opened: list[Any]  # the plain outcome of `open`, of each instance
    outcomes: list[list[Any]]
    digests: list[bytes | None]  # of each instance, one after the other
    states: (
        list[bytes | None] | None
    )  # encoded, those of several as one array; the first is just after `open`
    texts: list[str] | None

    @property
    def opening(self) -> list[Any]:
        """Return the plain outcome of the first `open` that was not accepted, or of the first one."""
        return next((o for o in self.opened if o[0] != ACCEPTED), self.opened[0])


class Wire:
    """The messages of one contract."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._operations = {
            o.name: (
                _FOUR + head(0, o.index),
                {fault: _fault(schema, fault) + head(4, len(o.arguments)) for fault in (None, *o.faults)},
                tuple(writer(a.type) for a in o.arguments),
            )
            for o in schema.operations
        }
        self._opening = [writer(a.type) for a in schema.opening]
        count = schema.instances
        self._instances = head(4, count) + _INSTANCE * count + head(4, count)
        self._results = [_nothing if o.result is None else decoder(o.result) for o in schema.operations]
        self._details = [_no_detail if r.detail is None else decoder(r.detail) for r in schema.rejections]
        self._state = None if schema.whole_state is None else decoder(schema.whole_state)

    def trace(self, trace: Trace, correlation: str = "") -> bytes:
        """Encode one trace."""
        parts = [_FOUR, dumps(correlation), self._instances]
        for instance in range(self.schema.instances):
            opening = self.schema.opening_of(trace.opening, instance)
            parts.append(head(4, len(opening)))
            parts += [write(value) for write, value in zip(self._opening, opening, strict=True)]
        parts.append(head(4, len(trace.steps)))
        operations = self._operations
        for step in trace.steps:  # inline, since a call for each step would double the cost
            start, end, writers = operations[step.operation]
            parts += (start, head(0, step.instance), end[step.fault])
            for write, value in zip(writers, step.arguments, strict=True):
                parts.append(write(value))
        return b"".join(parts)

    def request(self, traces: Sequence[bytes], mode: int = DIGESTS) -> bytes:
        """Encode a request for traces that are already encoded."""
        return cbor2.dumps([WIRE_PROTOCOL, mode, list(traces)])

    def replies(self, data: bytes, count: int) -> list[bytes]:
        """Split the reply to a request of `count` traces.

        Raises:
            ValueError: the reply does not have that form.
        """
        items = _loads(data)
        if type(items) is not list or len(items) != count or not all(type(i) is bytes for i in items):
            raise ValueError(f"its reply does not have {count} byte strings")
        return items

    def reply(self, data: bytes) -> Reply:
        """Decode the reply to one trace.

        Raises:
            ValueError: the reply does not have the form that the protocol gives it.
        """
        match _loads(data):
            case [[_, *_] as opened, [*pairs], states, texts] if len(pairs) % 2 == 0:
                outcomes = pairs[::2]
                for outcome in (*opened, *outcomes):
                    if not self._is_outcome(outcome):
                        raise ValueError(f"its reply contains {glimpse(outcome)}, which is not an outcome")
                count, steps = self.schema.instances, len(outcomes)
                if len(opened) != count:
                    raise ValueError(f"its reply opens {len(opened)} instances, not {count}")
                digests = _digests(pairs[1::2], count)
                return Reply(opened, outcomes, digests, _states(states, count, steps), _texts(texts, steps))
        raise ValueError("its reply does not have the form [opened, outcomes, states, texts]")

    def _is_outcome(self, plain: Any) -> bool:
        match plain:
            case [0, _] | [4] | [5] | [7] | [2 | 3 | 6, str()]:
                return True
            case [1, int(index), _]:
                return 0 <= index < len(self.schema.rejections)
        return False

    def has_typed_detail(self, index: int, detail: Any) -> bool:
        """Say whether the plain detail of a rejection, by its index, is of the declared type."""
        try:
            self._details[index](detail)
        except OutsideType:
            return False
        return True

    def opened(self, plain: list[Any]) -> Outcome:
        """Read the outcome of `open`."""
        return self._outcome(plain, _nothing)

    def outcome(self, operation: Operation, plain: list[Any]) -> Outcome:
        """Read the outcome of a step.

        Raises:
            OutsideType: its value, or the detail of its rejection, is not of the declared type.
        """
        return self._outcome(plain, self._results[operation.index])

    def is_of_type(self, operation: Operation, value: Any) -> bool:
        """Say whether the plain value of an accepted step is of the declared type."""
        try:
            self._results[operation.index](value)
        except OutsideType:
            return False
        return True

    def _outcome(self, plain: list[Any], decode: Decode) -> Outcome:
        match plain:
            case [0, value]:
                return Accepted(decode(value))
            case [1, int(index), detail] if 0 <= index < len(self.schema.rejections):
                try:
                    return Rejected(self.schema.rejections[index].name, self._details[index](detail))
                except OutsideType as fault:
                    raise fault.at(DETAIL) from None
            case [2, str(text)]:
                return Unmapped(cut_text(text))
            case [3, str(text)]:
                return Panicked(cut_text(text))
            case [4]:
                return Unsupported()
            case [5]:
                return Void()
            case [6, str(text)]:
                return Broken(cut_text(text))
            case [7]:
                return NotReached()
            case _:
                raise AssertionError(f"{plain!r} is not an outcome, and a reply with it is not read")

    def state(self, data: bytes) -> Any:
        """Decode a state; of several instances, their states.

        Raises:
            OutsideType: it is not of the declared type.
        """
        if self._state is None:
            raise ValueError("the contract has no state")
        try:
            plain = _loads(data)
        except ValueError as error:
            raise OutsideType(f"is not a state: {error}") from None
        return self._state(plain)

    def split_states(self, data: bytes) -> list[bytes]:
        """Split the encoded states of all instances."""
        return [data] if self.schema.instances == 1 else [dumps(state) for state in _loads(data)]

    def split_digests(self, data: bytes) -> list[bytes]:
        """Split the digests of all instances."""
        return [data[i : i + DIGEST] for i in range(0, len(data), DIGEST)]


def _digests(plain: list[Any], count: int) -> list[bytes | None]:
    if all(d is None or (type(d) is bytes and len(d) == DIGEST * count) for d in plain):
        return plain
    raise ValueError(f"its reply has digests that are not {DIGEST * count} bytes")


def _states(plain: Any, count: int, steps: int) -> list[bytes | None] | None:
    """Read the states of a reply: each is null, or an array with the state of each instance."""
    kinds = [bytes] * count
    match plain:
        case None:
            return None
        case [*states] if all(s is None or (type(s) is list and [*map(type, s)] == kinds) for s in states):
            if len(states) != steps + 1:
                raise ValueError(f"its reply has {len(states)} states for {steps} steps")
            start = b"" if count == 1 else head(4, count)
            return [None if s is None else start + b"".join(s) for s in states]
    raise ValueError(f"its reply has states that are not {count} byte strings")


def _texts(plain: Any, steps: int) -> list[str] | None:
    match plain:
        case None:
            return None
        case [*texts] if all(type(text) is str for text in texts):
            if len(texts) != steps:
                raise ValueError(f"its reply has {len(texts)} error texts for {steps} steps")
            return [cut_text(text) for text in texts]
    raise ValueError("its reply has error texts that are not text")


def _fault(schema: Schema, name: str | None) -> bytes:
    """Encode the fault of a step."""
    return _NULL if name is None else head(0, next(f.index for f in schema.faults if f.name == name))


def _nothing(value: Any) -> None:
    """Decode the value of an operation that returns nothing."""
    if value is not None:
        raise OutsideType(f"is {glimpse(value)}, but nothing is returned")


def _no_detail(detail: Any) -> None:
    if detail is not None:
        raise OutsideType(f"is {glimpse(detail)}, but the contract declares none")


def _loads(data: bytes) -> Any:
    if len(data) > REPLY_ITEMS and _count_items(data) > REPLY_ITEMS:
        raise TooManyItems(f"a reply has more than the limit of {REPLY_ITEMS:,} items")
    try:
        return load_strictly(data)
    except ValueError as error:
        raise ValueError(f"its reply is not CBOR: {error}") from None


def _count_items(data: bytes) -> int:
    """Count the items of a reply up to a little more than their limit, without decoding them."""
    at = count = 0
    while at < len(data) and count <= REPLY_ITEMS:
        major, size = data[at] >> 5, data[at] & 31
        at += 1
        if 24 <= size <= 27:
            width = 1 << size - 24
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        if major in (2, 3):
            at += size
        count += 1
    return count
