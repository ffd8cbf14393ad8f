"""Builds a Rust subject: an extension module from its adapter's crate, with the SDK as a Cargo patch."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from driftcheck.build import rust_coverage, tool
from driftcheck.build.depfile import Inputs
from driftcheck.build.diagnostics import rust_errors
from driftcheck.build.sdk import checkout, sdk_folder
from driftcheck.core.output_file import replace_file
from driftcheck.subjects.coverage import CoverageTable
from driftcheck.subjects.discover import NativeSource

CONFIG = Path(".cargo", "config.toml")

_SDK = "driftcheck"  # the crate's name
_MARK = "# driftcheck writes this file to name its SDK. Remove this line to keep a file of your own.\n"
ADVICE = "install Rust 1.85 or newer from https://rustup.rs"


def prepare(folder: Path, source: NativeSource) -> None:
    """Make the folder ready for a build.

    Raises:
        ToolFailed: as `link_sdk`, or Cargo would use another crate of the SDK's name despite the patch.
    """
    link_sdk(folder)
    metadata = _metadata(folder, source)  # writes Cargo.lock if there is none
    _library(_adapter(metadata, folder))
    _check_sdk(metadata, folder)


def link_sdk(folder: Path) -> None:
    """Write the patch that names the SDK of this driftcheck, for every Cargo tool.

    Raises:
        ToolFailed: the adapter has its own `.cargo/config.toml`, which does not use this SDK.
    """
    path = folder / CONFIG
    wanted = f"[patch.crates-io]\n{_SDK} = {{ path = {json.dumps(str(sdk_folder('rust')))} }}\n"
    target = _shared_target(folder)
    if target is not None:
        # The flags of a wheel, so that a wheel takes what is compiled already.
        flags = json.dumps(_without_paths())
        wanted += f"\n[build]\ntarget-dir = {json.dumps(str(target))}\nrustflags = {flags}\n"
    text = tool.text_of(path) if os.path.lexists(path) else _MARK
    if text.startswith(_MARK):
        if text != _MARK + wanted:
            path.parent.mkdir(exist_ok=True)
            replace_file(path, f"{_MARK}{wanted}".encode())
    elif not _patches(text, folder):
        raise tool.ToolFailed(
            f"{path} is not written by driftcheck and does not use its SDK; add the lines below, or remove "
            "the file",
            wanted,
        )


def _shared_target(folder: Path) -> Path | None:
    """Return the target folder that all adapters of a checkout share, or None outside a checkout."""
    root = checkout()
    return root / "rust_shim" / "target" if root is not None and folder.is_relative_to(root) else None


def _own_flags() -> list[str]:
    """Return the flags of the environment, which Cargo ignores if it gets flags in another way."""
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    return encoded.split("\x1f") if encoded else os.environ.get("RUSTFLAGS", "").split()


def _without_paths() -> list[str]:
    """Return the flags that remove the paths of this machine; an adapter's own paths are relative."""
    cargo_home = Path(os.environ.get("CARGO_HOME") or tool.home() / ".cargo")
    roots = {"driftcheck": sdk_folder("rust"), "cargo": cargo_home}
    return [f"--remap-path-prefix={path}={name}" for name, path in roots.items()]


def _patches(config: str, folder: Path) -> bool:
    try:
        path = tomllib.loads(config)["patch"]["crates-io"][_SDK]["path"]
        return bool((folder / path).resolve() == sdk_folder("rust"))
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return False


def inputs(folder: Path, source: NativeSource) -> Inputs:
    """List the inputs of an adapter's library, as Cargo recorded them.

    Downloaded crates are not listed, since `Cargo.lock` fixes them.
    """
    metadata = _metadata(folder, source)
    library = _library(_adapter(metadata, folder))
    target = Path(metadata["target_directory"])
    made = target / ("debug" if source.debug else "release")
    if source.coverage:
        made = target / _machine(folder) / rust_coverage.PROFILE
    noted = tool.text_of(made / f"lib{library}.d")
    files = {Path(path.replace("\\ ", " ")) for path in re.findall(r"(?:\\ |\S)+", noted.partition(": ")[2])}
    files |= {folder / name for name in ("Cargo.lock", "rust-toolchain", "rust-toolchain.toml", str(CONFIG))}
    for package in metadata["packages"]:
        if package["source"] is None:
            files.add(Path(package["manifest_path"]))
            files.update(Path(t["src_path"]) for t in package["targets"] if "custom-build" in t["kind"])
    return Inputs(frozenset(files))


