"""
Exported tests of the witnesses of the shipped asymmetries compile with the library, and fail there.

All exports for one subject stand in one module or crate, so that its library is compiled once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import attrs
import pytest
from exported_counts import Capsys, Record, assert_share, count
from exported_trees import Ended, rejects_style, run_exported, source_of, write

from driftcheck import schema_of
from driftcheck.contract import lookup
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.export import CannotExport, Exported, export
from driftcheck.export.demand import ANSWER, Is
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
        recorded = Recorded(self.case, read_json(self.case.path))
        demand = self.exported.demand
        match demand.assertions:
            case (Is(slot=slot),) if slot.kind == ANSWER and demand.traces == (recorded.trace,):
                match recorded.outcome(self.source.name, slot.step):
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


def exports(path: Path, into: Path, only: str = "") -> list[One]:
    """Export a witness for each native subject for which that is possible, or for one of them."""
    schema = schema_of(lookup.load_named(path.parent.name))
    case = load(path, lambda name: schema)
    found = []
    for source in sources(path.parent.name):
        if source.name == (only or source.name):
            with suppress(CannotExport):  # of a subject that is right, or that the case is not about
                found.append(One(case, source, export(case, [source], source.language, into=into)))
    return found


def trees(contract: str, subject: str, into: Path, *, is_day: bool) -> Iterator[tuple[Path, list[One]]]:
    """Yield folders with all exports for a subject, or with one by day.

    Witnesses of one signature have tests of one name, so each of these lies in another folder.
    """
    by_tree: dict[Path, list[One]] = {}
    seen: Counter[str] = Counter()
    for path in (one for one in PATHS if one.parent.name == contract):
        for one in exports(path, into / "first", subject):
            digest = one.case.signature.digest
            tree = into / f"{contract}-{subject}-{seen[digest]}"
            seen[digest] += 1
            by_tree.setdefault(tree, []).extend(exports(path, tree, subject))
        if is_day and by_tree:
            break
    yield from by_tree.items()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_witness_can_be_exported(path: Path, tmp_path: Path) -> None:
    """At least one subject's test fails for the difference, and its text is made from the case alone."""
    assert exports(path, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("contract", CONTRACTS)
def test_most_exports_of_witnesses_are_written(
    contract: str, tmp_path: Path, capsys: Capsys, record_property: Record
) -> None:
    """Of each witness there is a test of every subject that its file does not rule out."""
    schema = schema_of(lookup.load_named(contract))
    cases = [load(path, lambda name: schema) for path in PATHS if path.parent.name == contract]

    counts = count(f"witnesses of {contract}", [(case, subjects(schema.cls)) for case in cases], tmp_path)

    assert_share(counts, capsys, record_property)


def by_day_and_night() -> list[object]:
    """Give each subject with all its exports by night, and those of BY_DAY with one export by day."""
    found = []
    for contract in CONTRACTS:
        for source in sources(contract):
            name = f"{contract}-{source.name}"
            if name in BY_DAY:
                found.append(pytest.param(contract, source, True, id=f"{name}-by-day"))
            found.append(pytest.param(contract, source, False, id=name, marks=pytest.mark.nightly))
    return found


@pytest.mark.parametrize(("contract", "source", "is_day"), by_day_and_night())
def test_the_exported_witnesses_of_a_subject_fail_with_its_library(
    contract: str, source: NativeSource, is_day: bool, tmp_path: Path
) -> None:
    """Each pleases formatter and linter, builds in a clean tree, and fails with what the library answered."""
    found = [*trees(contract, source.name, tmp_path, is_day=is_day)]
    assert found

    for tree, ones in found:
        exported = [one.exported for one in ones]
        write(tree, exported)
        assert rejects_style(source.language, tree, exported, source.env) == ""
        ends = run_exported(source.language, tree, exported, source.env)
        for one in ones:
            end = ends[source_of(one.exported)]
            assert fails_for_it(one, end), (one.case.path.stem, end)


def fails_for_it(one: One, end: Ended) -> bool:
    """Say whether a test failed with its own sentence, and with the answer that the case holds."""
    said = end.said.replace("\\", "")
    got = re.search(r"(?:got|left): \"?(.*)", said)
    return (
        end.code != 0
        and one.exported.demand.why in said
        and (not one.own or (got is not None and got.group(1).startswith(one.own)))
    )
