"""
Preconditions that a model states: steps that it skips are not in a trace.

The model runs beside the drawing, in this process. Knows models by their protocol alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.contract.words import Skip, StepRejected
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Instance, Name, Ref, Step


def may_skip(model: type) -> bool:
    """Say whether any method of the model speaks of `Skip`; one that does not need not run."""
    return any("Skip" in f.__code__.co_names for _, f in inspect.getmembers(model, inspect.isfunction))


class Skipper:
    """A model that has done the steps so far."""

    def __init__(self, schema: Schema, model: type, openings: Sequence[tuple[Any, ...]]) -> None:
        self._schema = schema
        self._models: list[Any] = [model() for _ in openings]
        self._handles: dict[int, Any] = {}
        try:
            for one, opening in zip(self._models, openings, strict=True):
                if hasattr(one, "open") and opening:
                    one.open(*map(self._plain, opening))
        except Exception:
            self._models = []  # what a model does wrong is found when it runs as a subject

    def skips(self, step: Step, number: int) -> bool:
        """Do a step; say whether the model skips it."""
        refs = [a.step for a in step.arguments if isinstance(a, Ref)]
        if not self._models or any(r not in self._handles for r in refs):
            return False
        try:
            body = getattr(self._models[step.instance], step.operation)
            made = body(*map(self._plain, step.arguments), **self._under(step))
        except Skip:
            return True
        except StepRejected:
            return False
        except Exception:
            self._models = []
            return False
        self._handles[number] = made
        return False

    def _under(self, step: Step) -> dict[str, Any]:
        """Return what a model is told of a fault, where the operation meets any."""
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
