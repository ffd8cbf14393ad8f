"""
One guided trace while it is drawn: its beginning, its steps, and the arguments of each.

Follows what a guide has learned. Each step is one of the plan, so that the trace can be lifted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import attrs

from driftcheck.core.trace import Document, Instance, Name, Ref, Step, Trace
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice
from driftcheck.generate.coder import CannotLift, State, Steering, identity
from driftcheck.generate.dice import Dice
from driftcheck.generate.distributions import RARELY, STEERED_TRIES
from driftcheck.generate.guidance import Prefix, Swarm
from driftcheck.generate.guide import Guide
from driftcheck.generate.guided_operation import GuidedOperation, is_reusable, type_of
from driftcheck.generate.learned import Feature, kind_of
from driftcheck.generate.rounds import for_all_peers, on_all_instances, others_than, star, with_argument
from driftcheck.generate.skip import Skipper
from driftcheck.generate.strategy import another_step

Item = TypeVar("Item")

EARLIER = 16  # arguments of earlier steps, of one type, that may be used again


class GuidedTrace:
    """One guided trace while it is drawn."""

    def __init__(self, guide: Guide, data: Dice, swarm: Swarm, steering: Steering | None) -> None:
        self._guide = guide
        self._data = data
        self._swarm = swarm
        self._guidance = guide.guidance
        self._learned = guide.learned
        self._plan = guide.interpreter.plan
        self._state = State(steering)
        self._steps: list[Step] = []
        self._features: list[list[Feature]] = []
        self._earlier: dict[int, list[Any]] = {}  # arguments, by the part that drew them
        self._last: dict[tuple[int, str, int], str] = {}  # operation, by instance and name
        self._known: dict[type, tuple[Any, ...]] = {}
        self._skipper: Skipper | None = None  # if there is a model
        self._asks_from = guide.interpreter.max_steps

    def draw(self) -> Trace:
        """Draw it."""
        interpreter, data = self._guide.interpreter, self._data
        opening = interpreter.draw_header(data, self._state)
        prefix = None
        if data.draw_boolean(self._guidance.p_prefix):
            prefix = self._guide.prefixes.choose(data, interpreter.max_steps * 3 // 4)
        if prefix is None:
            self._put_edges_into_play()
        if prefix is not None:
            opening = prefix.opening
            self._state.rosters.update(prefix.rosters)
        elif data.draw_boolean(self._guidance.p_alike):
            opening = self._opened_alike(opening)
        if interpreter.model is not None:
            self._skipper = Skipper(interpreter.schema, interpreter.model, interpreter.openings(opening))
        if prefix is not None:
            self._begin_with(prefix)
        if data.draw_boolean(self._guidance.p_asks):
            self._asks_from -= self._guidance.last_asks
        drawn = 0  # a model may skip what is drawn
        while max(drawn, len(self._steps)) < interpreter.max_steps and not data.draw_boolean(self._plan.stop):
            self._draw_step()
            drawn += 1
        trace = Trace(tuple(self._steps), opening, self._state.rosters)
        self._guide.remember(trace, self._features)
        return trace

    def _put_edges_into_play(self) -> None:
        """Replace a name in play by one at an edge of its type, here and there."""
        data, rosters = self._data, self._state.rosters
        for key, draw in self._guide.name_edges:
            for index in range(len(rosters[key])):
                if data.draw_boolean(self._guidance.p_edge):
                    name, names = draw(data, self._state), list(rosters[key])
                    if identity(name) not in set(map(identity, names)):
                        names[index] = name
                        rosters[key] = tuple(names)

    def _opened_alike(self, opening: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the opening in which all instances have the arguments of the first."""
        values = list(opening)
        for places in self._plan.alike:
            for place in places[1:]:
                values[place] = values[places[0]]
        return tuple(values)

    def _begin_with(self, prefix: Prefix) -> None:
        """Take the steps of a prefix, as far as the model does not skip one."""
        for step in prefix.steps:
            if not self._take_lifted(step):  # what follows may need the step
                return
        self._known = dict(prefix.known)

    def _take(self, step: Step, features: list[Feature] | None = None) -> bool:
        """Add a step; say whether the model lets it."""
        if self._skipper is not None and self._skipper.skips(step, len(self._steps)):
            return False
        self._steps.append(step)
        self._features.append(features or [])
        operation = self._guide.operation(step.operation)
        at = operation.name_at
        if at is not None and self._learned.changes(step.operation):
            name = step.arguments[at]
            if isinstance(name, Name):
                self._last[step.instance, name.roster, name.index] = step.operation
        for part, value in zip(operation.parts, step.arguments, strict=True):
            if is_reusable(part):
                earlier = self._earlier.setdefault(id(part), [])
                if len(earlier) < EARLIER:
                    earlier.append(value)
        return True

    def _draw_step(self) -> None:
        data, state = self._data, self._state
        if self._plan.instances > 1:
            state.instance = data.draw_integer(0, self._plan.instances - 1)
            if self._steps and data.draw_boolean(self._guidance.p_stay):
                state.instance = self._steps[-1].instance
        names = self._guide.table(state, self._swarm.left_out)
        if self._asks_from <= len(self._steps):
            names = tuple([name for name in names if self._guide.operation(name).asks]) or names
        operation = self._operation(names)
        if data.draw_boolean(self._guidance.p_recipe) and self._follow_recipe(operation):
            return
        fault = None
        if operation.faults and self._swarm.has_faults:
            fault = operation.faults[data.draw_integer(0, len(operation.faults) - 1)]
        before = self._live_before()
        arguments: list[Any] = []
        features: list[Feature] = []
        for at in range(len(operation.parts)):
            arguments.append(self._argument(operation, at, features))
        number = len(self._steps)
        drawn = Step(operation.name, tuple(arguments), state.instance, fault)
        faults = operation.faults if self._swarm.has_faults else ()
        step = another_step(data, state, faults, operation.draws, drawn)
        if not self._take(step, features if step is drawn else []):
            state.live = before
            return
        if operation.makes is not None:
            state.live.setdefault((step.instance, operation.makes), []).append(number)
        self._repeat(operation, step)

    def _operation(self, names: Sequence[str]) -> GuidedOperation:
        """Draw one of these operations."""
        data, guidance, focus = self._data, self._guidance, self._swarm.focus
        if focus is not None and focus in names and data.draw_boolean(guidance.p_of_focus):
            return self._guide.operation(focus)
        name = names[data.draw_integer(0, len(names) - 1)]
        steering = self._state.steering
        for _ in range(STEERED_TRIES):
            if steering is None or not steering.is_rare_operation(name) or data.draw_boolean(RARELY):
                break
            name = names[data.draw_integer(0, len(names) - 1)]
        operation = self._guide.operation(name)
        if self._is_hopeless(operation) and not data.draw_boolean(guidance.least):
            operation = self._guide.operation(names[data.draw_integer(0, len(names) - 1)])
        return operation

    def _is_hopeless(self, operation: GuidedOperation) -> bool:
        """Say whether a step of an operation is probably rejected, whatever its name."""
        at = operation.name_at
        if at is None:
            return False
        part = operation.parts[at]
        assert isinstance(part, p.NameDraw)
        shares = (
            self._learned.share((operation.name, at, self._last_of(part.roster, index)))
            for index in self._swarm.names.get(part.roster) or range(part.count)
        )
        return max(shares) < self._guidance.hopeless

    def _follow_recipe(self, operation: GuidedOperation) -> bool:
        """Take the steps that once led to something rare, on other instances and under other names."""
        data, room = self._data, self._guide.interpreter.max_steps - len(self._steps)
        recipe = self._guide.prefixes.choose_for(data, operation.name, room)
        if recipe is None:
            return False
        beginning = recipe.steps[:-1]
        is_twofold = (
            recipe.changes
            and len(beginning) + len(recipe.steps) <= room
            and data.draw_boolean(self._guidance.p_twofold)
        )
        if not is_twofold or self._take_moved(beginning):
            self._take_moved(recipe.steps)
        return True

    def _take_moved(self, steps: Sequence[Step]) -> bool:
        """Take steps of another trace, on other instances and under other names; return whether all fit."""
        instances = self._in_any_order(range(self._plan.instances))
        names: dict[tuple[str, int], Name] = {}
        first = len(self._steps)
        for step in steps:
            arguments = tuple([self._moved(a, first, instances, names) for a in step.arguments])
            moved = attrs.evolve(step, arguments=arguments, instance=instances[step.instance])
            if not self._take_lifted(moved):
                return False
        return True

    def _moved(
        self, argument: Any, first: int, instances: Sequence[int], names: dict[tuple[str, int], Name]
    ) -> Any:
        match argument:
            case Ref(step=step):
                return Ref(step + first)
            case Instance(number=number):
                return Instance(instances[number])
            case Name(roster=roster, index=index, value=value):
                if (roster, index) not in names:
                    in_play = self._state.rosters[roster]
                    at = self._data.draw_integer(0, len(in_play) - 1)
                    if roster in self._guide.common and value in in_play:
                        at = in_play.index(value)
                    names[roster, index] = Name(roster, at, in_play[at])
                return names[roster, index]
            case _:
                return argument

    def _take_lifted(self, step: Step) -> bool:
        """Add a step of another trace, if it can be drawn here and the model lets it."""
        if self._is_rare(step):
            return False
        unused: list[Choice] = []
        before = self._live_before()
        try:
            self._guide.interpreter.lift_step(step, unused, self._state, len(self._steps))
        except CannotLift:  # a mutation that is not known any more, or a name inside a value
            return False
        if self._take(step):
            return True
        self._state.live = before
        return False

    def _is_rare(self, step: Step) -> bool:
        """Say whether a step that an earlier trace had is drawn rarely, and is not drawn now."""
        steering = self._state.steering
        if steering is None or self._data.draw_boolean(RARELY):
            return False
        return steering.is_rare_operation(step.operation) or steering.is_rare(step)

    def _live_before(self) -> dict[tuple[int, str], list[int]]:
        """Copy the live handles where the model may yet skip the step."""
        return {kind: live[:] for kind, live in self._state.live.items()} if self._skipper else {}

    def _argument(self, operation: GuidedOperation, at: int, features: list[Feature]) -> Any:
        """Draw an argument: mostly one with which such steps are accepted."""
        data, part = self._data, operation.parts[at]
        if isinstance(part, p.NameDraw):
            return self._name(operation, at, part, features)
        if isinstance(part, p.HandleDraw | p.PeerDraw):
            return operation.draws[at](data, self._state)
        edges = operation.edges[at]
        if edges is not None and data.draw_boolean(self._guidance.p_edge):
            return edges(data, self._state)
        if data.draw_boolean(self._guidance.p_again):
            value = self._again(operation, at)
            if value is not None:
                return value
        if isinstance(part, p.ChoiceDraw):
            return self._listed_value(operation, at, part, features)
        well_formed = operation.well_formed[at]
        draw = operation.draws[at] if self._swarm.has_mutations or well_formed is None else well_formed
        is_payload = isinstance(part, p.PayloadDraw)
        tries = self._guidance.payload_tries if is_payload else self._guidance.tries
        while True:
            value = draw(data, self._state)
            kind = kind_of(value)
            if kind is None:
                return value
            tries -= 1
            feature = (operation.name, at, kind)
            if tries <= 0 or data.draw_boolean(self._promise(feature)):
                features.append(feature)
                return value

    def _promise(self, feature: Feature) -> float:
        """Return how strongly arguments with a feature are preferred."""
        return float(max(self._guidance.least, self._learned.share(feature)) ** self._swarm.eager)

    def _listed_value(
        self, operation: GuidedOperation, at: int, part: p.ChoiceDraw, features: list[Feature]
    ) -> Any:
        """Draw a value that a type lists, of those of the swarm."""
        data, tries = self._data, self._guidance.tries
        values = part.values
        if self._swarm.values:
            values = self._swarm.values.get(identity(values), values)
        while True:
            value = values[data.draw_integer(0, len(values) - 1)]
            tries -= 1
            feature = (operation.name, at, identity(value))
            if tries <= 0 or data.draw_boolean(self._promise(feature)):
                features.append(feature)
                return value

    def _name(self, operation: GuidedOperation, at: int, part: p.NameDraw, features: list[Feature]) -> Name:
        """Draw a name, by what was last done under each."""
        data, roster = self._data, part.roster
        indexes = self._swarm.names.get(roster) or range(part.count)
        is_common = roster in self._guide.common
        all_names = self._state.rosters[roster]
        weights = []
        for index in indexes:
            weight = self._promise((operation.name, at, self._last_of(roster, index)))
            if is_common:
                weight *= self._promise((operation.name, at, (all_names[index],)))
            weights.append(weight)
        point = data.draw_float(0.0, sum(weights), allow_nan=False)
        chosen = indexes[-1]
        for index, weight in zip(indexes, weights, strict=True):
            point -= weight
            if point < 0:
                chosen = index
                break
        features.append((operation.name, at, self._last_of(roster, chosen)))
        if is_common:
            features.append((operation.name, at, (all_names[chosen],)))
        return Name(roster, chosen, all_names[chosen])

    def _last_of(self, roster: str, index: int) -> str:
        """Name the operation that last changed something under a name: here, else elsewhere."""
        here = self._last.get((self._state.instance, roster, index))
        if here is not None:
            return here
        for instance in range(self._plan.instances):
            there = self._last.get((instance, roster, index))
            if there is not None:
                return f"elsewhere {there}"
        return "nothing"

    def _again(self, operation: GuidedOperation, at: int) -> Any:
        """Return an argument of an earlier step, or what a step of the prefix answered; None for neither."""
        data, part = self._data, operation.parts[at]
        if isinstance(part, p.PayloadDraw):
            known = self._known.get(bytes, ()) if "raw" in part.kinds else ()
            return Document(known[data.draw_integer(0, len(known) - 1)]) if known else None
        if not is_reusable(part):
            return None
        earlier = self._earlier.get(id(part), ())
        answered = self._known.get(type_of(part), ())
        candidates = [*earlier, *answered]
        if not candidates:
            return None
        value = candidates[data.draw_integer(0, len(candidates) - 1)]
        try:
            operation.coders[at].lift(value, [], self._state)
        except CannotLift:
            return None
        return value

    def _repeat(self, operation: GuidedOperation, step: Step) -> None:
        """Repeat a step sometimes: for all peers, on all instances, under all names, or as it is."""
        data, room = self._data, self._guide.interpreter.max_steps
        if operation.is_bound:
            return
        others: list[Step] = []
        if data.draw_boolean(self._guidance.p_round):
            good = self._with_good_values(operation, step)
            count = self._plan.instances
            if operation.peer is not None and data.draw_boolean(self._guidance.p_star):
                others = star(operation.peer, good, self._in_any_order(others_than(step.instance, count)))
            elif operation.peer is not None:
                others = self._in_any_order(for_all_peers(operation.peer, good, count))
            elif operation.name_at is not None and (count == 1 or data.draw_boolean()):
                others = self._in_any_order(self._under_all_names(operation.name_at, good))
            else:
                others = self._in_any_order(on_all_instances(good, count))
        elif data.draw_boolean(self._guidance.p_twice):
            others = [step]
        for other in others:
            if len(self._steps) < room and not self._is_rare(other):
                self._take(attrs.evolve(other, fault=None) if other is not step else other)

    def _with_good_values(self, operation: GuidedOperation, step: Step) -> Step:
        """Return the step with those of the listed values with which it is accepted most often."""
        arguments = list(step.arguments)
        for at, part in enumerate(operation.parts):
            if isinstance(part, p.ChoiceDraw):
                values = self._swarm.values.get(identity(part.values), part.values)
                shares = [self._learned.share((operation.name, at, identity(value))) for value in values]
                arguments[at] = values[shares.index(max(shares))]
        return attrs.evolve(step, arguments=tuple(arguments))

    def _under_all_names(self, at: int, step: Step) -> list[Step]:
        name = step.arguments[at]
        if not isinstance(name, Name):
            return []
        names = self._state.rosters[name.roster]
        indexes = self._swarm.names.get(name.roster) or range(len(names))
        others = [Name(name.roster, index, names[index]) for index in indexes if index != name.index]
        return [with_argument(step, at, other) for other in others]

    def _in_any_order(self, some: Iterable[Item]) -> list[Item]:
        items = list(some)
        for last in range(len(items) - 1, 0, -1):
            at = self._data.draw_integer(0, last)
            items[last], items[at] = items[at], items[last]
        return items
