"""
A contract as data: operations, rejections, laws, invariants. All packages in higher layers read contracts in
this form.

It is frozen, and made once from the class. Knows nothing of generation, hosts or files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.outcome import Outcome
from driftcheck.core.trace import Trace
from driftcheck.values.encoding import OutsideType

WIRE_PROTOCOL = 1  # of the messages between parent and host; docs/reference/wire.md
PLUGIN_PREFIX = "X-"  # of the codes of plugins' checks, which never equal one of driftcheck's own


Across = Literal["each", "shared", "distinct"]


@attrs.frozen
class Argument:
    """A named, typed argument of an operation, of `open` or of a law."""

    name: str
    type: t.Type
    across: Across = "each"  # of `open`: how it is drawn for several instances
    flag: bool = False  # of `open`: it changes no result
    schema_version: bool = False  # the schema version of the instance after the step


@attrs.frozen
class RejectionClass:
    """A class of rejection that all subjects share; `index` is its number on the wire."""

    name: str
    index: int
    doc: str
    catch_all: bool = False  # stands for the errors that an adapter passes on as the library's own
    retryable: bool = False  # the same step may succeed later with the same arguments
    detail: t.Type | None = None  # the type of the value that comes with it; None: no value


@attrs.frozen
class FaultClass:
    """Something that goes wrong around a step; `index` is its number on the wire."""

    name: str
    index: int
    doc: str


@attrs.frozen
class SchemaVersionTable:
    """The schema versions of a contract's documents, and which reader accepts which."""

    name: str
    numbers: tuple[int, ...]  # ascending
    reads: frozenset[tuple[int, int]]  # (reader, writer)
    otherwise: str  # the rejection of a document that the reader does not accept

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """List all pairs of a reader and a writer, accepted or not."""
        return tuple((r, w) for r in self.numbers for w in self.numbers)


@attrs.frozen
class Operation:
    """What can be done: one method of the contract class; `index` is its number on the wire."""

    name: str
    index: int
    arguments: tuple[Argument, ...]
    result: t.Type | None  # None: accepted without a value
    rejects: tuple[str, ...] = ()  # names of rejections, the catch-all ones included
    query: bool = False  # an accepted query must leave the state as it was
    idempotent: bool = False  # when it is repeated at once, it must change nothing more
    changes_peer: bool = False  # it may change the instance that it takes as a peer
    faults: tuple[str, ...] = ()  # names of what may go wrong around it
    history: bool = False  # a query whose result may depend on rejected steps
    neutral: bool = False  # it changes neither the state nor the result of another step
    weight: int = 10  # relative frequency in generated traces; the default is 10
    doc: str = ""


@attrs.frozen(eq=False)
class Invariant:
    """A predicate over the state of each subject after every step."""

    name: str
    predicate: Callable[[Any, Any], bool]  # (contract instance, state)
    doc: str = ""


@attrs.frozen(eq=False)
class Law:
    """A property of one subject, in plain Python; its calls are ordinary steps."""

    name: str
    arguments: tuple[Argument, ...]
    body: Callable[..., bool]  # (caller, *arguments)
    fresh: bool = False  # starts from a newly opened subject, not after random steps
    doc: str = ""


@attrs.frozen
class Finished:
    """A trace that all subjects have executed, as a plugin's check sees it."""

    schema: Schema
    trace: Trace
    outcomes: Sequence[Mapping[str, Outcome | OutsideType]]  # of each step, by subject


@attrs.frozen
class Report:
    """What a plugin's check found at one step of a trace."""

    step: int  # from 0
    detail: str = ""  # one line for people
    path: str = ""  # of the field, such as `tags[3]`; the signature has it without the numbers
    blamed: tuple[str, ...] = ()  # the subjects that are at fault, if the check knows


@attrs.frozen
class PluginCheck:
    """A check that a plugin adds; its code is `X-name`."""

    name: str  # kebab-case
    says: str  # one line
    why: str  # for `driftcheck explain`: what it compares, the usual causes, and what to do
    examine: Callable[[Finished], Report | None]  # returns the first divergence; it must be deterministic

    @property
    def code(self) -> str:
        """Return the stable code of the check."""
        return f"{PLUGIN_PREFIX}{self.name}"


