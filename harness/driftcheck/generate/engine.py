"""
The search: cases drawn one after the other, each divergence shrunk under its own signature.

Schema version rolls dice and records nothing; a case that a judge finds interesting is lifted to Hypothesis'
choices, cut down by whole steps, then shrunk by Hypothesis. Counts shape the results; time only ends a run.
Knows nothing of subjects: a judge says what a case shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import chain, combinations
from typing import Any, Generic, cast

import attrs

from driftcheck.core.trace import Document, Trace
from driftcheck.generate._conjecture import Choice, Choices, Flaky, Runner, replay
from driftcheck.generate.coder import CannotLift, identity
from driftcheck.generate.cut_documents import cut
from driftcheck.generate.cutting import (
    Case,
    brought_forward,
    keep_steps,
    minimal_subset,
    opened_where_moved,
    size,
)
from driftcheck.generate.dice import Dice, Undrawable
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
BATCH = 32
FEW = 4_096  # so many cases of at most one step are remembered, to notice when there are no others
REPEATS = 300  # after so many repeated cases in a row there is nothing new to draw
UNDRAWABLE = 2_000  # after so many draws in a row that led nowhere the strategy is at fault
LONG_CHOICE = 16  # characters or bytes
TRIES_TO_RECUR = 3  # a slow death may pass for a hang once, on a machine that is busy
ROUNDS = 4  # of cutting and shrinking in turn; two are usual

Judge = Callable[[Any, bool], Hashable | None]


@attrs.frozen
class Found(Generic[Case]):
    """A shrunk case with its signature."""

    signature: Hashable
    case: Case
    choices: Choices  # what the strategy draws it from; empty where it cannot be told
    original: Case  # as it was drawn
    found_after: int  # cases judged until then, this one included
    shrink_calls: int  # cases judged to shrink it
    recurs: bool = True  # False: judged again it showed something else, and was not shrunk
    is_minimal: bool = True  # False: the budget ended the shrinking


@attrs.frozen
class Searched(Generic[Case]):
    """What a search did."""

    found: tuple[Found[Case], ...]
    cases: int  # judged, repeated ones not counted
    is_exhausted: bool  # there was nothing new left to draw
    is_stopped: bool  # `stop` ended it


class _Ended(Exception):
    """The budget of a shrink is spent."""


def search(
    strategy: CaseStrategy[Case],
    judge: Judge,
    *,
    seed: int,
    max_cases: int,
    stop: Callable[[], bool] = lambda: False,
    max_shrink_calls: int = MAX_SHRINK_CALLS,
    ahead: Callable[[Sequence[Case]], None] | None = None,
    begins: Callable[[Hashable], None] = lambda signature: None,
    found: Callable[[Found[Case]], None] | None = None,
    batch: int = BATCH,
) -> Searched[Case]:
    """Draw and judge cases; shrink each that is interesting, then go on.

    Args:
        judge: `judge(case, shrinking)` returns the signature of what the case shows and is not yet known, or
            None.
        seed: the same one gives the same cases in the same order, and the same findings.
        max_cases: how many to judge, not counting those of shrinking.
        stop: asked between cases; True ends the search, and a shrink with what it has.
        max_shrink_calls: how many cases to judge for each finding.
        ahead: told of the next `batch` cases while the batch before is still to be judged, so that a judge
            who runs them elsewhere need not wait.
        begins: told of each signature when a case is shrunk under it.
        found: told of each finding as soon as it is shrunk, so that the judge can call it known from then on.
            Where the judge goes on to report it, it is passed over.
    """
    known: set[Hashable] = set()
    findings: list[Found[Case]] = []
    judged = 0
    stopped = False
    stream = _Stream(strategy, seed)
    waiting: list[Case] = []

    def report(case: Case, signature: Hashable) -> None:
        """Shrink what was found, then what was met on the way."""
        queue = {signature: case}
        while queue:
            signature, case = next(iter(queue.items()))
            del queue[signature]
            if signature in known:
                continue
            begins(signature)
            finding, others = _shrink(strategy, case, judge, signature, seed, max_shrink_calls, stop, judged)
            known.add(signature)
            findings.append(finding)
            if found is not None:
                found(finding)
            for other, met in others.items():
                queue.setdefault(other, met)

    while True:
        upcoming = stream.take(min(batch, max_cases - judged - len(waiting))) if not stopped else []
        if upcoming and ahead is not None:
            ahead(upcoming)
        for case in waiting:
            if stop():
                stopped = True
                break
            judged += 1
            signature = judge(case, False)
            if signature is not None and signature not in known:
                report(case, signature)
        waiting = upcoming
        if stopped or not waiting:
            return Searched(tuple(findings), judged, stream.is_exhausted and judged < max_cases, stopped)


def shrink(
    strategy: CaseStrategy[Case],
    case: Case,
    judge: Judge,
    signature: Hashable,
    *,
    seed: int = 0,
    max_shrink_calls: int = MAX_SHRINK_CALLS,
    stop: Callable[[], bool] = lambda: False,
) -> Found[Case]:
    """Shrink a case from elsewhere under its signature; `strategy` must allow as many steps as it has."""
    return _shrink(strategy, case, judge, signature, seed, max_shrink_calls, stop, 0)[0]


class _Stream(Generic[Case]):
    """Cases in the order of their seeds, short ones without repetition."""

    def __init__(self, strategy: CaseStrategy[Case], seed: int) -> None:
        self._strategy = strategy
        self._seed = seed
        self._number = 0
        self._dice = Dice()
        self._seen: set[Any] | None = set()  # None: there are too many to be exhausted
        self._repeats = 0
        self.is_exhausted = False

    def take(self, count: int) -> list[Case]:
        """Draw the next cases; fewer where there is nothing new."""
        cases: list[Case] = []
        undrawable = 0
        while len(cases) < count and not self.is_exhausted:
            self._dice.throw(f"{self._seed}:{self._number}")
            self._number += 1
            try:
                case = self._strategy.draw_case(self._dice)
            except Undrawable:
                undrawable += 1
                self.is_exhausted = undrawable >= UNDRAWABLE
                continue
            undrawable = 0
            if self._is_new(case):
                cases.append(case)
        return cases

    def _is_new(self, case: Case) -> bool:
        if self._seen is None or size(case) > 1:
            return True
        key = identity(case)
        if key in self._seen:
            self._repeats += 1
            self.is_exhausted = self._repeats >= max(REPEATS, 10 * len(self._seen))
            return False
        self._repeats = 0
        self._seen.add(key)
        if len(self._seen) > FEW:
            self._seen = None
        return True


def _shrink(
    strategy: CaseStrategy[Case],
    original: Case,
    judge: Judge,
    signature: Hashable,
    seed: int,
    max_calls: int,
    stop: Callable[[], bool],
    found_after: int,
) -> tuple[Found[Case], dict[Hashable, Case]]:
    """Shrink a case; return the finding, and what other signatures were met on the way."""
    recurs, is_minimal = False, True
    others: dict[Hashable, Case] = {}
    try:
        for _ in range(TRIES_TO_RECUR):
            shrinker = _Shrinker(strategy, judge, signature, seed, max_calls, stop, others)
            if recurs := shrinker.attempt(original):
                shrinker.run()
                break
    except (_Ended, Flaky):
        is_minimal = False
    finding = Found(
        signature=signature,
        case=shrinker.case() if recurs else original,
        choices=shrinker.choices,
        original=original,
        found_after=found_after,
        shrink_calls=shrinker.calls,
        recurs=recurs,
        is_minimal=is_minimal and recurs,
    )
    return finding, others


class _Shrinker(Generic[Case]):
    """One shrink: the simplest choices so far that show the same, and what they have cost."""

    def __init__(
        self,
        strategy: CaseStrategy[Case],
        judge: Judge,
        signature: Hashable,
        seed: int,
        max_calls: int,
        stop: Callable[[], bool],
        others: dict[Hashable, Case],
    ) -> None:
        self.choices: Choices = ()
        self.others = others  # what other signatures were met on the way
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
        signature = self._judge(case, True)
        if signature is not None and signature != self._signature and not self._cuts:
            self.others.setdefault(signature, case)
        return signature

    def case(self) -> Case:
        """Return the simplest case so far."""
        case = replay(self._strategy, self.choices)
        assert case is not None
        return case

    def attempt(self, case: Case, *, only_simpler: bool = False) -> bool:
        """Take a case for the simplest if it shows the same."""
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
        """Shrink what the case is made of, then cut what it must be made of but need not hold."""
        self._shrink()
        self._cut_documents()

    def _shrink(self) -> None:
        """Cut steps, simplify arguments, let Hypothesis shrink choices; again while that helped."""
        for number in range(ROUNDS):
            before = self.choices
            self.attempt(self.case(), only_simpler=True)  # written anew, without detours of generation
            self._cut_steps()
            self._do_without_steps()
            self._simplify_arguments()
            self._drop_mutations()
            self._simplify_names()
            self._shorten()
            if number:
                self._lower_together()
            if number and self.choices == before:  # Hypothesis has just had its turn with these
                return
            self._shrink_choices()

    def _cut_steps(self) -> None:
        case = self.case()
        minimal_subset(list(range(size(case))), lambda keep: self.attempt(keep_steps(case, keep)))

    def _do_without_steps(self) -> None:
        """Drop steps that can go where something else takes their place."""
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
        """Cut long text and bytes: Hypothesis would compare cases by numbers of as many digits."""
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
        """Lower two equal numbers at once, as where two payloads must be of one value.

        Hypothesis does so with neighbours, and with all equal ones at once.
        """
        places = [at for at, choice in enumerate(self.choices) if type(choice) is int and choice]
        for pair in combinations(places, 2):
            before = {self.choices[at] for at in pair if at < len(self.choices)}
            if len(before) == 1:
                lowered = [0 if at in pair else choice for at, choice in enumerate(self.choices)]
                self._attempt_choices(tuple(lowered), only_simpler=True)

    def _cut_documents(self) -> None:
        self._cuts = True  # what else such bytes show is no difference between values that are ever drawn
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
    """Return a key by which choices compare, in about Hypothesis' order but at no cost for long text."""
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
