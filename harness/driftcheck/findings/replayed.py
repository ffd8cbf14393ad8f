"""
A replayed case as printed: the subjects side by side, and whether the case still diverges.

Knows what a replay found. Runs nothing, knows no terminal and writes nothing.
"""

from __future__ import annotations

import attrs

from driftcheck.core.visible import visible
from driftcheck.findings import show, words
from driftcheck.findings.case import Case
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle.asymmetries import Asymmetry
from driftcheck.oracle.signature import Divergence


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
    def is_judged(self) -> bool:
        """Say whether the replay could tell: one subject alone shows nothing of what two differ in."""
        compares = any(self.case.signature.check == check.code for check in show.COMPARED)
        return self.diverges or not compares or len(self.execution.answers) > 1

    @property
    def is_the_same(self) -> bool:
        """Say whether the replay found what the case is about."""
        if self.divergence is None:
            return bool(self.died_in_batch)
        return self.divergence.signature == self.case.signature


def render(replayed: Replayed) -> str:
    """Return a replay as text, without a newline at its end."""
    case, found = replayed.case, replayed.divergence
    schema = case.schema
    parts = [
        [f"{schema.name}: {case.path}"],
        [] if found is None else words.facts(show.facts(schema, found, case.case), show.COLUMNS),
        show.steps(schema, replayed.execution, found),
        [] if found is None else show.states(schema, replayed.execution, found),
        [] if found is None else show.evidence(found),
        [line for sentence in _verdict(replayed) for line in words.wrapped(sentence, show.COLUMNS)],
    ]
    return visible("\n\n".join("\n".join(part) for part in parts if part))


def _verdict(replayed: Replayed) -> list[str]:
    found, case = replayed.divergence, replayed.case
    sentences = [f"asymmetry {entry.id}: {entry.reason}" for entry in replayed.known]
    if replayed.died_in_batch:
        died = replayed.died_in_batch
        sentences.append(f"agrees when it runs alone; with the other traces of its batch, {died}")
    elif not replayed.is_judged:
        (name,) = replayed.execution.answers
        sentences.append(
            f"cannot be judged: the case compares subjects, and only {name} ran; replay it with all of them"
        )
    elif found is None:
        sentences.append("agrees: the case does not diverge")
    elif replayed.is_known:
        sentences.append(f"diverges, as a known asymmetry: {found.check}, {found.check.says}")
    elif replayed.is_the_same:
        sentences.append(f"diverges, as the case says: {found.check}, {found.check.says}")
    else:
        sentences.append(f"diverges, but not as the case says: {found.check}, {found.check.says}")
    if case.fingerprint and case.fingerprint != case.schema.fingerprint:
        sentences.append("the contract has changed since the case was written; the case still fits it")
    return sentences
