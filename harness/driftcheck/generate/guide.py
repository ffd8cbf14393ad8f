"""
The guide of a search: what it draws traces from, and what it has learned from earlier traces.

Draws which part of the contract a trace is drawn from. Knows nothing of subjects: its caller says what a
trace has shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftcheck.core.trace import Trace
from driftcheck.generate import plan as p
from driftcheck.generate.coder import State, identity
from driftcheck.generate.dice import Source
from driftcheck.generate.guidance import PLAIN, Guidance, Seen, Swarm
from driftcheck.generate.guided_operation import GuidedOperation, compile_operation, edges_of
from driftcheck.generate.learned import Feature, Learned
from driftcheck.generate.prefixes import Prefixes
from driftcheck.generate.strategy import Interpreter


class Guide:
    """The plan of a contract, compiled for guided traces, and what a run has learned of it."""

    def __init__(self, interpreter: Interpreter, guidance: Guidance | None = None) -> None:
        self.interpreter = interpreter
        self.guidance = guidance or Guidance()
        self.learned = Learned()
        self.prefixes = Prefixes()
        self._by_name = {o.name: compile_operation(interpreter, o) for o in interpreter.plan.operations}
        self._names = tuple(self._by_name)
        listed = [q.values for o in self._by_name.values() for q in o.parts if isinstance(q, p.ChoiceDraw)]
        self._listed = tuple({identity(values): values for values in listed}.values())
        # Names that are chosen from few values have something in common with those of other traces.
        self.common = frozenset(r.key for r in interpreter.plan.rosters if isinstance(r.part, p.ChoiceDraw))
        opened = {
            q.roster for q in interpreter.plan.opening if isinstance(q, p.NameDraw | p.DistinctNameDraw)
        }
        self.name_edges = tuple(
            (roster.key, edges)
            for roster in interpreter.plan.rosters
            if roster.key not in opened and (edges := edges_of(roster.part)) is not None
        )
        self._tables: dict[tuple[int, frozenset[str]], tuple[str, ...]] = {}
        self._features: dict[int, tuple[Trace, list[list[Feature]]]] = {}  # of traces that nobody has run yet

    def learn(self, trace: Trace, seen: Sequence[Seen], *, may_keep: bool = True) -> bool:
        """Take what a trace has shown; say whether something of it was new.

        Args:
            may_keep: False where no other trace should begin as this one does.
        """
        known = self._features.pop(id(trace), None)
        if known is not None and known[0] is trace:
            self.learned.count(trace.steps, seen, known[1])
        return self.prefixes.learn(trace, seen, may_keep=may_keep)

    def remember(self, trace: Trace, features: list[list[Feature]]) -> None:
        """Keep the features of a trace until it is known what it shows."""
        self._features[id(trace)] = trace, features

    def operation(self, name: str) -> GuidedOperation:
        """Return the operation of that name."""
        return self._by_name[name]

    def table(self, state: State, left_out: frozenset[str]) -> tuple[str, ...]:
        """Return the names of the operations that may come next, one for each slot."""
        table = self.interpreter.table(state)
        key = (id(table), left_out)
        names = self._tables.get(key)
        if names is None:
            names = tuple(o.name for o in table)
            names = tuple(n for n in names if n not in left_out) or names
            if len(self._tables) > 4096:
                self._tables.clear()
            self._tables[key] = names
        return names

    def swarm(self, data: Source) -> Swarm:
        """Draw what a trace is drawn from."""
        guidance = self.guidance
        if data.draw_boolean(guidance.p_plain):
            return PLAIN
        has_faults = not data.draw_boolean(guidance.p_without_faults)
        has_mutations = not data.draw_boolean(guidance.p_well_formed)
        focus = None
        if data.draw_boolean(guidance.p_focus):
            operations: Sequence[str] = self._names
            if (constant := self.learned.constant()) and data.draw_boolean(guidance.p_constant):
                operations = constant
            focus = operations[data.draw_integer(0, len(operations) - 1)]
        left_out: frozenset[str] = frozenset()
        if data.draw_boolean(guidance.p_swarm):
            out = guidance.swarm_out[data.draw_integer(0, len(guidance.swarm_out) - 1)]
            left_out = frozenset([name for name in self._names if data.draw_boolean(out)])
        eager = guidance.eager[data.draw_integer(0, len(guidance.eager) - 1)]
        names: dict[str, tuple[int, ...]] = {}
        values: dict[Any, tuple[Any, ...]] = {}
        if data.draw_boolean(guidance.p_few):
            for listed in self._listed:
                values[identity(listed)] = tuple([v for v in listed if data.draw_boolean()]) or listed
        if data.draw_boolean(guidance.p_few):
            for roster in self.interpreter.plan.rosters:
                some = 1 + data.draw_integer(0, roster.count - 1)
                first = data.draw_integer(0, roster.count - 1)
                names[roster.key] = tuple((first + n) % roster.count for n in range(some))
        return Swarm(True, left_out, names, values, focus, eager, has_faults, has_mutations)