@attrs.frozen(eq=False)
class Schema:
    """One whole contract."""

    name: str  # lower case, also the entry point's name and (without underscores) the Go package's
    cls: type
    doc: str
    version: int
    opening: tuple[Argument, ...]
    state: t.Type | None
    operations: tuple[Operation, ...]
    rejections: tuple[RejectionClass, ...]
    invariants: tuple[Invariant, ...]
    laws: tuple[Law, ...]
    instances: int = 1  # instances of each subject in one trace
    faults: tuple[FaultClass, ...] = ()
    schema_versions: SchemaVersionTable | None = None
    plugin_checks: tuple[PluginCheck, ...] = ()

    def with_codecs(self, change: Callable[[Codec[Any]], Codec[Any]]) -> Schema:
        """Return the contract with a changed codec in each argument that is a payload."""

        def changed(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
            return tuple(attrs.evolve(a, type=t.with_codec(a.type, change)) for a in arguments)

        return attrs.evolve(
            self,
            opening=changed(self.opening),
            operations=tuple(attrs.evolve(o, arguments=changed(o.arguments)) for o in self.operations),
            laws=tuple(attrs.evolve(law, arguments=changed(law.arguments)) for law in self.laws),
        )

    @property
    def slots(self) -> tuple[tuple[Argument, int | None], ...]:
        """List the values that open a trace: each argument with its instance, or None if all share it."""
        if self.instances == 1:
            return tuple((a, None) for a in self.opening)
        return tuple(
            (a, i) for a in self.opening for i in ((None,) if a.across == "shared" else range(self.instances))
        )

    def opening_of(self, values: Sequence[Any], instance: int) -> tuple[Any, ...]:
        """Return the opening arguments of one instance from the values of all slots."""
        return tuple(v for v, (_, i) in zip(values, self.slots, strict=True) if i is None or i == instance)

    @property
    def whole_state(self) -> t.Type | None:
        """Return the type of what is compared after each step: the state, or those of all instances."""
        if self.state is None or self.instances == 1:
            return self.state
        return t.Sequence(self.state, self.instances, self.instances)

    @property
    def is_stateless(self) -> bool:
        """Tell whether a trace has one step, since neither state nor handles connect steps."""
        alone = self.instances == 1
        return alone and self.state is None and not self.opening and not self.handles

    @property
    def handles(self) -> tuple[str, ...]:
        """List the names of the handle types, in order of first use."""
        names = [type_.name for type_ in self.walk() if isinstance(type_, t.Handle)]
        return tuple(dict.fromkeys(names))

    def operation(self, name: str) -> Operation:
        """Return the operation of that name; raises KeyError."""
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise KeyError(name)

    def walk(self) -> Iterator[t.Type]:
        """Yield every type on the wire without wrappers, outermost first; a type may come several times."""
        roots = [a.type for a in self.opening]
        if self.state is not None:
            roots.append(self.state)
        for operation in self.operations:
            roots += [a.type for a in operation.arguments]
            if operation.result is not None:
                roots.append(operation.result)
        roots += [r.detail for r in self.rejections if r.detail is not None]
        stack = list(reversed(roots))
        while stack:
            type_ = t.bare(stack.pop())
            yield type_
            if not isinstance(type_, t.Payload):  # only its bytes are on the wire, never its value
                stack.extend(reversed(t.children(type_)))

    @property
    def named_types(self) -> tuple[t.Record | t.Union | t.Enumeration, ...]:
        """List the records, unions and enumerations on the wire, each once, in order of first use."""
        found: dict[str, t.Record | t.Union | t.Enumeration] = {}
        for type_ in self.walk():
            if isinstance(type_, t.Record | t.Union | t.Enumeration):
                found.setdefault(type_.name, type_)
        return tuple(found.values())

    @property
    def fingerprint(self) -> str:
        """Return the wire fingerprint, 16 hex digits; a library must have been built for the same one."""
        text = json.dumps(self.wire_form(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def wire_form(self) -> dict[str, Any]:
        """Return what the fingerprint covers as JSON data: no docs, laws, weights or bounds of values."""
        return {
            "protocol": WIRE_PROTOCOL,
            "contract": self.name,
            **({} if self.instances == 1 else {"instances": self.instances}),
            **({"faults": [f.name for f in self.faults]} if self.faults else {}),
            "open": [[a.name, shape(a.type)] for a in self.opening],
            "state": None if self.state is None else shape(self.state),
            "operations": [
                [
                    o.name,
                    [[a.name, shape(a.type)] for a in o.arguments],
                    None if o.result is None else shape(o.result),
                    *([list(o.faults)] if o.faults else []),
                ]
                for o in self.operations
            ],
            "rejections": [
                [r.name, r.catch_all, *([] if r.detail is None else [shape(r.detail)])]
                for r in self.rejections
            ],
            "types": {type_.name: _layout(type_) for type_ in self.named_types},
        }


def shape(type_: t.Type) -> Any:
    """Return a type's form on the wire as JSON data; named types by name."""
    match t.bare(type_):
        case t.Bool():
            return "bool"
        case t.Int(lo=lo):
            return "i64" if lo < 0 else "u64"
        case t.Float(nan_equal=nan_equal):
            return "f64-nan-equal" if nan_equal else "f64"
        case t.Text():
            return "text"
        case t.Bytes() | t.Payload():
            return "bytes"
        case t.Record(name=name) | t.Union(name=name) | t.Enumeration(name=name):
            return name
        case t.Optional(inner=inner):
            return ["optional", shape(inner)]
        case t.Sequence(inner=inner, unordered=unordered):
            return ["unordered" if unordered else "sequence", shape(inner)]
        case t.Mapping(key=key, value=value):
            return ["mapping", shape(key), shape(value)]
        case t.Handle(name=name, closing=closing):
            return ["closing" if closing else "handle", name]
        case t.Peer():
            return "peer"
        case other:
            raise AssertionError(f"{other!r} does not travel")


def _layout(type_: t.Record | t.Union | t.Enumeration) -> Any:
    match type_:
        case t.Record(fields=fields):
            return [[f.name, shape(f.type)] for f in fields]
        case t.Union(alternatives=alternatives):
            return {"one-of": [a.name for a in alternatives]}
        case t.Enumeration(members=members):
            return {"members": [m.name for m in members]}
