"""
A subject beside itself: the same traces in two hosts of one subject, before it is compared with others.

What differs then is the subject's own doing: the order of a hash map, a clock, an address, what an earlier
trace has left behind. Nothing is kept of it, since there is no second implementation to compare with.
"""

from __future__ import annotations

import attrs

from driftcheck.core.trace import Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.engine import Found, search
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.metamorphic import determinism
from driftcheck.oracle.signature import Divergence
from driftcheck.search.session import SELF_RUN_TRACES, Session
from driftcheck.subjects.wire import DIGESTS, FULL

TRIES = 10  # to see once more, for people, what varies by chance


def examine_self_consistency(
    session: Session, *, seed: int, max_traces: int = SELF_RUN_TRACES
) -> Finding | None:
    """Search for a trace on which the session's one subject answers differently in two hosts."""
    with SelfComparison(session) as self_comparison:
        found: list[Found[Trace]] = []
        search(
            traces(session.schema, model=session.model),
            lambda trace, shrinking: "varies" if self_comparison.compare(trace) else None,
            seed=seed,
            max_cases=max_traces,
            stop=lambda: bool(found) or self_comparison.has_died,
            found=found.append,
        )
        return self_comparison.finding(found[0]) if found else None


class SelfComparison:
    """A session's one subject in two hosts; a context manager."""

    def __init__(self, session: Session) -> None:
        (subject,) = session.lockstep.subjects
        twin = attrs.evolve(subject, name=f"{subject.name} again")
        self.session = session
        self.lockstep = Lockstep(session.schema, (subject, twin), session.lockstep.limits)
        self.has_died = False  # which is for a search to judge, and costs a deadline each time

    def __enter__(self) -> SelfComparison:
        return self

    def __exit__(self, *_: object) -> None:
        self.lockstep.close()

    def compare(self, trace: Trace, mode: int = DIGESTS) -> tuple[Execution, Divergence] | None:
        """Run a trace twice in both hosts; compare its first run in one with its second in the other."""
        name, again = (subject.name for subject in self.lockstep.subjects)
        first, second = self.lockstep.run_all((trace, trace), mode)
        one, other = first.answers[name], second.answers[again]
        self.has_died |= one.death is not None or other.death is not None
        varies = determinism.examine([Execution(trace, {name: one}), Execution(trace, {name: other})])
        return None if varies is None else (Execution(trace, {name: one, again: other}), varies)

    def finding(self, found: Found[Trace]) -> Finding | None:
        """Return what was found as it is shown to people."""
        shown = [one for _ in range(TRIES) if (one := self.compare(found.case, FULL)) is not None]
        if not shown:
            return None
        execution, divergence = shown[0]
        return Finding(divergence, found.case, execution, len(shown), TRIES, self.session.descriptions)
