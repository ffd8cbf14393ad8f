"""
Reads one annotation and its constraints into a type.

Knows the words of contracts and the types. Knows nothing of operations or whole contracts.
Every mistake is a ValueError whose text continues "argument 'n' ...".
"""

from __future__ import annotations

import enum
import types as python_types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

import attrs

from driftcheck.contract import words
from driftcheck.contract.constraints import Constraints, check_choice
from driftcheck.contract.source_text import annotation_text
from driftcheck.core import payload
from driftcheck.core import types as t
from driftcheck.core.codec import Codec

KEYS = (t.Bool, t.Int, t.Text, t.Bytes, t.Enumeration)

_BARE = {
    payload.Payload: "Payload[T, Codec]",
    payload.Handle: "Handle[T]",
    words.Closing: "Closing[Handle[T]]",
}


class Annotations:
    """Reads annotations; reads each named record, union and enumeration once.

    Args:
        scope: the local names of the function that the contract is written in, if any.
    """

    def __init__(self, scope: Mapping[str, Any] | None = None) -> None:
        self._scope = dict(scope or {})
        self._named: dict[str, tuple[Any, t.Type]] = {}
        self.schema_versions: tuple[int, ...] = ()  # of the contract
        self._open: list[type] = []  # the records that are being read, to detect one that contains itself

    def read(self, annotation: Any) -> t.Type:
        """Return the type of an annotation; raises ValueError with the reason."""
        annotation, metadata = _unwrapped(annotation)
        if annotation is Any and metadata == get_args(words.Peer)[1:]:
            return t.Peer()
        if words.schema_version in metadata:
            raise ValueError(
                "is marked schema_version inside another type; mark a whole argument or field, as in "
                "Annotated[int, schema_version], or give ge and le instead"
            )
        return self._constrained(annotation, Constraints(metadata))

    def schema_version(self, annotation: Any) -> t.Type:
        """Return the type of an argument or a field that is marked schema_version."""
        if not self.schema_versions:
            raise ValueError(
                "is marked schema_version, but the contract declares no schema versions; add an attribute "
                "such as "
                "schema = SchemaVersions(1, 2, reads=neighbours, otherwise=...)"
            )
        if annotation is not int:
            raise ValueError(
                f"is {annotation_text(annotation)} and marked schema_version; write Annotated[int, "
                "schema_version], "
                "since the contract already lists the numbers"
            )
        return t.Choice(t.Int(self.schema_versions[0], self.schema_versions[-1]), self.schema_versions)

    def _constrained(self, annotation: Any, c: Constraints) -> t.Type:
        type_ = self._plain(annotation, c)
        left = c.unused()
        if isinstance(type_, t.Handle | t.Steps):
            left += [f"names({c.names})"] if c.names is not None else []
            left += ["generated"] if c.strategy is not None else []
            left += ["in_"] if c.choices is not None else []
        if left:
            raise ValueError(
                f"is {annotation_text(annotation)} with {left[0]}, which does not apply to this type; "
                "remove it"
            )
        if c.choices is not None:
            for choice in c.choices:
                check_choice(choice, type_)
            type_ = t.Choice(type_, tuple(c.choices))
        if c.strategy is not None:
            type_ = t.Generated(type_, c.strategy)
        if c.names is not None:
            type_ = t.Named(type_, c.names)
        return type_

    def _plain(self, annotation: Any, c: Constraints) -> t.Type:
        origin, args = get_origin(annotation), get_args(annotation)
        if annotation in (bool, int, float, str, bytes):
            return self._scalar(annotation, c)
        if annotation is words.Steps:
            return t.Steps()
        if origin is typing.Union or origin is python_types.UnionType:
            return self._union(args, c)
        if origin is tuple:
            return self._sequence(annotation, args, c)
        if origin is dict:
            return self._mapping(args, c)
        if origin is payload.Payload:
            return self._payload(args, c)
        if origin is payload.Handle:
            return t.Handle(_marker_name(args[0]))
        if origin is words.Closing:
            if get_origin(args[0]) is not payload.Handle:
                raise ValueError("is Closing of a type that is not a Handle; write Closing[Handle[T]]")
            return t.Handle(_marker_name(get_args(args[0])[0]), closing=True)
        if isinstance(annotation, type) and annotation in _BARE:
            raise ValueError(f"is {annotation.__name__} without parameters; write {_BARE[annotation]}")
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            if not len(annotation):
                raise ValueError(f"is {annotation.__name__}, an enum without members; add members")
            return self._once(annotation, lambda: t.Enumeration(annotation.__name__, annotation))
        if isinstance(annotation, type) and attrs.has(annotation):
            return self._record(annotation)
        raise ValueError(
            f"is {annotation_text(annotation)}, which has no canonical encoding; {_advice(annotation)}"
        )

    def _scalar(self, annotation: type, c: Constraints) -> t.Type:
        if annotation is bool:
            return t.Bool()
        if annotation is int:
            return _int(c, self.schema_versions)
        if annotation is float:
            lo, hi = c.float_bounds()
            return t.Float(lo, hi, c.take("nan_equal"))
        return t.Text(*c.lengths(), c.pattern()) if annotation is str else t.Bytes(*c.lengths())

    def _record(self, cls: type) -> t.Type:
        if cls in self._open:
            raise ValueError(
                f"is {cls.__name__}, which contains itself, so its size has no limit; nest it to a fixed "
                "depth"
            )
        return self._once(cls, lambda: self._read_record(cls))

    def _read_record(self, cls: type) -> t.Type:
        self._open.append(cls)
        try:
            attrs.resolve_types(cls, localns=self._scope, include_extras=True)
            fields = []
            for a in attrs.fields(cls):
                try:
                    fields.append(self._field(a))
                except ValueError as error:
                    raise ValueError(f"is {cls.__name__}, whose field {a.name!r} {error}") from None
            return t.Record(cls.__name__, cls, tuple(fields), (cls.__doc__ or "").strip())
        except NameError as error:
            raise ValueError(
                f"is {cls.__name__}, whose annotation {error.name!r} cannot be resolved; define it above"
            ) from None
        finally:
            self._open.pop()

    def _field(self, attribute: attrs.Attribute[Any]) -> t.Field:
        if attribute.type is None:
            raise ValueError("has no annotation; annotate it")
        plain, metadata = _unwrapped(attribute.type)
        bounds = [m for m in metadata if isinstance(m, words.since | words.until)]
        rest = [m for m in metadata if m not in bounds and m != words.schema_version]
        if words.schema_version in metadata:
            if bounds:
                raise ValueError(
                    f"is a schema version with {bounds[0]!r}; every document must have this field, so "
                    "remove the marker"
                )
            return t.Field(attribute.name, self.schema_version(_with(plain, rest)), schema_version=True)
        rest += [] if attribute.validator is None else [attribute.validator]
        type_ = self._inside(_with(plain, rest))
        return t.Field(attribute.name, type_, False, *self._passing(bounds, type_))

    def _passing(self, bounds: list[Any], type_: t.Type) -> tuple[int | None, int | None]:
        """Return the first schema version that has the field, and the first later one that does not."""
        found: dict[type, int] = {}
        first_of_all = self.schema_versions[0] if self.schema_versions else None
        for bound in bounds:
            if type(bound) in found:
                raise ValueError(f"has {type(bound).__name__} twice; keep one")
            if bound.schema_version not in self.schema_versions:
                known = ", ".join(map(str, self.schema_versions)) or "none"
                raise ValueError(
                    f"has {bound!r}, which is not a schema version of the contract; the contract has {known}"
                )
            if bound.schema_version == first_of_all:
                advice = (
                    "every document has such a field, so remove the marker"
                    if isinstance(bound, words.since)
                    else "no document has such a field, so remove it"
                )
                raise ValueError(f"has {bound!r}, which is the first schema version; {advice}")
            found[type(bound)] = bound.schema_version
        first, last = found.get(words.since), found.get(words.until)
        if first is not None and last is not None and first >= last:
            raise ValueError(f"is since({first}) and until({last}), so no document has it; swap the two")
        if bounds and not isinstance(t.bare(type_), t.Optional):
            raise ValueError(
                f"has {bounds[0]!r} but it cannot be None; make it T | None, since other schema versions "
                "read it as None"
            )
        return first, last

    def _union(self, args: tuple[Any, ...], c: Constraints) -> t.Type:
        rest = [a for a in args if a is not type(None)]
        if len(rest) < len(args) and len(rest) == 1:
            for bound in _unwrapped(rest[0])[1]:
                if isinstance(bound, words.since | words.until):
                    whole = f"Annotated[{annotation_text(rest[0])} | None, {bound!r}]"
                    raise ValueError(
                        f"has {bound!r} on one alternative only; put it around the whole, {whole}"
                    )
            inner = self._inside(_with(rest[0], c.take_all()))
            if isinstance(t.bare(inner), t.Optional):
                raise ValueError("is optional twice, so null would have two meanings; remove one None")
            return t.Optional(inner)
        if not all(isinstance(a, type) and attrs.has(a) and a not in _BARE for a in rest):
            raise ValueError(
                f"is {' | '.join(map(annotation_text, args))}; every alternative must be an attrs class"
            )
        records = tuple(a for a in map(self._inside, rest) if isinstance(a, t.Record))
        name = "Or".join(a.name for a in records)
        union = self._once(tuple(rest), lambda: t.Union(name, records), name)
        return t.Optional(union) if len(rest) < len(args) else union

    def _sequence(self, annotation: Any, args: tuple[Any, ...], c: Constraints) -> t.Type:
        if len(args) != 2 or args[1] is not Ellipsis:
            raise ValueError(
                f"is {annotation_text(annotation)}; write tuple[T, ...], or an attrs class for a fixed shape"
            )
        lengths = c.lengths()
        return t.Sequence(self._inside(_with(args[0], c.take_members())), *lengths, c.take("unordered"))

    def _mapping(self, args: tuple[Any, ...], c: Constraints) -> t.Type:
        key = self._inside(args[0])
        if not isinstance(t.bare(key), KEYS):
            raise ValueError(
                f"is a dict with keys of {annotation_text(args[0])}; use bool, int, str, bytes or an Enum"
            )
        return t.Mapping(key, self._inside(args[1]), *c.lengths())

    def _payload(self, args: tuple[Any, ...], c: Constraints) -> t.Type:
        value, codec = args
        if not (isinstance(codec, type) and issubclass(codec, Codec)):
            raise ValueError(
                f"is a Payload in {annotation_text(codec)}, which is not a codec; name a class such as Json"
            )
        if codec.encode is Codec.encode and codec.encode_typed is Codec.encode_typed:
            raise ValueError(
                f"is a Payload in {codec.__name__}, which cannot write documents; give the codec an "
                "'encode' method"
            )
        inner = self._inside(value)
        if isinstance(t.bare(inner), t.Payload):
            raise ValueError("is a Payload of a Payload; declare the type of the inner value, or bytes")
        return t.Payload(inner, codec(), c.take_corpus())

    def _inside(self, annotation: Any) -> t.Type:
        """Read a type that is part of another type."""
        type_ = self.read(annotation)
        if isinstance(type_, t.Handle):
            raise ValueError(
                "has a Handle inside another type; a handle must be a whole argument or a whole result"
            )
        if isinstance(type_, t.Steps):
            raise ValueError("has Steps inside another type; Steps must be a whole argument of a law")
        if isinstance(type_, t.Peer):
            raise ValueError("has a Peer inside another type; a peer must be a whole argument")
        return type_

    def _once(self, key: Any, make: Callable[[], t.Type], name: str | None = None) -> t.Type:
        name = name or key.__name__
        if name in self._named:
            known, type_ = self._named[name]
            if known != key:
                raise ValueError(f"is a second type named {name}; rename one of the two")
            return type_
        if not name.isascii():
            raise ValueError(f"is {name}, which Go cannot export; use ASCII letters in the name")
        type_ = make()
        self._named[name] = (key, type_)
        return type_


