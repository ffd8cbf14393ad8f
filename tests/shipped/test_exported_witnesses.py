"""
Exported tests of the witnesses of the shipped asymmetries compile with the library, and fail there.

All exports for one subject stand in one module or crate, so that its library is compiled once.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import attrs
import pytest
from exported_trees import WORK, Ended, rejects_style, run_exported, source_of, write

from driftcheck import schema_of
from driftcheck.contract import lookup
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.export import CannotExport, Exported, export
from driftcheck.export.demands import ANSWER, Is
from driftcheck.export.recorded import Recorded
from driftcheck.findings.case import Case, load
from driftcheck.subjects.discover import NativeSource, subjects
from driftcheck.values.json_text import read_json

CASES = Path(__file__).parent / "witnesses" / "cases"
PATHS = sorted(CASES.glob("*/*.json"))
CONTRACTS = sorted({path.parent.name for path in PATHS})
BY_DAY = ("cbor-fxamacker", "json-serde", "semver-x-mod", "time-jiff")  # each contract, both languages


@attrs.frozen(eq=False)
class One:
    """The export of a witness for one subject."""

    case: Case
    source: NativeSource
    exported: Exported

    @property
    def own(self) -> str:
        """Return how the answer of the library begins; "" where the test asserts no answer."""
        demand = self.exported.demand
        match demand.assertions:
            case (Is(slot=slot),) if slot.kind == ANSWER and len(demand.traces[0].steps) == 1:
                match Recorded(self.case, read_json(self.case.path)).outcome(self.source.name, slot.step):
                    case Accepted():
                        return "accepted"
                    case Rejected(rejection=name):
                        return f"rejected: {name}"
        return ""


def sources(contract: str) -> Iterator[NativeSource]:
    """Yield the native subjects of a contract."""
    for source in subjects(schema_of(lookup.load_named(contract)).cls):
        if isinstance(source, NativeSource):
            yield source


def tree_of(path: Path, source: NativeSource) -> Path:
    """Return the folder of an export, which lies in no module or crate.

    A folder holds all exports for a subject. Witnesses of one signature have tests of one name, so each of
    these has another folder.
    """
    digest = witness(path).signature.digest
    same = [one for one in PATHS if one.parent == path.parent and witness(one).signature.digest == digest]
    return WORK / f"{path.parent.name}-{source.name}-{same.index(path)}"


@cache
def witness(path: Path) -> Case:
    """Read the case of a witness."""
    schema = schema_of(lookup.load_named(path.parent.name))
    return load(path, lambda name: schema)


@cache
def exports(path: Path) -> list[One]:
    """Export a witness for each native subject for which that is possible."""
    case = witness(path)
    found = []
    for source in sources(path.parent.name):
        tree = tree_of(path, source)
        with suppress(CannotExport):  # of a subject that is right, or that the case is not about
            found.append(One(case, source, export(case, [source], source.language, into=tree)))
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_witness_can_be_exported(path: Path) -> None:
    """At least one subject's test fails for the difference, and its text is made from the case alone."""
    assert exports(path)


def by_day_and_night() -> Iterator[object]:
    """Give each subject: by day those of BY_DAY with one witness each, by night all with all of theirs."""
    for contract in CONTRACTS:
        for source in sources(contract):
            name = f"{contract}-{source.name}"
            paths = [path for path in PATHS if path.parent.name == contract]
            if name in BY_DAY:
                yield pytest.param(source, paths[:1], id=f"{name}-by-day")
            yield pytest.param(source, paths, id=name, marks=pytest.mark.nightly)


@pytest.mark.parametrize(("source", "paths"), by_day_and_night())
def test_the_exported_witnesses_of_a_subject_fail_with_its_library(
    source: NativeSource, paths: list[Path]
) -> None:
    """Each pleases formatter and linter, builds in a clean tree, and fails with what the library answered."""
    trees: dict[Path, list[One]] = {}
    for path in paths:
        for one in exports(path):
            if one.source.name == source.name:
                trees.setdefault(tree_of(path, source), []).append(one)
    assert trees
    for tree, ones in trees.items():
        shutil.rmtree(tree, ignore_errors=True)
        exported = [one.exported for one in ones]
        for one in exported:
            write(one)

        assert rejects_style(source.language, tree, exported, source.env) == ""
        ends = run_exported(source.language, tree, exported, source.env)
        unlike = {
            one.case.path.stem: end
            for one in ones
            if not fails_for_it(one, end := ends[source_of(one.exported)])
        }
        assert not unlike


def fails_for_it(one: One, end: Ended) -> bool:
    """Say whether a test failed with its own sentence, and with the answer that the case holds."""
    said = end.said.replace("\\", "")
    got = re.search(r"(?:got|left): \"?(.*)", said)
    return (
        end.code != 0
        and one.exported.demand.why in said
        and (not one.own or (got is not None and got.group(1).startswith(one.own)))
    )
