"""
The survey: draws documents for each row, runs them in all subjects, and counts what the subjects do.

Each line that shows a divergence gets a shrunk witness. Where the subjects also differ without the row's
mutation, the document is set aside, since the mutation does not cause that divergence. Knows no files and no
terminal.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings import answers, show, words
from driftcheck.findings.finding import Finding
from driftcheck.generate.draw import draw
from driftcheck.generate.effective_mutations import nothing_to_break
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import TraceStrategy
from driftcheck.generate.strategy import traces as traces_of
from driftcheck.lockstep.send_ahead import send_ahead
from driftcheck.matrix.cells import Cell, Entry, Line, Matrix, Row, Witness, agree
from driftcheck.matrix.picture import FATAL, beyond, ends_there, picture
from driftcheck.matrix.questions import Question, questions
from driftcheck.oracle.asymmetries import Asymmetry
from driftcheck.oracle.oracle import Verdict
from driftcheck.search.confirm import examine_in_fresh_hosts
from driftcheck.search.drawing import derived_seed
from driftcheck.search.session import Session
from driftcheck.subjects.wire import FULL

MOST_DEATHS = 10  # of hosts; each costs a start or a deadline, and more of them show nothing new
MOST_BYTES = 1 << 18  # of documents in a row, after the first FEW: long documents take long to compare
FEW = 10
SHRINK_S = 20.0  # to shrink one witness; only deaths take so long

# Saves a case with a word for its picture; returns the path of the file, and the finding that it holds.
Keep = Callable[[Finding, str], tuple[str, Finding]]


@attrs.frozen
class Sighting:
    """What makes two lines of a row different."""

    cells: tuple[Cell, ...]
    asymmetries: tuple[str, ...]


def survey(
    session: Session,
    *,
    traces: int,
    seed: int,
    keep: Keep,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Matrix:
    """Fill the matrix of a contract.

    Args:
        traces: how many documents, or steps of an operation, to count in each row.
        seed: the same seed gives the same matrix.
        keep: saves each witness.
        progress: called with the number of rows that are done, and of all rows.

    Raises:
        DriftcheckError: an adapter is at fault, or a case file cannot be saved.
    """
    asked = questions(session.schema)
    without_effect_of: dict[tuple[str, str], frozenset[str]] = {}  # mutations, by payload
    rows = []
    for number, question in enumerate(asked):
        progress(number, len(asked))
        surveyor = _Surveyor(session, question, traces, keep)
        only, empty = question.only, False
        if only.argument is not None and only.mutation is not None:
            payload = only.operation, only.argument
            if payload not in without_effect_of:
                without_effect_of[payload] = nothing_to_break(session.schema, *payload)
            empty = only.mutation in without_effect_of[payload]
        rows.append(surveyor.filled() if empty else surveyor.row(seed))
    progress(len(asked), len(asked))
    named = dict.fromkeys(id_ for row in rows for line in row.lines for id_ in line.asymmetries)
    entries = {entry.id: entry for entry in session.asymmetries.entries}
    return Matrix(
        contract=session.schema.name,
        doc=session.schema.doc,
        subjects=tuple(s.name for s in session.lockstep.subjects),
        versions={name: version(described) for name, described in session.descriptions.items()},
        rows=tuple(rows),
        asymmetries={id_: _entry(entries[id_]) for id_ in named},
        traces=traces,
        seed=seed,
    )


def version(description: Mapping[str, Any]) -> str:
    """Return in one line what a library was built from."""
    libraries = description.get("libraries") or {}
    parts = [description.get("toolchain"), *(f"{name} {of}" for name, of in libraries.items())]
    return ", ".join(str(part) for part in parts if part)


def _entry(entry: Asymmetry) -> Entry:
    deviates = ", ".join(entry.deviates)
    return Entry(entry.id, entry.reason, deviates, entry.owner, entry.expires, entry.issue or "")


class _Surveyor:
    """Fills one row."""

    def __init__(self, session: Session, question: Question, wanted: int, keep: Keep) -> None:
        self.session = session
        self.schema = session.schema
        self.question = question
        self.wanted = wanted
        self.keep = keep
        self.counts: Counter[Sighting] = Counter()
        self.first_cases: dict[Sighting, Trace] = {}  # the first case that showed each difference
        self.witnesses: dict[Sighting, Witness] = {}
        self.set_aside = 0
        self.deaths = 0
        self.bytes = 0

    def row(self, seed: int) -> Row:
        """Draw, count and shrink."""
        asked = self.question
        lockstep = self.session.lockstep
        strategy = traces_of(self.schema, model=self.session.model, only=asked.only)
        cases = draw(strategy, derived_seed(seed, asked.operation, asked.argument, asked.made))
        for case in send_ahead(islice(cases, self.wanted), lockstep.ahead):
            if self.is_enough():
                break
            new = self.count(case)
            if new is not None:
                self.shrink(strategy, case, new)
        while (left := next((s for s in self.first_cases if s not in self.witnesses), None)) is not None:
            self.shrink(strategy, self.first_cases[left], left)  # all its cases showed another new line first
        lockstep.take_unconfirmed_deaths()  # only a run reports them
        return self.filled()

    def filled(self) -> Row:
        """Return the row with what was counted until now."""
        asked = self.question
        lines = [
            Line(s.cells, self.counts[s], s.asymmetries, self.witnesses.get(s))
            for s in self.counts | self.witnesses
        ]
        lines.sort(key=lambda line: -line.documents)
        return Row(asked.operation, asked.made, tuple(lines), asked.argument, self.set_aside)

    def is_enough(self) -> bool:
        drawn = self.counts.total()
        is_long = self.bytes >= MOST_BYTES and drawn >= FEW
        return drawn >= self.wanted or self.deaths >= MOST_DEATHS or is_long

    def count(self, trace: Trace) -> Sighting | None:
        """Judge and count a trace; return a difference in it that has no witness yet."""
        verdict = self.session.oracle.explore(trace, sampled=False)
        sightings = list(self.sightings(verdict))
        self.set_aside += sightings.count(None)
        seen = [one for one in sightings if one is not None]
        self.counts.update(seen)
        self.bytes += sum(len(a.data) for s in trace.steps for a in s.arguments if isinstance(a, Document))
        self.deaths += sum(any(cell.did in FATAL for cell in one.cells) for one in seen)
        differing = [s for s in seen if not agree(s.cells)]
        for sighting in differing:
            self.first_cases.setdefault(sighting, trace)
        return next((s for s in differing if s not in self.witnesses), None)

    def shrink(self, strategy: TraceStrategy, case: Trace, sighting: Sighting) -> None:
        """Shrink a case that shows a difference, and keep it as the witness of its line."""
        until = time.monotonic() + SHRINK_S

        def judge(smaller: Trace) -> Sighting | None:
            verdict = self.session.oracle.probe(smaller)
            differing = [s for s in self.sightings(verdict) if s is not None and not agree(s.cells)]
            if sighting in differing:
                return sighting
            new = next((s for s in differing if s not in self.witnesses), None)
            # The deadline is short here, so that a hang may only be a slow step.
            return None if new is not None and any(cell.did == "hang" for cell in new.cells) else new

        shrunk = shrink(strategy, case, judge, sighting, stop=lambda: time.monotonic() >= until)
        self.witnesses[sighting] = self.witness(shrunk.case, sighting.cells)
        for other, first in shrunk.others.items():
            assert isinstance(other, Sighting)
            self.first_cases.setdefault(other, first)

    def sightings(self, verdict: Verdict) -> Iterator[Sighting | None]:
        """Yield what each step of the row's operation shows, as far as the steps can be compared.

        None stands for a step at which the subjects also differ without the row's mutation.
        """
        execution = verdict.execution
        assert execution is not None
        if not all(isinstance(answer.opened, Accepted) for answer in execution.answers.values()):
            return
        for number, step in enumerate(execution.trace.steps):
            cells = picture(self.schema, execution, number)
            if step.operation == self.question.operation:
                if agree(cells):
                    yield Sighting(cells, ())
                elif self.differs_without_mutation(execution.trace, number):
                    yield None
                else:
                    yield Sighting(cells, self.asymmetries(verdict, number))
            if ends_there(execution, number, cells):
                return

    def asymmetries(self, verdict: Verdict, number: int) -> tuple[str, ...]:
        """Return the ids of the asymmetries that cover what a step shows; none where it is new."""
        found = verdict.divergence
        if found is not None and found.step in (None, number):
            return ()
        seen = (one.entry.id for one in verdict.asymmetries if one.divergence.step == number)
        return tuple(dict.fromkeys(seen))

    def differs_without_mutation(self, trace: Trace, number: int) -> bool:
        """Say whether the subjects also differ at a step without its mutation."""
        step = trace.steps[number]
        unmutated = self.without_mutation(step)
        if unmutated == step:
            return False
        base = trace.with_steps((*trace.steps[:number], unmutated))
        execution = self.session.lockstep.probe(base, deadline_s=self.session.oracle.shrink_deadline_s)
        return not agree(picture(self.schema, execution, number))

    def without_mutation(self, step: Step) -> Step:
        operation = self.schema.operation(step.operation)
        arguments = []
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            if isinstance(value, Document) and value.mutations and value.value is not None:
                type_ = t.bare(argument.type)
                assert isinstance(type_, t.Payload)
                value = Document(checked_calls.encode(type_.codec, type_.inner, value.value), value.value)
            arguments.append(value)
        return attrs.evolve(step, arguments=tuple(arguments))

    def witness(self, case: Trace, cells: tuple[Cell, ...]) -> Witness:
        finding = self.finding(case)
        if finding is None:
            return Witness(self.steps(case), (), {}, "", "")
        word = beyond(finding.divergence, list(finding.execution.answers), cells)
        path, kept = self.keep(finding, word)
        case = kept.case if isinstance(kept.case, Trace) else kept.case.trace
        return Witness(
            steps=self.steps(case),
            answers=self.answers(kept, len(kept.execution.trace.steps) - 1),
            facts=show.facts(self.schema, kept.divergence, case, kept.languages),
            case=path,
            replay=show.replay_command(self.schema, path),
            flaky=f"{kept.confirmed} of {kept.of}" if kept.is_flaky else "",
        )

    def steps(self, case: Trace) -> tuple[str, ...]:
        return tuple(words.step(self.schema, step) for step in case.steps)

    def answers(self, finding: Finding, number: int) -> tuple[str, ...]:
        operation = self.schema.operation(finding.execution.trace.steps[number].operation)
        return tuple(
            words.outcome(answer.outcome(operation, number), operation, answers.text_at(answer, number))
            for answer in finding.execution.answers.values()
        )

    def finding(self, case: Trace) -> Finding | None:
        """Judge a witness as a run does, once in fresh hosts; without asymmetries where one covers it."""
        oracle, lockstep = self.session.oracle, self.session.lockstep
        verdict = oracle.probe(case)
        if verdict.divergence is None:
            oracle = oracle.without_asymmetries()
            verdict = oracle.probe(case)
        divergence = verdict.divergence
        if divergence is None:
            return None
        again = examine_in_fresh_hosts(oracle, case).divergence
        showed = again is not None and again.signature == divergence.signature
        shown = case if divergence.variation is None else divergence.variation
        execution = lockstep.probe(shown, FULL, deadline_s=lockstep.limits.deadline_s)
        return Finding(divergence, case, execution, int(showed), 1, self.session.descriptions)
