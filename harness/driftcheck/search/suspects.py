"""
Suspect places: the blocks that a diverging case runs, and its agreeing neighbours do not.

Ranks the blocks of each subject as spectrum-based fault localisation does: by the neighbours of the case that
agree, and by those that diverge as it does. Knows verdicts and coverage. Knows no terminal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.generate.neighbours import neighbours
from driftcheck.lockstep.covered import Covered
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Signature
from driftcheck.search.session import Session
from driftcheck.subjects.coverage import Place

MOST = 3  # places of a subject
MOST_NEIGHBOURS = 150


@attrs.frozen
class Suspect:
    """A place that the diverging case reached."""

    place: Place
    agreeing: int  # how many of the agreeing neighbours reached it, too


@attrs.frozen
class Suspects:
    """The suspect places of one case."""

    places: Mapping[str, tuple[Suspect, ...]]  # by subject, the most suspect first, each of another function
    agreeing: int  # neighbours
    diverging: int  # neighbours that show the case's own signature


@attrs.frozen
class Run:
    """What one case reached."""

    is_agreeing: bool  # otherwise it shows the signature of the case
    reached: Mapping[str, Mapping[Place, int]]  # by subject: the highest bucket of each place, from 1 to 8


def suspects(session: Session, case: Trace | LawCase, signature: Signature) -> Suspects:
    """Run a diverging case and its neighbours, and rank the places that only it reached.

    Args:
        session: its subjects are built for coverage.
        case: shows the signature.

    Raises:
        DriftcheckError: an adapter or a law is at fault.
    """
    first, others = runs(session, case, signature)
    agreeing = sum(run.is_agreeing for run in others)
    places = {name: ranked(first.reached[name], others, name) for name in first.reached}
    return Suspects(places, agreeing, len(others) - agreeing)


def runs(session: Session, case: Trace | LawCase, signature: Signature) -> tuple[Run, list[Run]]:
    """Run the case and its neighbours; leave out neighbours that diverge in another way."""
    first = Run(False, _reached(session, case, signature)[1])
    others = []
    for neighbour in islice(neighbours(session.schema, case, session.model), MOST_NEIGHBOURS):
        found, reached = _reached(session, neighbour, signature)
        if found is None or found.without_cause == signature.without_cause:
            others.append(Run(found is None, reached))
    return first, others


def ranked(case: Mapping[Place, int], others: Sequence[Run], subject: str) -> tuple[Suspect, ...]:
    """Return the most suspect places of a subject, each of another function.

    A place is as suspect as the bucket, at most that of the case, which fits the verdicts best.
    """
    passed = sum(run.is_agreeing for run in others)
    failed = 1 + len(others) - passed
    counts = {verdict: Counter[tuple[Place, int]]() for verdict in (True, False)}
    for run in others:
        for place, bucket in run.reached[subject].items():
            counts[run.is_agreeing].update((place, least) for least in range(1, bucket + 1))

    def suspicion(place: Place, least: int) -> float:  # Ochiai
        ran = 1 + counts[False][place, least]
        return ran / math.sqrt(failed * (ran + counts[True][place, least]))

    def best(place: Place) -> tuple[float, int]:
        return max((suspicion(place, least), -least) for least in range(1, case[place] + 1))

    found: dict[tuple[str, str], Suspect] = {}
    order = {place: best(place) for place in case}
    for place in sorted(case, key=lambda p: (-order[p][0], -order[p][1], p)):
        agreeing = counts[True][place, -order[place][1]]
        if passed and agreeing == passed:
            continue  # it runs as often in every case
        found.setdefault((place.file, place.function), Suspect(place, agreeing))
        if len(found) == MOST:
            break
    return tuple(found.values())


def _reached(
    session: Session, case: Trace | LawCase, signature: Signature
) -> tuple[Signature | None, dict[str, Mapping[Place, int]]]:
    """Run a case; return its signature, if it diverges, and what all of its executions reached."""
    oracle = session.oracle.without_asymmetries()
    session.lockstep.forget_coverage()
    if isinstance(case, LawCase):
        found = oracle.law(case).divergence
    else:
        target = checks.check(signature.check, session.schema.plugin_checks)
        found = oracle.probe(case, target=target).divergence
    reached = {name: _buckets(covered) for name, covered in session.lockstep.covered.items()}
    return None if found is None else found.signature, reached


def _buckets(covered: Covered) -> Mapping[Place, int]:
    """Return the highest bucket of each place that was reached, from 1 to 8."""
    highest: dict[Place, int] = {}
    for counter, place in covered.table.places.items():
        if bits := covered.map[counter]:
            highest[place] = max(highest.get(place, 0), bits.bit_length())
    return highest
