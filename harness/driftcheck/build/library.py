"""
Builds the libraries of subjects from their sources, and only those that are stale.

Owns the place of each library, the rule for what is stale, and a lock, so that two processes never build in
the same folder at the same time. `go`, `rust` and `native` own what their compilers need, in functions of the
same names.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from driftcheck import codegen
from driftcheck.build import go, native, rust
from driftcheck.build.depfile import Depfile
from driftcheck.build.errors import BuildError, StaleLibrary
from driftcheck.build.side_by_side import in_order
from driftcheck.build.tool import ToolFailed, check_files
from driftcheck.contract.lookup import address
from driftcheck.contract.schema import Schema
from driftcheck.core.cache import cache_folder
from driftcheck.subjects.discover import ModelSource, NativeSource, Subject, SubjectSource

_LANGUAGES: dict[str, ModuleType] = {"go": go, "rust": rust, native.LANGUAGE: native}
_WORK = (
    ".driftcheck"  # beside an adapter's sources; it has libraries, their depfiles, the lock and the Go SDK
)
_SCRATCH = Path(_WORK, "scratch")
_DEBUG, _COVERAGE = "+debug", "+coverage"  # ends of a library's name; no subject's name has a plus sign
_TABLE = ".places"  # the end of the name of the table of a library's counters


def build(
    source: SubjectSource,
    schema: Schema,
    *,
    no_build: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Subject:
    """Return a subject with an up-to-date library; calls the compilers only if the library is stale.

    A library of an installed package is used as it is. Its host checks the fingerprint when it starts.

    Args:
        no_build: refuse a stale library instead of building it.
        say: receives one line before a compiler runs, since that takes seconds.

    Raises:
        BuildError: a tool is missing or failed; it has the compiler's own output.
        StaleLibrary: with `no_build`, the library is missing or stale.
        CacheError: the sources are installed or read-only, and there is no place for a copy.
    """
    if isinstance(source, ModelSource):
        return Subject(source.name, source.language, source.language, source.target)
    if source.prebuilt.exists() and not source.coverage:
        return _subject(source, source.prebuilt)
    try:
        if not source.dir.is_dir():
            raise ToolFailed(
                f"{source.dir}: the adapter's sources are missing, and coverage needs a separate build; "
                "use a checkout of the package"
            )
        folder = _workplace(source)
        library = folder / _WORK / "build" / f"{source.name}{_variant(source)}.so"
        why = _stale(library, source)
        if why is not None and no_build:
            raise StaleLibrary(schema.name, source.name, why, address(schema.cls))
        if why is None and (folder / _SCRATCH).exists():
            _remove_scratch(folder)
        if why is not None:
            with _locked(folder):
                if _stale(library, source) is not None:  # another process may have built it meanwhile
                    say(f"building {schema.name}: {source.name}{_purpose(source)}")
                    _compile(folder, source, library)
    except ToolFailed as failure:
        what = f"{failure.what}{_advice_to_generate(source, schema)}"
        raise BuildError(schema.name, source.name, source.language, what, failure.output) from None
    except OSError as error:
        raise _not_built(schema.name, source, error) from None
    return _subject(source, library)


def build_all(
    sources: Sequence[SubjectSource],
    schema: Schema,
    *,
    no_build: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> list[Subject]:
    """Build a contract's subjects, Go and Rust at the same time; arguments and errors are as in `build`."""

    def job(source: SubjectSource) -> Callable[[], Subject]:
        return lambda: build(source, schema, no_build=no_build, say=say)

    return in_order((source.language, job(source)) for source in sources)


def build_native(
    schema: Schema, *, no_build: bool = False, say: Callable[[str], None] = lambda line: None
) -> Path:
    """Return the up-to-date library of the native search; arguments and errors are as in `build`.

    Args:
        schema: a contract that needs it, for messages.
    """
    return Path(build(native.source(), schema, no_build=no_build, say=say).target)


def link_sdk(source: NativeSource) -> None:
    """Put driftcheck's SDK beside an adapter's sources, where Go's and Cargo's own tools look for it.

    Every build does this, and `driftcheck new` too, so that `go get` and `cargo add` work at once.
    """
    _LANGUAGES[source.language].link_sdk(source.dir)


def _advice_to_generate(source: NativeSource, schema: Schema) -> str:
    """Return advice to run `driftcheck gen` if generated code is missing or stale, else ""."""
    if source.language == native.LANGUAGE:
        return ""
    stale = codegen.check(codegen.generate_all(schema, [source]))
    if not stale:
        return ""
    lack = "does not match the contract" if stale[0].exists() else "is missing"
    return f"; first run 'driftcheck gen {address(schema.cls)}', since {stale[0].name} {lack}"


