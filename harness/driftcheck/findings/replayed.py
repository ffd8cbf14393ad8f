"""
A replayed case as printed: the subjects side by side, and whether the case still diverges.

Knows what a replay found. Runs nothing, knows no terminal and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from driftcheck.core.visible import visible
from driftcheck.findings import show, words
from driftcheck.findings.case import Case
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import FAULTY, Asymmetry
from driftcheck.oracle.checks import Check
from driftcheck.oracle.signature import Divergence, Signature


@attrs.frozen(eq=False)
class Replayed:
    """What one replay of a case found."""

    case: Case
    execution: Execution  # made in mode FULL; of a law: the steps before it and the calls that it made
    divergence: Divergence | None  # where there are only asymmetries, the first of these
    known: tuple[Asymmetry, ...] = ()  # the asymmetries that the case shows
    is_known: bool = False  # the case shows asymmetries and nothing else
    died_in_batch: str = ""  # which subject died and how, where only the batch of the case shows it

    @property
    def diverges(self) -> bool:
        """Say whether the replay found anything, the case's own divergence or another."""
        return self.divergence is not None or bool(self.died_in_batch)

    @property
    def check(self) -> Check:
        """Return the check of what the replay found, or else of the case."""
        if self.divergence is not None:
            return self.divergence.check
        return checks.check(self.case.signature.check, self.case.schema.plugin_checks)

    @property
    def is_open(self) -> bool:
        """Say whether the case still diverges and no asymmetry covers it."""
        return self.diverges and not self.is_known

    @property
    def is_judged(self) -> bool:
        """Say whether the replay has an answer: it found something, or the subjects of the case ran."""
        return self.diverges or not (self.is_alone or self.absent)

    @property
    def is_alone(self) -> bool:
        """Say whether the case compares subjects and only one ran."""
        return self._compares and len(self.execution.answers) == 1

    @property
    def absent(self) -> tuple[str, ...]:
        """Return the subjects that the case needs and that did not run.

        A difference between subjects needs any two of them. Everything else needs the subjects that the
        signature blames, or all of its subjects if it blames none.
        """
        return () if self._compares else self._not_run(_concerned(self.case.signature))

    @property
    def not_compared(self) -> tuple[str, ...]:
        """Return the subjects that the case compares and that did not run."""
        return self._not_run(name for name, _ in self.case.signature.shape) if self._compares else ()

    @property
    def _compares(self) -> bool:
        return any(self.case.signature.check == check.code for check in show.COMPARED)

    def _not_run(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in self.execution.answers)

    @property
    def is_the_same(self) -> bool:
        """Say whether the replay found what the case is about."""
        if self.divergence is None:
            return bool(self.died_in_batch)
        return self.divergence.signature == self.case.signature


def _concerned(signature: Signature) -> Sequence[str]:
    if signature.check == checks.EXCHANGE.code:
        return signature.subject.split(">")
    blamed = [name for name, kind in signature.shape if kind in FAULTY]
    return blamed or [name for name, _ in signature.shape]


def render(replayed: Replayed) -> str:
    """Return a replay as text, without a newline at its end."""
    case, found = replayed.case, replayed.divergence
    schema = case.schema
    parts = [
        [f"{schema.name}: {case.path}"],
        [] if found is None else words.facts(show.facts(schema, found, case.case), show.COLUMNS),
        show.steps(schema, replayed.execution, found),
        [] if found is None else show.documents(schema, replayed.execution, found),
        [] if found is None else show.states(schema, replayed.execution, found),
        [] if found is None else show.evidence(found),
        [line for sentence in _verdict(replayed) for line in words.wrapped(sentence, show.COLUMNS)],
    ]
    return visible("\n\n".join("\n".join(part) for part in parts if part))


def title(replayed: Replayed) -> str:
    """Return the first line of an open case."""
    return f"saved case still diverges: {replayed.check}"


def render_open(replayed: Replayed) -> str:
    """Return an open case as text, with the command that runs it again."""
    command = show.replay_command(replayed.case.schema, replayed.case.path)
    return f"{render(replayed)}\n\nreplay  {command}"


def why_not_judged(replayed: Replayed) -> str:
    """Say why a replay can say nothing of its case, and what to do."""
    if replayed.is_alone:
        (name,) = replayed.execution.answers
        why = f"the case compares subjects, and only {name} ran"
        return f"cannot be judged alone: {why}; replay it with all of them"
    names = " and ".join(replayed.absent)
    return f"cannot be judged: the case is about {names}, which did not run; replay it with {names}"


def _agreement(replayed: Replayed) -> str:
    others = " and ".join(replayed.not_compared)
    if not others:
        return "agrees: the case does not diverge"
    agreeing = " and ".join(replayed.execution.answers)
    return f"{agreeing} agree; the case also compares {others}, which did not run"


def _verdict(replayed: Replayed) -> list[str]:
    found, case = replayed.divergence, replayed.case
    sentences = [f"asymmetry {entry.id}: {entry.reason}" for entry in replayed.known]
    if replayed.died_in_batch:
        died = replayed.died_in_batch
        sentences.append(f"agrees when it runs alone; with the other traces of its batch, {died}")
        if replayed.is_known:
            sentences.append("diverges, as a known asymmetry")
    elif not replayed.is_judged:
        sentences.append(why_not_judged(replayed))
    elif found is None:
        sentences.append(_agreement(replayed))
    elif replayed.is_known:
        sentences.append(f"diverges, as a known asymmetry: {found.check}, {found.check.says}")
    elif replayed.is_the_same:
        sentences.append(f"diverges, as the case says: {found.check}, {found.check.says}")
    else:
        sentences.append(f"diverges, but not as the case says: {found.check}, {found.check.says}")
    if not case.is_minimal:
        sentences.append(f"shrunk {show.NOT_TO_ITS_END}")
    if case.fingerprint and case.fingerprint != case.schema.fingerprint:
        sentences.append("the contract has changed since the case was written; the case still fits it")
    return sentences
