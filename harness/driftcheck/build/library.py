"""
Libraries from sources: a subject is built where it is stale, and only then.

Owns where libraries lie, when one is stale, and that two processes never build in one folder at once.
What Go and Rust need stands in `go` and `rust`, which have the same three functions.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from driftcheck import codegen
from driftcheck.build import go, rust
from driftcheck.build.depfile import Depfile
from driftcheck.build.errors import BuildError, StaleLibrary
from driftcheck.build.side_by_side import in_order
from driftcheck.build.tool import ToolFailed
from driftcheck.contract.lookup import address
from driftcheck.contract.schema import Schema
from driftcheck.subjects.discover import ModelSource, NativeSource, Subject, SubjectSource

_LANGUAGES: dict[str, ModuleType] = {"go": go, "rust": rust}
_WORK = ".driftcheck"  # beside an adapter's sources: its libraries, their depfiles, the lock, the Go SDK


def build(
    source: SubjectSource,
    schema: Schema,
    *,
    no_build: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Subject:
    """Return a subject whose library is what its sources give; calls the compilers only where it is stale.

    A library that came with an installed package is taken as it is; what it was built for is compared
    when its host starts.

    Args:
        no_build: refuse a stale library instead of building it.
        say: told in one line what is about to be compiled, since that takes seconds.

    Raises:
        BuildError: the tools are missing or failed; holds the compiler's own words.
        StaleLibrary: with `no_build`, the library is missing or stale.
    """
    if isinstance(source, ModelSource):
        return Subject(source.name, source.language, source.language, source.target)
    if source.prebuilt.exists():
        return _subject(source, source.prebuilt)
    try:
        folder = _workplace(source)
        library = folder / _WORK / "build" / f"{source.name}.so"
        why = _stale(library, source)
        if why is not None and no_build:
            raise StaleLibrary(schema.name, source.name, why, address(schema.cls))
        if why is not None:
            with _locked(folder):
                if _stale(library, source) is not None:  # another process may have built it meanwhile
                    say(f"building {schema.name}: {source.name}")
                    _compile(folder, source, library)
    except ToolFailed as failure:
        what = f"{failure.what}{_first(source, schema)}"
        raise BuildError(schema.name, source.name, source.language, what, failure.output) from None
    return _subject(source, library)


def build_all(
    sources: Sequence[SubjectSource],
    schema: Schema,
    *,
    no_build: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> list[Subject]:
    """Build a contract's subjects, Go beside Rust; arguments and errors are those of `build`."""

    def job(source: SubjectSource) -> Callable[[], Subject]:
        return lambda: build(source, schema, no_build=no_build, say=say)

    return in_order((source.language, job(source)) for source in sources)


def link_sdk(source: NativeSource) -> None:
    """Put driftcheck's SDK beside an adapter's sources, where Go's and Cargo's own tools look for it.

    Every build does so. A new package has it from the start, so that `go get` and `cargo add` work at once.
    """
    _LANGUAGES[source.language].link_sdk(source.dir)


def _first(source: NativeSource, schema: Schema) -> str:
    """Say what a compiler's words cannot: that what it missed is generated."""
    stale = codegen.check(codegen.generate_all(schema, [source]))
    if not stale:
        return ""
    lack = "is not what the contract gives" if stale[0].exists() else "is missing"
    return f"; first run 'driftcheck gen {address(schema.cls)}', since {stale[0].name} {lack}"


def compile_native(source: NativeSource, contract: str, library: Path) -> None:
    """Compile a subject into the file `library`, to be shipped: it holds no path of this machine.

    Raises:
        BuildError: as `build`.
    """
    language = _LANGUAGES[source.language]
    try:
        with _locked(source.dir), tempfile.TemporaryDirectory() as scratch:
            language.prepare(source.dir, source)
            made = language.compile_library(source.dir, source, Path(scratch), relocatable=True)
            library.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made, library)
    except ToolFailed as failure:
        raise BuildError(contract, source.name, source.language, failure.what, failure.output) from None


def _subject(source: NativeSource, library: Path) -> Subject:
    return Subject(source.name, source.language, source.language, str(library), source.env)


def _settings(source: NativeSource) -> dict[str, object]:
    return {
        "language": source.language,
        "dir": str(source.dir),  # what was copied with a project was built from the original
        "features": list(source.features),
        "variables": dict(source.env),
    }


def _stale(library: Path, source: NativeSource) -> str | None:
    """Say why the library must be built, or None."""
    depfile = Depfile.read(library.with_suffix(".json"))
    if depfile is None or not library.exists():
        return "it has not been built"
    return depfile.stale(_settings(source))


def _compile(folder: Path, source: NativeSource, library: Path) -> None:
    language = _LANGUAGES[source.language]
    language.prepare(folder, source)
    library.parent.mkdir(parents=True, exist_ok=True)
    depfile = library.with_suffix(".json")
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        started_ns = time.time_ns()
        made = language.compile_library(folder, source, Path(scratch), relocatable=False)
        inputs = language.inputs(folder, source)
        depfile.unlink(missing_ok=True)
        # By rename: a host that has the old library mapped keeps it whole.
        made.replace(library)
        Depfile.from_inputs(inputs, _settings(source), started_ns).write(depfile)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    work = folder / _WORK
    work.mkdir(exist_ok=True)
    with (work / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # ends with the process, however that dies
        yield


def _workplace(source: NativeSource) -> Path:
    """Return the folder to build in: the adapter's own, or a copy where that is installed or read-only."""
    installed = any(part in ("site-packages", "dist-packages") for part in source.dir.parts)
    if not installed and os.access(source.dir, os.W_OK):
        return source.dir
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256(str(source.dir).encode()).hexdigest()[:16]
    copy = cache / "driftcheck" / "build" / key
    copy.mkdir(parents=True, exist_ok=True)
    with _locked(copy):
        _mirror(source.dir, copy)
    return copy


def _mirror(original: Path, copy: Path) -> None:
    """Make the files of `copy` those of `original`, leaving alone what builds put there."""
    kept = {_WORK, ".cargo", "target"}
    wanted = {p.relative_to(original) for p in original.rglob("*") if p.is_file()}
    wanted = {p for p in wanted if p.parts[0] not in kept}
    present = {p.relative_to(copy) for p in copy.rglob("*") if p.is_file()}
    for path in present - wanted:
        if path.parts[0] not in kept:
            (copy / path).unlink()
    for path in wanted:
        content = (original / path).read_bytes()
        if path not in present or (copy / path).read_bytes() != content:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(content)
