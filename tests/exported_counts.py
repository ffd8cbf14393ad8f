"""
How much of a corpus of cases can be exported: a failing test of each subject that may be wrong in a case.

Who may be wrong is read from the case file here, and not asked of the export. A subject that the file blames
may be wrong; where it blames nobody, each subject that ran and is not the reference. Of an exchange it is the
one that wrote the document, or the one that read it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftcheck.export import LANGUAGES, CannotExport, export
from driftcheck.findings.case import Case
from driftcheck.subjects.discover import ModelSource, SubjectSource
from driftcheck.values.json_text import read_json

Capsys = pytest.CaptureFixture[str]
Record = Callable[[str, object], None]  # pytest's record_property
TO = {language: to for to, language in LANGUAGES.items()}
LEAST = 0.95  # of the exports that are asked for


@attrs.define
class Counts:
    """The counts of one corpus."""

    corpus: str
    cases: int = 0
    asked: int = 0
    refused: Counter[str] = attrs.field(factory=Counter)  # by reason
    right: int = 0  # exports for the other subjects that ran, which must be refused: no test of them can fail

    @property
    def written(self) -> int:
        """Return how many exports were made."""
        return self.asked - self.refused.total()

    @property
    def share(self) -> float:
        """Return the share of the exports that were made."""
        return self.written / self.asked if self.asked else 1.0

    def __str__(self) -> str:
        counted = f"{self.cases} cases, {self.asked} exports asked for, {self.written} written"
        told = f"exports of {self.corpus}: {counted}, {self.refused.total()} refused"
        told = f"{told}; {self.right} more refused, since the subject is right"
        return "\n".join([told, *(f"  {number} refused: {why}" for why, number in self.refused.items())])


def count(corpus: str, cases: Iterable[tuple[Case, Sequence[SubjectSource]]], into: Path) -> Counts:
    """Export each case for each subject that may be wrong, and count.

    Args:
        cases: with the subjects of their contracts.
        into: an empty folder.
    """
    counts = Counts(corpus)
    for case, sources in cases:
        counts.cases += 1
        named = may_be_wrong(case)
        for source in sources:
            if source.name not in ran(case):
                continue
            is_asked = source.name in named or (not named and not _is_reference(source.name, sources))
            counts.asked += is_asked
            try:
                export(case, sources, TO[source.language], subject=source.name, into=into)
                assert is_asked, (case.path, source.name)
            except CannotExport as refused:
                if is_asked:
                    counts.refused[f"{source.name}: {refused.why}"] += 1
                else:
                    counts.right += 1
    return counts


def assert_share(counts: Counts, capsys: Capsys, record_property: Record) -> None:
    """Print counts, write them into the report of the night, and check the share of what was written."""
    record_property("counts", str(counts))
    with capsys.disabled():
        sys.stdout.write(f"\n{counts}\n")
    assert counts.share >= LEAST, counts


def ran(case: Case) -> set[str]:
    """Return the names of the subjects of which the file of a case says what they did."""
    data = _data(case)
    calls = [*data["steps"], *data.get("law", {}).get("calls", ())]
    return {name for call in calls for name in call.get("outcomes", ())} | {*data.get("states", ())}


def may_be_wrong(case: Case) -> set[str]:
    """Return the names of the subjects that the file of a case blames; none where it blames nobody."""
    writer, _, reader = case.signature.subject.partition(">")
    return {writer, reader} if reader and writer != reader else {*_data(case).get("blamed", ())}


def _data(case: Case) -> dict[str, Any]:
    data: dict[str, Any] = read_json(case.path)
    return data


def _is_reference(name: str, sources: Sequence[SubjectSource]) -> bool:
    source = next(one for one in sources if one.name == name)
    if any(getattr(one, "is_reference", False) for one in sources):
        return bool(getattr(source, "is_reference", False))
    return isinstance(source, ModelSource)
