"""
Reads one annotation, with its constraints, into a type.

Constraints are attrs' own validators: they are read here, never called.
Every mistake is a ValueError whose text continues "argument 'n' ...".
"""

from __future__ import annotations

import enum
import math
import types as python_types
import typing
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import attrs

from driftcheck.codecs.codec import Codec
from driftcheck.contract import types as t
from driftcheck.contract import words

KEYS = (t.Bool, t.Int, t.Text, t.Bytes, t.Enumeration)


class Annotations:
    """Reads annotations; one record, union or enumeration of a name is read once."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[Any, t.Type]] = {}
        self._open: list[type] = []  # records being read, to notice one that contains itself

    def read(self, annotation: Any) -> t.Type:
        """Return the type that `annotation` says; raises ValueError with the reason."""
        metadata: tuple[Any, ...] = ()
        while get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*more, *metadata)
        constraints = _Constraints()
        for item in metadata:
            constraints.add(item)
        return self._constrained(annotation, constraints)

    def _constrained(self, annotation: Any, c: _Constraints) -> t.Type:
        type_ = self._plain(annotation, c)
        for left in c.unused():
            raise ValueError(f"is {_show(annotation)} with {left}, which has no meaning for it; remove it")
        if c.choices is not None:
            type_ = t.Choice(type_, tuple(c.choices))
        if c.strategy is not None:
            type_ = t.Generated(type_, c.strategy)
        if c.names is not None:
            if c.names < 1:
                raise ValueError(f"has names({c.names}); give at least 1")
            type_ = t.Named(type_, c.names)
        return type_

    def _plain(self, annotation: Any, c: _Constraints) -> t.Type:
        origin, args = get_origin(annotation), get_args(annotation)
        if annotation is bool:
            return t.Bool()
        if annotation is int:
            return self._int(c)
        if annotation is float:
            lo, hi = c.float_bounds()
            return t.Float(lo, hi, c.take("nan_equal"))
        if annotation is str:
            return t.Text(*c.lengths(), c.pattern())
        if annotation is bytes:
            return t.Bytes(*c.lengths())
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            if not len(annotation):
                raise ValueError(f"is {annotation.__name__}, an enum without members; give it some")
            return self._once(annotation, lambda: t.Enumeration(annotation.__name__, annotation))
        if isinstance(annotation, type) and attrs.has(annotation) and annotation is not words.Payload:
            return self._record(annotation)
        if origin is typing.Union or origin is python_types.UnionType:
            return self._union(args, c)
        if origin is tuple:
            if len(args) != 2 or args[1] is not Ellipsis:
                raise ValueError(
                    f"is {_show(annotation)}; a tuple must be tuple[T, ...], else use an attrs class"
                )
            min_len, max_len = c.lengths()
            inner = self._member(args[0], c.take_members())
            return t.Sequence(inner, min_len, max_len, c.take("unordered"))
        if origin is dict:
            return self._mapping(args, c)
        if origin is words.Payload:
            return self._payload(args, c)
        if origin is words.Handle:
            return t.Handle(_marker_name(args[0]))
        if origin is words.Closing:
            if get_origin(args[0]) is not words.Handle:
                raise ValueError("is Closing of something else than a Handle; write Closing[Handle[T]]")
            return t.Handle(_marker_name(get_args(args[0])[0]), closing=True)
        if annotation is words.Steps:
            return t.Steps()
        if origin is list or annotation in (list, set, frozenset, tuple, dict):
            raise ValueError(
                f"is {_show(annotation)}, which has no canonical encoding; use tuple[T, ...], dict[K, V] "
                "or an attrs class"
            )
        raise ValueError(
            f"is {_show(annotation)}, which has no canonical encoding; use an attrs class or a declared codec"
        )

    def _int(self, c: _Constraints) -> t.Type:
        if c.choices is not None and all(type(v) is int for v in c.choices):
            lo, hi = min(c.choices), max(c.choices)
            c.int_bounds()
        else:
            bounds = c.int_bounds()
            if None in bounds:
                raise ValueError(
                    "is an int without bounds, which has no Go or Rust type; use I64 or U64, or give ge and lt"
                )
            lo, hi = bounds
        if lo > hi:
            raise ValueError(f"is an int between {lo} and {hi}, which no value is; swap the bounds")
        if lo < t.I64_MIN or hi > (t.I64_MAX if lo < 0 else t.U64_MAX):
            raise ValueError(
                f"is an int between {lo} and {hi}, which does not fit 64 bits; narrow the bounds"
            )
        return t.Int(lo, hi)

    def _record(self, cls: type) -> t.Type:
        if cls in self._open:
            raise ValueError(f"is {cls.__name__}, which contains itself; a recursive type has no bound")

        def read() -> t.Type:
            self._open.append(cls)
            try:
                attrs.resolve_types(cls, include_extras=True)
                fields = []
                for a in attrs.fields(cls):
                    try:
                        fields.append(t.Field(a.name, self._field(a)))
                    except ValueError as error:
                        raise ValueError(f"is {cls.__name__}, whose field {a.name!r} {error}") from None
                return t.Record(cls.__name__, cls, tuple(fields), (cls.__doc__ or "").strip())
            except NameError as error:
                raise ValueError(
                    f"is {cls.__name__}, whose annotation {error.name!r} cannot be resolved; define it above"
                ) from None
            finally:
                self._open.pop()

        return self._once(cls, read)

    def _field(self, attribute: attrs.Attribute[Any]) -> t.Type:
        if attribute.type is None:
            raise ValueError("has no annotation; annotate it")
        if attribute.validator is None:
            return self.read(attribute.type)
        return self.read(Annotated[attribute.type, attribute.validator])

    def _union(self, args: tuple[Any, ...], c: _Constraints) -> t.Type:
        rest = [a for a in args if a is not type(None)]
        if len(rest) < len(args) and len(rest) == 1:
            return t.Optional(self._member(rest[0], c.take_all()))
        alternatives = [self.read(a) for a in rest]
        if not all(isinstance(a, t.Record) for a in alternatives):
            shown = " | ".join(_show(a) for a in args)
            raise ValueError(f"is {shown}; alternatives must be attrs classes")
        records = tuple(a for a in alternatives if isinstance(a, t.Record))
        name = "Or".join(a.name for a in records)
        union = self._once(tuple(rest), lambda: t.Union(name, records), name)
        return t.Optional(union) if len(rest) < len(args) else union

    def _mapping(self, args: tuple[Any, ...], c: _Constraints) -> t.Type:
        key = self.read(args[0])
        if not isinstance(t.bare(key), KEYS):
            raise ValueError(f"is a dict with keys of {_show(args[0])}; use bool, int, str, bytes or an Enum")
        return t.Mapping(key, self.read(args[1]), *c.lengths())

    def _payload(self, args: tuple[Any, ...], c: _Constraints) -> t.Type:
        value, codec = args
        if not (isinstance(codec, type) and issubclass(codec, Codec)):
            raise ValueError(f"is a Payload in {codec!r}, which is no codec; name a class such as Json")
        return t.Payload(self.read(value), codec(), tuple(c.take_seeds()))

    def _member(self, annotation: Any, c: _Constraints) -> t.Type:
        """Read an inner type with constraints of its own beside those that were given from outside."""
        inner = self.read(annotation) if c.is_empty() else None
        if inner is not None:
            return inner
        return self.read(Annotated[(annotation, *c.items)])

    def _once(self, key: Any, make: Callable[[], t.Type], name: str | None = None) -> t.Type:
        name = name or key.__name__
        if name in self._named:
            known, type_ = self._named[name]
            if known != key:
                raise ValueError(f"is a second type named {name}; rename one of the two")
            return type_
        type_ = make()
        self._named[name] = (key, type_)
        return type_


class _Constraints:
    """The constraints given for one annotation; what nobody took was meaningless there."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.names: int | None = None
        self.strategy: Any = None
        self.choices: list[Any] | None = None
        self._bounds: list[tuple[str, Any]] = []
        self._min_len: int | None = None
        self._max_len: int | None = None
        self._pattern: Any = None
        self._members: list[Any] = []
        self._flags: set[str] = set()
        self._seeds: list[str] = []

    def add(self, item: Any) -> None:
        self.items.append(item)
        match type(item).__name__, item:
            case "_NumberValidator", _:
                self._bounds.append((item.compare_op, item.bound))
            case "_InValidator", _:
                self.choices = list(item.options)
            case "_MinLengthValidator", _:
                self._min_len = item.min_length
            case "_MaxLengthValidator", _:
                self._max_len = item.max_length
            case "_MatchesReValidator", _:
                self._pattern = item.pattern
            case "_OptionalValidator", _:
                self.items.pop()
                inner = item.validator
                for one in inner if isinstance(inner, list | tuple) else (inner,):
                    self.add(one)
            case "_AndValidator", _:
                self.items.pop()
                for one in item._validators:
                    self.add(one)
            case "_DeepIterable", _:
                self._members.append(item.member_validator)
                if item.iterable_validator is not None:
                    self.add(item.iterable_validator)
            case "_InstanceOfValidator", _:
                pass  # the annotation has said it
            case _, words.names():
                self.names = item.count
            case _, words.generated():
                self.strategy = item.strategy
            case _, words.seeds():
                self._seeds.append(item.pattern)
            case _, words.Flag():
                self._flags.add(item.name)
            case _:
                raise ValueError(
                    f"has the constraint {item!r}, which tells a generator nothing; use attrs' ge, gt, le, lt, in_, "
                    "min_len, max_len, matches_re, optional, deep_iterable or and_, or give generated(strategy)"
                )

    def is_empty(self) -> bool:
        return not self.items

    def int_bounds(self) -> tuple[Any, Any]:
        lo = hi = None
        for op, bound in self._bounds:
            if type(bound) is not int:
                raise ValueError(f"is an int with the bound {bound!r}, which is no int; give a whole number")
            match op:
                case ">=":
                    lo = bound if lo is None else max(lo, bound)
                case ">":
                    lo = bound + 1 if lo is None else max(lo, bound + 1)
                case "<=":
                    hi = bound if hi is None else min(hi, bound)
                case "<":
                    hi = bound - 1 if hi is None else min(hi, bound - 1)
        self._bounds = []
        return lo, hi

    def float_bounds(self) -> tuple[float, float]:
        lo, hi = -math.inf, math.inf
        for op, bound in self._bounds:
            value = float(bound)
            match op:
                case ">=":
                    lo = max(lo, value)
                case ">":
                    lo = max(lo, math.nextafter(value, math.inf))
                case "<=":
                    hi = min(hi, value)
                case "<":
                    hi = min(hi, math.nextafter(value, -math.inf))
        self._bounds = []
        return lo, hi

    def lengths(self) -> tuple[int, int | None]:
        lengths = (self._min_len or 0, self._max_len)
        self._min_len = self._max_len = None
        if lengths[1] is not None and lengths[0] > lengths[1]:
            raise ValueError(f"has min_len {lengths[0]} above max_len {lengths[1]}; swap them")
        return lengths

    def pattern(self) -> Any:
        pattern, self._pattern = self._pattern, None
        return pattern

    def take(self, flag: str) -> bool:
        present = flag in self._flags
        self._flags.discard(flag)
        return present

    def take_members(self) -> _Constraints:
        inner = _Constraints()
        for item in self._members:
            inner.add(item)
        self._members = []
        return inner

    def take_all(self) -> _Constraints:
        """Hand on everything but what stands outside an optional: names, generated."""
        inner = _Constraints()
        for item in self.items:
            if not isinstance(item, words.names | words.generated):
                inner.add(item)
        names, strategy = self.names, self.strategy
        self.__init__()  # type: ignore[misc] # all was handed on
        self.names, self.strategy = names, strategy
        return inner

    def take_seeds(self) -> list[str]:
        seeds, self._seeds = self._seeds, []
        return seeds

    def unused(self) -> list[str]:
        left = [f"{op} {bound}" for op, bound in self._bounds]
        left += [f"min_len({self._min_len})"] if self._min_len is not None else []
        left += [f"max_len({self._max_len})"] if self._max_len is not None else []
        left += ["matches_re"] if self._pattern is not None else []
        left += ["deep_iterable"] if self._members else []
        left += sorted(self._flags)
        left += [f"seeds({s!r})" for s in self._seeds]
        return left


def _marker_name(marker: Any) -> str:
    name = getattr(marker, "__name__", None)
    if not isinstance(marker, type) or name is None:
        raise ValueError(f"is a Handle of {marker!r}; name a class that stands for what the handle is")
    return str(name)


def _show(annotation: Any) -> str:
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return str(annotation).replace("typing.", "")
