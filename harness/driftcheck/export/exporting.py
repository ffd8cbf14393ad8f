"""
One export: from a case and a subject to the files of a test.

Chooses the subject and the places of the files. Writes nothing: `cli.export` does.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from driftcheck.build.tool import ToolFailed
from driftcheck.codegen import go_names, rust_names
from driftcheck.export import go_adapter, lacking, layout, manifests, rust_adapter
from driftcheck.export.demand import Demand
from driftcheck.export.demands import Demands
from driftcheck.export.errors import CannotExport, IsRight, NotExportable
from driftcheck.export.go_file import GoFile
from driftcheck.export.go_literals import GoLiterals
from driftcheck.export.header import Header
from driftcheck.export.names import Names
from driftcheck.export.python_file import PythonFile
from driftcheck.export.recorded import Recorded
from driftcheck.export.rust_file import RustFile
from driftcheck.export.rust_literals import RustLiterals
from driftcheck.export.seal import sealed
from driftcheck.findings.case import Case
from driftcheck.subjects.discover import ModelSource, NativeSource, SubjectSource

LANGUAGES = {
    "go": "go",
    "rust": "rust",
    "pytest": "python",
}  # what --to names, and the language of the subject
WORDS = {"go": "Go", "rust": "Rust", "python": "Python"}  # the languages, as people write them
_NATIVE = "It needs neither driftcheck nor Python."
_PYTHON = "It imports the model, the contract and driftcheck."


@attrs.frozen(eq=False)
class Exported:
    """A test that was made: its files, and how it is run."""

    subject: str
    demand: Demand
    files: Mapping[Path, bytes]  # by path
    run: str  # the command, in the folder `at`
    at: Path
    seen: tuple[int, int] | None = None  # of a flaky case: in how many processes of how many
    copied: tuple[Path, ...] = ()  # the files of the adapter from which conversions were copied
    lacks: tuple[lacking.Lack, ...] = ()  # what the tree must get before the command runs
    outside: tuple[Path, ...] = ()  # folders that a manifest of ours names, so that it runs only beside them

    @property
    def first(self) -> list[str]:
        """Return the commands that add what the tree lacks."""
        return [lack.command for lack in self.lacks if lack.command]


def export(
    case: Case,
    sources: Sequence[SubjectSource],
    to: str,
    *,
    subject: str | None = None,
    into: Path | None = None,
) -> Exported:
    """Make the test of a case.

    Args:
        to: one of LANGUAGES.
        subject: which subject it tests; by default the one of that language whose answer is not right.
        into: the folder in whose tree the test stands; by default that of the adapter.

    Raises:
        CannotExport: why there is no such test, and what to do instead.
    """
    try:
        recorded = Recorded.of(case)
        reference = _reference(sources)
        source, demand = _chosen(recorded, sources, LANGUAGES[to], subject, reference)
        made = _Export(recorded, demand, source, into, _names(recorded, sources, source))
        match to:
            case "go":
                exported = made.go()
            case "rust":
                exported = made.rust()
            case _:
                exported = made.python()
        return attrs.evolve(exported, seen=recorded.seen)
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
    of_language = [s for s in sources if s.language == language]
    able = [s for s in of_language if s.name == name] if name is not None else of_language
    if not able:
        raise NotExportable(_no_subject(recorded.schema.name, sources, language, name))
    asked = able if name is not None else [s for s in able if s.name in recorded.subjects]
    may_be_wrong = recorded.blamed or [one for one in recorded.subjects if one != reference]
    advice = _advice([s for s in sources if s.name in may_be_wrong])
    if not asked:
        ran = ", ".join(recorded.subjects)
        raise NotExportable(f"no subject in {WORDS[language]} ran in it, only {ran}; {advice}")
    whys = []
    for source in asked:
        try:
            return source, Demands(recorded, source.name, reference).demand()
        except IsRight as why:
            whys.append(f"{why}; {advice}")
        except NotExportable as why:
            whys.append(str(why))
    raise NotExportable("; ".join(dict.fromkeys(whys)))


def _names(recorded: Recorded, sources: Sequence[SubjectSource], source: SubjectSource) -> Names:
    """Return the names of the test, which differ for several subjects of one language in the case."""
    alike = [s for s in sources if s.language == source.language and s.name in recorded.subjects]
    subject = source.name if len(alike) > 1 else ""
    return Names.of(recorded.schema.name, recorded.case.signature, subject)


def _no_subject(contract: str, sources: Sequence[SubjectSource], language: str, name: str | None) -> str:
    """Say why there is nothing to test, and what to type instead."""
    by_name = {source.name: source for source in sources}
    if name in by_name:
        other = by_name[name]
        return f"{name} is a subject in {WORDS[other.language]}; {_advice([other])}"
    if name is not None:
        return f"the contract {contract} has no subject {name!r}; name one of {', '.join(by_name)}"
    what = "no model" if language == "python" else f"no subject in {WORDS[language]}"
    return f"the contract {contract} has {what}; {_advice(sources)}"


def _advice(sources: Sequence[SubjectSource]) -> str:
    """Return the options that test one of these subjects."""
    if not sources:
        return "export it for another subject"
    languages = {source.language for source in sources}
    kinds = " or ".join(f"--to {to}" for to, of in LANGUAGES.items() if of in languages)
    return f"use {kinds}{f' --subject {sources[0].name}' if len(sources) == 1 else ''}"


@attrs.frozen(eq=False)
class _Export:
    recorded: Recorded
    demand: Demand
    source: SubjectSource
    into: Path | None
    names: Names

    def go(self) -> Exported:
        source = self._native()
        into = self.into or source.dir
        manifests.refuse_the_other(into, "go.mod")
        folder = into / self.names.go_package
        documents = _Documents(Path("testdata"))
        needed = {go_names.exported(name) for name in self.demand.operations}
        if self.demand.looks_at_states:
            needed.add("State")
        adapter = go_adapter.read(source, self.recorded.schema, needed)
        literals = GoLiterals(self.recorded.schema, documents.keep)
        is_flaky = self.recorded.seen is not None
        command = self._command("go test -count=1 ." if is_flaky else "go test .")  # Go keeps what has passed
        imported = {*adapter.imports.values()}
        ours = manifests.GoMod.read(source.dir)
        modules = sorted(ours.modules_of(imported))
        needs = [
            f"needs:     {one} {ours.required[one]}" for one in modules if one not in (ours.name, *ours.local)
        ]
        header = self._header(command, "folder", _NATIVE, needs)
        file = GoFile(self.names, header, self.demand, adapter, literals)
        files = {folder / f"{self.names.words}_test.go": sealed(layout.gofmt(file.text()))}
        files |= documents.below(folder)
        module = manifests.above(into, "go.mod")
        made = Exported(source.name, self.demand, files, command, folder, copied=adapter.files)
        if module is not None:
            return attrs.evolve(made, lacks=lacking.of_module(module, imported, source.dir))
        return attrs.evolve(
            made,
            files=files | manifests.go_files(ours, imported, into),
            outside=manifests.go_folders(ours, imported),
        )

    def rust(self) -> Exported:
        source = self._native()
        into = self.into or source.dir
        manifests.refuse_the_other(into, "Cargo.toml")
        crate = manifests.crate_of(into)
        folder = crate / "tests"
        documents = _Documents(Path("testdata", self.names.words))
        needed = {rust_names.snake(name).removeprefix("r#") for name in self.demand.operations}
        if self.demand.looks_at_states:
            needed.add("state")
        if self.recorded.schema.opening:
            needed.add("open")
        adapter = rust_adapter.read(source, self.recorded.schema, needed)
        literals = RustLiterals(self.recorded.schema, documents.keep)
        crates = manifests.rust_dependencies(adapter.manifest, source.features)
        used = {n: spec for n, spec in crates.items() if n.replace("-", "_") in adapter.used}
        needs = [
            f"needs:     {name} = {manifests.inline(spec)}"
            for name, spec in used.items()
            if "path" not in spec
        ]
        is_beside = crate.resolve() == source.dir.resolve()
        features = f" --features {','.join(source.features)}" if is_beside and source.features else ""
        command = self._command(f"cargo test{features} --test {self.names.words}")
        header = self._header(command, "crate", _NATIVE, needs)
        file = RustFile(self.names, header, self.demand, adapter, literals, folder)
        files = {folder / f"{self.names.words}.rs": sealed(layout.rustfmt(file.text()))}
        files |= documents.below(folder)
        made = Exported(source.name, self.demand, files, command, crate, copied=adapter.files)
        if (crate / "Cargo.toml").is_file():
            lacks = () if is_beside else lacking.of_crate(crate, used, source.dir)
            return attrs.evolve(made, lacks=lacks)
        return attrs.evolve(
            made,
            files=files | manifests.rust_files(source.dir, crates, crate),
            outside=tuple(source.dir / spec["path"] for spec in crates.values() if "path" in spec),
        )

    def python(self) -> Exported:
        source = self.source
        assert isinstance(source, ModelSource)  # of this language
        folder = self.into or Path.cwd()
        path = folder / f"test_{self.names.words}.py"
        command = f"pytest {path.name}"
        header = self._header(command, "folder", _PYTHON)
        text = PythonFile(self.names, header, self.demand, source).text()
        return Exported(source.name, self.demand, {path: sealed(text)}, command, folder)

    def _native(self) -> NativeSource:
        assert isinstance(self.source, NativeSource)  # of these two languages
        return self.source

    def _command(self, command: str) -> str:
        """Return a command with the variables that the subject's build has."""
        variables = self._native().env
        return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in variables.items()), command])

    def _header(self, command: str, place: str, uses: str, needs: Sequence[str] = ()) -> Header:
        path = self.recorded.case.path
        relative = os.path.relpath(path)
        shown = path.name if relative.startswith("..") else relative
        return Header(self.recorded, self.demand, self.source.name, shown, command, place, uses, tuple(needs))


@attrs.define(eq=False)
class _Documents:
    """The long documents of a test, each a file."""

    folder: Path
    kept: dict[Path, bytes] = attrs.field(factory=dict)

    def keep(self, data: bytes) -> str:
        """Return the path of a document below the test."""
        known = next((path for path, other in self.kept.items() if other == data), None)
        path = known or self.folder / f"document{len(self.kept) + 1}.bin"
        self.kept[path] = data
        return str(path)

    def below(self, folder: Path) -> dict[Path, bytes]:
        """Return the files in the folder of the test."""
        return {folder / path: data for path, data in self.kept.items()}
