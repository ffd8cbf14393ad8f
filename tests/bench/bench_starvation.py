"""
Quiet divergences behind loud ones: what is rare is found although very much diverges all the time.

Counts are promised where a run counts traces, and ratios of one run where it counts seconds.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import attrs
import loud_models as models
from figures import Table, spread
from scale import SMOKE, sized

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session, open_session
from driftcheck.search.statistics import RunStatistics
from driftcheck.subjects.discover import NativeSource, Subject, subjects
from driftcheck_contracts.json import JsonContract

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COPY = ROOT / ".driftcheck" / "planted" / "json_panics"
SEEDS = sized(range(5), range(1))
MOST_TRACES = sized(20_000, 20)
TIMES_AS_MANY = 2.0  # traces behind loud divergences, against those that the fault takes alone
PANICS_WITHIN_S = 180.0
LOUD_CAUSES = 10
RATE_S = 60.0
LEAST_RATE = 1 / 3  # payloads a second undeclared, against declared

# What is planted in the adapter of encoding/json that ships: the line that is replaced, and two panics.
_LINE = "\treturn contract.Item(v), driftcheck.Library(err)\n"
_PANICS = """\
\tif len(v.Tags) == 5 {
\t\tpanic("planted: five tags")
\t}
\tif v.ID < -1<<40 {
\t\tpanic("planted: far below zero")
\t}
"""


@contextmanager
def quiet(*, is_loud: bool) -> Iterator[Session]:
    """Run the two models, silent but for the fault, or loud."""
    schema = schema_of(models.Quiet)
    environment = {"PYTHONPATH": str(HERE), **({models.LOUD: "1"} if is_loud else {})}
    hosts = [
        Subject(name, "python", "python", f"loud_models:{cls.__name__}", environment)
        for name, cls in (("go", models.QuietGo), ("rust", models.QuietRust))
    ]
    known = Asymmetries()
    with Lockstep(schema, hosts) as lockstep:
        descriptions = lockstep.start()
        oracle = Oracle(schema, lockstep, known)
        yield Session(models.Quiet, schema, None, lockstep, oracle, known, descriptions)


def found_after(session: Session, seed: int) -> int:
    """Return the trace after which the fault is a finding, or the most traces if it never is."""
    after: list[Finding] = []

    def note(finding: Finding) -> None:
        if finding.divergence.operation == "add":
            after.append(finding)

    observer = Observer(finding=note, interrupted=lambda: bool(after))
    explored = explore(session, Budget(max_traces=MOST_TRACES), seed=seed, observer=observer)
    return explored.statistics.traces if after else MOST_TRACES


def test_a_fault_behind_three_loud_divergences(table: Table) -> None:
    """A fault is found within twice the traces that it takes where nothing else diverges."""
    alone, behind = [], []
    for seed in SEEDS:
        with quiet(is_loud=False) as session:
            alone.append(found_after(session, seed))
        with quiet(is_loud=True) as session:
            behind.append(found_after(session, seed))

    ratio = median(behind) / median(alone)
    table.add("a fault alone: found after traces", spread(alone, "{:.0f}"))
    table.add("behind three loud divergences: found after traces", spread(behind, "{:.0f}"))
    table.add("behind / alone", f"{ratio:.2f}", f"at most {TIMES_AS_MANY:.0f}")
    assert SMOKE or max(alone) < MOST_TRACES
    assert SMOKE or ratio <= TIMES_AS_MANY


@contextmanager
def json_with_panics() -> Iterator[Session]:
    """Run encoding/json with two panics beside serde_json, without their asymmetries."""
    schema = schema_of(JsonContract)
    sources = {one.name: one for one in subjects(JsonContract)}
    go, serde = sources["go"], sources["serde"]
    assert isinstance(go, NativeSource)
    shutil.copytree(
        go.dir,
        COPY,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".driftcheck", "testdata", "*_test.go"),
    )
    adapter = COPY / "adapter_v1.go"
    text = (go.dir / adapter.name).read_text()
    assert text.count(_LINE) == 1
    adapter.write_text(text.replace(_LINE, _PANICS + _LINE))
    built = [build(attrs.evolve(go, dir=COPY), schema), build(serde, schema)]
    with Lockstep(schema, built) as lockstep:
        descriptions = lockstep.start()
        known = Asymmetries((), {"go": "go", "serde": "rust"})
        oracle = Oracle(schema, lockstep, known)
        yield Session(JsonContract, schema, None, lockstep, oracle, known, descriptions)


def test_two_panics_behind_many_loud_causes(table: Table) -> None:
    """Two panics in a pair that diverges in ten and more ways are found within three minutes."""
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def note(finding: Finding) -> None:
        if finding.divergence.check == checks.PANIC:
            seconds.setdefault(finding.divergence.frame, time.monotonic() - started)

    budget = sized(Budget(max_time_s=PANICS_WITHIN_S), Budget(max_traces=20))
    with json_with_panics() as session:
        started = time.monotonic()
        explored = explore(session, budget, seed=0, observer=Observer(finding=note))
    loud = [cause for cause in explored.root_causes if cause.finding.divergence.check != checks.PANIC]

    shown = ", ".join(f"{one:.0f}" for one in seconds.values())
    table.add(f"two panics behind {len(loud)} other groups: s", shown, f"both within {PANICS_WITHIN_S:.0f}")
    assert SMOKE or len(loud) >= LOUD_CAUSES
    assert SMOKE or len(seconds) == 2


def test_an_undeclared_pair_is_searched_as_well(table: Table) -> None:
    """Without its asymmetries a pair is given at least a third of the payloads a second, in a minute each."""
    rates = {}
    budget = sized(Budget(max_time_s=RATE_S), Budget(max_traces=10))
    for is_declared in (True, False):
        with open_session(JsonContract, only=("go", "serde"), ignore_asymmetries=not is_declared) as session:
            marks = [0]
            started = time.monotonic()

            def note(statistics: RunStatistics, findings: int, marks=marks, started=started) -> None:
                if time.monotonic() - started <= RATE_S:
                    marks[0] = statistics.traces

            explore(session, budget, seed=0, observer=Observer(progress=note))
            rates[is_declared] = marks[0] / RATE_S

    table.add("json: payloads a second, declared", f"{rates[True]:.0f}")
    table.add("json: payloads a second, undeclared", f"{rates[False]:.0f}")
    if not SMOKE:
        ratio = rates[False] / rates[True]
        table.add("undeclared / declared", f"{ratio:.2f}", "at least 0.33")
        assert ratio >= LEAST_RATE
