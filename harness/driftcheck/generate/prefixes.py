"""
Kept prefixes: the shortest known ways to behaviours that a run has rarely seen.

Counts what steps have shown, and keeps one prefix for each rare behaviour. The behaviours that were seen
least often, and the prefixes that were used least often, are chosen first. Knows nothing of how choices are
drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from driftcheck.core.trace import Ref, Trace, cut
from driftcheck.generate.cutting import minimal_subset
from driftcheck.generate.dice import Source
from driftcheck.generate.guidance import Prefix, Seen

RARE = 8  # times that something was seen until no more prefixes to it are kept
MOST_KEPT = 512  # prefixes
ENTRANTS = 6  # prefixes among which the rarest one is chosen
MOST_RUNS = 24  # of a prefix that is shortened
FIRST_STEPS = 20_000  # that may be run to shorten prefixes; after that, half as many as the traces have
MOST_KNOWN = 32  # answers of one type that a prefix keeps
DEPTH = 4  # of an answer, into which known values are looked for


class Prefixes:
    """The prefixes that a run has kept."""

    def __init__(self) -> None:
        self._times: Counter[Any] = Counter()
        self._begun: Counter[Any] = Counter()
        self._kept: dict[Any, Prefix] = {}
        self._fresh: list[Any] = []  # what was reached by a prefix that is not shortened yet
        self._seen = 0  # steps of all traces
        self._run = 0  # steps that were run to shorten prefixes
        self._of_operation: dict[str, list[Any]] = {}  # what was reached by its steps, of what is kept

    def __len__(self) -> int:
        return len(self._kept)

    def learn(self, trace: Trace, seen: Sequence[Seen], *, may_keep: bool) -> bool:
        """Count what a trace has shown; say whether something of it was new.

        Args:
            may_keep: False where subjects differ, since each trace that begins so would differ, too.
        """
        is_new = False
        self._seen += len(seen)
        makes: set[int] = {a.step for step in trace.steps for a in step.arguments if isinstance(a, Ref)}
        lasting: list[int] = []
        for number, one in enumerate(seen):
            self._times[one.what] += 1
            times = self._times[one.what]
            is_new |= times == 1
            if may_keep and one.is_judged:
                known = self._kept.get(one.what)
                if times <= RARE if known is None else len(lasting) + 1 < len(known.steps):
                    self._keep(one.what, trace, seen, [*lasting, number])
            if one.has_changed or number in makes:
                lasting.append(number)
        return is_new

    def _keep(self, what: Any, trace: Trace, seen: Sequence[Seen], numbers: list[int]) -> None:
        if what not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                often = max(self._kept, key=lambda one: (self._times[one], self._begun[one]))
                del self._kept[often]
                self._of_operation[often[0]].remove(often)
            self._of_operation.setdefault(what[0], []).append(what)
        self._fresh.append(what)
        short = cut(trace, numbers)
        answers = [seen[number].answer for number in numbers if seen[number].is_accepted]
        changes = seen[numbers[-1]].has_changed
        self._kept[what] = Prefix(short.steps, trace.opening, trace.rosters, changes, _values(answers))

    def shorten(self, run: Callable[[Trace], Sequence[Seen]]) -> None:
        """Remove from the prefixes that were kept last the steps that they do not need.

        Args:
            run: says what each step of a trace shows.
        """

        def counted(trace: Trace) -> Sequence[Seen]:
            self._run += len(trace.steps)
            return run(trace)

        while self._fresh and self._run <= FIRST_STEPS + self._seen // 2:
            what = self._fresh.pop()
            prefix = self._kept.get(what)
            if prefix is not None and len(prefix.steps) > 1:
                self._kept[what] = _shortest(what, prefix, counted)

    def choose(self, data: Source, most: int) -> Prefix | None:
        """Choose a prefix of at most `most` steps; None if none that was drawn is short enough."""
        operations = list(self._of_operation)
        if not operations:
            return None
        operation = operations[data.draw_integer(0, len(operations) - 1)]
        return self._chosen(data, self._of_operation[operation], most)

    def choose_for(self, data: Source, operation: str, most: int) -> Prefix | None:
        """Choose a prefix that ends with a step of an operation."""
        return self._chosen(data, self._of_operation.get(operation, []), most)

    def _chosen(self, data: Source, keys: list[Any], most: int) -> Prefix | None:
        if not keys:
            return None
        drawn = [keys[data.draw_integer(0, len(keys) - 1)] for _ in range(ENTRANTS)]
        fitting = [key for key in drawn if 2 <= len(self._kept[key].steps) <= most]
        if not fitting:
            return None
        rarest = min(fitting, key=lambda key: (1 + self._times[key]) * (1 + self._begun[key]))
        self._begun[rarest] += 1
        return self._kept[rarest]


def _shortest(what: Any, prefix: Prefix, run: Callable[[Trace], Sequence[Seen]]) -> Prefix:
    whole = Trace(prefix.steps, prefix.opening, prefix.rosters)
    last, runs = len(prefix.steps) - 1, 0
    answers: Sequence[Seen] = ()

    def still(numbers: list[int]) -> bool:
        nonlocal runs, answers
        short = cut(whole, [*numbers, last])
        if runs >= MOST_RUNS or len(short.steps) <= len(numbers):  # its last step needs a handle
            return False
        runs += 1
        seen = run(short)
        if len(seen) < len(short.steps) or seen[-1].what != what:
            return False
        answers = seen
        return True

    short = cut(whole, [*minimal_subset(list(range(last)), still), last])
    known = _values([one.answer for one in answers]) if answers else prefix.known
    return attrs.evolve(prefix, steps=short.steps, known=known)


def _values(answers: Sequence[Any]) -> dict[type, tuple[Any, ...]]:
    """Return the numbers, texts and byte strings in some answers, the latest first."""
    found: dict[type, dict[Any, None]] = {}
    for answer in reversed(answers):
        _collect(answer, found, DEPTH)
    return {type_: tuple(values) for type_, values in found.items()}


def _collect(value: Any, found: dict[type, dict[Any, None]], depth: int) -> None:
    match value:
        case bool() | None:
            return
        case int() | str() | bytes():
            values = found.setdefault(type(value), {})
            if len(values) < MOST_KNOWN:
                values[value] = None
        case list() | tuple() if depth:
            for item in value:
                _collect(item, found, depth - 1)
        case dict() if depth:
            for key, item in value.items():
                _collect(key, found, depth - 1)
                _collect(item, found, depth - 1)
