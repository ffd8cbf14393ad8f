"""
The words of contracts: decorators, markers, and the values that models and laws see.

Owns what authors write besides the contract class itself. Knows nothing of how a contract is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar, overload

import attrs
from attrs.validators import ge, lt

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Skip(Exception):
    """Raised by a model when a step makes no sense in its state, so driftcheck does not generate it."""


class StepRejected(Exception):
    """Raised by a model that rejects a step, and seen by a law whose call a subject rejected."""

    def __init__(self, rejection: Rejection, detail: Any = None) -> None:
        super().__init__(rejection.name)
        self.rejection = rejection
        self.detail = detail


class Rejection:
    """A class of rejection that all subjects share.

    Args:
        doc: what it means, in a few words; the generated code shows it.
        catch_all: stands for all errors that an adapter passes on as the library's own
            (`driftcheck.Library(err)` in Go, `map_err(driftcheck::library)` in Rust). Every operation may
            reject with it. A contract has at most one.
        retryable: the same step may succeed later with the same arguments. It is for readers of the
            contract; leave it False if you do not know.
        detail: the type of the value that comes with it, which is compared like a result; None: no value.
            A catch-all rejection has none, since a library chooses its own errors.
    """

    def __init__(
        self, doc: str, *, catch_all: bool = False, retryable: bool = False, detail: Any = None
    ) -> None:
        self.doc = doc
        self.catch_all = catch_all
        self.retryable = retryable
        self.detail = detail
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __call__(self, detail: Any = None) -> StepRejected:
        """Return the exception that a model raises to reject a step."""
        return StepRejected(self, detail)

    def __repr__(self) -> str:
        return f"<rejection {self.name}>"


class SchemaVersions:
    """The schema versions of a contract's documents, and which reader accepts which.

    Each instance has one schema version: `open` takes it as the argument marked `schema_version`. An accepted
    step with such an argument moves the instance to that schema version. A document has its schema version
    in a field with the same mark. Other fields may be marked `since` or `until` a schema version.

    Args:
        numbers: at least two whole numbers of 0 or more, in ascending order.
        reads: a function (reader, writer) that says whether a reader of one schema version accepts a
            document of another, such as `neighbours`. Required.
        otherwise: the rejection of a document that the reader does not accept. It has priority over all
            other rejections. Required.
    """

    def __init__(
        self,
        *numbers: int,
        reads: Callable[[int, int], bool] | None = None,
        otherwise: Rejection | None = None,
    ) -> None:
        self.numbers = numbers
        self.reads = reads
        self.otherwise = otherwise
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


def neighbours(reader: int, writer: int) -> bool:
    """Tell whether a reader accepts a document whose schema version differs from its own by at most 1."""
    return abs(reader - writer) <= 1


def backward(reader: int, writer: int) -> bool:
    """Tell whether a reader accepts a document of its own or of an earlier schema version."""
    return writer <= reader


@attrs.frozen(repr=False)
class since:  # noqa: N801 - see `names`
    """Marks a field that documents have from this schema version on; in earlier ones it is None.

    It cannot be the first schema version, since every document has such a field.
    """

    schema_version: int

    def __repr__(self) -> str:
        return f"since({self.schema_version!r})"


@attrs.frozen(repr=False)
class until:  # noqa: N801
    """Marks a field that documents have before this schema version; from it on the field is None.

    It cannot be the first schema version, since no document has such a field.
    """

    schema_version: int

    def __repr__(self) -> str:
        return f"until({self.schema_version!r})"


class Fault:
    """Something that goes wrong during a step, such as a lost message; the adapter makes it happen.

    Args:
        doc: what happens, in a few words; the generated code shows it.
    """

    def __init__(self, doc: str) -> None:
        self.doc = doc
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<fault {self.name}>"


class Closing(Generic[T]):
    """Marks an argument whose handle the step closes: `Closing[Handle[T]]`."""

    value: Any


class _OtherInstance:
    """Marks the annotation of a peer."""


Peer = Annotated[Any, _OtherInstance()]
"""Another instance of the same trace, as an argument; a model receives that instance itself."""


class Steps:
    """Generated steps, as an argument of a law; `self.run(steps)` runs them."""


@attrs.frozen
class names:  # noqa: N801 - it reads like attrs' own constraints
    """Draw `count` values once for each trace and use them in all its steps (names in play)."""

    count: int


@attrs.frozen(eq=False)
class generated:  # noqa: N801
    """Draw from a Hypothesis strategy, for what constraints cannot express."""

    strategy: Any


@attrs.frozen
class corpus:  # noqa: N801
    """Real documents, named by a glob relative to the contract's module. They run unchanged and mutated."""

    pattern: str


