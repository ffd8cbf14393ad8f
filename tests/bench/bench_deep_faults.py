"""
Faults that only a rare state shows, each searched for once with the defaults of a run.

Beside the other engine, and beside the other engine and the model. A search ends with its first finding.
`DEEP_SEED` sets the seed. At full size this takes about half an hour.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from figures import Table, spread
from scale import SMOKE, sized

from driftcheck.build import build_all, build_native
from driftcheck.lockstep.native import NativeSearch
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.session import open_session, with_vocabularies
from driftcheck.subjects.discover import subjects
from driftcheck_contracts.reconcile import Reconcile

sys.path.append(str(Path(__file__).parents[1] / "finds"))

from deep_faults import DeepFault, read_deep_faults  # they lie beside the tests
from engine_faults import LIMITS, SCHEMA, planted

SEED = int(os.environ.get("DEEP_SEED", "1"))
SECONDS = sized(60.0, 2.0)
LEAST = 0.9  # of the faults


@pytest.mark.parametrize("beside", [("go", "rust"), ("go", "rust", "model")], ids="-".join)
def test_faults_in_rare_states_are_found(beside: tuple[str, ...], table: Table) -> None:
    """A search of a minute finds nine of ten."""
    native = NativeSearch(build_native(with_vocabularies(SCHEMA)))
    faults = sized(read_deep_faults(), read_deep_faults()[:1])
    seconds = []
    for fault in faults:
        explored = _searched(fault, beside, native)
        found = bool(explored.findings)
        sys.stderr.write(f"\n{fault.side} {fault.name}: {'found' if found else 'not found'}")
        if found:
            seconds.append(explored.seconds)
    what = f"deep faults, {' and '.join(beside)}"
    table.add(f"{what}: found", f"{len(seconds)} of {len(faults)}", f"at least {LEAST * len(faults):.0f}")
    table.add(f"{what}: seconds to the first finding", spread(seconds or [SECONDS], "{:.0f}"))
    assert SMOKE or len(seconds) >= LEAST * len(faults)


def _searched(fault: DeepFault, beside: tuple[str, ...], native: NativeSearch) -> Explored:
    declared = {source.name: source for source in subjects(Reconcile)}
    sources = [planted(fault) if name == fault.side else declared[name] for name in beside]
    built = build_all(sources, SCHEMA)
    with open_session(Reconcile, only=beside, built=built, limits=LIMITS) as session:
        return explore(session, Budget(max_time_s=SECONDS), seed=SEED, fail_fast=True, native=native)
