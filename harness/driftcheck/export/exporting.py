"""
One export: from a case and a subject to the files of a test.

Chooses the subject and the places of the files. Writes nothing: `cli.export` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from driftcheck.build.tool import ToolFailed
from driftcheck.codegen import go_names
from driftcheck.export import go_adapter, layout
from driftcheck.export.demands import Demand, Demands
from driftcheck.export.errors import CannotExport, NotExportable
from driftcheck.export.go_file import GoFile
from driftcheck.export.go_literals import GoLiterals
from driftcheck.export.header import Header
from driftcheck.export.names import Names
from driftcheck.export.recorded import Recorded
from driftcheck.findings.case import Case
from driftcheck.subjects.discover import MODEL, ModelSource, NativeSource, SubjectSource
from driftcheck.values.json_text import read_json

LANGUAGES = {"go": "go", "rust": "rust", "pytest": "python"}  # what --to names, and the language of the subject


@attrs.frozen(eq=False)
class Exported:
    """A test that was made: its files, and how it is run."""

    subject: str
    demand: Demand
    files: Mapping[Path, bytes]  # by path
    run: str  # the command, in the folder `at`
    at: Path
    copied: tuple[Path, ...] = ()  # the files of the adapter from which conversions were copied


def export(
    case: Case, sources: Sequence[SubjectSource], to: str, *, subject: str | None = None, into: Path | None = None
) -> Exported:
    """Make the test of a case.

    Args:
        to: one of LANGUAGES.
        subject: which subject it tests; by default the one of that language whose answer is not the right one.
        into: the folder in whose tree the test stands; by default that of the adapter.

    Raises:
        CannotExport: why there is no such test, and what to do instead.
    """
    try:
        recorded = Recorded(case, read_json(case.path))
        reference = _reference(sources)
        source, demand = _chosen(recorded, sources, LANGUAGES[to], subject, reference)
        made = _Export(recorded, demand, source, into)
        return made.go()
    except (NotExportable, ToolFailed) as why:
        said = why.what if isinstance(why, ToolFailed) else str(why)
        raise CannotExport(str(case.path), said) from None


def _reference(sources: Sequence[SubjectSource]) -> str | None:
    for source in sources:
        if isinstance(source, NativeSource) and source.is_reference:
            return source.name
    return next((source.name for source in sources if isinstance(source, ModelSource)), None)


def _chosen(
    recorded: Recorded,
    sources: Sequence[SubjectSource],
    language: str,
    name: str | None,
    reference: str | None,
) -> tuple[SubjectSource, Demand]:
    """Return the subject to test and what is demanded of it."""
    named = [s for s in sources if s.name == name] if name is not None else sources
    able = [s for s in named if s.language == language]
    if not able:
        known = ", ".join(s.name for s in sources if s.language == language) or "none"
        what = f"the contract has no subject in {language}" if name is None else f"{name} is no subject in {language}"
        raise NotExportable(f"{what}; it has {known}")
    whys = {}
    for source in able:
        try:
            return source, Demands(recorded, source.name, reference).demand()
        except NotExportable as why:
            whys[source.name] = str(why)
    raise NotExportable("; ".join(dict.fromkeys(whys.values())))


@attrs.frozen(eq=False)
class _Export:
    recorded: Recorded
    demand: Demand
    source: SubjectSource
    into: Path | None

    @property
    def names(self) -> Names:
        return Names.of(self.recorded.schema.name, self.recorded.case.signature)

    def header(self) -> Header:
        return Header(self.recorded, self.demand, self.source.name, str(self.recorded.case.path))

    def go(self) -> Exported:
        source = self.source
        assert isinstance(source, NativeSource)
        folder = (self.into or source.dir) / self.names.go_package
        documents: dict[Path, bytes] = {}

        def keep(data: bytes) -> str:
            path = Path("testdata", f"document{len(documents) + 1}.bin")
            known = next((p for p, d in documents.items() if d == data), None)
            documents.setdefault(known or path, data)
            return str(known or path)

        needed = {go_names.exported(name) for name in self.demand.operations}
        if self.demand.looks_at_states:
            needed.add("State")
        adapter = go_adapter.read(source, self.recorded.schema, needed)
        file = GoFile(
            self.names, self.header(), self.demand, adapter, GoLiterals(self.recorded.schema, keep)
        )
        text = layout.gofmt(file.text())
        files = {folder / f"{self.names.words}_test.go": text.encode()}
        files |= {folder / path: data for path, data in documents.items()}
        return Exported(
            source.name, self.demand, files, "go test .", folder, adapter.files
        )
