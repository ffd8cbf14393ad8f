"""
The class that authors write: a direct subclass of `Contract` is a contract, a subclass of that its model.

Owns the moment in which such a class is made: what it says is read into data then, once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar

from driftcheck.contract.model import check_model
from driftcheck.contract.read import read_contract
from driftcheck.contract.schema import Schema
from driftcheck.contract.words import InvariantMark, LawMark, OperationMark
from driftcheck.core.errors import ContractError

if TYPE_CHECKING:
    from typing import Self

    from driftcheck.contract.words import Steps


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
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **kwargs: Any) -> MutableMapping[str, object]:
        return _Body(str(kwargs.get("name") or snake_case(name)))

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

    if TYPE_CHECKING:  # what a law's `self` has beside the operations

        @property
        def instances(self) -> tuple[Self, ...]:
            """Return all instances of the trace."""

        def run(self, steps: Steps) -> None:
            """Run a generated run of steps."""

    def __init_subclass__(
        cls, *, name: str | None = None, version: int = 1, instances: int = 1, **unknown: object
    ) -> None:
        super().__init_subclass__()
        own = name or snake_case(cls.__name__)
        if unknown:
            raise ContractError(
                str(own), f"its class takes name, version and instances, not {', '.join(unknown)}; remove it"
            )
        if not isinstance(own, str):
            raise ContractError(str(own), f"its name is {own!r}; give text")
        parents = [b for b in cls.__mro__[1:] if b is not Contract and issubclass(b, Contract)]
        if parents:
            cls.__driftcheck_model__ = True
            check_model(cls, cls.__driftcheck_schema__)
        else:
            # Frame 1 is the scope that holds the class statement: its names resolve annotations
            # of contracts that are written inside a function.
            scope = sys._getframe(2).f_locals if sys._getframe(1).f_code.co_name == "__new__" else {}
            cls.__driftcheck_schema__ = read_contract(cls, own, version, instances, scope)

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
