"""
The faults of the reconciliation engines as data: `reconcile/faults.toml` read, a patch applied and built.

A faulty engine lies in `.driftcheck/planted/NAME`, with its adapter, and is built by what builds any subject.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.core.trace import LawCase, Step, Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.checks import LAW
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.signature import Divergence
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore, explore_law
from driftcheck.search.explored import Explored
from driftcheck.search.law_turns import LAW_SHARE
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session
from driftcheck.subjects.discover import NativeSource, for_coverage, native_sources
from driftcheck.subjects.host import Limits
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.reconcile.ghost import Act, History, Move

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "reconcile"
PLANTED = ROOT / ".driftcheck" / "planted"
SCHEMA = schema_of(Reconcile)
LIMITS = Limits(deadline_s=5.0)
NOWHERE = "none"  # the check of a fault of which nothing tells
WRITES = ("put", "put_number", "fill", "increase")  # that the shrinker does not turn into each other

SIDES = ("go", "rust")
_SOURCES = {
    source.name: source
    for source in native_sources("reconcile", ROOT / "harness" / "driftcheck_contracts" / "reconcile")
}
_LEFT = shutil.ignore_patterns("target", ".driftcheck", ".cargo", "testdata", "tests", "*_test.go")


@attrs.frozen
class Fault:
    """A fault of one engine, what was predicted of it, and what was measured."""

    name: str
    side: str
    does: str
    invariants: tuple[str, ...]
    check: str = ""  # nothing, where invariants.toml alone looks for it
    within: int = 0
    steps: tuple[str, ...] = ()
    at: str = ""
    beside: bool = False
    held_back: bool = False
    by_chance: bool = False  # what it does, and so what it is shrunk to
    # What was measured:
    found_at: int = 0  # the trace at which the first finding came
    findings: int = 1  # how many show it; more than this if `cut_short`
    cut_short: bool = False
    found: str = ""  # as `told`, if it differs from the prediction
    found_within: int | None = None  # if the predicted number of traces is too small
    found_steps: tuple[str, ...] | None = None  # if it shrinks to other steps than predicted
    why: str = ""  # what differs from the prediction

    @property
    def patch(self) -> Path:
        """Return the file of the patch."""
        return HERE / self.side / f"{self.name}.patch"

    @property
    def budget(self) -> int:
        """Return how many traces to run."""
        return self.found_within or self.within

    @property
    def finding(self) -> str:
        """Say what is found, as `told` does."""
        return self.found or f"{self.check} {self.at}"

    @property
    def is_law(self) -> bool:
        """Say whether a law finds it."""
        return self.finding.startswith(LAW.code)

    @property
    def is_one_finding(self) -> bool:
        """Say whether only one finding shows it."""
        return self.findings == 1 and not self.cut_short

    @property
    def is_searched(self) -> bool:
        """Say whether a whole search is held to finding it."""
        return bool(self.check)

    @property
    def is_expected(self) -> bool:
        """Say whether anything was to find it."""
        return self.check != NOWHERE


def read_engine_faults() -> tuple[Fault, ...]:
    """Read the table."""
    tables = tomllib.loads((HERE / "faults.toml").read_text())
    return tuple(
        Fault(name, **{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})
        for name, table in tables.items()
    )


@attrs.frozen
class Own:
    """What an invariant's own check must say of a fault of one side, with that engine alone."""

    invariants: tuple[str, ...]
    fault: Fault
    check: str  # as `told`
    within: int
    steps: tuple[str, ...]
    seen: bool = False  # the shrunk case was known before it was said
    daily: bool = False
    found_at: int = 0
    found_within: int | None = None  # where the number that was said is too small
    found_steps: tuple[str, ...] = ()  # if it shrinks to other steps than predicted
    why: str = ""  # what differs from the prediction

    @property
    def name(self) -> str:
        """Return a name for the row."""
        return f"{'-'.join(self.invariants)}-{self.fault.side}"

    @property
    def budget(self) -> int:
        """Return how many cases or traces to run."""
        return self.found_within or self.within

    def look_for(self, session: Session, cases: int, *, seed: int) -> Explored:
        """Give cases to the law, or run traces where it is no law."""
        budget = Budget(max_traces=cases)
        if self.check.startswith(LAW.code):
            return explore_law(session, self.check.split()[1], budget, seed=seed)
        return explore(session, budget, seed=seed, laws=False)


def read_own_checks(faults: Sequence[Fault]) -> tuple[Own, ...]:
    """Read which fault each invariant must find."""
    by_name = {fault.name: fault for fault in faults}
    tables = tomllib.loads((HERE / "invariants.toml").read_text())
    return tuple(
        Own(
            tuple(invariants.split(", ")),
            **{
                **{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()},
                "fault": attrs.evolve(by_name[table["fault"]], beside=False),
            },
        )
        for invariants, groups in tables.items()
        for table in groups.values()
    )


