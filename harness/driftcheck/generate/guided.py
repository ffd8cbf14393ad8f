"""
Guided traces: drawn by what earlier traces of the run have shown.

They are those that `strategy` draws; only how likely each is differs. So each can be lifted, and is shrunk
without guidance.
"""

from __future__ import annotations

from driftcheck.core.trace import Trace
from driftcheck.generate.coder import Steering
from driftcheck.generate.dice import Dice, Source
from driftcheck.generate.guidance import Guidance
from driftcheck.generate.guide import Guide
from driftcheck.generate.guided_trace import GuidedTrace
from driftcheck.generate.strategy import Interpreter, TraceStrategy


class GuidedTraces(TraceStrategy):
    """Traces of a contract, which follow a guide where it has state.

    The same seed gives the same traces if the guide is told the same.
    """

    def __init__(self, interpreter: Interpreter, guidance: Guidance | None = None) -> None:
        super().__init__(interpreter)
        self.guide = Guide(interpreter, guidance)

    def draw_steered(self, data: Source, steering: Steering | None) -> Trace:
        if not isinstance(data, Dice) or self.interpreter.plan.is_stateless:
            return super().draw_steered(data, steering)
        swarm = self.guide.swarm(data)
        if not swarm.is_guided:
            return super().draw_steered(data, steering)
        return GuidedTrace(self.guide, data, swarm, steering).draw()

    def __repr__(self) -> str:
        return f"guided traces({self.interpreter.plan.contract})"
