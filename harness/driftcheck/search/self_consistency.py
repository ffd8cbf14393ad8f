"""
Self-consistency: the same traces in two hosts of one subject, before it is compared with other subjects.

A difference is nondeterminism of the subject: the order of a hash map, a clock, an address, or state that an
earlier trace has left. It is reported but not saved, since a case compares two subjects.
"""

from __future__ import annotations

from itertools import islice

import attrs

from driftcheck.core.trace import Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.draw import draw
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.metamorphic import determinism
from driftcheck.oracle.signature import Divergence
from driftcheck.search.adapter_check import TRACES
from driftcheck.search.session import Session
from driftcheck.subjects.wire import DIGESTS, FULL

TRIES = 10  # to see nondeterminism again, for the printed page


def examine_self_consistency(session: Session, *, seed: int, max_traces: int = TRACES) -> Finding | None:
    """Search for a trace that the only subject of a session answers differently in two hosts."""
    strategy = traces(session.schema, model=session.model)
    with SelfComparison(session) as comparison:

        def judge(trace: Trace) -> str | None:
            return "nondeterminism" if comparison.compare(trace) else None

        for trace in islice(draw(strategy, seed), max_traces):
            signature = judge(trace)
            if signature is not None:
                shrunk = shrink(
                    strategy, trace, judge, signature, seed=seed, stop=lambda: comparison.has_died
                )
                return comparison.finding(shrunk.case)
            if comparison.has_died:
                break
    return None


class SelfComparison:
    """The only subject of a session, in two hosts; a context manager."""

    def __init__(self, session: Session) -> None:
        (subject,) = session.lockstep.subjects
        second = attrs.evolve(subject, name=f"{subject.name} again")
        self.session = session
        self.lockstep = Lockstep(session.schema, (subject, second), session.lockstep.limits)
        self.has_died = False  # the search will report it; each death costs a deadline here

    def __enter__(self) -> SelfComparison:
        return self

    def __exit__(self, *_: object) -> None:
        self.lockstep.close()

    def compare(self, trace: Trace, mode: int = DIGESTS) -> tuple[Execution, Divergence] | None:
        """Run a trace twice in both hosts; compare the first run in one with the second run in the other."""
        name, again = (subject.name for subject in self.lockstep.subjects)
        first, second = self.lockstep.run_all((trace, trace), mode)
        one, other = first.answers[name], second.answers[again]
        self.has_died |= one.death is not None or other.death is not None
        varies = determinism.examine([Execution(trace, {name: one}), Execution(trace, {name: other})])
        return None if varies is None else (Execution(trace, {name: one, again: other}), varies)

    def finding(self, case: Trace) -> Finding | None:
        """Return the finding of a case, as it is printed; None if it does not recur."""
        shown = [one for _ in range(TRIES) if (one := self.compare(case, FULL)) is not None]
        if not shown:
            return None
        execution, divergence = shown[0]
        return Finding(divergence, case, execution, len(shown), TRIES, self.session.descriptions)
