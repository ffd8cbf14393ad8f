"""
Preconditions that a model states: steps that it skips are not in a trace.

An instance of the model runs beside the drawing, in this process. Knows models by their protocol alone.
"""

from __future__ import annotations

import inspect
from typing import Any

from driftcheck.contract.words import Payload, Skip, StepRejected
from driftcheck.trace import Document, Name, Ref, Step


def may_skip(model: type) -> bool:
    """Say whether any method of the model speaks of `Skip`; of one that does not, no instance need run."""
    return any("Skip" in f.__code__.co_names for _, f in inspect.getmembers(model, inspect.isfunction))


class Skipper:
    """A model that has done the steps so far."""

    def __init__(self, model: type, opening: tuple[Any, ...]) -> None:
        self._model: Any = model()
        self._handles: dict[int, Any] = {}
        opens = getattr(self._model, "open", None)
        try:
            if opens is not None and opening:
                opens(*map(self._plain, opening))
        except Exception:
            self._model = None  # what a model does wrong is found when it runs as a subject

    def skips(self, step: Step, number: int) -> bool:
        """Do a step; say whether the model skips it."""
        refs = [a.step for a in step.arguments if isinstance(a, Ref)]
        if self._model is None or any(r not in self._handles for r in refs):
            return False
        try:
            made = getattr(self._model, step.operation)(*map(self._plain, step.arguments))
        except Skip:
            return True
        except StepRejected:
            return False
        except Exception:
            self._model = None
            return False
        self._handles[number] = made
        return False

    def _plain(self, argument: Any) -> Any:
        match argument:
            case Name(value=value):
                return value
            case Ref(step=step):
                return self._handles[step]
            case Document(data=data, value=value):
                return Payload(data, value)
            case _:
                return argument
