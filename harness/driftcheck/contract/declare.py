"""
The class that authors write. A direct subclass of `Contract` is a contract; a subclass of that is its model.

Reads each contract once, when Python makes its class. Knows nothing of subjects or runs.
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
    """A class body that detects when one operation overwrites another."""

    def __init__(self, contract: str) -> None:
        super().__init__()
        self.contract = contract

    def __setitem__(self, key: str, value: Any) -> None:
        before = self.get(key)
        if isinstance(getattr(before, "__driftcheck__", None), OperationMark | LawMark | InvariantMark):
            raise ContractError(self.contract, f"{key!r} is declared twice; rename one of the two")
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
    """The promises that every subject must keep.

    A direct subclass is a contract. Its decorated methods are operations, invariants and laws. `open` takes
    the arguments that make an instance, and `state` returns what must be equal in all subjects. Class
    attributes declare rejections, faults and schema versions. A subclass *of a contract* is its model: it
    has the same methods, with bodies.

    Args:
        name: the name on the command line and of the entry point; by default the class's name in snake case.
        version: the version of the contract, at least 1. It is only shown, and not part of the wire
            fingerprint.
        instances: how many instances of each subject a trace has, 1 to 16.

    Raises:
        ContractError: the class has a mistake; raised when Python makes the class.
    """

    __driftcheck_schema__: ClassVar[Schema]
    __driftcheck_model__: ClassVar[bool] = False

    if TYPE_CHECKING:  # what a law's `self` has besides the operations

        @property
        def instances(self) -> tuple[Self, ...]:
            """Return all instances of the trace."""

        def run(self, steps: Steps) -> None:
            """Run the steps that driftcheck generated for an argument of a law."""

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
            # Frame 1 is the scope of the class statement: its names resolve annotations
            # of contracts that are written inside a function.
            scope = sys._getframe(2).f_locals if sys._getframe(1).f_code.co_name == "__new__" else {}
            cls.__driftcheck_schema__ = read_contract(cls, own, version, instances, scope)

    def __init__(self) -> None:
        pass


def schema_of(contract: type) -> Schema:
    """Return the schema of a contract class, or of the contract that a model class belongs to.

    Raises:
        ContractError: `contract` is not a contract class.
    """
    if not (isinstance(contract, type) and issubclass(contract, Contract)) or contract is Contract:
        raise ContractError(
            getattr(contract, "__name__", repr(contract)), "is not a subclass of driftcheck.Contract"
        )
    return contract.__driftcheck_schema__
