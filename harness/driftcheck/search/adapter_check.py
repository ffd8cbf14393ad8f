"""
The check of a session's adapters: each must accept well-formed input, before subjects are compared.

Knows what an adapter reports about itself. Knows nothing of what subjects should answer.
"""

from __future__ import annotations

from itertools import islice

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.errors import SubjectUnsound
from driftcheck.core.trace import Trace
from driftcheck.generate.codec_check import check_codecs
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Answer
from driftcheck.search.session import Session
from driftcheck.subjects.wire import ACCEPTED, BROKEN, REJECTED

FEWEST_PAYLOADS = 5  # an adapter that accepts none of these is unsound
LOW_SHARE = 0.25  # of the well-formed payloads; a subject that accepts fewer deserves a look
FEWEST_SUBJECTS = 2  # that can be compared
TRACES = 50  # well-formed ones, before a subject is compared with others
NOISY_TRACES = 5  # a subject that disturbs its host in each of these is left out
NOISY = "it writes to the stream of its host in every trace"


@attrs.frozen
class Unsound:
    """What is wrong with an adapter."""

    subject: str
    is_broken: bool  # it reports so itself; otherwise it accepts no well-formed payload
    what: str


@attrs.frozen
class Acceptance:
    """How many of the well-formed payloads of an operation a subject accepted."""

    subject: str
    operation: str
    payloads: int
    accepted: int

    @property
    def is_none(self) -> bool:
        """Say whether the subject accepted none, although it got enough of them to judge."""
        return self.payloads >= FEWEST_PAYLOADS and not self.accepted

    @property
    def is_low(self) -> bool:
        """Say whether the subject accepted so few that a search would compare little but rejections."""
        return self.payloads >= FEWEST_PAYLOADS and self.accepted < LOW_SHARE * self.payloads


@attrs.frozen
class AdapterCheck:
    """The result for all adapters of a session."""

    unsound: tuple[Unsound, ...]
    acceptances: tuple[Acceptance, ...]  # one for each subject and operation that reads a payload
    noisy: tuple[str, ...] = ()  # subjects that wrote to the stream of their host in the last trace


def check_adapters(session: Session, *, seed: int = 0) -> tuple[str, ...]:
    """Check each codec, and run well-formed input in each subject.

    A subject that disturbs its host in every trace is left out, if two others are left to compare.

    Returns:
        a sentence for each subject that was left out.

    Raises:
        CodecError: a codec breaks a promise.
        SubjectUnsound: an adapter reports that it is broken, accepts no well-formed payload, or disturbs its
            host in every trace.
    """
    check_codecs(session.schema, seed=seed)
    tried = try_adapters(session, seed=seed)
    for unsound in tried.unsound:
        raise SubjectUnsound(session.schema.name, unsound.subject, unsound.what)
    said = []
    for name in tried.noisy:
        if not _is_always_noisy(session, name, seed):
            continue  # the search will report it as a crash
        if len(session.lockstep.subjects) <= FEWEST_SUBJECTS:
            raise SubjectUnsound(session.schema.name, name, NOISY)
        session.put_aside(name)
        said.append(f"subject {name!r} is left out: {NOISY}; fix its adapter, and run again")
    return tuple(said)


def _is_always_noisy(session: Session, subject: str, seed: int) -> bool:
    """Say whether a subject disturbs its host in every trace, however small."""
    some = islice(draw(traces(session.schema, model=session.model, malformed=0.0), seed), NOISY_TRACES)
    return all(session.lockstep.run_each({subject: trace})[subject].is_noise for trace in some)


def try_adapters(session: Session, *, seed: int = 0, max_traces: int = TRACES) -> AdapterCheck:
    """Run well-formed input in each subject; return what is wrong with its adapter."""
    schema = session.schema
    readers = _readers(schema)
    accepted: dict[tuple[str, str], list[bool]] = {}  # of each payload, by subject and operation
    broken: list[Unsound] = []
    noisy: list[str] = []
    for trace in islice(draw(traces(schema, model=session.model, malformed=0.0), seed), max_traces):
        answers = session.lockstep.run(trace).answers
        for name, answer in answers.items():
            broken += _reports(name, trace, answer)
            for step, outcome in zip(trace.steps, answer.reply.outcomes, strict=False):
                if step.operation in readers and outcome[0] <= REJECTED:
                    accepted.setdefault((name, step.operation), []).append(outcome[0] == ACCEPTED)
        noisy = [name for name, answer in answers.items() if answer.is_noise]
        if broken or any(answer.death is not None for answer in answers.values()):
            break  # the search will report a death; more traces here would only take time
    acceptances = tuple(Acceptance(*key, len(of), sum(of)) for key, of in accepted.items())
    refusing = tuple(
        Unsound(
            one.subject,
            False,
            f"operation {one.operation!r} accepted none of {one.payloads} well-formed payloads",
        )
        for one in acceptances
        if one.is_none
    )
    return AdapterCheck(tuple(broken[:1]) or refusing, acceptances, tuple(noisy))


def _readers(schema: Schema) -> set[str]:
    """Return the names of the operations that read a payload."""
    return {
        o.name for o in schema.operations if any(isinstance(t.bare(a.type), t.Payload) for a in o.arguments)
    }


def _reports(subject: str, trace: Trace, answer: Answer) -> list[Unsound]:
    """Return what an adapter reports of itself in its answer to a trace."""
    reported = []
    if answer.death is None and answer.reply.opening[0] == BROKEN:
        reported.append(("open", answer.reply.opening[1]))
    for step, outcome in zip(trace.steps, answer.reply.outcomes, strict=False):
        if outcome[0] == BROKEN:
            reported.append((step.operation, outcome[1]))
    return [
        Unsound(subject, True, f"in operation {operation!r} its adapter reports itself as broken: {text}")
        for operation, text in reported
    ]
