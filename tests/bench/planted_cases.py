"""
Where shrunk cases come from: the asymmetries of the contracts that ship, and the planted faults.

Opens the subjects of each, and says how a search finds it. Knows nothing of what is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import attrs
import pytest

from driftcheck.contract import lookup
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.law_turns import LAW_SHARE
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.host import Limits

sys.path.append(str(Path(__file__).parents[1] / "finds"))

import engine_faults  # it lies beside the tests
import faulty
import planted

SHIPPED = ("cbor", "json", "semver", "time")
SEED = 0
LIMITS = Limits(deadline_s=0.3, memory_bytes=128 << 20)  # as the tests of the planted faults have them

Case = Trace | LawCase
Search = Callable[[Session, Observer | None], Explored]


@attrs.frozen
class PlantedFault:
    """A fault, and how a search finds it."""

    name: str
    side: str  # the subject that has it; "" where it is none of an engine
    told: str  # what must be found, as `engine_faults.told` says it
    opened: Callable[[], AbstractContextManager[Session]] = attrs.field(repr=False)
    search: Search = attrs.field(repr=False)

    def is_shown_by(self, finding: Finding) -> bool:
        """Say whether a finding is what must be found."""
        return self.told in (finding.divergence.check.code, engine_faults.told(finding.divergence))


def faults() -> list[PlantedFault]:
    """List all planted faults: those of `faults.toml`, and those of the engines."""
    return [*_of_the_small_contract(), *of_the_engines()]


def of_the_engines() -> list[PlantedFault]:
    """List the faults of the two engines that a search is held to finding."""
    return [
        PlantedFault(
            f"reconcile {one.name}",
            one.side,
            one.finding,
            lambda one=one: engine_faults.open_planted(one),
            lambda session, observer, one=one: engine_faults.look_for(
                one, session, seed=SEED, observer=observer
            ),
        )
        for one in engine_faults.read_engine_faults()
        if one.is_searched and one.is_expected
    ]


def _of_the_small_contract() -> list[PlantedFault]:
    return [
        PlantedFault(f"faulty {one.name}", "", one.check, lambda one=one: _opened(one), _search(one))
        for one in planted.read_faults()
    ]


@contextmanager
def _opened(fault: planted.Fault) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(faulty.VARIABLE, fault.name)
        with open_session(faulty.Faulty, only=fault.subjects, limits=LIMITS) as session:
            yield session


def _search(fault: planted.Fault) -> Search:
    traces = fault.within * LAW_SHARE if fault.law else fault.within

    def search(session: Session, observer: Observer | None) -> Explored:
        return explore(session, Budget(max_traces=traces), seed=SEED, observer=observer)

    return search


def shrunk_witnesses(contract: str, payloads: int) -> Mapping[str, Case]:
    """Search with the asymmetries of a contract; return the witnesses that were shrunk, by asymmetry."""
    shrunk: dict[str, Case] = {}
    with open_session(lookup.load_named(contract)) as session:
        observer = Observer(witness=shrunk.__setitem__)
        explore(session, Budget(max_traces=payloads), seed=SEED, observer=observer)
    return shrunk
