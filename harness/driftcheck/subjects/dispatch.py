"""
The dispatch around a model: closures that are made when a host starts, instead of generated code.

Knows a model class and its contract. Knows nothing of requests, handles or state beyond their types.
"""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.schema import Argument, Schema
from driftcheck.contract.schema import Operation as DeclaredOperation
from driftcheck.contract.words import Skip, StepRejected
from driftcheck.core import types as t
from driftcheck.core.limits import cut_text
from driftcheck.core.payload import Payload
from driftcheck.subjects.wire import ACCEPTED, BROKEN, REJECTED, UNSUPPORTED
from driftcheck.values.encoding import Decode, decoder, dumps, encoder

Outcome = list[Any]  # plain, as in a reply

_SURROGATES = re.compile("[\ud800-\udfff]")  # they cannot be encoded in UTF-8


@attrs.frozen
class Operation:
    """What a call of one operation needs, made once."""

    name: str
    arguments: tuple[Decode, ...]
    handles: tuple[tuple[int, t.Handle], ...]  # arguments that are handles, by position
    peer: int | None  # the argument that is another instance, by position
    makes: str | None  # the kind of handle that it returns
    takes_fault: bool  # the fault is an argument
    encode: Callable[[Any], Any] | None


class Dispatch:
    """A model class and its contract, read once into closures."""

    def __init__(self, model: type[Contract]) -> None:
        self.schema: Schema = schema_of(model)
        self.make = model
        self.opening = _decoders(self.schema.opening)
        self.operations = [self._operation(o) for o in self.schema.operations]
        self.rejections = {r.name: r.index for r in self.schema.rejections}
        self.faults = [getattr(self.schema.cls, f.name) for f in self.schema.faults]
        self.details = {r.name: encoder(r.detail) for r in self.schema.rejections if r.detail is not None}
        self.state = None if self.schema.state is None else encoder(self.schema.state)

    def _operation(self, operation: DeclaredOperation) -> Operation:
        kinds = [t.bare(a.type) for a in operation.arguments]
        result = None if operation.result is None else t.bare(operation.result)
        return Operation(
            name=operation.name,
            arguments=_decoders(operation.arguments),
            handles=tuple((i, kind) for i, kind in enumerate(kinds) if isinstance(kind, t.Handle)),
            peer=next((i for i, kind in enumerate(kinds) if isinstance(kind, t.Peer)), None),
            makes=result.name if isinstance(result, t.Handle) else None,
            takes_fault=bool(operation.faults),
            encode=None if operation.result is None else encoder(operation.result),
        )

    def outcome(self, call: Callable[[], Any], encode: Callable[[Any], Any] | None) -> tuple[Outcome, Any]:
        """Call a body and return its outcome and, if it was accepted, the value itself."""
        try:
            value = call()
            if encode is None and value is not None:
                return broken(f"it returns {shown(value)}, but the contract declares no result"), None
            plain = None if encode is None else encode(value)
            dumps(plain)  # a value that cannot be sent must fail this step, not the reply
        except StepRejected as rejected:
            return self._rejected(rejected), None
        except Skip:
            return [UNSUPPORTED], None
        except MemoryError:
            raise  # the host dies, as the host of a library does
        except Exception as error:
            return broken(said(error) + self._place(error)), None
        return [ACCEPTED, plain], value

    def _rejected(self, rejected: StepRejected) -> Outcome:
        name, detail = rejected.rejection.name, rejected.detail
        index, encode = self.rejections.get(name), self.details.get(name)
        if index is None:
            return broken(f"it rejects with {name!r}, which the contract does not declare")
        if encode is None and detail is not None:
            return broken(
                f"it rejects with {name!r} and {shown(detail)}, but the contract declares no detail"
            )
        try:
            plain = None if encode is None else encode(detail)
            dumps(plain)
        except Exception as error:  # the encoder of another type may raise anything
            what = f"it rejects with {name!r} and {shown(detail)}, which is not a valid detail"
            return broken(f"{what}: {said(error)}")
        return [REJECTED, index, plain]

    def _place(self, error: Exception) -> str:
        """Say at which line of the module of the model an error was raised."""
        file = inspect.getfile(self.make)
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
        return f"; see {file}, line {lines[-1]}" if lines else ""


def shown(value: Any) -> str:
    """Return the `repr` of a value of a model, or the name of its class where that cannot be had."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


def said(error: Exception) -> str:
    """Return the class and the text of an error that a model raised."""
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:
        return f"{type(error).__name__}: (its text cannot be read)"


def broken(text: str) -> Outcome:
    """Return the outcome of a model that is broken: it has no library that could be blamed instead."""
    return [BROKEN, cut_text(_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text))]


def _decoders(arguments: tuple[Argument, ...]) -> tuple[Decode, ...]:
    return tuple(_decoder(unbounded(a.type)) for a in arguments)


def _decoder(type_: t.Type) -> Decode:
    match type_:
        case t.Handle() | t.Peer():
            return _number
        case t.Payload():
            return partial(_payload, type_)
        case _:
            return decoder(type_)


def _payload(type_: t.Payload, plain: Any) -> Payload[Any, Any]:
    return with_value(type_, decoder(type_)(plain).data)


def with_value(type_: t.Payload, data: bytes) -> Payload[Any, Any]:
    """Return a payload with the value from which well-formed bytes were encoded; only the bytes are sent."""
    try:
        return Payload(data, type_.codec.value_typed(data, type_.inner))
    except Exception:  # a faulty codec must not look like a faulty model; codecs are tried separately
        return Payload(data)


def _number(plain: Any) -> int:
    if type(plain) is not int or plain < 0:
        raise ValueError(f"is {plain!r}, which is the number of no step or instance")
    return plain


def unbounded(type_: t.Type) -> t.Type:
    """Return a type without its bounds: like an SDK, a model also accepts values outside them."""
    match t.bare(type_):
        case t.Int(lo=lo):
            return t.Int(t.I64_MIN, t.I64_MAX) if lo < 0 else t.Int(0, t.U64_MAX)
        case t.Float():
            return t.Float()
        case t.Text():
            return t.Text()
        case t.Bytes():
            return t.Bytes()
        case t.Optional(inner=inner):
            return t.Optional(unbounded(inner))
        case t.Sequence(inner=inner):
            return t.Sequence(unbounded(inner))
        case t.Mapping(key=key, value=value):
            return t.Mapping(unbounded(key), unbounded(value))
        case t.Record() as record:
            return _unbounded_record(record)
        case t.Union(alternatives=alternatives) as union:
            return attrs.evolve(union, alternatives=tuple(map(_unbounded_record, alternatives)))
        case bare:
            return bare


def _unbounded_record(record: t.Record) -> t.Record:
    fields = tuple(t.Field(f.name, unbounded(f.type)) for f in record.fields)
    return attrs.evolve(record, fields=fields)
