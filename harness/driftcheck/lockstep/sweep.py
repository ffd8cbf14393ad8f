"""
Sweeps: each host draws the traces of some seeds itself, and answers with a digest for each.

Owns which host has which plan. Knows nothing of what a trace contains: a seed whose digests differ, or that a
subject did not survive, is for `lockstep.run`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from driftcheck.core.errors import ProtocolFault
from driftcheck.core.outcome import Crashed, Evidence, was_killed
from driftcheck.lockstep.answer import Dead
from driftcheck.lockstep.host_slot import HostSlot
from driftcheck.lockstep.native import SweepPlan
from driftcheck.subjects.host import NOISE, Host, HostDied
from driftcheck.subjects.wire import DIGEST, DIGESTS
from driftcheck.values.encoding import load_strictly

PYTHON_EACH = 8  # a subject in Python runs one trace in eight, since it takes far longer

Outcomes = Mapping[tuple[int, int, int | None], int]  # by operation, kind of outcome, class of rejection
Faults = Mapping[tuple[int, int], int]  # by operation and fault


@attrs.frozen(eq=False)
class _Told:
    """The answer of one host."""

    digests: bytes
    steps: int
    outcomes: Outcomes
    faults: Faults


@attrs.frozen(eq=False)
class SweepDeath:
    """A death in a sweep, which another run of its traces may confirm."""

    subject: str
    outcome: Dead
    number: int  # of the trace in the sweep


@attrs.frozen(eq=False)
class Swept:
    """What a sweep has shown."""

    trace_seeds: tuple[int, ...]
    differing: tuple[int, ...] = ()  # seeds for which the digests differ
    deaths: tuple[SweepDeath, ...] = ()  # if there are any, only `reaching` is known of the seeds
    steps: int = 0
    outcomes: Outcomes = attrs.field(factory=dict, repr=False)  # as the first subject answered
    faults: Faults = attrs.field(factory=dict, repr=False)
    reaching: tuple[int, ...] = ()  # seeds whose traces reached something new, in builds for coverage


class Sweeper:
    """Makes the hosts of several subjects sweep."""

    def __init__(self) -> None:
        self._plans: dict[str, tuple[Host, bytes]] = {}  # the host that has a plan, and its digest

    def sweep(
        self, slots: Mapping[str, HostSlot], plan: SweepPlan, trace_seeds: Sequence[int], deadline_s: float
    ) -> Swept:
        """Run the traces of seeds in all subjects, at the same time.

        Args:
            slots: by subject; subjects in Python run only some of the seeds.
            deadline_s: of a step.

        Raises:
            HostFailed, HostKilled, WrongLibrary: a host cannot start.
        """
        asked = {
            name: tuple(trace_seeds[::PYTHON_EACH] if slot.subject.language == "python" else trace_seeds)
            for name, slot in slots.items()
        }
        deaths = self._give_plan(slots, plan, deadline_s)
        if deaths:
            return Swept(tuple(trace_seeds), deaths=deaths)
        first = next(iter(slots))
        for name, slot in slots.items():
            slot.host.send(plan.order(asked[name], DIGESTS, counts=name == first))
        told: dict[str, _Told] = {}
        reaching: dict[int, None] = {}
        for name, slot in slots.items():
            answer = self._received(slot, deadline_s, [plan.max_steps] * len(asked[name]))
            if isinstance(answer, SweepDeath):
                deaths += (answer,)
                continue
            try:
                told[name] = _read(answer, len(asked[name]))
            except ValueError as error:
                slot.leave()
                deaths += (SweepDeath(name, _noise(error), 0),)
                continue
            for seed, reached in zip(asked[name], slot.covered_by(len(asked[name])), strict=True):
                if reached is not None and reached.new:
                    reaching[seed] = None
        if deaths:
            return Swept(tuple(trace_seeds), deaths=deaths, reaching=tuple(reaching))
        counts = told[first]
        differing = _differing(asked, {name: one.digests for name, one in told.items()})
        seen = counts.steps, counts.outcomes, counts.faults
        return Swept(tuple(trace_seeds), differing, (), *seen, tuple(reaching))

    def _give_plan(
        self, slots: Mapping[str, HostSlot], plan: SweepPlan, deadline_s: float
    ) -> tuple[SweepDeath, ...]:
        """Send the plan to the hosts that do not have it; return the deaths of those that did not take it."""
        lacking = {n: s for n, s in slots.items() if self._plans.get(n) != (s.host, plan.digest)}
        for slot in lacking.values():
            slot.host.send(plan.frame)
        deaths: list[SweepDeath] = []
        for name, slot in lacking.items():
            host = slot.host
            answer = self._received(slot, deadline_s, None)
            if isinstance(answer, SweepDeath):
                deaths.append(answer)
            elif answer != plan.digest:
                slot.leave()
                deaths.append(SweepDeath(name, _noise(ValueError("it has another plan")), 0))
            else:
                self._plans[name] = host, plan.digest
        return tuple(deaths)

    def _received(self, slot: HostSlot, deadline_s: float, steps: Sequence[int] | None) -> bytes | SweepDeath:
        name = slot.subject.name
        try:
            return slot.host.receive(deadline_s=deadline_s, steps=steps)
        except ProtocolFault as fault:
            slot.leave()
            return SweepDeath(name, _noise(ValueError(f"it refused a request: {fault.text}")), 0)
        except HostDied as death:
            slot.leave()
            if was_killed(death.outcome):
                slot.killed += 1
            return SweepDeath(name, death.outcome, death.trace)


def _read(answer: bytes, count: int) -> _Told:
    match load_strictly(answer):
        case [bytes(digests), int(steps), list(outcomes), list(faults)] if len(digests) == DIGEST * count:
            return _Told(
                digests,
                steps,
                {(operation, kind, class_): n for operation, kind, class_, n in outcomes},
                {(operation, fault): n for operation, fault, n in faults},
            )
    raise ValueError(f"its answer does not have {count} digests")


def _noise(error: Exception) -> Dead:
    return Crashed(Evidence(f"noise on the stream of its host: {error}", NOISE))


def _differing(asked: Mapping[str, tuple[int, ...]], told: Mapping[str, bytes]) -> tuple[int, ...]:
    """Return the seeds for which two subjects answered with different digests, in their order."""
    expected: dict[int, bytes] = {}
    differing: dict[int, None] = {}
    first: bytes | None = None
    for name, trace_seeds in asked.items():
        digests = told[name]
        if digests == first and len(trace_seeds) == len(expected):
            continue  # all are equal, as nearly always
        for at, seed in enumerate(trace_seeds):
            digest = digests[DIGEST * at : DIGEST * (at + 1)]
            if expected.setdefault(seed, digest) != digest:
                differing[seed] = None
        first = first or digests
    return tuple(seed for seed in expected if seed in differing)
