"""
Preconditions of a model: a trace has no step that the model skips.

The model runs in this process while the trace is drawn. Knows only the protocol of models.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.contract.words import Skip, StepRejected
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.errors import ContractError, DriftcheckError
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Instance, Name, Ref, Step, Trace, cut


def may_skip(model: type) -> bool:
    """Say whether a method of the model uses `Skip`; if none does, the model need not run."""
    return any("Skip" in f.__code__.co_names for _, f in inspect.getmembers(model, inspect.isfunction))


class _Raised(DriftcheckError):
    """A model raised something else than it may."""


class Skipper:
    """A model that has run all steps until now."""

    def __init__(self, schema: Schema, model: type, openings: Sequence[tuple[Any, ...]]) -> None:
        self._schema = schema
        self._models: list[Any] = []
        self._handles: dict[int, Any] = {}
        try:
            call(self._open, model, openings, fails=self._fails("open"))
        except _Raised:
            self._models = []  # a faulty model is reported when it runs as a subject

    def _open(self, model: type, openings: Sequence[tuple[Any, ...]]) -> None:
        self._models = [model() for _ in openings]
        for one, opening in zip(self._models, openings, strict=True):
            if hasattr(one, "open") and opening:
                one.open(*map(self._plain, opening))

    def skips(self, step: Step, number: int) -> bool:
        """Run a step, and say whether the model skips it."""
        refs = [a.step for a in step.arguments if isinstance(a, Ref)]
        if not self._models or any(r not in self._handles for r in refs):
            return False
        try:
            made = call(self._run, step, fails=self._fails(step.operation), passing=(Skip, StepRejected))
        except Skip:
            return True
        except StepRejected:
            return False
        except _Raised:
            self._models = []
            return False
        self._handles[number] = made
        return False

    def _run(self, step: Step) -> Any:
        body = getattr(self._models[step.instance], step.operation)
        return body(*map(self._plain, step.arguments), **self._under(step))

    def _fails(self, operation: str) -> Callable[[Misbehaviour], DriftcheckError]:
        def fails(misbehaviour: Misbehaviour) -> DriftcheckError:
            if misbehaviour.is_raised:
                return _Raised()
            return ContractError(self._schema.name, misbehaviour.sentence(f"the model's {operation!r}"))

        return fails

    def _under(self, step: Step) -> dict[str, Any]:
        """Return the model's argument for the fault, where the operation has faults."""
        meets = self._schema.operation(step.operation).faults
        return {"fault": step.fault and getattr(self._schema.cls, step.fault)} if meets else {}

    def _plain(self, argument: Any) -> Any:
        match argument:
            case Name(value=value):
                return value
            case Ref(step=step):
                return self._handles[step]
            case Instance(number=number):
                return self._models[number]
            case Document(data=data, value=value):
                return Payload(data, value)
            case _:
                return argument


def without_skipped(schema: Schema, model: type, openings: Sequence[tuple[Any, ...]], trace: Trace) -> Trace:
    """Return a trace without the steps that the model skips, and without those that take their handles."""
    skipper = Skipper(schema, model, openings)
    kept = [number for number, step in enumerate(trace.steps) if not skipper.skips(step, number)]
    return trace if len(kept) == len(trace.steps) else cut(trace, kept)
