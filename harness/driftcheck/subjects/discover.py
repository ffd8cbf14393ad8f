"""
The subjects of a contract: reads what is declared beside its module into frozen values.

Knows folders and `subjects.toml`, and reports every mistake in it. Builds nothing and starts nothing.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.core.environment import read_environment
from driftcheck.core.errors import SubjectError
from driftcheck.core.files import Absent, Unreadable
from driftcheck.core.shorten import LONGEST, shorten, shown
from driftcheck.core.suggest import advice
from driftcheck.core.toml_text import read_toml

MODEL = "model"  # the reserved name of the subject that runs the model
MANIFESTS = {"go": "go.mod", "rust": "Cargo.toml"}  # by language, which is also the default folder
PREBUILT = "_built"  # the folder beside the contract's module where a wheel carries its libraries

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEYS = {
    "go": ("language", "dir", "tags", "env", "library", "reference", "coverage"),
    "rust": ("language", "dir", "features", "env", "library", "reference", "coverage"),
}


@attrs.frozen
class Subject:
    """A subject that a host can load."""

    name: str  # in findings, asymmetries and --subject
    language: str  # "go", "rust" or "python"
    loader: str  # an entry point's name in the group "driftcheck.loaders"
    target: str  # the library's path, or "module:Class" of a model
    env: Mapping[str, str] = attrs.field(
        factory=dict
    )  # of its host, in addition to the environment of the parent
    table: str = ""  # the path of the table of its counters, of a library that is built for coverage


@attrs.frozen
class NativeSource:
    """What a Go or Rust library is built from."""

    name: str
    language: str
    dir: Path  # absolute; need not exist where the library is prebuilt
    prebuilt: Path  # where a wheel would carry the library
    features: tuple[str, ...] = ()  # of Cargo, or Go's build tags
    env: Mapping[str, str] = attrs.field(factory=dict)  # for the build and for the host
    library: str = ""  # that it calls, where subjects of one library are builds of it
    is_reference: bool = False  # right where others differ from it
    debug: bool = False  # built without optimisation, for a debugger, beside the build that is searched
    coverage: bool = False  # built with counters, beside the build that is searched
    covered: tuple[str, ...] = ()  # Go packages or crates whose code counts; by default what the adapter uses


@attrs.frozen
class ModelSource:
    """A model: a subclass of the contract with bodies."""

    name: str
    language: str
    target: str  # "module:Class"


SubjectSource = NativeSource | ModelSource


def for_debugger(source: SubjectSource) -> SubjectSource:
    """Return a subject as it is built for a debugger; a model stays as it is."""
    return attrs.evolve(source, debug=True) if isinstance(source, NativeSource) else source


def for_coverage(source: SubjectSource) -> SubjectSource:
    """Return a subject as it is built for coverage; a model stays as it is."""
    return attrs.evolve(source, coverage=True) if isinstance(source, NativeSource) else source


def subjects(contract: type) -> tuple[SubjectSource, ...]:
    """List the subjects of a contract class: native ones in the order of `subjects.toml`, then the model.

    Without that file they are `go` from `go/` and `rust` from `rust/`, if these exist.

    Raises:
        SubjectError: names the file, what was found and what to do; also when there is no subject at all.
    """
    name = schema_of(contract).name
    folder = Path(inspect.getfile(contract)).resolve().parent
    found: tuple[SubjectSource, ...] = native_sources(name, folder)
    model = _model(name, contract)
    if model is not None:
        found += (ModelSource(MODEL, "python", f"{model.__module__}:{model.__qualname__}"),)
    if not found:
        raise SubjectError(
            name,
            f"no subject is declared: {folder} has no subjects.toml, go/ or rust/; add an adapter, or "
            f"{_where_a_model_goes(contract)}",
        )
    return found


def native_sources(contract: str, folder: Path) -> tuple[NativeSource, ...]:
    """List the Go and Rust subjects that are declared in `folder`, the folder of a contract's module.

    Raises:
        SubjectError: as `subjects`.
    """
    path = folder / "subjects.toml"
    try:
        tables = read_toml(path)
    except Absent:
        defaults = [_native(name, name, folder, {}) for name in MANIFESTS]
        return tuple(s for s in defaults if s.dir.is_dir() or s.prebuilt.exists())
    except Unreadable as error:
        line = "" if error.line is None else f", line {error.line}"
        raise SubjectError(contract, f"{path}{line} {error.reason}") from None
    if not tables:
        raise SubjectError(contract, f"{path} declares no subject; add one, or remove the file")
    try:
        found = tuple(_read(name, table, folder) for name, table in tables.items())
    except ValueError as error:
        raise SubjectError(contract, f"{path}: {error}") from None
    except OSError as error:  # of a path that no file can have
        raise SubjectError(contract, f"{path}: 'dir' cannot be read: {error.strerror}; fix it") from None
    references = [source.name for source in found if source.is_reference]
    if len(references) > 1:
        both = " and ".join(references[:2])
        raise SubjectError(contract, f"{path}: {both} are both the reference; keep one of them")
    return found


def _native(name: str, language: str, folder: Path, table: Mapping[str, Any]) -> NativeSource:
    features = table.get("features", table.get("tags", ()))
    return NativeSource(
        name=name,
        language=language,
        dir=(folder / table.get("dir", language)).resolve(),
        prebuilt=folder / PREBUILT / f"{name}.so",
        features=tuple(features),
        env=dict(table.get("env", {})),
        library=table.get("library", ""),
        is_reference=table.get("reference", False),
        covered=tuple(table.get("coverage", ())),
    )


def _read(name: str, table: object, folder: Path) -> NativeSource:
    """Read one table of `subjects.toml`; raises ValueError with the reason."""
    if not isinstance(table, dict):
        raise ValueError(
            f"{shown(name)} is {shown(table)}, not a subject; write a table [{shorten(name, LONGEST)}] with "
            "its language"
        )
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"subject {shown(name)} has a name that is not up to 100 letters, digits, '.', '_' and '-'; "
            "rename it"
        )
    if name == MODEL:
        raise ValueError(f"subject {name!r} has the name of the contract's model; rename it")
    here = f"subject {name!r}"
    language = table.get("language")
    if language == "python":
        raise ValueError(
            f"{here} has the language 'python'; remove it: a subclass of the contract is its model"
        )
    if not isinstance(language, str) or language not in MANIFESTS:
        found = "no language" if language is None else f"the language {shown(language)}"
        raise ValueError(f"{here} has {found}; give language = 'go' or 'rust'")
    if name in MANIFESTS and name != language:
        raise ValueError(f"{here} has the language {language!r}; a subject must not have another's name")
    for key, value in table.items():
        if key not in _KEYS[language]:
            raise ValueError(f"{here} has the key {shown(key)}; {_advice(key, language)}")
        _check_value(here, key, value)
    source = _native(name, language, folder, table)
    if not source.prebuilt.exists():
        _check_folder(here, source)
    return source


def _advice(key: str, language: str) -> str:
    if (key, language) == ("features", "go"):
        return "a Go subject takes tags"
    if (key, language) == ("tags", "rust"):
        return "a Rust subject takes features"
    return advice(key, _KEYS[language])


def _check_value(here: str, key: str, value: object) -> None:
    if key in ("features", "tags", "coverage"):
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"{here} has {key} = {shown(value)}; give a list of strings")
    elif key == "env":
        try:
            read_environment(value)
        except ValueError as error:
            raise ValueError(f"{here}: env {error}") from None
    elif key == "reference":
        if not isinstance(value, bool):
            raise ValueError(f"{here} has reference = {shown(value)}; give true or false")
    elif not isinstance(value, str):
        raise ValueError(f"{here} has {key} = {shown(value)}; give a string")


def _check_folder(here: str, source: NativeSource) -> None:
    if not source.dir.is_dir():
        raise ValueError(f"{here} has its adapter in {source.dir}, which is not a folder; fix 'dir'")
    manifest = MANIFESTS[source.language]
    if not (source.dir / manifest).is_file():
        raise ValueError(f"{here} has its adapter in {source.dir}, which has no {manifest}; add one")


def _model(name: str, contract: type) -> type | None:
    """Return the contract's one model, from its own module or the module `model` beside it."""
    home, package = contract.__module__, _package(contract)
    beside = f"{package}.{MODEL}" if package else None
    if beside is not None and importlib.util.find_spec(beside) is not None:
        lookup.import_module(name, beside)
    models = [c for c in _descendants(contract) if c.__module__ in (home, beside) and _is_current(c)]
    if len(models) > 1:
        names = ", ".join(c.__qualname__ for c in models)
        raise SubjectError(name, f"it has {len(models)} models, {names}; keep one of them")
    if models and "<locals>" in models[0].__qualname__:
        raise SubjectError(
            name,
            f"the model {models[0].__name__} is defined in a function; move it to the module",
        )
    return models[0] if models else None