def split(annotation: Any, markers: Sequence[words.Marker]) -> tuple[Any, list[words.Marker]]:
    """Return an annotation without the given markers, and the markers that it had."""
    plain, metadata = _unwrapped(annotation)
    kept = [m for m in metadata if m not in markers]
    return _with(plain, kept), [m for m in metadata if m in markers]


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return an annotation without `Annotated`, and its metadata, the innermost last."""
    metadata: tuple[Any, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = (*more, *metadata)
    return annotation, metadata


def _int(c: Constraints, schema_versions: Sequence[int]) -> t.Type:
    lo, hi = c.int_bounds()
    if c.choices is not None:
        numbers = [choice for choice in c.choices if type(choice) is int]
        if len(numbers) < len(c.choices):
            odd = next(choice for choice in c.choices if type(choice) is not int)
            raise ValueError(f"is an int with the choice {odd!r}, which is not an int; give whole numbers")
        lo = min(numbers) if lo is None else lo
        hi = max(numbers) if hi is None else hi
    if lo is None or hi is None:
        raise ValueError(
            "is an int without bounds, which has no Go or Rust type; use I64 or U64, or give ge and lt"
            + (", or write Annotated[int, schema_version] if it is one" if schema_versions else "")
        )
    if lo > hi:
        raise ValueError(f"is an int between {lo} and {hi}, which leaves no value; swap the bounds")
    if lo < t.I64_MIN or hi > (t.I64_MAX if lo < 0 else t.U64_MAX):
        raise ValueError(f"is an int between {lo} and {hi}, which does not fit 64 bits; narrow the bounds")
    return t.Int(lo, hi)


def _with(annotation: Any, constraints: list[Any]) -> Any:
    """Return an annotation with additional constraints."""
    return Annotated[(annotation, *constraints)] if constraints else annotation


def _marker_name(marker: Any) -> str:
    if not isinstance(marker, type):
        raise ValueError(
            f"is a Handle of {annotation_text(marker)}; name a class that says what kind of handle it is"
        )
    return marker.__name__


def _advice(annotation: Any) -> str:
    if get_origin(annotation) is list or annotation in (list, tuple):
        return "use tuple[T, ...]"
    if get_origin(annotation) in (set, frozenset) or annotation in (set, frozenset):
        return "use Annotated[tuple[T, ...], unordered]"
    if annotation is dict:
        return "use dict[K, V]"
    if get_origin(annotation) is typing.Literal:
        return "use an Enum"
    return "use an attrs class, or a Payload in a codec"
