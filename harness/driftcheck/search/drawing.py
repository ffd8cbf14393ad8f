"""
What a run of one contract draws from: its traces, their guide, its sweeps, and the cases of its laws.

Knows strategies and seeds. Knows nothing of budgets and verdicts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import attrs

from driftcheck.core.trace import LawCase
from driftcheck.generate.draw import draw
from driftcheck.generate.guided import GuidedTraces
from driftcheck.generate.strategy import LawStrategy, TraceStrategy, law_cases, traces
from driftcheck.lockstep.native import NativeSearch
from driftcheck.search.feedback import Feedback
from driftcheck.search.law_turns import LawTurns
from driftcheck.search.session import Session
from driftcheck.search.sweeps import Sweeps


def derived_seed(seed: int, *parts: object) -> int:
    """Derive a seed, so that no two parts of a run draw the same cases."""
    text = ":".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@attrs.frozen(eq=False)
class LawDrawing:
    """The cases of one law, which come one by one."""

    strategy: LawStrategy
    seed: int
    cases: Iterator[LawCase]


@attrs.frozen(eq=False)
class Drawing:
    """What one run draws from."""

    strategy: TraceStrategy
    guided: GuidedTraces
    spared: tuple[str, ...]  # subjects in Python, which run only some of the guided traces
    feedback: Feedback
    sweeps: Sweeps | None  # without the native search there are none
    laws: Mapping[str, LawDrawing]  # by the name of the law
    law_turns: LawTurns


def drawing_of(
    session: Session,
    seed: int,
    *,
    corpus: Sequence[str],
    max_steps: int,
    laws: bool,
    native: NativeSearch | None,
    in_seconds: bool,
) -> Drawing:
    """Prepare what a run of a session draws from.

    Args:
        session: the contract and its subjects.
        seed: of the run.
        corpus: glob patterns of real documents to draw from.
        max_steps: the most steps of a trace.
        laws: the run also draws cases of each law.
        native: draws the traces of sweeps.
        in_seconds: the budget of the run is in seconds, and not in traces.
    """
    schema, model, lockstep = session.schema, session.model, session.lockstep
    strategy = traces(schema, max_steps=max_steps, model=model, corpus=tuple(corpus))
    spared = () if strategy.interpreter.plan.is_stateless else lockstep.in_python
    guided = GuidedTraces(strategy.interpreter.without_model() if spared else strategy.interpreter)
    sweeps = None
    if native is not None:
        sweeps = Sweeps(native, lockstep, strategy, derived_seed(seed, "sweeps"), in_seconds=in_seconds)
    of_laws = {}
    for law in schema.laws if laws else ():
        of_law, law_seed = law_cases(schema, law, model=model), derived_seed(seed, law.name)
        of_laws[law.name] = LawDrawing(of_law, law_seed, draw(of_law, law_seed))
    feedback = Feedback(schema, lockstep, guided.guide)
    return Drawing(strategy, guided, spared, feedback, sweeps, of_laws, LawTurns([*of_laws]))
