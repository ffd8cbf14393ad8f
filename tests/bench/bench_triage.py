"""What a search makes of many divergences at once: its speed, and its groups beside the root causes.

`TRIAGE_SEEDS` and `TRIAGE_SECONDS` set how many runs there are, and how long each one takes.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import attrs
import pytest
import truth_rows
from attribution import MAPPING, Attribution, read_causes
from figures import Table, spread
from scale import SMOKE, sized

from driftcheck.contract import lookup
from driftcheck.findings import show
from driftcheck.findings.finding import Finding
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session, asymmetry_files, open_session
from driftcheck.search.statistics import RunStatistics

HERE = Path(__file__).parent
KNOWN_CLASSES = HERE / "known_classes"
RESULTS = HERE.parents[1] / sized("bench", "bench/smoke")  # not kept by git
SHIPPED = sorted(path.stem for path in KNOWN_CLASSES.glob("*.toml"))
PAIRS = sized([*truth_rows.CONTRACTS, *SHIPPED], ["base64", "time"])
SEEDS = range(1, 1 + sized(int(os.environ.get("TRIAGE_SEEDS", "10")), 1))
SECONDS = float(os.environ.get("TRIAGE_SECONDS", "60"))
BUDGET = sized(Budget(max_time_s=SECONDS), Budget(max_traces=3))
SMOKE_S = 1.0  # of a smoke run, which a slow shrink must not make longer
MINUTE_S = 60.0
AIM_GROUPS, AIM_CAUSES = 1.2, 1.1  # groups for each root cause, root causes in each group

CausesOf = Callable[[Finding], frozenset[str]]


@attrs.frozen
class Pair:
    """A contract whose subjects are running, and what is known of their divergences."""

    session: Session
    causes: Sequence[str]  # that are known, and that a run should find
    causes_of: CausesOf


@attrs.frozen
class Member:
    """A finding with its root causes; none if it cannot be attributed."""

    shown: str  # its case in one line
    signature: dict[str, object]
    causes: frozenset[str]


@attrs.frozen
class Run:
    """What one run has found."""

    seed: int
    payloads: int
    payloads_a_second: float  # in the first minute
    groups: tuple[tuple[Member, ...], ...]  # each begins with the member that people read first

    @property
    def members(self) -> list[Member]:
        return [member for group in self.groups for member in group]

    @property
    def single_causes(self) -> frozenset[str]:
        """Return the root causes of all findings; `+` joins those that one asymmetry shows at once."""
        joined = frozenset[str]().union(*(member.causes for member in self.members))
        return frozenset(cause for each in joined for cause in each.split("+"))

    @property
    def groups_a_cause(self) -> float:
        """Return how many groups begin with each of the causes that were found, on average."""
        shown = [cause for group in self.groups for cause in group[0].causes]
        return len(shown) / max(1, len(set(shown)))

    @property
    def causes_a_group(self) -> float:
        """Return how many root causes are in one group, on average."""
        counts = [len(frozenset[str]().union(*(m.causes for m in group))) for group in self.groups]
        return mean([count for count in counts if count] or [0])


def groups_of(explored: Explored) -> list[tuple[Finding, ...]]:
    """Return the findings of a run by root cause, as driftcheck groups them."""
    return [cause.findings for cause in explored.root_causes]


@contextmanager
def opened(name: str) -> Iterator[Pair]:
    """Start the subjects of a pair, without its asymmetries."""
    contract = lookup.load_named(truth_rows.CONTRACTS.get(name, name))
    with open_session(contract, ignore_asymmetries=True) as session:
        if name in truth_rows.CONTRACTS:
            attribution = Attribution(session, read_causes(name))
            yield Pair(session, truth_rows.root_causes(name), attribution.causes_of)
        else:
            yield Pair(session, *_by_asymmetries(name, contract, session))


def _by_asymmetries(name: str, contract: type, session: Session) -> tuple[list[str], CausesOf]:
    """Return the known classes of a contract that ships; the entry that covers a finding names its class."""
    known = tomllib.loads((KNOWN_CLASSES / f"{name}.toml").read_text())
    mapping = MAPPING / f"{name}.toml"
    others = tomllib.loads(mapping.read_text()) if mapping.exists() else {}
    classes_of: dict[str, list[str]] = {}
    for cause, table in (*known.items(), *others.items()):
        for entry in table["entries"]:
            classes_of.setdefault(entry, []).append(cause)
    languages = {subject: str(d.get("language")) for subject, d in session.descriptions.items()}
    entries = read_asymmetries(asymmetry_files(contract, None), session.schema, languages)
    unknown = set(classes_of) - {entry.id for entry in entries.entries}
    assert not unknown, f"{name} has no asymmetry {sorted(unknown)}"
    entries = entries.for_libraries(session.descriptions)

    def causes_of(finding: Finding) -> frozenset[str]:
        entry = entries.match(finding.divergence)
        return frozenset() if entry is None else frozenset(("+".join(classes_of.get(entry.id, [entry.id])),))

    return list(known), causes_of


def measured(pair: Pair, seed: int) -> Run:
    """Search once, and attribute what is found."""
    marks = [0]

    def note(statistics: RunStatistics, findings: int) -> None:
        if time.monotonic() - started <= MINUTE_S:
            marks.append(statistics.traces)

    def is_late() -> bool:
        return SMOKE and time.monotonic() - started > SMOKE_S

    started = time.monotonic()
    observer = Observer(progress=note, interrupted=is_late)
    explored = explore(pair.session, BUDGET, seed=seed, observer=observer)
    traces = explored.statistics.traces
    seconds = min(explored.seconds, SECONDS)
    in_first = traces if seconds <= MINUTE_S else marks[-1]
    schema = pair.session.schema
    groups = tuple(
        tuple(Member(show.in_a_line(schema, f.case), f.signature.to_json(), pair.causes_of(f)) for f in group)
        for group in groups_of(explored)
    )
    return Run(seed, traces, in_first / min(seconds, MINUTE_S), groups)


@pytest.mark.parametrize("name", list(truth_rows.CONTRACTS))
def test_each_row_of_the_truth_is_attributed(name: str) -> None:
    """The subjects differ on each divergence and agree on each agreement; repairs name its root causes."""
    with opened(name) as pair:
        attribution = Attribution(pair.session, read_causes(name))
        wrong = [
            f"{row.area} {row.shown}: {what}"
            for row in (*truth_rows.divergences(), *truth_rows.agreements())
            if row.contract == name and (what := _wrong_with(row, attribution))
        ]

    assert not wrong, "\n".join(wrong)


def _wrong_with(row: truth_rows.Row, attribution: Attribution) -> str:
    """Say what a row and the contract do not have in common, "" if it is nothing."""
    steps = [trace.steps[0] for trace in row.traces]
    differing = [step for step in steps if attribution.differ(step)]
    if not row.causes:
        return "the subjects differ" if differing else ""
    if not differing:
        return "the subjects agree"
    found = frozenset[str]().union(*map(attribution.causes_of_step, differing))
    # A row names every behaviour that takes part; a repair of one of them may be enough.
    return "" if found and found <= set(row.causes) else f"attributed to {sorted(found)}"


@pytest.mark.parametrize("name", PAIRS)
def test_groups_are_root_causes(name: str, table: Table) -> None:
    """Prints what runs find in a pair, without its asymmetries, and how groups and root causes match."""
    with opened(name) as pair:
        runs = [measured(pair, seed) for seed in SEEDS]

    _keep(name, runs)
    known = [run.single_causes & set(pair.causes) for run in runs]
    table.add(f"{name}: payloads judged", spread([run.payloads for run in runs], "{:,.0f}"))
    table.add(
        f"{name}: payloads/s in the first minute", spread([r.payloads_a_second for r in runs], "{:,.1f}")
    )
    table.add(f"{name}: findings", spread([len(run.members) for run in runs], "{:.0f}"))
    table.add(f"{name}: groups", spread([len(run.groups) for run in runs], "{:.0f}"))
    of = len(pair.causes)
    table.add(f"{name}: root causes found, of {of}", spread([len(found) for found in known], "{:.0f}"))
    others = [len(run.single_causes - set(pair.causes)) for run in runs]
    table.add(f"{name}: other root causes found", spread(others, "{:.0f}"))
    figure = spread([run.groups_a_cause for run in runs])
    table.add(f"{name}: groups for each root cause found", figure, f"aim {AIM_GROUPS}")
    figure = spread([run.causes_a_group for run in runs])
    table.add(f"{name}: root causes in one group", figure, f"aim {AIM_CAUSES}")
    for cause in pair.causes:
        times = sum(cause in found for found in known)
        table.add(f"{name}: {cause}: found in", f"{times} of {len(runs)}")
    unmapped = [(run.seed, member) for run in runs for member in run.members if not member.causes]
    table.add(f"{name}: findings without a root cause", f"{len(unmapped)}")
    for seed, member in unmapped:
        sys.stdout.write(f"\n{name}: unmapped, seed {seed}: {member.shown}\n  {json.dumps(member.signature)}")
    assert SMOKE or any(run.members for run in runs)


def _keep(name: str, runs: Sequence[Run]) -> None:
    """Write all findings with their root causes to a file, for people who look closer."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    rows = [attrs.asdict(run, value_serializer=_plain) for run in runs]
    (RESULTS / f"triage-{name}.json").write_text(json.dumps(rows, indent=1) + "\n")


def _plain(instance: object, field: object, value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
