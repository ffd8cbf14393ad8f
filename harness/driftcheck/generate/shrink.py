"""
Shrinking: a case made smaller for as long as it shows the same signature.

driftcheck first removes whole steps, then simplifies arguments, then lets Hypothesis shrink its choices.
Knows nothing of subjects: a judge says which signature a case shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any, Generic, cast

import attrs

from driftcheck.core.trace import Document, Trace
from driftcheck.generate._conjecture import Choice, Choices, Flaky, Runner, replay
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.cut_documents import cut
from driftcheck.generate.cutting import (
    Case,
    brought_forward,
    keep_steps,
    minimal_subset,
    opened_where_moved,
    size,
)
from driftcheck.generate.drop_mutations import Put, documents_in, with_fewer_mutations
from driftcheck.generate.naming import (
    in_other_orders,
    with_instances_in_order,
    with_names_in_order,
    with_simplest_names,
    with_unused_names,
)
from driftcheck.generate.simplest import Simplifier
from driftcheck.generate.strategy import CaseStrategy

MAX_SHRINK_CALLS = 5_000
LONG_CHOICE = 16  # characters or bytes
TRIES_TO_RECUR = 3  # a busy machine may once turn a slow death into a hang
ROUNDS = 4  # of removing steps and shrinking choices; two are usual

Judge = Callable[[Case], Hashable | None]


@attrs.frozen
class Shrunk(Generic[Case]):
    """The smallest case that was found for a signature."""

    signature: Hashable
    case: Case
    original: Case  # the case before it was shrunk
    calls: int  # of the judge
    recurs: bool = True  # False: the judge saw another signature in the original case, which stays as it is
    is_minimal: bool = True  # False: the shrinking ended early
    others: Mapping[Hashable, Case] = attrs.field(factory=dict)  # other signatures, each with its first case


class _Ended(Exception):
    """The shrinking may not go on."""


def shrink(
    strategy: CaseStrategy[Case],
    case: Case,
    judge: Judge[Case],
    signature: Hashable,
    *,
    seed: int = 0,
    max_calls: int = MAX_SHRINK_CALLS,
    stop: Callable[[], bool] = lambda: False,
) -> Shrunk[Case]:
    """Make a case as small as possible while the judge returns the same signature.

    Args:
        strategy: draws such cases, with at least as many steps as this one has.
        judge: returns the signature that a case shows, or None.
        max_calls: of the judge.
        stop: asked before each call but the first; True ends the shrinking with the smallest case so far.
    """
    recurs, is_minimal = False, True
    others: dict[Hashable, Case] = {}
    try:
        for _ in range(TRIES_TO_RECUR):
            shrinker = _Shrinker(strategy, judge, signature, seed, max_calls, stop, others)
            if recurs := shrinker.attempt(case):
                shrinker.run()
                break
    except (_Ended, Flaky):
        is_minimal = False
    return Shrunk(
        signature=signature,
        case=shrinker.case() if recurs else case,
        original=case,
        calls=shrinker.calls,
        recurs=recurs,
        is_minimal=is_minimal and recurs,
        others=others,
    )


class _Shrinker(Generic[Case]):
    """One shrink: the simplest choices so far that show the signature, and the calls of the judge."""

    def __init__(
        self,
        strategy: CaseStrategy[Case],
        judge: Judge[Case],
        signature: Hashable,
        seed: int,
        max_calls: int,
        stop: Callable[[], bool],
        others: dict[Hashable, Case],
    ) -> None:
        self.choices: Choices = ()
        self.others = others  # other signatures, each with its first case
        self.calls = 0
        self._strategy = strategy
        self._judge = judge
        self._signature = signature
        self._max_calls = max_calls
        self._stop = stop
        self._cuts = False
        self._runner = Runner(strategy, self._judged, seed)

    def _judged(self, case: Case) -> Hashable | None:
        if self.calls >= self._max_calls or (self.calls and self._stop()):
            raise _Ended
        self.calls += 1
        signature = self._judge(case)
        if signature is not None and signature != self._signature and not self._cuts:
            self.others.setdefault(signature, case)
        return signature

    def case(self) -> Case:
        """Return the simplest case so far."""
        case = replay(self._strategy, self.choices)
        assert case is not None
        return case

    def attempt(self, case: Case, *, only_simpler: bool = False) -> bool:
        """Make a case the simplest one if it shows the signature."""
        try:
            choices = self._strategy.lift(case)
        except CannotLift:
            return False
        return self._attempt_choices(choices, only_simpler=only_simpler)

    def _attempt_choices(self, choices: Choices, *, only_simpler: bool) -> bool:
        if only_simpler and not _weight(choices) < _weight(self.choices):
            return False
        signature, taken = self._runner.try_choices(choices)
        if signature != self._signature or (only_simpler and not _weight(taken) < _weight(self.choices)):
            return False
        self.choices = taken
        return True

    def run(self) -> None:
        """Shrink the choices of the case, then cut its documents."""
        self._shrink()
        self._cut_documents()

    def _shrink(self) -> None:
        """Remove steps, simplify arguments, let Hypothesis shrink choices; repeat while that helps."""
        for number in range(ROUNDS):
            before = self.choices
            self.attempt(
                self.case(), only_simpler=True
            )  # lifting leaves out choices that drawing did not need
            self._cut_steps()
            self._replace_steps()
            self._simplify_arguments()
            self._drop_mutations()
            self._simplify_names()
            self._shorten()
            if number:
                self._lower_together()
            if number and self.choices == before:  # Hypothesis has shrunk these already
                return
            self._shrink_choices()

    def _cut_steps(self) -> None:
        case = self.case()
        minimal_subset(list(range(size(case))), lambda keep: self.attempt(keep_steps(case, keep)))

    def _replace_steps(self) -> None:
        """Remove steps that another step, or the opening, can replace."""
        plan = self._strategy.interpreter.plan

        def shorter() -> Iterator[Trace]:
            case = self.case()
            return chain(brought_forward(case), opened_where_moved(case, plan))

        while any(self.attempt(cast(Case, one)) for one in shorter()):
            pass

    def _simplify_arguments(self) -> None:
        simplifier = Simplifier(self._strategy.interpreter.plan, self.case())
        minimal_subset(
            simplifier.places(), lambda keep: self.attempt(cast(Case, simplifier.simplified(set(keep))))
        )

    def _drop_mutations(self) -> None:
        plan = self._strategy.interpreter.plan
        while any(
            self.attempt(cast(Case, fewer), only_simpler=True)
            for fewer in with_fewer_mutations(plan, self.case())
        ):
            pass

    def _simplify_names(self) -> None:
        plan = self._strategy.interpreter.plan
        if plan.instances > 1:
            self.attempt(with_instances_in_order(self.case()), only_simpler=True)
        self.attempt(with_names_in_order(self.case()), only_simpler=True)
        case = self.case()
        candidates = chain(
            [with_simplest_names(case, plan, also_used=True)],
            in_other_orders(case, plan),
            [with_simplest_names(case, plan, also_used=False)],
        )
        if any(self.attempt(candidate, only_simpler=True) for candidate in candidates):
            return
        any(self.attempt(candidate, only_simpler=True) for candidate in with_unused_names(self.case()))

    def _shorten(self) -> None:
        """Shorten long text and bytes. Hypothesis turns each into a number of as many digits."""
        for at, choice in enumerate(self.choices):
            if isinstance(choice, str | bytes) and len(choice) > LONG_CHOICE:
                self._shorten_one(at, choice)

    def _shorten_one(self, at: int, choice: str | bytes) -> None:
        def still(places: list[int]) -> bool:
            kept: Choice
            if isinstance(choice, str):
                kept = "".join([choice[n] for n in places])
            else:
                kept = bytes([choice[n] for n in places])
            attempt = (*self.choices[:at], kept, *self.choices[at + 1 :])
            return self._attempt_choices(attempt, only_simpler=True)

        minimal_subset(list(range(len(choice))), still)

    def _lower_together(self) -> None:
        """Lower two equal numbers together, for example where two payloads must have the same value.

        Hypothesis does so only with neighbours, and with all equal numbers together.
        """
        places = [at for at, choice in enumerate(self.choices) if type(choice) is int and choice]
        for pair in combinations(places, 2):
            before = {self.choices[at] for at in pair if at < len(self.choices)}
            if len(before) == 1:
                lowered = [0 if at in pair else choice for at, choice in enumerate(self.choices)]
                self._attempt_choices(tuple(lowered), only_simpler=True)

    def _cut_documents(self) -> None:
        self._cuts = True  # such bytes may show divergences that no drawn value shows
        plan = self._strategy.interpreter.plan
        for number in range(len(documents_in(plan, self.case()))):
            part, document, put = documents_in(plan, self.case())[number]

            def still(shorter: Document, put: Put = put) -> bool:
                return self.attempt(cast(Case, put(shorter)))

            cut(part, document, still)

    def _shrink_choices(self) -> None:
        def improved(choices: Choices) -> None:
            self.choices = choices

        deletes = not self._strategy.interpreter.is_flat
        self.choices = self._runner.shrink(self.choices, self._signature, improved, deletes=deletes)


def _weight(choices: Choices) -> tuple[int, list[tuple[int, float, Any]]]:
    """Return a key that orders choices nearly as Hypothesis does, but is cheap for long text."""
    return len(choices), [_weight_of(choice) for choice in choices]


def _weight_of(choice: Choice) -> tuple[int, float, Any]:
    match choice:
        case bool():
            return 0, choice, 0
        case int():
            return 1, abs(choice), choice < 0
        case float():
            return 2, math.inf if math.isnan(choice) else abs(choice), math.copysign(1, choice) < 0
        case str():
            return 3, len(choice), [(ord(c) - ord("0")) % 0x110000 for c in choice]
        case bytes():
            return 4, len(choice), choice