def compile_native(source: NativeSource, contract: str, library: Path) -> None:
    """Compile a subject into the file `library` for shipping; it contains no path of this machine.

    Raises:
        BuildError: as `build`.
    """
    language = _LANGUAGES[source.language]
    try:
        with _locked(source.dir), _scratch(source.dir) as scratch:
            check_files(source.dir)
            language.prepare(source.dir, source)
            made = language.compile_library(source.dir, source, scratch, relocatable=True)
            library.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made, library)
    except ToolFailed as failure:
        raise BuildError(contract, source.name, source.language, failure.what, failure.output) from None
    except OSError as error:
        raise _not_built(contract, source, error) from None


def _not_built(contract: str, source: NativeSource, error: OSError) -> BuildError:
    where = source.dir if error.filename is None else error.filename
    what = f"{where}: {error.strerror or error}; check its permissions and the free space"
    return BuildError(contract, source.name, source.language, what)


def _subject(source: NativeSource, library: Path) -> Subject:
    table = str(library.with_suffix(_TABLE)) if source.coverage else ""
    return Subject(source.name, source.language, source.language, str(library), source.env, table)


def _variant(source: NativeSource) -> str:
    return _COVERAGE if source.coverage else _DEBUG if source.debug else ""


def _purpose(source: NativeSource) -> str:
    return " for coverage" if source.coverage else " for a debugger" if source.debug else ""


def _settings(source: NativeSource) -> dict[str, object]:
    return {
        "language": source.language,
        "dir": str(source.dir),  # a copied project has libraries that were built from the original
        "features": list(source.features),
        "variables": dict(source.env),
        **({"debug": True} if source.debug else {}),
        **({"coverage": list(source.covered)} if source.coverage else {}),
    }


def _stale(library: Path, source: NativeSource) -> str | None:
    """Return why the library must be built, or None."""
    depfile = Depfile.read(library.with_suffix(".json"))
    if depfile is None or not library.exists():
        return "it has not been built"
    if source.coverage and not library.with_suffix(_TABLE).exists():
        return "it has no table of its counters"
    return depfile.stale(library, _settings(source))


def _compile(folder: Path, source: NativeSource, library: Path) -> None:
    language = _LANGUAGES[source.language]
    check_files(folder)
    language.prepare(folder, source)
    library.parent.mkdir(parents=True, exist_ok=True)
    depfile = library.with_suffix(".json")
    with _scratch(folder) as scratch:
        started_ns = time.time_ns()
        made = language.compile_library(folder, source, scratch, relocatable=False)
        inputs = language.inputs(folder, source)
        depfile.unlink(missing_ok=True)
        if source.coverage:
            language.table(folder, source, made, scratch).write(library.with_suffix(_TABLE))
        # By rename, so that a host that has mapped the old library keeps it intact.
        made.replace(library)
        Depfile.from_build(library, inputs, _settings(source), started_ns).write(depfile)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Make an empty folder for the temporary files of a build; needs the lock of `folder`."""
    scratch = folder / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a build that was killed
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_scratch(folder: Path) -> None:
    """Remove what a build that was killed has left, unless a build is running."""
    with _lock_file(folder) as file, suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder / _SCRATCH, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    work = folder / _WORK
    work.mkdir(exist_ok=True)
    with _lock_file(folder) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the lock ends with the process, even if that dies
        yield


@contextmanager
def _lock_file(folder: Path) -> Iterator[int]:
    """Open the file of the lock; nothing is written to what somebody put in its place."""
    descriptor = os.open(
        folder / _WORK / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666
    )
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _workplace(source: NativeSource) -> Path:
    """Return the folder to build in: the adapter's own, or a copy where that is installed or read-only."""
    installed = any(part in ("site-packages", "dist-packages") for part in source.dir.parts)
    if not installed and os.access(source.dir, os.W_OK):
        return source.dir
    key = hashlib.sha256(str(source.dir).encode()).hexdigest()[:16]
    copy = cache_folder() / "build" / key
    copy.mkdir(parents=True, exist_ok=True)
    with _locked(copy):
        _mirror(source.dir, copy)
    return copy


def _mirror(original: Path, copy: Path) -> None:
    """Make the files of `copy` equal those of `original`, except what builds wrote there."""
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
