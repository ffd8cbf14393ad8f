"""
What a module or crate lacks of what an exported test needs, and the commands that add it.

Compares the manifest of the tree with that of the adapter. Changes nothing: the reader types the commands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from driftcheck.export import manifests

_PLAIN = re.compile(r"[\^=~]?\s*(\d+(?:\.\d+)*)\S*")  # a requirement of a crate that names one version


@attrs.frozen
class Lack:
    """A library that the test needs, and that the tree does not have, or not as the test needs it."""

    what: str
    command: str  # adds it; "" if the reader must decide


def of_crate(crate: Path, needed: Mapping[str, Mapping[str, Any]], adapter: Path) -> tuple[Lack, ...]:
    """List what a crate lacks for an integration test.

    Args:
        needed: the crates that the test names, with what the manifest of the adapter says of them.
        adapter: the folder of the adapter, to which paths in `needed` are relative.
    """
    manifest = manifests.read_cargo(crate)
    own = manifest.get("package", {}).get("name")
    found = []
    for name, spec in needed.items():
        if spec.get("package", name) != own:
            held = [*_held(manifest, crate, name)]
            found.append(_without_crate(name, spec, crate, adapter) if not held else _short(name, spec, held))
    return tuple(one for one in found if one is not None)


def _held(manifest: Mapping[str, Any], crate: Path, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield what a manifest says of a crate wherever a test may use it."""
    for place in (manifest, *manifest.get("target", {}).values()):
        for table in ("dependencies", "dev-dependencies"):
            if name in place.get(table, {}):
                given = place[table][name]
                spec = given if isinstance(given, dict) else {"version": given}
                if spec.get("workspace"):
                    shared = _of_workspace(crate, name)
                    features = [*shared.get("features", ()), *spec.get("features", ())]
                    spec = {**shared, **spec, "features": features}
                if not spec.get("optional"):  # only a feature brings an optional crate
                    yield spec


def _of_workspace(crate: Path, name: str) -> Mapping[str, Any]:
    for folder in (crate, *crate.resolve().parents):
        if (folder / "Cargo.toml").is_file():
            table = manifests.read_cargo(folder).get("workspace")
            if table is not None:
                given = table.get("dependencies", {}).get(name, {})
                return given if isinstance(given, dict) else {"version": given}
    return {}


def _without_crate(name: str, spec: Mapping[str, Any], crate: Path, adapter: Path) -> Lack:
    words = ["cargo", "add", "--dev"]
    package = spec.get("package", name)
    if "path" in spec:
        words += ["--path", manifests.below(adapter / spec["path"], crate)]
    elif "git" in spec:
        words += [package, "--git", spec["git"]]
        words += [word for key in ("branch", "tag", "rev") if key in spec for word in (f"--{key}", spec[key])]
    else:
        words.append(f"{package}@{spec['version']}")
    words += ["--rename", name] if package != name else []
    words += ["--no-default-features"] if not spec.get("default-features", True) else []
    return Lack(_in_words(name, spec), shlex.join([*words, *_features(spec.get("features", ()))]))


def _short(name: str, spec: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> Lack | None:
    """Return what is missing of a crate that is there: features; None if nothing is."""
    version = next((one["version"] for one in held if "version" in one), "")
    if _are_incompatible(version, spec.get("version", "")):
        advice = f"adapt the conversions in the test to {version}"
        return Lack(f"{_in_words(name, spec)}, but Cargo.toml has {version}; {advice}", "")
    has = {feature for one in held for feature in one.get("features", ())}
    missing = [feature for feature in spec.get("features", ()) if feature not in has]
    has_defaults = any(one.get("default-features", True) for one in held)
    is_bare = spec.get("default-features", True) and not has_defaults
    if not missing and not is_bare:
        return None
    is_inherited = any(one.get("workspace") for one in held)
    words = ["cargo", "add", "--dev", name if is_inherited or not version else f"{name}@{version}"]
    words += ["--default-features"] if is_bare else []
    wanted = [*missing, *(["its default features"] if is_bare else [])]
    return Lack(f"{name} with {', '.join(wanted)}", shlex.join([*words, *_features(missing)]))


def _in_words(name: str, spec: Mapping[str, Any]) -> str:
    version = f" {spec['version']}" if "version" in spec else ""
    features = f" with {', '.join(spec['features'])}" if spec.get("features") else ""
    return f"{name}{version}{features}"


def _features(names: Sequence[str]) -> list[str]:
    return ["--features", ",".join(names)] if names else []


def _are_incompatible(one: str, other: str) -> bool:
    """Say whether cargo takes two plain versions for different crates; no other requirement is compared."""
    parts = [_PLAIN.fullmatch(version) for version in (one, other)]
    if parts[0] is None or parts[1] is None:
        return False
    first, second = ([int(n) for n in part[1].split(".")] for part in parts if part is not None)
    for a, b in zip(first, second, strict=False):
        if a != b or a > 0:
            return a != b
    return False


def of_module(module: Path, imported: Collection[str], adapter: Path) -> tuple[Lack, ...]:
    """List the modules that a Go module does not require, and from which a test imports.

    Args:
        imported: the import paths of the test.
        adapter: the folder of the adapter, whose versions are taken over.
    """
    theirs, ours = manifests.GoMod.read(module), manifests.GoMod.read(adapter)
    found = []
    for name in sorted(ours.modules_of(imported) - {theirs.name, *theirs.required}):
        if name == ours.name:
            found.append(Lack(f"{name}, the adapter's own module", _from_folders(ours, name, module)))
        elif name in ours.local:
            found.append(Lack(f"{name}, at {ours.local[name]}", _from_folders(ours, name, module)))
        elif name in ours.forks:
            fork = ours.forks[name]
            edit = shlex.join(["go", "mod", "edit", f"-replace={name}={fork}"])
            get = shlex.join(["go", "get", f"{name}@{ours.required[name]}"])
            found.append(Lack(f"{name}, replaced by {fork}", f"{edit} && {get}"))
        else:
            version = ours.required[name]
            found.append(Lack(f"{name} {version}", f"go get {name}@{version}"))
    return tuple(found)


def _from_folders(ours: manifests.GoMod, name: str, module: Path) -> str:
    """Return the command that takes a module from its folder, and what it imports in turn."""
    folders = {one: ours.folder_of(one) for one in ours.local}  # Go ignores the replacements of a dependency
    folders |= {name: ours.folder_of(name)}
    words = ["go", "mod", "edit", f"-require={name}@v0.0.0"]
    words += [f"-replace={one}={manifests.below(folder, module)}" for one, folder in folders.items()]
    return f"{shlex.join(words)} && {shlex.join(['go', 'get', f'{name}@v0.0.0'])}"