def compile_library(folder: Path, source: NativeSource, scratch: Path, *, relocatable: bool) -> Path:
    """Compile the adapter in `folder` and return the library's path in `scratch`.

    Args:
        relocatable: leave out the paths of this machine, for a library that will be shipped.
    """
    env = {**_env(source), "TMPDIR": str(scratch)}  # a build that is killed leaves nothing elsewhere
    if relocatable:
        env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join([*_own_flags(), *_without_paths()])
    # `python -m maturin` does not find its program in the environment of an isolated build.
    maturin = tool.find("maturin", beside=Path(sys.executable).parent, advice="run 'pip install maturin'")
    if source.debug:
        env |= {"CARGO_PROFILE_DEV_OPT_LEVEL": "0", "CARGO_PROFILE_DEV_DEBUG": "2"}
        env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(_own_flags())  # with the paths of this machine
    profile = [] if source.debug else ["--release"]
    features = [*source.features]
    if source.coverage:
        env |= {**rust_coverage.ENVIRONMENT, "RUSTC_WRAPPER": str(rust_coverage.write_wrapper(scratch))}
        env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(_own_flags())  # with the paths of this machine
        profile = ["--profile", rust_coverage.PROFILE, "--target", _machine(folder)]
        features.append(rust_coverage.FEATURE)
    command = [maturin, "build", *profile, "--bindings", "pyo3"]
    command += ["--interpreter", _python(), "--auditwheel", "skip", "--out", str(scratch)]
    command += ["--features", ",".join(features)] if features else []
    try:
        tool.run(command, cwd=folder, env=env)
    except tool.ToolFailed as failure:
        raise tool.ToolFailed(failure.what, rust_errors(failure.output)) from None
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".so"))
        library = scratch / f"{source.name}.so"
        library.write_bytes(archive.read(name))
    return library


def table(folder: Path, source: NativeSource, library: Path, scratch: Path) -> CoverageTable:
    """Return the places of the counters of a library that was built for coverage."""
    metadata = _metadata(folder, source, "--filter-platform", _machine(folder))
    adapter = str(_adapter(metadata, folder)["id"])
    return rust_coverage.table(library, rust_coverage.roots(metadata, adapter, source.covered), scratch)


def _machine(folder: Path) -> str:
    """Return Cargo's name of this machine, such as x86_64-unknown-linux-gnu."""
    said = tool.run([_cargo(), "-vV"], cwd=folder, env={})
    return next(line.removeprefix("host: ") for line in said.splitlines() if line.startswith("host: "))


def _check_sdk(metadata: dict[str, Any], folder: Path) -> None:
    for package in metadata["packages"]:
        if package["name"] == _SDK:
            found = Path(package["manifest_path"]).parent.resolve()
            if package["source"] is None and found == sdk_folder("rust"):
                return
            raise tool.ToolFailed(
                f"{folder / 'Cargo.toml'} would use the crate {_SDK!r} {package['version']} from "
                f"{package['source'] or found}, not from this driftcheck; require a version that this "
                "driftcheck has"
            )
    raise tool.ToolFailed(f"{folder / 'Cargo.toml'} does not depend on the crate {_SDK!r}; add it")


def _adapter(metadata: dict[str, Any], folder: Path) -> dict[str, Any]:
    for package in metadata["packages"]:
        if Path(package["manifest_path"]) == folder / "Cargo.toml":
            return dict(package)
    raise tool.ToolFailed(f"{folder / 'Cargo.toml'} is not a package; add a [package] table")


def _library(adapter: dict[str, Any]) -> str:
    """Return the name of an adapter's library, which Cargo uses for its files."""
    manifest = adapter["manifest_path"]
    for target in adapter["targets"]:
        if "cdylib" in target["kind"]:
            named = tomllib.loads(tool.text_of(Path(manifest))).get("lib", {}).get("name")
            if named is None and "-" in adapter["name"]:  # Cargo derives a name from it, maturin does not
                raise tool.ToolFailed(
                    f"{manifest} gives its library no name, and the name of the package has a hyphen; "
                    f"add name = {target['name']!r} under [lib]"
                )
            return str(target["name"])
    raise tool.ToolFailed(
        f"{manifest} does not build a library that a host can load; add crate-type = ['cdylib'] under [lib]"
    )


def _metadata(folder: Path, source: NativeSource, *options: str) -> dict[str, Any]:
    command = [_cargo(), "metadata", "--format-version=1", *options]
    command += ["--features", ",".join(source.features)] if source.features else []
    text = tool.run(command, cwd=folder, env=_env(source))
    return dict(json.loads(text))


def _cargo() -> str:
    return tool.find("cargo", beside=tool.home() / ".cargo" / "bin", advice=ADVICE)


def _env(source: NativeSource) -> dict[str, str]:
    # maturin looks for cargo in $CARGO first. PyO3's build script needs a Python.
    return {"CARGO": _cargo(), "PYO3_PYTHON": _python(), **source.env}


def _python() -> str:
    """Return the interpreter without its environment: a new environment then compiles PyO3 no second time."""
    return os.path.realpath(sys.executable)
