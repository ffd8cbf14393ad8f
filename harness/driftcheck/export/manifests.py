"""
What the tree of an exported test must have: the modules or crates that the copied conversions import.

Writes a manifest for a folder that lies in no module or crate, so that the test runs there at once.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.files import Unreadable, read_text
from driftcheck.core.toml_text import read_toml
from driftcheck.export.errors import NotExportable
from driftcheck.export.go_adapter import SDK

NAME = "exported"  # of the module or package


def above(folder: Path, manifest: str) -> Path | None:
    """Return the nearest folder with a manifest: the folder itself, or one above it."""
    return next((one for one in (folder, *folder.resolve().parents) if (one / manifest).is_file()), None)


def crate_of(folder: Path) -> Path:
    """Return the folder of the crate that a folder lies in; the folder itself where there is none.

    Raises:
        NotExportable: the folder lies in a workspace, but in none of its crates.
    """
    found = above(folder, "Cargo.toml")
    if found is None:
        return folder
    manifest = read_cargo(found)
    if "workspace" in manifest and "package" not in manifest:
        members = ", ".join(map(str, manifest["workspace"].get("members", ()))) or "none"
        raise NotExportable(
            f"{found} is a workspace without a package, so cargo would not run a test there; "
            f"name the folder of one of its members with --into ({members})"
        )
    return found


def refuse_the_other(folder: Path, manifest: str) -> None:
    """Refuse a folder that lies in a tree of the other language and in none of its own.

    Args:
        manifest: what the language has: `go.mod` or `Cargo.toml`.

    Raises:
        NotExportable: names that tree, and says where a test can stand.
    """
    other = {"go.mod": "Cargo.toml", "Cargo.toml": "go.mod"}[manifest]
    found = above(folder, other)
    if found is not None and above(folder, manifest) is None:
        own, not_own = ("crate", "Go module") if manifest == "Cargo.toml" else ("Go module", "crate")
        raise NotExportable(
            f"{folder} is in a {not_own}, {found}, and in no {own}; with --into, name a folder in the {own} "
            f"of the library, or a folder outside the {not_own}, where driftcheck then writes a {manifest}"
        )


def read_cargo(crate: Path) -> dict[str, Any]:
    """Return the manifest of a crate.

    Raises:
        NotExportable: it cannot be read, or is no TOML.
    """
    path = crate / "Cargo.toml"
    try:
        return read_toml(path)
    except Unreadable as fault:
        raise NotExportable(f"{path} {fault}") from None


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except Unreadable as fault:
        raise NotExportable(f"{path} {fault}") from None


@attrs.frozen
class GoMod:
    """What the `go.mod` of a module says."""

    folder: Path
    name: str
    required: Mapping[str, str]  # versions by module
    local: Mapping[str, str]  # the folders of modules that it replaces, as it names them
    forks: Mapping[str, str]  # module@version by the module that it replaces

    @classmethod
    def read(cls, folder: Path) -> GoMod:
        """Read the `go.mod` in a folder.

        Raises:
            NotExportable: it cannot be read.
        """
        name, required, local, forks = "", {}, {}, {}
        for line in _statements(_text(folder / "go.mod")):
            match line.split():
                case ["module", given]:
                    name = given
                case ["require", module, version]:
                    required[module] = version
                case ["replace", module, *_, where] if where.startswith((".", "/")):
                    local[module] = where
                case ["replace", module, *_, "=>", fork, version]:
                    forks[module] = f"{fork}@{version}"
        return cls(folder, name, required, local, forks)

    def module_of(self, path: str) -> str | None:
        """Return the module that an import path is of; None for the standard library."""
        named = [one for one in (self.name, *self.required) if f"{path}/".startswith(f"{one}/")]
        return max(named, key=len, default=None)

    def modules_of(self, paths: Collection[str]) -> set[str]:
        """Return the modules that import paths are of, without the standard library."""
        return {one for path in paths if (one := self.module_of(path)) is not None}

    def folder_of(self, module: str) -> Path:
        """Return the folder of this module, or of one that it replaces by a folder."""
        return self.folder if module == self.name else self.folder / self.local[module]


def go_files(ours: GoMod, imported: Collection[str], folder: Path) -> dict[Path, bytes]:
    """Return `go.mod` and `go.sum` for a folder of its own.

    Args:
        ours: of the adapter, whose versions are taken over.
        imported: the import paths that the test has.
    """
    adapter, own = ours.folder, ours.name
    is_own = own in ours.modules_of(imported)
    out = [f"module {NAME}"]
    for line in _statements(_text(adapter / "go.mod")):
        words = line.split()
        if words[0] == "module" or (words[1] == SDK and not is_own):
            continue
        if words[0] == "replace" and words[-1].startswith("."):
            words[-1] = below(adapter / words[-1], folder)
        out.append(" ".join(words))
    if is_own:
        out += [f"require {own} v0.0.0", f"replace {own} => {below(adapter, folder)}"]
    files = {folder / "go.mod": ("\n\n".join(out) + "\n").encode()}
    sums = adapter / "go.sum"
    if sums.is_file():
        files[folder / "go.sum"] = sums.read_bytes()
    return files


def go_folders(ours: GoMod, imported: Collection[str]) -> tuple[Path, ...]:
    """Return the folders that the `go.mod` of `go_files` names."""
    is_own = ours.name in ours.modules_of(imported)
    named = [one for one in ours.local if one != SDK or is_own]
    return tuple(ours.folder_of(one) for one in (*named, *([ours.name] if is_own else [])))


def _statements(text: str) -> list[str]:
    """Return the statements of a `go.mod`, each on one line with its keyword."""
    found, block = [], ""
    for raw in text.splitlines():
        line = re.sub(r"//.*", "", raw).strip()
        if not line:
            continue
        if line.endswith("("):
            block = line.removesuffix("(").strip()
        elif line == ")":
            block = ""
        else:
            found.append(f"{block} {line}".strip())
    return found


def below(path: Path, folder: Path) -> str:
    """Return the way from a folder to another one, in the form that manifests want."""
    relative = os.path.relpath(path.resolve(), folder.resolve())
    return relative if relative.startswith(".") else f"./{relative}"


def rust_dependencies(manifest: Mapping[str, Any], features: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the crates that a build with these features of an adapter takes, without the SDK."""
    table = manifest.get("features", {})
    stack, asked = [*features, "default"], set()
    enabled: set[str] = set()
    extra: dict[str, list[str]] = {}
    while stack:
        name = stack.pop()
        if name in asked:
            continue
        asked.add(name)
        enabled.add(name)  # an optional crate is a feature of its name
        for one in table.get(name, ()):
            if one.startswith("dep:"):
                enabled.add(one.removeprefix("dep:"))
            elif "/" in one:
                crate, _, feature = one.partition("/")
                extra.setdefault(crate.removesuffix("?"), []).append(feature)
            else:
                stack.append(one)
    found = {}
    for name, given in manifest.get("dependencies", {}).items():
        spec = dict(given) if isinstance(given, dict) else {"version": given}
        is_optional = spec.pop("optional", False)
        if name == "driftcheck" or (is_optional and name not in enabled):
            continue
        if spec.get("workspace"):
            raise NotExportable(
                f"the adapter takes {name} from its workspace; write its version into its own Cargo.toml"
            )
        if name in extra:
            spec["features"] = [*spec.get("features", ()), *extra[name]]
        found[name] = spec
    return found


