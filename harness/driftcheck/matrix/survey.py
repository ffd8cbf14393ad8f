"""
The survey: documents drawn for each row, run in all subjects and counted by picture, each with a witness.

Drawing and shortening are the search's, judging is the oracle's. A document on which the subjects part ways
even without the row's mutation is set aside: what it shows is not the mutation's doing. Knows no file and no
terminal.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings import answers, show, words
from driftcheck.findings.finding import Finding
from driftcheck.generate.effective_mutations import nothing_to_break
from driftcheck.generate.engine import Found, search, shrink
from driftcheck.generate.strategy import traces as traces_of
from driftcheck.matrix.cells import Cell, Known, Line, Matrix, Row, Witness, agree
from driftcheck.matrix.picture import FATAL, beyond, ends_there, picture
from driftcheck.matrix.questions import Question, questions
from driftcheck.oracle.asymmetries import Asymmetry
from driftcheck.oracle.oracle import Oracle, Verdict
from driftcheck.search.confirm import examine_afresh
from driftcheck.search.explore import derived_seed
from driftcheck.search.session import Session
from driftcheck.subjects.wire import FULL

MOST_DEATHS = 10  # of hosts; each costs a start, or a deadline, and more of them say nothing new
MOST_BYTES = 1 << 18  # of documents in a row, once there are a few: long ones take long to tell apart
FEW = 10
SHRINK_S = 20.0  # to shorten one witness: only deaths take so long

Keep = Callable[[Finding, str], str]  # keeps a case, with a word for its picture; returns the file's path


@attrs.frozen
class Sighting:
    """What tells the lines of a row apart."""

    cells: tuple[Cell, ...]
    known: tuple[str, ...]


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
        seed: the same one gives the same matrix.
        keep: called for each witness.
        progress: told how many of how many rows are done.

    Raises:
        DriftcheckError: an adapter is at fault, or a case file cannot be kept.
    """
    asked = questions(session.schema)
    hopeless: dict[tuple[str, str], frozenset[str]] = {}  # mutations, by payload
    rows = []
    for number, question in enumerate(asked):
        progress(number, len(asked))
        surveyor = _Surveyor(session, question, traces, keep)
        only, empty = question.only, False
        if only.argument is not None and only.mutation is not None:
            payload = only.operation, only.argument
            if payload not in hopeless:
                hopeless[payload] = nothing_to_break(session.schema, *payload)
            empty = only.mutation in hopeless[payload]
        rows.append(surveyor.filled() if empty else surveyor.row(seed))
    progress(len(asked), len(asked))
    named = dict.fromkeys(id_ for row in rows for line in row.lines for id_ in line.known)
    entries = {entry.id: entry for entry in session.asymmetries.entries}
    return Matrix(
        contract=session.schema.name,
        doc=session.schema.doc,
        subjects=tuple(s.name for s in session.lockstep.subjects),
        versions={name: version(described) for name, described in session.descriptions.items()},
        rows=tuple(rows),
        known={id_: _known(entries[id_]) for id_ in named},
        traces=traces,
        seed=seed,
    )


def version(description: Mapping[str, Any]) -> str:
    """Say in one line what a library was built from."""
    libraries = description.get("libraries") or {}
    parts = [description.get("toolchain"), *(f"{name} {of}" for name, of in libraries.items())]
    return ", ".join(str(part) for part in parts if part)


def _known(entry: Asymmetry) -> Known:
    deviates = ", ".join(entry.deviates)
    return Known(entry.id, entry.reason, deviates, entry.owner, entry.expires, entry.issue or "")


