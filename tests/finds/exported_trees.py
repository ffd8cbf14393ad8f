"""
Clean copies of the trees that exported tests stand in, and the real compilers that run them there.

No Python runs in such a tree: `go` and `cargo` get no environment of driftcheck.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import attrs

from driftcheck.export import Exported

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".driftcheck" / "exported"  # kept, so that nothing is compiled twice
_LEFT = shutil.ignore_patterns("target", ".driftcheck", ".cargo", "benches", "examples", "tests")


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    said: str


def write(exported: Exported) -> None:
    """Write the files of an exported test."""
    for path, data in exported.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run a compiler or a test in a tree."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "DRIFTCHECK"))}
    settings = {
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
        "CARGO_TARGET_DIR": str(WORK / "target"),
        "RUST_BACKTRACE": "0",
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env={**clean, **settings, **(env or {})},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def engine(side: str, name: str, patch: Path | None = None) -> Path:
    """Return a clean copy of a reconciliation engine, with a fault where there is a patch."""
    shim = f"{side}_shim"
    top = WORK / name
    tree = top / shim / "reconcile"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT / shim / "reconcile", tree, ignore=_LEFT)
    if side == "rust":
        manifest = (tree / "Cargo.toml").read_text().partition("[dev-dependencies]")[0]
        # Cargo takes two packages of one name and version for one, wherever they are, if they share a target.
        version = f'version = "0.0.0-x{sha256(name.encode()).hexdigest()[:16]}"'
        manifest, count = re.subn(r"(?m)^version.*$", version, manifest, count=1)
        assert count == 1
        (tree / "Cargo.toml").write_text(manifest + "\n[workspace]\n")
    if patch is not None:
        outside = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        env = {**outside, "GIT_CEILING_DIRECTORIES": str(WORK)}
        subprocess.run(["git", "apply", str(patch)], cwd=top, env=env, check=True)
    return tree


def rejects_style(language: str, tree: Path, exported: Exported, env: Mapping[str, str]) -> str:
    """Return what gofmt and go vet, or rustfmt and clippy, have against a test; "" if nothing."""
    sources = [str(path) for path in exported.files if path.suffix in (".go", ".rs") and path.stem != "lib"]
    if language == "go":
        layout, lint = ["gofmt", "-l", *sources], ["go", "vet", "."]
        here = exported.at
    else:
        layout = ["rustfmt", "--edition", "2024", "--check", *sources]
        lint = ["cargo", "clippy", "--quiet", "--test", Path(sources[0]).stem, "--", "-D", "warnings"]
        here = tree
    one = run(layout, here)
    other = run(lint, here, env)
    return "" if (one.code, one.said, other.code) == (0, "", 0) else one.said + other.said


def run_exported(language: str, tree: Path, exported: Exported, env: Mapping[str, str]) -> Ended:
    """Run an exported test."""
    if language == "go":
        return run(["go", "test", "-count=1", "."], exported.at, env)
    (source,) = (path for path in exported.files if path.parent.name == "tests")
    return run(["cargo", "test", "--quiet", "--test", source.stem], tree, env)