def _where_a_model_goes(contract: type) -> str:
    """Say where driftcheck looks for a model, and which subclass is elsewhere."""
    home, package = contract.__module__, _package(contract)
    places = f"the module {home!r}" + (f" or {package}.{MODEL}" if package else "")
    advice = f"a model, which is a subclass of {contract.__name__} with bodies, to {places}"
    elsewhere = [f"{c.__module__}:{c.__qualname__}" for c in _descendants(contract)]
    if elsewhere:
        return f"{advice}; driftcheck does not look at {elsewhere[0]}"
    beside = Path(inspect.getfile(contract)).with_name(f"{MODEL}.py")
    if not package and beside.is_file():
        return f"{advice}; driftcheck does not read {beside}, since {home!r} is in no package"
    return advice


def _package(contract: type) -> str:
    """Return the package of a contract, "" if it is in none."""
    home = contract.__module__
    is_package = hasattr(inspect.getmodule(contract), "__path__")
    return home if is_package else home.rpartition(".")[0]


def _is_current(cls: type) -> bool:
    """Say whether a class is still the one in its module: the module may have been loaded again."""
    return "<locals>" in cls.__qualname__ or getattr(sys.modules[cls.__module__], cls.__name__, cls) is cls


def _descendants(cls: type) -> list[type]:
    below: list[type] = cls.__subclasses__()
    return below + [c for b in below for c in _descendants(b)]
