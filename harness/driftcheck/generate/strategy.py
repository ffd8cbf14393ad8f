"""
Traces as a Hypothesis strategy, and lifting: from a case to the choices that draw it.

Reads a plan. Compiles each argument once into a function that draws it and one that encodes it.
Knows nothing of the search, subjects or verdicts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from driftcheck.contract.schema import Law, Schema
from driftcheck.core.author_code import work_on
from driftcheck.core.trace import LawCase, Ref, Step, Trace
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice, Choices, DrawnStrategy, label
from driftcheck.generate.coder import CannotLift, Coder, State, Steering, identity
from driftcheck.generate.dice import Source
from driftcheck.generate.distributions import RARELY, STEERED_TRIES
from driftcheck.generate.documents import compile_payload
from driftcheck.generate.plan_compiler import MALFORMED, compile_plan
from driftcheck.generate.references import distinct_name, live_handle, name_in_play, peer
from driftcheck.generate.restrict_plan import Only, restricted
from driftcheck.generate.simplest import UNKNOWN, simplest_value
from driftcheck.generate.skip import Skipper, may_skip, without_skipped
from driftcheck.generate.values import compile_part

MAX_LAW_STEPS = 12
MOST_HANDLES = 8  # of one kind, for one operation
DISTINCT_TRIES = 4  # tries to draw a name that its roster does not have; then the roster has it twice

HEADER = label("driftcheck names in play")
NAME = label("driftcheck name")
STEP = label("driftcheck step")

Case = TypeVar("Case", bound=Trace | LawCase)


def traces(
    schema: Schema,
    *,
    max_steps: int = p.MAX_STEPS,
    model: type | None = None,
    malformed: float = MALFORMED,
    corpus: Sequence[str] = (),
    only: Only | None = None,
) -> TraceStrategy:
    """Return a strategy for traces of a contract, which works with any `@given`.

    Args:
        max_steps: the largest number of steps of a trace; nearly all traces have that number. A stateless
            contract has one step.
        model: the contract's model; traces do not have the steps that it skips.
        malformed: the share of payloads with at least one mutation.
        corpus: glob patterns of more real documents, besides those that the contract names.
        only: draw payloads of one kind, such as those with one mutation; replaces `malformed`.
    """
    return TraceStrategy(Interpreter(schema, max_steps, model, malformed, corpus, only=only))


def law_cases(
    schema: Schema, law: Law, *, max_steps: int = MAX_LAW_STEPS, model: type | None = None
) -> LawStrategy:
    """Return a strategy for cases of a law: at most `max_steps` steps before it, and its arguments."""
    return LawStrategy(Interpreter(schema, max_steps, model, law=law.name))


def lift(schema: Schema, case: Trace | LawCase, *, max_steps: int | None = None) -> Choices:
    """Return the choices from which the contract's strategy draws an equal case.

    Raises:
        CannotLift: the strategy cannot draw the case.
    """
    steps = case.steps if isinstance(case, Trace) else case.trace.steps
    most = max(len(steps), max_steps or p.MAX_STEPS)
    if isinstance(case, Trace):
        return TraceStrategy(Interpreter(schema, most)).lift(case)
    return LawStrategy(Interpreter(schema, most, law=case.law)).lift(case)


@attrs.frozen(eq=False)
class _Operation:
    name: str
    draws: tuple[Callable[[Source, State], Any], ...]
    coders: tuple[Coder, ...]
    makes: str | None
    faults: tuple[str | None, ...]


class Interpreter:
    """Draws the parts of cases from a plan, and encodes them."""

    def __init__(
        self,
        schema: Schema,
        max_steps: int = p.MAX_STEPS,
        model: type | None = None,
        malformed: float = MALFORMED,
        corpus: Sequence[str] = (),
        law: str | None = None,
        only: Only | None = None,
    ) -> None:
        plan = compile_plan(schema, malformed=malformed, corpus=corpus)
        self.plan = plan if only is None else restricted(plan, schema, only)
        self.schema = schema
        self.max_steps = max_steps
        self.model = model if model is not None and may_skip(model) else None
        self.law = self.plan.law(law) if law is not None else None
        rosters = self.plan.rosters + (self.law.rosters if self.law is not None else ())
        self._rosters = tuple((r, compile_part(r.part)) for r in rosters)
        self._opening = tuple(map(self.argument, self.plan.opening))
        self._operations: dict[str, _Operation] = {}
        for planned in self.plan.operations:
            coders = tuple(map(self.argument, planned.parts))
            draws = tuple(c.draw for c in coders)
            self._operations[planned.name] = _Operation(
                planned.name, draws, coders, planned.makes, planned.faults
            )
        parts = [*self.plan.opening, *(part for o in self.plan.operations for part in o.parts)]
        parts += [r.part for r in rosters] + [*(self.law.parts if self.law is not None else ())]
        self.is_flat = all(map(p.is_flat, parts))  # then choices appear and disappear only with whole steps
        kinds = [k for o in self.plan.operations for k in (*dict(o.needs), o.makes) if k is not None]
        self._kinds = tuple(dict.fromkeys(kinds))
        self._tables: dict[tuple[int, ...], tuple[_Operation, ...]] = {}

    def without_model(self) -> Interpreter:
        """Return an interpreter that also draws the steps that the model skips."""
        other = copy.copy(self)
        other.model = None
        return other

    def without_skipped(self, trace: Trace) -> Trace:
        """Return a trace without the steps that the model skips; the same trace if there are none."""
        if self.model is None:
            return trace
        return without_skipped(self.schema, self.model, self.openings(trace.opening), trace)

    @property
    def roster_coders(self) -> tuple[Coder, ...]:
        """Return the coder of each of the plan's rosters."""
        return tuple(coder for _, coder in self._rosters[: len(self.plan.rosters)])

    @property
    def opening_coders(self) -> tuple[Coder, ...]:
        """Return the coders of the opening arguments."""
        return self._opening

    def coders_of(self, operation: str) -> tuple[Coder, ...]:
        """Return the coders of an operation's arguments."""
        return self._operations[operation].coders

    def openings(self, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return the opening arguments of each instance."""
        return [self.schema.opening_of(values, i) for i in range(self.schema.instances)]

    def argument(self, part: p.Part) -> Coder:
        """Compile an argument: a value, a name, a handle, a document, or steps."""
        match part:
            case p.NameDraw():
                return name_in_play(part)
            case p.HandleDraw():
                return live_handle(part)
            case p.DistinctNameDraw():
                return distinct_name(part)
            case p.PeerDraw():
                return peer(part)
            case p.PayloadDraw():
                return compile_payload(part)
            case p.StepsDraw():
                return Coder(self._draw_run, self._lift_run)
            case _:
                return compile_part(part)

    def draw_header(self, data: Source, state: State) -> tuple[Any, ...]:
        """Draw the names in play, which the state keeps, and the opening arguments."""
        work_on(self.schema.name)
        for roster, coder in self._rosters:
            names: list[Any] = []
            seen: set[Any] = set()
            data.start_span(HEADER)
            for _ in range(roster.count):
                data.start_span(NAME)
                for _ in range(DISTINCT_TRIES):
                    name = coder.draw(data, state)
                    if identity(name) not in seen:
                        break
                else:
                    name = _another(data, roster, seen) if roster.must_differ else name
                seen.add(identity(name))
                names.append(name)
                data.stop_span()
            data.stop_span()
            state.rosters[roster.key] = tuple(names)
        return tuple(c.draw(data, state) for c in self._opening)

    def lift_header(self, trace: Trace, out: list[Choice], state: State) -> None:
        """Encode what `draw_header` draws."""
        work_on(self.schema.name)
        for roster, coder in self._rosters:
            names = trace.rosters.get(roster.key, ())
            if len(names) != roster.count:
                raise CannotLift(f"the roster {roster.key!r} has {len(names)} names and not {roster.count}")
            seen: set[Any] = set()
            for name in names:
                known = identity(name) in seen
                if known and roster.must_differ:
                    raise CannotLift(f"the roster {roster.key!r} has {name!r} twice")
                seen.add(identity(name))
                for _ in range(DISTINCT_TRIES if known else 1):
                    coder.lift(name, out, state)
            state.rosters[roster.key] = names
        _lift_all(self._opening, trace.opening, out, state, "open")

    def table(self, state: State) -> tuple[_Operation, ...]:
        """Return the operations that the live handles allow, one for each slot."""
        instance = state.instance
        counts = tuple([min(len(state.live.get((instance, kind), ())), MOST_HANDLES) for kind in self._kinds])
        table = self._tables.get(counts)
        if table is None:
            live = dict(zip(self._kinds, counts, strict=True))
            fitting = [o for o in self.plan.operations if all(live[k] >= n for k, n in o.needs)]
            table = tuple(self._operations[o.name] for o in fitting for _ in range(o.slots))
            self._tables[counts] = table
        return table

    def draw_step(self, data: Source, state: State, number: int) -> Step:
        """Draw a step; a handle that it makes has this number."""
        data.start_span(STEP)
        if self.plan.instances > 1:
            state.instance = data.draw_integer(0, self.plan.instances - 1)
        table = self.table(state)
        operation = table[data.draw_integer(0, len(table) - 1)]
        if state.steering is not None:
            operation = _another_operation(data, state.steering, table, operation)
        faults = operation.faults
        fault = faults[data.draw_integer(0, len(faults) - 1)] if faults else None
        arguments = tuple([draw(data, state) for draw in operation.draws])
        step = Step(operation.name, arguments, state.instance, fault)
        if state.steering is not None:
            step = another_step(data, state, operation.faults, operation.draws, step)
        data.stop_span()
        if operation.makes is not None:
            state.live.setdefault((step.instance, operation.makes), []).append(number)
        return step

    def lift_step(self, step: Step, out: list[Choice], state: State, number: int) -> None:
        """Encode what `draw_step` draws."""
        operation = self._operations.get(step.operation)
        if operation is None:
            raise CannotLift(f"no operation is named {step.operation!r}")
        if not 0 <= step.instance < self.plan.instances:
            raise CannotLift(f"step {number}: there is no instance {step.instance}")
        state.instance = step.instance
        if self.plan.instances > 1:
            out.append(step.instance)
        try:
            out.append(self.table(state).index(operation))
        except ValueError:
            raise CannotLift(f"step {number}: {step.operation} needs a handle, and none is live") from None
        if operation.faults and step.fault in operation.faults:
            out.append(operation.faults.index(step.fault))
        elif step.fault is not None:
            raise CannotLift(f"step {number}: {step.operation} meets no fault {step.fault!r}")
        _lift_all(operation.coders, step.arguments, out, state, step.operation)
        if operation.makes is not None:
            state.live.setdefault((step.instance, operation.makes), []).append(number)

    def draw_steps(
        self, data: Source, state: State, first: int = 0, skipper: Skipper | None = None
    ) -> tuple[Step, ...]:
        """Draw steps, numbered from `first`."""
        steps: list[Step] = []
        drawn, most, stop = 0, self.max_steps, self.plan.stop
        while not data.draw_boolean(stop, forced=True if drawn >= most else None):
            drawn += 1
            before = {kind: live[:] for kind, live in state.live.items()} if skipper else {}
            step = self.draw_step(data, state, first + len(steps))
            if skipper is not None and skipper.skips(step, first + len(steps)):
                state.live = before
            else:
                steps.append(step)
        return tuple(steps)

    def lift_steps(self, steps: tuple[Step, ...], out: list[Choice], state: State, first: int = 0) -> None:
        """Encode what `draw_steps` draws."""
        if len(steps) > self.max_steps:
            raise CannotLift(f"{len(steps)} steps are more than {self.max_steps}")
        for number, step in enumerate(steps, first):
            out.append(False)
            self.lift_step(step, out, state, number)
        out.append(True)

    def _draw_run(self, data: Source, state: State) -> tuple[Step, ...]:
        live = {kind: numbers[:] for kind, numbers in state.live.items()}
        steps = self.draw_steps(data, state, state.prefix)
        state.live, state.instance = live, 0  # a law with two lists of steps may run either list first
        return steps

    def _lift_run(self, value: Any, out: list[Choice], state: State) -> None:
        live = {kind: numbers[:] for kind, numbers in state.live.items()}
        self.lift_steps(value, out, state, state.prefix)
        state.live, state.instance = live, 0


def _another_operation(
    data: Source, steering: Steering, table: tuple[_Operation, ...], operation: _Operation
) -> _Operation:
    """Return the operation, or another one where it is drawn rarely."""
    for _ in range(STEERED_TRIES):
        if not steering.is_rare_operation(operation.name) or data.draw_boolean(RARELY):
            break
        operation = table[data.draw_integer(0, len(table) - 1)]
    return operation


def another_step(
    data: Source,
    state: State,
    faults: tuple[str | None, ...],
    draws: tuple[Callable[[Source, State], Any], ...],
    step: Step,
) -> Step:
    """Return the step, or one with another fault and other arguments where it is drawn rarely.

    Its handles stay, because drawing a handle may close it.
    """
    for _ in range(STEERED_TRIES):
        if state.steering is None or not state.steering.is_rare(step) or data.draw_boolean(RARELY):
            break
        fault = faults[data.draw_integer(0, len(faults) - 1)] if faults else None
        arguments = tuple(
            [
                value if isinstance(value, Ref) else draw(data, state)
                for value, draw in zip(step.arguments, draws, strict=True)
            ]
        )
        step = attrs.evolve(step, arguments=arguments, fault=fault)
    return step


def _another(data: Source, roster: p.Roster, seen: set[Any]) -> Any:
    """Return the simplest value that is not a name yet."""
    for index in range(len(seen) + 1):
        name = simplest_value(roster.part, {}, index)
        if name is not UNKNOWN and identity(name) not in seen:
            return name
    return data.mark_invalid()


def _lift_all(
    coders: tuple[Coder, ...], values: tuple[Any, ...], out: list[Choice], state: State, what: str
) -> None:
    if len(coders) != len(values):
        raise CannotLift(f"{what} takes {len(coders)} arguments and not {len(values)}")
    for coder, value in zip(coders, values, strict=True):
        coder.lift(value, out, state)


class CaseStrategy(DrawnStrategy[Case], Generic[Case]):
    """A strategy for cases that can also be lifted."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__()
        self.interpreter = interpreter

    def draw_steered(self, data: Source, steering: Steering | None) -> Case:
        """Draw a case in which some steps are rare; laws are not steered."""
        return self.draw_case(data)

    def lift(self, case: Case) -> Choices:
        """Return the choices from which this strategy draws an equal case; raises CannotLift."""
        raise NotImplementedError

    def _draw_trace(self, data: Source, state: State, *, with_steps: bool) -> Trace:
        interpreter = self.interpreter
        opening = interpreter.draw_header(data, state)
        if not with_steps:
            steps: tuple[Step, ...] = ()
        elif interpreter.plan.is_stateless:
            steps = (interpreter.draw_step(data, state, 0),)
        else:
            skipper = None
            if interpreter.model is not None:
                skipper = Skipper(interpreter.schema, interpreter.model, interpreter.openings(opening))
            steps = interpreter.draw_steps(data, state, skipper=skipper)
        state.prefix, state.instance = len(steps), 0  # a law begins with the first instance
        return Trace(steps, opening, state.rosters)

    def _lift_trace(self, trace: Trace, out: list[Choice], state: State, *, with_steps: bool) -> None:
        interpreter = self.interpreter
        interpreter.lift_header(trace, out, state)
        if not with_steps:
            if trace.steps:
                raise CannotLift("a fresh law has no steps before it")
        elif interpreter.plan.is_stateless:
            if len(trace.steps) != 1:
                raise CannotLift(f"a trace of a stateless contract has one step and not {len(trace.steps)}")
            interpreter.lift_step(trace.steps[0], out, state, 0)
        else:
            interpreter.lift_steps(trace.steps, out, state)
        state.prefix, state.instance = len(trace.steps), 0


class TraceStrategy(CaseStrategy[Trace]):
    """Traces of a contract."""

    def draw_case(self, data: Source) -> Trace:
        return self._draw_trace(data, State(), with_steps=True)

    def draw_steered(self, data: Source, steering: Steering | None) -> Trace:
        return self._draw_trace(data, State(steering), with_steps=True)

    def lift(self, case: Trace) -> Choices:
        out: list[Choice] = []
        self._lift_trace(case, out, State(), with_steps=True)
        return tuple(out)

    def __repr__(self) -> str:
        return f"traces({self.interpreter.plan.contract})"


class LawStrategy(CaseStrategy[LawCase]):
    """Cases of one law of a contract."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__(interpreter)
        assert interpreter.law is not None
        self._law = interpreter.law
        self._arguments = tuple(map(interpreter.argument, self._law.parts))
        self._with_steps = not (self._law.fresh or interpreter.plan.is_stateless)

    def draw_case(self, data: Source) -> LawCase:
        state = State()
        trace = self._draw_trace(data, state, with_steps=self._with_steps)
        return LawCase(trace, self._law.name, tuple(c.draw(data, state) for c in self._arguments))

    def lift(self, case: LawCase) -> Choices:
        out: list[Choice] = []
        state = State()
        self._lift_trace(case.trace, out, state, with_steps=self._with_steps)
        _lift_all(self._arguments, case.arguments, out, state, case.law)
        return tuple(out)

    def __repr__(self) -> str:
        return f"law_cases({self.interpreter.plan.contract}, {self._law.name})"