class _Surveyor:
    """Fills one row."""

    def __init__(self, session: Session, question: Question, wanted: int, keep: Keep) -> None:
        self.session = session
        self.schema = session.schema
        self.question = question
        self.wanted = wanted
        self.keep = keep
        self.counts: Counter[Sighting] = Counter()
        self.met: dict[Sighting, Trace] = {}  # the first case that showed a difference
        self.witnesses: dict[Sighting, Witness] = {}
        self.set_aside = 0
        self.deaths = 0
        self.bytes = 0
        self.target: Sighting | None = None  # what is being shortened at the moment
        self.target_until = 0.0

    def row(self, seed: int) -> Row:
        """Draw, count and shorten."""
        asked = self.question
        strategy = traces_of(self.schema, model=self.session.model, only=asked.only)
        search(
            strategy,
            self.judge,
            seed=derived_seed(seed, asked.operation, asked.argument, asked.made),
            max_cases=self.wanted,
            stop=self.is_over,
            ahead=self.session.lockstep.ahead,
            found=self.found,
        )
        for sighting, case in self.met.items():
            if sighting not in self.witnesses:  # another one came before it in its trace
                self.aim(sighting)
                self.found(shrink(strategy, case, self.judge, sighting, stop=self.is_over))
        self.session.lockstep.take_unconfirmed_deaths()  # a run reports them, a matrix does not
        return self.filled()

    def filled(self) -> Row:
        """Return the row as it stands."""
        asked = self.question
        lines = [
            Line(s.cells, self.counts[s], s.known, self.witnesses.get(s))
            for s in self.counts | self.witnesses
        ]
        lines.sort(key=lambda line: -line.documents)
        return Row(asked.operation, asked.made, tuple(lines), asked.argument, self.set_aside)

    def is_over(self) -> bool:
        if self.target is not None:
            return time.monotonic() >= self.target_until
        drawn = self.counts.total()
        is_long = self.bytes >= MOST_BYTES and drawn >= FEW
        return drawn >= self.wanted or self.deaths >= MOST_DEATHS or is_long

    def judge(self, trace: Trace, shrinking: bool) -> Sighting | None:
        """Return a difference that has no witness yet."""
        oracle = self.session.oracle
        verdict = oracle.probe(trace) if shrinking else oracle.explore(trace, sampled=False)
        seen = list(self.sightings(verdict, shrinking))
        if not shrinking:
            self.counts.update(seen)
            self.bytes += sum(
                len(a.data) for s in trace.steps for a in s.arguments if isinstance(a, Document)
            )
            self.deaths += sum(any(cell.did in FATAL for cell in one.cells) for one in seen)
        differing = [s for s in seen if not agree(s.cells)]
        if shrinking and self.target in differing:
            return self.target
        new = next((s for s in differing if s not in self.witnesses), None)
        if shrinking:
            # Under the short deadline of a shrink a hang may be but slow.
            return None if new is not None and any(cell.did == "hang" for cell in new.cells) else new
        for sighting in differing:
            self.met.setdefault(sighting, trace)
        if new is not None:
            self.aim(new)
        return new

    def aim(self, sighting: Sighting) -> None:
        """Note which line is looked for in smaller cases from here on."""
        self.target, self.target_until = sighting, time.monotonic() + SHRINK_S

    def sightings(self, verdict: Verdict, shrinking: bool) -> Iterator[Sighting]:
        """Yield what the steps of the row's operation show, as far as they can be compared."""
        execution = verdict.execution
        assert execution is not None
        if not all(isinstance(answer.opened, Accepted) for answer in execution.answers.values()):
            return
        for number, step in enumerate(execution.trace.steps):
            cells = picture(self.schema, execution, number)
            if step.operation == self.question.operation:
                if agree(cells):
                    yield Sighting(cells, ())
                elif not self.differs_unbroken(execution.trace, number):
                    yield Sighting(cells, self.known(verdict, number))
                elif not shrinking:
                    self.set_aside += 1
            if ends_there(execution, number, cells):
                return

    def known(self, verdict: Verdict, number: int) -> tuple[str, ...]:
        """Return the ids of the entries that cover what a step shows; none where it is new."""
        found = verdict.divergence
        if found is not None and found.step in (None, number):
            return ()
        met = (one.entry.id for one in verdict.asymmetries if one.divergence.step == number)
        return tuple(dict.fromkeys(met))

    def differs_unbroken(self, trace: Trace, number: int) -> bool:
        """Say whether the subjects part ways at a step without its mutation, too."""
        step = trace.steps[number]
        unbroken = self.unbroken(step)
        if unbroken == step:
            return False
        base = trace.with_steps((*trace.steps[:number], unbroken))
        execution = self.session.lockstep.probe(base, deadline_s=self.session.oracle.shrink_deadline_s)
        return not agree(picture(self.schema, execution, number))

    def unbroken(self, step: Step) -> Step:
        operation = self.schema.operation(step.operation)
        arguments = []
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            if isinstance(value, Document) and value.mutations and value.value is not None:
                type_ = t.bare(argument.type)
                assert isinstance(type_, t.Payload)
                value = Document(type_.codec.encode_typed(value.value, type_.inner), value.value)
            arguments.append(value)
        return attrs.evolve(step, arguments=tuple(arguments))

    def found(self, found: Found[Trace]) -> None:
        """Keep a shortened case as the witness of its line."""
        self.target = None
        assert isinstance(found.signature, Sighting)
        self.witnesses[found.signature] = self.witness(found.case, found.signature.cells)

    def witness(self, case: Trace, cells: tuple[Cell, ...]) -> Witness:
        finding = self.finding(case)
        if finding is None:
            return Witness(self.steps(case), (), {}, "", "")
        number = len(finding.execution.trace.steps) - 1
        path = self.keep(finding, beyond(finding.divergence, list(finding.execution.answers), cells))
        return Witness(
            steps=self.steps(case),
            answers=self.answers(finding, number),
            told=show.told(self.schema, finding.divergence, case, finding.languages),
            case=path,
            replay=show.replay_command(self.schema, path),
            flaky=f"{finding.confirmed} of {finding.of}" if finding.is_flaky else "",
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
        """Judge a witness as a run would, once in fresh hosts; a known difference as if it were not known."""
        session = self.session
        verdict = session.oracle.probe(case)
        if verdict.divergence is None:
            session = attrs.evolve(session, oracle=Oracle(self.schema, session.lockstep))
            verdict = session.oracle.probe(case)
        divergence = verdict.divergence
        if divergence is None:
            return None
        again = examine_afresh(session, case).divergence
        showed = again is not None and again.signature == divergence.signature
        shown = case if divergence.variation is None else divergence.variation
        execution = session.lockstep.probe(shown, FULL, deadline_s=session.lockstep.limits.deadline_s)
        return Finding(divergence, case, execution, int(showed), 1, session.descriptions)