def told(divergence: Divergence) -> str:
    """Say which check found something, and at which operation, law or invariant."""
    return f"{divergence.check.code} {divergence.subject or divergence.operation}"


def steps_of(case: Trace | LawCase) -> tuple[str, ...]:
    """Return the steps of a case as the table writes them."""
    if isinstance(case, Trace):
        return tuple(step.operation for step in case.steps)
    return (*steps_of(case.trace), f"law {case.law}", *_acts(case.arguments))


def is_shrunk_to(case: Trace | LawCase, stated: Sequence[str]) -> bool:
    """Say whether a case has these steps and no others."""
    found = steps_of(case)
    return len(found) == len(stated) and all(
        one == other or (other == "write" and one in WRITES) for one, other in zip(found, stated, strict=True)
    )


@contextmanager
def open_planted(fault: Fault, *, coverage: bool = False) -> Iterator[Session]:
    """Open a session with the faulty engine: alone, or beside the other language's.

    Args:
        coverage: take builds that count which blocks run.
    """
    sources = [
        planted(fault) if source.name == fault.side else source
        for source in _SOURCES.values()
        if source.name == fault.side or fault.beside
    ]
    built = [build(for_coverage(source) if coverage else source, SCHEMA) for source in sources]
    known = Asymmetries((), {source.name: source.language for source in sources})
    with Lockstep(SCHEMA, built, LIMITS) as lockstep:
        descriptions = lockstep.start()
        yield Session(Reconcile, SCHEMA, None, lockstep, Oracle(SCHEMA, lockstep, known), known, descriptions)


def look_for(fault: Fault, session: Session, *, seed: int, observer: Observer | None = None) -> Explored:
    """Search for a fault: the law that must find it, or traces if no law must."""
    if fault.is_law:
        cases = Budget(max_traces=max(1, fault.budget // LAW_SHARE))
        return explore_law(session, fault.finding.split()[1], cases, seed=seed, observer=observer)
    return explore(session, Budget(max_traces=fault.budget), seed=seed, observer=observer, laws=False)


def planted(fault: Fault) -> NativeSource:
    """Return the subject with a fault, its patch applied to a copy of the engine and the adapter.

    Raises:
        AssertionError: the patch does not apply.
    """
    source = _SOURCES[fault.side]
    parts = [source.dir.parents[1] / "reconcile", source.dir]
    copy = PLANTED / fault.name
    PLANTED.mkdir(parents=True, exist_ok=True)
    with _locked(copy.with_suffix(".lock")):
        digest = _digest(fault, parts)
        mark = copy / "digest"
        if not mark.exists() or mark.read_text() != digest:
            for part in parts:
                _copy(part, copy / part.relative_to(ROOT))
            _apply(fault, copy)
            mark.write_text(digest)
    return attrs.evolve(source, dir=copy / source.dir.relative_to(ROOT))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(fault: Fault, parts: Sequence[Path]) -> str:
    hashed = hashlib.sha256(fault.patch.read_bytes())
    for path in sorted(path for part in parts for path in _sources(part)):
        hashed.update(f"{path}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return hashed.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        left = _LEFT(at, [*folders, *names])
        folders[:] = [name for name in folders if name not in left]
        yield from (Path(at, name) for name in names if name not in left)


def _copy(part: Path, copy: Path) -> None:
    """Copy sources over those that are there; what was built of these stays, for what has not changed."""
    for path in _sources(part):
        to = copy / path.relative_to(part)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    manifest = copy / "Cargo.toml"
    if manifest.exists():
        # Adapters of a checkout share the folder of what Cargo makes, where a name belongs to one library.
        text = manifest.read_text()
        manifest.write_text(text.replace("driftcheck_subject_reconcile", f"planted_{copy.parents[2].name}"))


def _apply(fault: Fault, copy: Path) -> None:
    # In a checkout git would leave out what its own rules ignore, as it does this copy.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "apply", str(fault.patch)],
        cwd=copy,
        env={**outside, "GIT_CEILING_DIRECTORIES": str(PLANTED)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{fault.patch} does not apply any more: {done.stderr}"


def _acts(value: Any) -> Iterator[str]:
    """Name the steps and the moves that an argument of a law holds, at whatever depth."""
    match value:
        case Step(operation=operation):
            yield operation
        case Move(act=act):
            yield from () if act is Act.REST else (act.value,)
        case History():
            yield from _acts(value.turns)
            last = (value.first_puts, value.second_puts, value.third_puts)
            yield from ("put" if puts else "delete" for puts in last if puts is not None)
        case tuple():
            yield from (act for item in value for act in _acts(item))
        case _ if attrs.has(type(value)):
            yield from _acts(attrs.astuple(value, recurse=False))
