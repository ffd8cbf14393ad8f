"""
Writes the package of a new contract: all of its files, or none.

Owns the list of files, and removes them if one cannot be written. `template/` owns what they contain.
"""

from __future__ import annotations

import datetime
import importlib.util
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import attrs
import jinja2

from driftcheck import codegen
from driftcheck.build import link_sdk
from driftcheck.codegen import go_names
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of, snake_case
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.starter.names import check_name, class_name
from driftcheck.subjects.discover import native_sources

_PACKAGE = "src/driftcheck_{name}"
# The place of each template's text. Templates have other names, so that no tool mistakes one for its file.
_PLACES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "Makefile": "Makefile",
    "gitignore": ".gitignore",
    "workflow.yml": ".github/workflows/driftcheck.yml",
    "test.py": "tests/test_{name}.py",
    "contract.py": f"{_PACKAGE}/__init__.py",
    "asymmetries.toml": f"{_PACKAGE}/asymmetries.toml",
    "go.mod": f"{_PACKAGE}/go/go.mod",
    "adapter.go": f"{_PACKAGE}/go/adapter.go",
    "Cargo.toml": f"{_PACKAGE}/rust/Cargo.toml",
    "lib.rs": f"{_PACKAGE}/rust/src/lib.rs",
}
_DRAFT = "driftcheck_draft"  # the module's name while driftcheck writes its package
_MAY_STAND_THERE = frozenset({".git", ".venv"})


@attrs.define(eq=False)
class NoPlace(DriftcheckError):
    """A package cannot be written to a folder."""

    folder: str
    what: str

    def __str__(self) -> str:
        return f"{self.folder}: {self.what}"


@attrs.frozen
class Package:
    """A package that was written."""

    folder: Path
    files: tuple[str, ...]  # below the folder


def write_package(name: str, folder: Path) -> Package:
    """Write the package of a new contract.

    Args:
        name: of the contract.
        folder: the folder to write to; it must be new, or empty except for `.git` and `.venv`.

    Raises:
        BadName: the name is not valid; nothing was written.
        NoPlace: the folder cannot be used; nothing was written.
    """
    check_name(name, lookup.installed())
    _check_place(folder)
    files = _with_generated(name, _rendered(name))
    _put(folder, files)
    for source in native_sources(name, folder.resolve() / _PACKAGE.format(name=name)):
        link_sdk(source)
    return Package(folder, tuple(sorted(files)))


def _check_place(folder: Path) -> None:
    try:
        there = sorted(path.name for path in folder.iterdir() if path.name not in _MAY_STAND_THERE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NoPlace(
            str(folder), f"cannot be written: {error.strerror}; give a new folder with --into"
        ) from None
    if there:
        raise NoPlace(
            str(folder), f"contains {there[0]!r} already; give a new or an empty folder with --into"
        )


def _rendered(name: str) -> dict[str, str]:
    """Return the text of each file that has a template, by its path."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("template")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # the files are not HTML
    )
    values = {
        "name": name,
        "class_name": class_name(name),
        "named": "" if snake_case(class_name(name)) == name else f', name="{name}"',
        "dashed": name.replace("_", "-"),
        "go_package": go_names.package(name),
        "version": ".".join(metadata.version("driftcheck").split(".")[:2]),
        "next_year": datetime.datetime.now(tz=datetime.UTC).year + 1,
    }
    return {
        place.format(name=name): environment.get_template(f"{template}.jinja").render(values)
        for template, place in _PLACES.items()
    }


def _with_generated(name: str, files: Mapping[str, str]) -> dict[str, str]:
    """Add the files that `driftcheck gen` writes for the contract."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve()
        _put(root, files)
        package = root / _PACKAGE.format(name=name)
        schema = _schema_in(package / "__init__.py", class_name(name))
        texts = codegen.generate_all(schema, native_sources(name, package))
        return {**files, **{path.relative_to(root).as_posix(): text for path, text in texts.items()}}


def _schema_in(path: Path, cls: str) -> Schema:
    """Read a contract whose package is not installed."""
    spec = importlib.util.spec_from_file_location(_DRAFT, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[_DRAFT] = module = importlib.util.module_from_spec(spec)  # its annotations are looked up here
    try:
        spec.loader.exec_module(module)
        return schema_of(getattr(module, cls))
    finally:
        del sys.modules[_DRAFT]


def _put(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files; if one cannot be written, remove the others."""
    made: list[Path] = []
    try:
        for place, text in files.items():
            path = folder / place
            for missing in reversed([p for p in path.parents if not p.exists()]):
                missing.mkdir()
                made.append(missing)
            made.append(path)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise NoPlace(
            str(folder), f"cannot be written: {error.strerror}; give another folder with --into"
        ) from None