def rust_files(
    adapter: Path, dependencies: Mapping[str, Mapping[str, Any]], folder: Path
) -> dict[Path, bytes]:
    """Return the files of a crate of its own, with the versions of the adapter."""
    lines = [
        "[package]",
        f'name = "{NAME}"',
        'version = "0.0.0"',
        'edition = "2024"',
        "publish = false",
        "",
        "[dev-dependencies]",
        *(f"{name} = {inline(_based(spec, adapter, folder))}" for name, spec in dependencies.items()),
        "",
        "[workspace]",
    ]
    files = {
        folder / "Cargo.toml": ("\n".join(lines) + "\n").encode(),
        folder / "src" / "lib.rs": b"//! Holds exported tests.\n",
    }
    lock = adapter / "Cargo.lock"
    if lock.is_file():
        files[folder / "Cargo.lock"] = lock.read_bytes()
    return files


def _based(spec: Mapping[str, Any], adapter: Path, folder: Path) -> Mapping[str, Any]:
    if "path" not in spec:
        return spec
    return {**spec, "path": below(adapter / spec["path"], folder)}


def inline(spec: Mapping[str, Any]) -> str:
    """Return a dependency as an inline table of TOML."""
    if set(spec) == {"version"}:
        return json.dumps(spec["version"])
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in spec.items()) + " }"
