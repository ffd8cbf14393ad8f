"""
The words in which authors write contracts: decorators, markers, and the values that models and laws see.

Owns what stands in an author's module beside the class itself. Knows nothing of how it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar, overload

import attrs
from attrs.validators import ge, lt

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Skip(Exception):
    """Raised by a model where a step would be meaningless: the step is not generated."""


class StepRejected(Exception):
    """A step was refused: raised by models, and seen by laws whose call was rejected."""

    def __init__(self, rejection: Rejection, detail: Any = None) -> None:
        super().__init__(rejection.name)
        self.rejection = rejection
        self.detail = detail


class Rejection:
    """A class of rejection that all subjects share.

    Args:
        doc: what it means, in a few words; stands in the generated code.
        catch_all: takes the errors that an adapter hands on as the library's own
            (`driftcheck.Library(err)` in Go, `map_err(driftcheck::library)` in Rust);
            every operation may reject with it. A contract has at most one.
        retryable: the same step may succeed later, though nobody changes its arguments. Said to readers
            of the contract; False where it is not known.
        detail: the type of what comes with it, which is compared like a value; None: nothing does.
            A catch-all has none, since a library's own errors are of its own making.
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
        """Return the exception that a model raises to reject, with the detail where one is declared."""
        return StepRejected(self, detail)

    def __repr__(self) -> str:
        return f"<rejection {self.name}>"


class SchemaVersions:
    """The schema versions of a contract's documents, and which reader accepts which.

    Each instance has one of them: `open` takes it as the argument marked `schema_version`. An accepted step
    with such an argument moves the instance to that schema version. A document holds its schema version in a
    field with the same mark. Its other fields may be `since` or `until` a schema version.

    Args:
        numbers: ascending, at least two.
        reads: says whether a reader of one schema version accepts a document of another: `neighbours`, for
            example.
        otherwise: the rejection of a document that the reader does not accept; it comes before all others.

    Without `reads` or `otherwise` the contract is refused when its class is made, with its name.
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
    """Say that a reader takes its own schema version, the one before and the one after."""
    return abs(reader - writer) <= 1


def backward(reader: int, writer: int) -> bool:
    """Say that a reader takes its own schema version and all before it."""
    return writer <= reader


@attrs.frozen(repr=False)
class since:  # noqa: N801 - as `names`
    """Say that documents have this field from that schema version on; before, it is None and not written.

    Never the first: such a field would always be there.
    """

    schema_version: int

    def __repr__(self) -> str:
        return f"since({self.schema_version!r})"


@attrs.frozen(repr=False)
class until:  # noqa: N801
    """Say that documents have this field before that schema version; from it on, it is None and not written.

    Never the first: such a field would never be there.
    """

    schema_version: int

    def __repr__(self) -> str:
        return f"until({self.schema_version!r})"


class Fault:
    """Something that goes wrong around a step, such as a message that is lost: the adapter makes it happen.

    Args:
        doc: what happens, in a few words; stands in the generated code.
    """

    def __init__(self, doc: str) -> None:
        self.doc = doc
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<fault {self.name}>"


class Closing(Generic[T]):
    """Marks the argument whose handle ends with the step: `Closing[Handle[T]]`."""

    value: Any


class _OtherInstance:
    """What tells a peer from other arguments."""


Peer = Annotated[Any, _OtherInstance()]
"""Another instance of the same trace, as an argument: a model or a law sees that instance itself."""


class Steps:
    """A generated run of steps, as an argument of a law; `self.run(steps)` runs it."""


@attrs.frozen
class names:  # noqa: N801 - a marker that reads like a constraint, as attrs' own do
    """Draw `count` values once for each trace, to be used by all its steps (names in play)."""

    count: int


@attrs.frozen(eq=False)
class generated:  # noqa: N801
    """Draw from this Hypothesis strategy: for what constraints cannot say."""

    strategy: Any


@attrs.frozen
class corpus:  # noqa: N801
    """Real documents, by a glob relative to the contract's module: run as they are, then mutated."""

    pattern: str


@attrs.frozen
class Marker:
    """A constraint without a value."""

    name: str


unordered = Marker("unordered")
nan_equal = Marker("nan_equal")
shared = Marker("shared")  # of an opening argument: one value for all instances
distinct = Marker("distinct")  # of an opening argument: every instance another value
flag = Marker("flag")  # of an opening argument: it changes no result
schema_version = Marker(
    "schema_version"
)  # of an argument or a payload's field: one of the contract's schema versions

I64 = Annotated[int, ge(-(2**63)), lt(2**63)]
U64 = Annotated[int, ge(0), lt(2**64)]


@attrs.frozen
class OperationMark:
    """What the decorator of an operation says."""

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
    """What the decorator of a law says."""

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
        rejects: the rejections with which it may refuse, besides the catch-all one.
        idempotent: repeated at once with the same arguments, it changes nothing more.
        weight: how often it is generated, relative to the others; 1 to 1000.
        changes_peer: it may change the instance that it is given as `Peer`; without this, that is a finding.
        faults: what may go wrong around it; one step in five meets one of them.
        neutral: it changes no result of any other step, nor the state, as flipping a flag does.
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
    """Declare an operation that must leave the state as it is.

    Args:
        rejects: as for `operation`.
        weight: as for `operation`.
        history: it tells of what was done, steps that were rejected included, as an audit log does; without
            this a rejected step must be forgotten.
    """
    mark = OperationMark(rejects, query=True, idempotent=False, weight=weight, history=history)
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)


def invariant(function: F) -> F:
    """Declare a predicate over the state, which must hold in every subject after every step."""
    return _mark(function, InvariantMark())


@overload
def law(function: F, /) -> F: ...
@overload
def law(*, fresh: bool = False) -> Callable[[F], F]: ...
def law(function: F | None = None, /, *, fresh: bool = False) -> F | Callable[[F], F]:
    """Declare a property over one subject, which is the law's `self`; its calls are ordinary steps.

    It must be deterministic: it is run again from its beginning after each answered call.

    Args:
        fresh: start from a newly opened subject, not from a state that random steps reached.
    """
    mark = LawMark(fresh)
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)
