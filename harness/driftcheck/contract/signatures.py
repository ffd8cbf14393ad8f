"""
Reads the signatures of a contract class's methods: arguments, results, and their types.

Knows Python's functions and the annotations of contracts. Knows nothing of decorators or whole contracts.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any, get_type_hints

from driftcheck.contract.annotations import Annotations, split
from driftcheck.contract.schema import Argument
from driftcheck.contract.words import schema_version
from driftcheck.core import types as t
from driftcheck.core.errors import ContractError


class Signatures:
    """Reads signatures; its errors name the contract and the place that the caller gives.

    Args:
        scope: the local names of the function that the contract is written in, if any.
    """

    def __init__(self, cls: type, name: str, scope: Mapping[str, Any]) -> None:
        self.cls = cls
        self.name = name
        self.scope = scope
        self.annotations = Annotations(scope)

    def fail(self, what: str) -> ContractError:
        """Return an error of this contract."""
        return ContractError(self.name, what)

    def hints(self, function: Any, where: str) -> dict[str, Any]:
        """Return the annotations of a method, by the names of its arguments and 'return'."""
        module = sys.modules.get(self.cls.__module__)
        try:
            return get_type_hints(
                function, vars(module) if module else {}, dict(self.scope), include_extras=True
            )
        except NameError as error:
            raise self.fail(
                f"{where}: the annotation {error.name!r} cannot be resolved; "
                "define or import it above the contract"
            ) from None
        except (TypeError, ValueError, AttributeError, SyntaxError) as error:
            raise self.fail(f"{where}: an annotation cannot be read: {error}; correct it") from None

    def arguments(self, function: Any, hints: dict[str, Any], where: str) -> tuple[Argument, ...]:
        """Return the arguments of a method."""
        found = []
        if inspect.iscoroutinefunction(function):
            raise self.fail(f"{where} is async; make it a plain 'def', since an adapter can wait by itself")
        parameters = list(inspect.signature(function).parameters.values())
        if not parameters or parameters[0].name != "self":
            raise self.fail(f"{where}: its first parameter must be 'self'; add it")
        for parameter in parameters[1:]:
            here = f"{where}: argument {parameter.name!r}"
            if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
                raise self.fail(f"{here} is variadic or keyword-only; declare plain arguments")
            if parameter.default is not parameter.empty:
                raise self.fail(f"{here} has a default; remove it, since every step gives all arguments")
            if parameter.name not in hints:
                raise self.fail(f"{here} has no annotation; annotate it")
            self.check_name(parameter.name, here)
            hint, marks = split(hints[parameter.name], (schema_version,))
            type_ = self.schema_version(hint, here) if marks else self.type(hint, here)
            found.append(Argument(parameter.name, type_, schema_version=bool(marks)))
        return tuple(found)

    def result(self, hints: dict[str, Any], where: str) -> t.Type | None:
        """Return the type of a method's result, or None."""
        if "return" not in hints:
            raise self.fail(f"{where} has no return annotation; add one ('-> None' if it returns nothing)")
        if hints["return"] is type(None):
            return None
        result = self.type(hints["return"], f"{where}: its result")
        if isinstance(result, t.Handle) and result.closing:
            raise self.fail(
                f"{where}: its result is Closing; remove Closing, since only an argument can close a handle"
            )
        if isinstance(result, t.Steps):
            raise self.fail(f"{where}: its result is Steps; only a law can take Steps")
        if isinstance(result, t.Peer):
            raise self.fail(f"{where}: its result is a Peer; only an argument of an operation can be a Peer")
        return result

    def type(self, annotation: Any, where: str) -> t.Type:
        """Return the type of an annotation."""
        try:
            return self.annotations.read(annotation)
        except ValueError as error:
            raise self.fail(f"{where} {error}") from None

    def schema_version(self, annotation: Any, where: str) -> t.Type:
        """Return the type of an argument that is marked schema_version."""
        try:
            return self.annotations.schema_version(annotation)
        except ValueError as error:
            raise self.fail(f"{where} {error}") from None

    def check_name(self, name: str, where: str) -> None:
        """Refuse a name that Go or Rust cannot have."""
        if not name.isascii():
            raise self.fail(f"{where} has a name that Go cannot export; use ASCII letters")
