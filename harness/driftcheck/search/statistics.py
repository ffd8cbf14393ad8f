"""
The statistics of a run: what it exercised of a contract.

Knows traces, replies and verdicts. Knows nothing of how cases are drawn or of what is printed.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import outcome
from driftcheck.core import types as t
from driftcheck.core.disagreement import Groups
from driftcheck.core.trace import Document, Trace
from driftcheck.findings.last_run import Sighted
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.sweep import Swept
from driftcheck.oracle.oracle import Verdict
from driftcheck.oracle.readings import readings_of
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import REJECTED, UNSUPPORTED
from driftcheck.values.encoding import plain

KINDS = ("accepted", "rejected", "unmapped", "panicked", "unsupported", "void", "broken", "not reached")
_KINDS = dict(enumerate(KINDS))
WELL_FORMED = "well-formed"
RAW = "raw bytes"
MOST_SIGHTED = 10_000  # kinds of divergences that are counted, so that a long run does not fill the memory


@attrs.define
class RunStatistics:
    """The counts of one run; steps are counted as the first subject answered them."""

    traces: int = 0
    steps: int = 0
    swept: int = 0  # traces that the hosts drew themselves; of these, arguments and opening are not counted
    not_judged: int = 0  # steps after an asymmetry that changed the state
    deaths: int = 0
    outcomes: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # (operation, kind)
    rejections: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # (operation, class)
    payloads: Counter[str] = attrs.field(factory=Counter)  # by mutation, or by kind where there is none
    # Steps whose arguments have one mutation, or none: (operation, mutation or "").
    single_mutation: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    known: Counter[str] = attrs.field(factory=Counter)  # asymmetries seen, by id
    first_seen: dict[str, int] = attrs.field(factory=dict)  # traces until each asymmetry, by id
    disagreements: Counter[Groups] = attrs.field(factory=Counter)  # in asymmetries
    laws: Counter[str] = attrs.field(factory=Counter)  # cases that a law was decided in
    law_cases: Counter[str] = attrs.field(factory=Counter)
    unsupported: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # (operation, subject), not by all
    invariants: Counter[str] = attrs.field(factory=Counter)  # states that an invariant was checked in
    variations: Counter[str] = attrs.field(factory=Counter)  # traces and steps that were run again, by check
    faults: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # (operation, fault)
    readings: Counter[tuple[int, int]] = attrs.field(factory=Counter)  # (reader's schema version, writer's)
    sighted: Counter[Sighted] = attrs.field(factory=Counter)  # divergences, as a glance shows them
    flags: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # instances opened: (flag, value)

    @property
    def drawn(self) -> int:
        """Return how many traces were drawn here, and not by the hosts."""
        return self.traces - self.swept

    def count_sweep(self, schema: Schema, swept: Swept) -> None:
        """Count the traces of a sweep that no subject died in."""
        self.traces += len(swept.trace_seeds)
        self.swept += len(swept.trace_seeds)
        self.steps += swept.steps
        names = {operation.index: operation.name for operation in schema.operations}
        for (operation, kind, rejection), count in swept.outcomes.items():
            self.outcomes[names[operation], _KINDS.get(kind, "broken")] += count
            if rejection is not None and rejection < len(schema.rejections):
                self.rejections[names[operation], schema.rejections[rejection].name] += count
        faults = {fault.index: fault.name for fault in schema.faults}
        for (operation, fault), count in swept.faults.items():
            self.faults[names[operation], faults[fault]] += count

    def count_execution(self, schema: Schema, execution: Execution) -> None:
        """Count a trace that was drawn, as its subjects answered it."""
        answers = execution.answers
        self.count(schema, execution.trace, next(iter(answers.values())))
        if not execution.is_equal:
            self.deaths += sum(answer.death is not None for answer in answers.values())
            self.count_unsupported(execution.trace, answers)

    def count_divergence(self, found: Divergence, features: frozenset[str]) -> None:
        """Count a divergence, as a glance shows it, with all features of its step."""
        kind = Sighted.of(found, features)
        if kind in self.sighted or len(self.sighted) < MOST_SIGHTED:
            self.sighted[kind] += 1

    def count_law(self, law: str) -> None:
        """Count a case of a law that was drawn."""
        self.law_cases[law] += 1

    def count_verdict(self, verdict: Verdict) -> None:
        """Count what a complete verdict has shown."""
        if verdict.not_judged_from is not None and verdict.execution is not None:
            self.not_judged += len(verdict.execution.trace.steps) - verdict.not_judged_from - 1
        self.invariants += verdict.exercised.invariants
        self.laws += verdict.exercised.laws
        self.variations += verdict.exercised.variations
        for seen in verdict.asymmetries:
            self.known[seen.entry.id] += 1
            self.first_seen.setdefault(seen.entry.id, self.traces)
            self.disagreements[seen.divergence.disagreement] += 1

    def count(self, schema: Schema, trace: Trace, answer: Answer) -> None:
        """Count a trace as one subject answered it."""
        self.traces += 1
        self.steps += len(trace.steps)
        if answer.death is not None and answer.died_at is not None:
            self.outcomes[trace.steps[answer.died_at].operation, outcome.kind(answer.death)] += 1
        steps, outcomes = trace.steps, answer.reply.outcomes
        self._count_opening(schema, trace)
        if schema.schema_versions is not None:
            found = readings_of(schema).of(trace, outcomes)
            self.readings.update((r.reader, r.writer) for r in found if r.is_certain)
        kind = _KINDS.get
        self.outcomes.update(
            [(s.operation, kind(o[0], "broken")) for s, o in zip(steps, outcomes, strict=False)]
        )
        rejected = [(s.operation, o[1]) for s, o in zip(steps, outcomes, strict=False) if o[0] == REJECTED]
        for operation, index in rejected:
            if index < len(schema.rejections):
                self.rejections[operation, schema.rejections[index].name] += 1
        for step in steps[: len(outcomes)]:
            if step.fault is not None:
                self.faults[step.operation, step.fault] += 1
            mutations: tuple[str, ...] = ()
            for argument in step.arguments:
                if type(argument) is Document:
                    self._count_payload(argument)
                    mutations += argument.mutations or (() if argument.is_well_formed else (RAW, RAW))
            if len(mutations) < 2:
                self.single_mutation[step.operation, mutations[0] if mutations else ""] += 1

    def _count_opening(self, schema: Schema, trace: Trace) -> None:
        for (argument, _), value in zip(schema.slots, trace.opening, strict=True):
            if argument.flag:
                shown = plain(value)
                self.flags[argument.name, shown.name if isinstance(shown, enum.Enum) else str(shown)] += 1

    def count_unsupported(self, trace: Trace, answers: Mapping[str, Answer]) -> None:
        """Count the steps that some subjects do not support, so that nothing was compared there."""
        for name, answer in answers.items():
            for step, ended in zip(trace.steps, answer.reply.outcomes, strict=False):
                if ended[0] == UNSUPPORTED:
                    self.unsupported[step.operation, name] += 1

    def add(self, other: RunStatistics) -> None:
        """Add the counts of another run of the same contract, which came after this one."""
        for asymmetry, traces in other.first_seen.items():
            self.first_seen.setdefault(asymmetry, self.traces + traces)
        for kind, times in other.sighted.items():
            if kind in self.sighted or len(self.sighted) < MOST_SIGHTED:
                self.sighted[kind] += times
        for field in attrs.fields(RunStatistics):
            count, more = getattr(self, field.name), getattr(other, field.name)
            if isinstance(count, int):
                setattr(self, field.name, count + more)
            elif isinstance(count, Counter) and field.name != "sighted":
                count.update(more)

    def mark_exercised(self, case: Trace, asymmetry: str | None = None) -> None:
        """Mark as seen what a shrunk case shows, which no drawn case may have shown."""
        for step in case.steps:
            for argument in step.arguments:
                for name in argument.mutations if type(argument) is Document else ():
                    self.payloads[name] = max(self.payloads[name], 1)
        if asymmetry is not None:
            self.known[asymmetry] = max(self.known[asymmetry], 1)

    def _count_payload(self, document: Document) -> None:
        if document.mutations:
            self.payloads.update(document.mutations)
        else:
            self.payloads[WELL_FORMED if document.is_well_formed else RAW] += 1

    def total(self, kind: str) -> int:
        """Return how many steps ended with that kind of outcome."""
        return sum(n for (_, k), n in self.outcomes.items() if k == kind)

    def of_operation(self, operation: str) -> int:
        """Return how many steps of that operation were answered."""
        return sum(n for (o, _), n in self.outcomes.items() if o == operation)


def mutation_names(schema: Schema) -> tuple[str, ...]:
    """List the mutations of all codecs of the contract's payload arguments."""
    names: dict[str, None] = {}
    for operation in schema.operations:
        for argument in operation.arguments:
            type_ = t.bare(argument.type)
            if isinstance(type_, t.Payload):
                names.update(dict.fromkeys(m.name for m in type_.codec.all_mutations))
    return tuple(names)
