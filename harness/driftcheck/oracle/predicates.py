"""
Predicates of a contract's author: functions that say whether an asymmetry covers what was observed.

A file gives the name of such a function, and never of a module: only a function that the contract's own
module defines is found. Knows nothing of files.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.author_code import Misbehaviour, call, place_of, shown
from driftcheck.core.errors import ContractError
from driftcheck.core.suggest import advice
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle.signature import Observed
from driftcheck.values.encoding import as_payload

LONGEST = 60  # characters of what a function returns
RULE = "it must return True or False for any step of the operation"


def observed(schema: Schema, execution: Execution, number: int) -> Observed:
    """Return what a step of an execution was asked, and how each subject answered it."""
    step = execution.trace.steps[number]
    operation = schema.operation(step.operation)
    arguments = {
        argument.name: as_payload(value)
        for argument, value in zip(operation.arguments, step.arguments, strict=True)
    }
    outcomes = {name: answer.outcome(operation, number) for name, answer in execution.answers.items()}
    return Observed(step.operation, arguments, outcomes)


@attrs.frozen(eq=False)
class Predicate:
    """A function of the contract's module, as an entry names it."""

    schema: Schema = attrs.field(repr=False)
    function: FunctionType

    @classmethod
    def named(cls, name: str, schema: Schema) -> Predicate:
        """Find a function; raises ValueError where the contract's module defines none of that name."""
        module = sys.modules[schema.cls.__module__]
        known = functions_of(module)
        if name not in known:
            raise ValueError(
                f"{name!r} is not a function that the contract's module {module.__name__!r} defines; "
                f"{advice(name, known, what='its functions')}"
            )
        return cls(schema, known[name])

    def holds(self, seen: Observed) -> bool:
        """Call the function; raises ContractError where it raises, does not end, or returns no bool."""
        who = f"function {self.function.__name__!r}, which asymmetries name,"

        def fails(misbehaviour: Misbehaviour) -> ContractError:
            return ContractError(self.schema.name, misbehaviour.sentence(who, RULE))

        held: Any = call(
            self.function, seen.operation, dict(seen.arguments), dict(seen.outcomes), fails=fails
        )
        if type(held) is not bool:
            what = f"{who} returned {shown(held, LONGEST)}{place_of(self.function)}"
            raise ContractError(self.schema.name, f"{what}; {RULE}")
        return held


def functions_of(module: Any) -> Mapping[str, FunctionType]:
    """Return the functions that a module defines itself, by name; what it imports is not among them."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }
