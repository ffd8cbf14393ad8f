"""
What traces show: the things by which a corpus says whether a trace is new.

A thing is a short text. A step with state shows the operation, what each subject did, the rough size of the
result, and whether the state changed. A document shows each of its features with what each subject did. In
builds for coverage, a trace also shows the blocks that it ran.
Knows executions. Knows nothing of files or of how traces are drawn.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence, Set
from typing import Any

from driftcheck.campaign.blocks import of_blocks
from driftcheck.campaign.corpus import DOCUMENTS, TRACES, Candidate
from driftcheck.contract.schema import Schema
from driftcheck.core.outcome import kind
from driftcheck.core.trace import Document, Ref, Step, Trace, cut, with_their_handles
from driftcheck.findings.trace_writer import TraceWriter
from driftcheck.generate.guidance import Seen
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle.causes import features_of
from driftcheck.search.feedback import seen_in
from driftcheck.search.statistics import KINDS
from driftcheck.subjects.wire import REJECTED

LONGEST_DOCUMENT = 4_096  # bytes; finding the features of longer ones takes as long as drawing many traces
LONGEST_THING = 160  # characters
MOST_THINGS = 20_000  # of one contract; with more, nearly every thing would be rare
MOST_BLOCKS = 100_000  # of one contract; each block of a subject counts up to three times


class Collector:
    """Says what the traces of a search show, and which of them show something new."""

    def __init__(self, schema: Schema, known: Set[str]) -> None:
        self.times: Counter[str] = Counter()  # how often each thing was seen
        self._schema = schema
        self._blocks = set(of_blocks(known))
        self._known = {thing for thing in known if thing not in self._blocks}
        self._writer = TraceWriter(schema)
        self._texts: dict[Hashable, str] = {}

    def take(self, execution: Execution) -> list[Candidate]:
        """Count what a trace shows; return what should be kept of it."""
        trace = execution.trace
        if self._schema.is_stateless:
            return self._of_stateless(trace, execution)
        if not execution.is_equal:
            return []  # each trace that begins with this one would diverge; `cases/` holds it
        answer = next(iter(execution.answers.values()))
        seen = seen_in(self._schema, trace, answer)
        things = [self._text(one.what) for one in seen]
        new = {n for n, thing in enumerate(things) if thing not in self._known}
        self.times.update(things)
        if not new or len(self._known) >= MOST_THINGS:
            return []
        kept = _needed(trace, seen, new)
        shows = frozenset(things[n] for n in kept)
        self._known |= shows
        return [self._candidate(cut(trace, kept), shows)]

    def take_blocks(self, execution: Execution, ran: frozenset[str]) -> list[Candidate]:
        """Count what a trace ran; return what should be kept of it."""
        self.times.update(ran)
        is_kept = bool(execution.trace.steps) and (self._schema.is_stateless or execution.is_equal)
        if ran <= self._blocks or not is_kept or len(self._blocks) >= MOST_BLOCKS:
            return []
        trace = execution.trace
        documents = [a for step in trace.steps for a in step.arguments if isinstance(a, Document)]
        if any(len(one.data) > LONGEST_DOCUMENT for one in documents):
            return []
        self._blocks |= ran
        if self._schema.is_stateless and documents:
            return [Candidate(DOCUMENTS, one.data, ran) for one in documents]
        return [self._candidate(trace, ran)]

    def shown_by(self, execution: Execution) -> frozenset[str]:
        """Return all that a trace shows, without counting it."""
        if self._schema.is_stateless:
            return frozenset(thing for _, things in self._of_steps(execution) for thing in things)
        if not execution.is_equal:
            return frozenset()
        answer = next(iter(execution.answers.values()))
        seen = seen_in(self._schema, execution.trace, answer)
        return frozenset(self._text(one.what) for one in seen)

    def know(self, things: Set[str]) -> None:
        """Note what other entries show."""
        ran = of_blocks(things)
        self._blocks |= ran
        self._known |= set(things) - ran

    def _of_stateless(self, trace: Trace, execution: Execution) -> list[Candidate]:
        candidates = []
        for step, things in self._of_steps(execution):
            shows = frozenset(things)
            self.times.update(shows)
            if shows <= self._known or len(self._known) >= MOST_THINGS:
                continue
            documents = [a for a in step.arguments if isinstance(a, Document)]
            if any(len(one.data) > LONGEST_DOCUMENT for one in documents):
                continue
            self._known |= shows
            if documents:
                candidates += [Candidate(DOCUMENTS, one.data, shows) for one in documents]
            else:
                candidates.append(self._candidate(trace, shows))
        return candidates

    def _of_steps(self, execution: Execution) -> Iterable[tuple[Step, list[str]]]:
        """Yield each step of a stateless contract with what it shows."""
        for number, step in enumerate(execution.trace.steps):
            documents = [a for a in step.arguments if isinstance(a, Document)]
            if any(len(one.data) > LONGEST_DOCUMENT for one in documents):
                continue
            ended = _ended(self._schema, execution, number)
            words = sorted(features_of(self._schema, step)) if documents else [_rough(execution, number)]
            yield step, [self._text((step.operation, word, ended)) for word in words or [""]]

    def _candidate(self, trace: Trace, shows: frozenset[str]) -> Candidate:
        data = json.dumps(self._writer.trace(trace), separators=(",", ":"))
        return Candidate(TRACES, (data + "\n").encode(), shows)

    def _text(self, key: Hashable) -> str:
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _shortened(self._in_words(key))
        return text

    def _in_words(self, key: Any) -> str:
        match key:
            case (str(operation), int(ended), result, bool(changed)):
                if ended == REJECTED and isinstance(result, int) and result < len(self._schema.rejections):
                    return f"{operation} {self._schema.rejections[result].name}"
                size = "" if result is None else f" {result}"
                return f"{operation} {KINDS[ended]}{size}" + (", changes the state" if changed else "")
            case (str(operation), str(word), str(ended)):
                return " ".join(part for part in (operation, word, f"-> {ended}") if part)
            case _:
                return str(key)


def _needed(trace: Trace, seen: Sequence[Seen], new: set[int]) -> list[int]:
    """Return the new steps of a trace, and the earlier ones that change something."""
    last = max(new)
    makes = {a.step for step in trace.steps for a in step.arguments if isinstance(a, Ref)}
    numbers = [n for n in range(last + 1) if n in new or seen[n].has_changed or n in makes]
    return with_their_handles(trace, numbers)


def _ended(schema: Schema, execution: Execution, number: int) -> str:
    """Say in words how a step ended: once if all subjects agree."""
    operation = schema.operation(execution.trace.steps[number].operation)
    kinds = {name: _kind(answer, operation, number) for name, answer in execution.answers.items()}
    words = set(kinds.values())
    if len(words) > 1:
        return ", ".join(f"{name} {word}" for name, word in kinds.items())
    return words.pop() if execution.is_equal else f"{words.pop()}, with different values"


def _kind(answer: Answer, operation: Any, number: int) -> str:
    outcome = answer.outcome(operation, number)
    return "outside its type" if isinstance(outcome, Exception) else kind(outcome)


def _rough(execution: Execution, number: int) -> str:
    """Return the rough size of the result of a step that takes no document."""
    answer = next(iter(execution.answers.values()))
    seen = seen_in(answer.wire.schema, execution.trace, answer)
    return f"{seen[number].what[2]}" if number < len(seen) else ""


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_THING:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: LONGEST_THING - 9]} {digest}"