@attrs.frozen
class Marker:
    """A constraint without a value."""

    name: str


unordered = Marker("unordered")
nan_equal = Marker("nan_equal")
shared = Marker("shared")  # for an argument of `open`: all instances get the same value
distinct = Marker("distinct")  # for an argument of `open`: each instance gets a different value
flag = Marker("flag")  # for an argument of `open`: it changes no result
schema_version = Marker(
    "schema_version"
)  # for an argument or a field of a payload: its value is one of the contract's schema versions

I64 = Annotated[int, ge(-(2**63)), lt(2**63)]
U64 = Annotated[int, ge(0), lt(2**64)]


@attrs.frozen
class OperationMark:
    """The arguments of the decorator of an operation."""

    rejects: Sequence[Rejection]
    query: bool
    idempotent: bool
    weight: int
    changes_peer: bool = False
    faults: Sequence[Fault] = ()
    history: bool = False
    neutral: bool = False


@attrs.frozen
class LawMark:
    """The arguments of the decorator of a law."""

    fresh: bool


class InvariantMark:
    """Marks an invariant."""


Mark = OperationMark | LawMark | InvariantMark


def _mark(function: F, mark: Mark) -> F:
    function.__driftcheck__ = mark  # type: ignore[attr-defined] # functions take attributes
    return function


@overload
def operation(function: F, /) -> F: ...
@overload
def operation(
    *,
    rejects: list[Rejection] | tuple[Rejection, ...] = (),
    idempotent: bool = False,
    weight: int = 10,
    changes_peer: bool = False,
    faults: list[Fault] | tuple[Fault, ...] = (),
    neutral: bool = False,
) -> Callable[[F], F]: ...
def operation(
    function: F | None = None,
    /,
    *,
    rejects: list[Rejection] | tuple[Rejection, ...] = (),
    idempotent: bool = False,
    weight: int = 10,
    changes_peer: bool = False,
    faults: list[Fault] | tuple[Fault, ...] = (),
    neutral: bool = False,
) -> F | Callable[[F], F]:
    """Declare an operation.

    Args:
        rejects: the rejections that it may return, in addition to the catch-all one.
        idempotent: repeating it at once with the same arguments changes nothing more.
        weight: how often it is generated, relative to the other operations; 1 to 1000.
        changes_peer: it may change the instance that it takes as `Peer`. Without this, such a change is a
            finding.
        faults: what may go wrong during it; one step in five has one of them.
        neutral: it changes neither the state nor the result of any other step, like changing a flag.
    """
    mark = OperationMark(
        rejects,
        query=False,
        idempotent=idempotent,
        weight=weight,
        changes_peer=changes_peer,
        faults=faults,
        neutral=neutral,
    )
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)


@overload
def query(function: F, /) -> F: ...
@overload
def query(
    *, rejects: list[Rejection] | tuple[Rejection, ...] = (), weight: int = 10, history: bool = False
) -> Callable[[F], F]: ...
def query(
    function: F | None = None,
    /,
    *,
    rejects: list[Rejection] | tuple[Rejection, ...] = (),
    weight: int = 10,
    history: bool = False,
) -> F | Callable[[F], F]:
    """Declare an operation that must not change the state.

    Args:
        rejects: as for `operation`.
        weight: as for `operation`.
        history: its result may depend on rejected steps, as in an audit log. Without this, a rejected step
            must not change any later result.
    """
    mark = OperationMark(rejects, query=True, idempotent=False, weight=weight, history=history)
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)


def invariant(function: F) -> F:
    """Declare a predicate over the state that must hold in every subject after every step."""
    return _mark(function, InvariantMark())


@overload
def law(function: F, /) -> F: ...
@overload
def law(*, fresh: bool = False) -> Callable[[F], F]: ...
def law(function: F | None = None, /, *, fresh: bool = False) -> F | Callable[[F], F]:
    """Declare a property of one subject, which is the law's `self`; its calls are ordinary steps.

    A law must be deterministic, since driftcheck runs it again from the start after each answered call.

    Args:
        fresh: start from a newly opened subject instead of a state that random steps reached.
    """
    mark = LawMark(fresh)
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)
