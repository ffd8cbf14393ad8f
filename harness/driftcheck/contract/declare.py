"""
The words in which authors write contracts: a class, decorators, markers.

Owns what stands in an author's module. What it says is read into data by `read`, once, when the class is made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Annotated, Any, ClassVar, Generic, TypeVar, overload

import attrs
from attrs.validators import ge, lt

from driftcheck.contract.schema import Schema
from driftcheck.errors import ContractError

T = TypeVar("T")
C = TypeVar("C")
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
    """

    def __init__(self, doc: str, *, catch_all: bool = False) -> None:
        self.doc = doc
        self.catch_all = catch_all
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __call__(self, detail: Any = None) -> StepRejected:
        """Return the exception that a model raises to reject."""
        return StepRejected(self, detail)

    def __repr__(self) -> str:
        return f"<rejection {self.name}>"


@attrs.frozen
class Payload(Generic[T, C]):
    """The bytes of a value of T in the codec C: an argument that is read, or a result that was written."""

    data: bytes
    value: T | None = None  # what well-formed bytes were encoded from; only models and laws see it


@attrs.frozen
class Handle(Generic[T]):
    """Something that a step makes and later steps use: an iterator, a token. Never compared."""

    value: Any = None  # what a model keeps


class Closing(Generic[T]):
    """Marks the argument whose handle ends with the step: `Closing[Handle[T]]`."""

    value: Any


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
class seeds:  # noqa: N801
    """Real documents, by a glob relative to the contract's module: run as they are, then mutated."""

    pattern: str


@attrs.frozen
class _Flag:
    name: str


unordered = _Flag("unordered")
nan_equal = _Flag("nan_equal")

I64 = Annotated[int, ge(-(2**63)), lt(2**63)]
U64 = Annotated[int, ge(0), lt(2**64)]


@attrs.frozen
class OperationMark:
    """What the decorator of an operation says."""

    rejects: tuple[Rejection, ...]
    query: bool
    idempotent: bool
    weight: int


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
    *, rejects: list[Rejection] | tuple[Rejection, ...] = (), idempotent: bool = False, weight: int = 10
) -> Callable[[F], F]: ...
def operation(
    function: F | None = None,
    /,
    *,
    rejects: list[Rejection] | tuple[Rejection, ...] = (),
    idempotent: bool = False,
    weight: int = 10,
) -> F | Callable[[F], F]:
    """Declare an operation.

    Args:
        rejects: the rejections with which it may refuse, besides the catch-all one.
        idempotent: repeated at once with the same arguments, it changes nothing more.
        weight: how often it is generated, relative to the others; 1 to 1000.
    """
    mark = OperationMark(tuple(rejects), query=False, idempotent=idempotent, weight=weight)
    return _mark(function, mark) if function is not None else lambda f: _mark(f, mark)


@overload
def query(function: F, /) -> F: ...
@overload
def query(*, rejects: list[Rejection] | tuple[Rejection, ...] = (), weight: int = 10) -> Callable[[F], F]: ...
def query(
    function: F | None = None,
    /,
    *,
    rejects: list[Rejection] | tuple[Rejection, ...] = (),
    weight: int = 10,
) -> F | Callable[[F], F]:
    """Declare an operation that must leave the state as it is; arguments as for `operation`."""
    mark = OperationMark(tuple(rejects), query=True, idempotent=False, weight=weight)
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


def snake_case(name: str) -> str:
    """Turn CamelCase into snake_case; a run of capitals is one word."""
    out = []
    for i, ch in enumerate(name):
        starts_word = ch.isupper() and i > 0
        if starts_word and (not name[i - 1].isupper() or (i + 1 < len(name) and name[i + 1].islower())):
            out.append("_")
        out.append(ch.lower())
    return "".join(out).replace("__", "_")


class _Body(dict[str, Any]):
    """A class body that notices when one operation overwrites another."""

    def __init__(self, contract: str) -> None:
        super().__init__()
        self.contract = contract

    def __setitem__(self, key: str, value: Any) -> None:
        before = self.get(key)
        if isinstance(getattr(before, "__driftcheck__", None), OperationMark | LawMark | InvariantMark):
            raise ContractError(self.contract, f"{key!r} is declared twice; give one of the two another name")
        super().__setitem__(key, value)


class _ContractMeta(type):
    @classmethod
    def __prepare__(
        metacls, name: str, bases: tuple[type, ...], /, **kwargs: Any
    ) -> MutableMapping[str, object]:
        return _Body(kwargs.get("name") or snake_case(name))

    def __new__(
        metacls, name: str, bases: tuple[type, ...], body: Mapping[str, Any], /, **kwargs: Any
    ) -> type:
        return super().__new__(metacls, name, bases, dict(body), **kwargs)


class Contract(metaclass=_ContractMeta):
    """What every implementation of one thing promises.

    A direct subclass is a contract: its decorated methods are operations, invariants and laws,
    `open` and `state` are what their names say, its class attributes that are `Rejection`s are the
    classes of refusal. A subclass *of a contract* is its model: the same methods, with bodies.

    Args:
        name: how the command line and the entry point call it; by default the class's name in snake case.
        version: of the contract itself, for people; it is not part of the wire fingerprint.

    Raises:
        ContractError: when the class is made, for whatever could not be kept later.
    """

    __driftcheck_schema__: ClassVar[Schema]
    __driftcheck_model__: ClassVar[bool] = False

    def __init_subclass__(cls, *, name: str | None = None, version: int = 1) -> None:
        super().__init_subclass__()
        from driftcheck.contract.read import check_model, read_contract

        parents = [b for b in cls.__mro__[1:] if b is not Contract and issubclass(b, Contract)]
        if parents:
            cls.__driftcheck_model__ = True
            check_model(cls, cls.__driftcheck_schema__)
        else:
            # Frame 1 is the scope that holds the class statement: its names resolve annotations
            # of contracts that are written inside a function.
            scope = sys._getframe(2).f_locals if sys._getframe(1).f_code.co_name == "__new__" else {}
            cls.__driftcheck_schema__ = read_contract(cls, name or snake_case(cls.__name__), version, scope)

    def __init__(self) -> None:
        pass


def schema_of(contract: type) -> Schema:
    """Return the data of a contract class, or of the contract of a model class.

    Raises:
        ContractError: `contract` is not a contract class.
    """
    if not (isinstance(contract, type) and issubclass(contract, Contract)) or contract is Contract:
        raise ContractError(
            getattr(contract, "__name__", repr(contract)), "is not a subclass of driftcheck.Contract"
        )
    return contract.__driftcheck_schema__
