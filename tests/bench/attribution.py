"""
The root cause of a divergence, found by repairing its input: without what the cause needs, subjects agree.

`truth/mapping/` has the repairs of each cause, with the reason. A divergence is attributed to the fewest
causes whose repairs, together, remove it and bring no other one. Of several such sets the first in the file
counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.outcome import Accepted
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings.finding import Finding
from driftcheck.oracle.compare import differences
from driftcheck.oracle.signature import without_numbers
from driftcheck.oracle.step import kind_of
from driftcheck.search.session import Session

MAPPING = Path(__file__).parent / "truth" / "mapping"
OUTCOME = "(outcome)"  # among the places that differ: one subject accepts what another refuses
REFUSED = "(refused)"  # the only such place: all subjects refuse
MOST_CAUSES = 3  # that one shrunk input has
MOST_TIMES = 20  # that one repair is applied to one argument


@attrs.frozen
class Repair:
    """One way to remove what a cause needs from a step."""

    pattern: str = ""
    becomes: str = ""
    argument: str = ""  # its name; "" for all
    once: bool = False  # otherwise it is applied until nothing changes
    instead: str = ""  # another operation, for a cause that no argument shows

    def apply(self, step: Step, names: Sequence[str]) -> Step:
        if self.instead:
            return attrs.evolve(step, operation=self.instead)
        arguments = tuple(
            self._changed(argument) if self.argument in ("", name) else argument
            for name, argument in zip(names, step.arguments, strict=True)
        )
        return attrs.evolve(step, arguments=arguments)

    def _changed(self, argument: Any) -> Any:
        match argument:
            case Document(data=data):
                text = self._substituted(data.decode(errors="surrogateescape"))
                return Document(text.encode(errors="surrogateescape"))
            case str():
                return self._substituted(argument)
            case tuple():
                return tuple(map(self._changed, argument))
        return argument

    def _substituted(self, text: str) -> str:
        for _ in range(1 if self.once else MOST_TIMES):
            before, text = text, re.sub(self.pattern, self.becomes, text)
            if text == before:
                break
        return text


@attrs.frozen
class Cause:
    """A root cause, with the repairs that remove it."""

    name: str
    why: str
    repairs: tuple[Repair, ...]
    operations: tuple[str, ...] = ()  # in which it occurs; all if there are none
    beyond: bool = False  # it is not in the truth: a run has found it

    def apply(self, step: Step, names: Sequence[str]) -> Step:
        if self.operations and step.operation not in self.operations:
            return step
        for repair in self.repairs:
            step = repair.apply(step, names)
        return step


def read_causes(contract: str) -> list[Cause]:
    """Read the causes of a contract, in the order of the file."""
    tables = tomllib.loads((MAPPING / f"{contract}.toml").read_text())
    return [
        Cause(
            name=name,
            why=table["why"],
            repairs=tuple(Repair(**repair) for repair in table["repairs"]),
            operations=tuple(table.get("operations", ())),
            beyond=table.get("beyond", False),
        )
        for name, table in tables.items()
    ]


class Attribution:
    """Attributes divergences of one contract to root causes."""

    def __init__(self, session: Session, causes: Sequence[Cause]) -> None:
        self._session = session
        self._causes = causes
        self._operations = {operation.name: operation for operation in session.schema.operations}

    def causes_of(self, finding: Finding) -> frozenset[str]:
        """Return the root causes of a finding; none if no repair removes what it shows."""
        case = finding.case
        if not isinstance(case, Trace) or finding.divergence.step is None:
            return frozenset()
        step = case.steps[finding.divergence.step]
        return self._attributed(step, without_numbers(finding.divergence.path))

    def causes_of_step(self, step: Step) -> frozenset[str]:
        """Return the root causes of everything in which the subjects differ at a step."""
        return self._attributed(step, None)

    def differ(self, step: Step) -> frozenset[str]:
        """Return the places in which the subjects differ at a step: paths of the result, or `OUTCOME`."""
        return self._places(step) - {REFUSED}

    def _places(self, step: Step) -> frozenset[str]:
        execution = self._session.lockstep.run_all([Trace((step,))])[0]
        operation = self._operations[step.operation]
        outcomes = [answer.outcome(operation, 0) for answer in execution.answers.values()]
        accepted = [one.value for one in outcomes if isinstance(one, Accepted)]
        if len(accepted) < len(outcomes):
            kinds = {kind_of(one) for one in outcomes}
            return frozenset((OUTCOME if len(kinds) > 1 else REFUSED,))
        first, *others = accepted
        assert operation.result is not None
        found = (differences(operation.result, first, other) for other in others)
        return frozenset(without_numbers(one.path) for each in found for one in each)

    def _attributed(self, step: Step, place: str | None) -> frozenset[str]:
        before = self.differ(step)
        target = before if place is None or OUTCOME in before else frozenset((place,))
        for causes, repaired in self._repaired(step):
            after = self._places(repaired)
            # If one subject refuses, what the other one returns does not count. A repair after which all
            # refuse has broken the input in another way.
            left = {OUTCOME, REFUSED} & after if OUTCOME in before else after - (before - target)
            if not left:
                return causes
        return frozenset()

    def _repaired(self, step: Step) -> Iterator[tuple[frozenset[str], Step]]:
        """Yield sets of causes whose repairs all change the step, the smallest first, with the result."""
        names = [argument.name for argument in self._operations[step.operation].arguments]
        present = [cause for cause in self._causes if cause.apply(step, names) != step]
        # A cause may show only when another one is repaired, so all causes are tried in the larger sets.
        for size in range(1, MOST_CAUSES + 1):
            for chosen in combinations(present if size == 1 else self._causes, size):
                repaired, changed = step, 0
                for cause in chosen:
                    after = cause.apply(repaired, names)
                    changed += after != repaired
                    repaired = after
                if changed == size:
                    yield frozenset(cause.name for cause in chosen), repaired
