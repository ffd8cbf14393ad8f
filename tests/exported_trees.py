"""
Clean trees that exported tests stand in, and the real compilers that run them there.

All tests of a tree are linted, compiled and run by one command each, so that its library is compiled once.
No Python runs in such a tree: `go` and `cargo` get no environment of driftcheck.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import attrs

from driftcheck.export import Exported

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".driftcheck" / "exported"  # kept, so that nothing is compiled twice
_LEFT = shutil.ignore_patterns("target", ".driftcheck", ".cargo", "benches", "examples", "tests")


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    said: str


def write(tree: Path, exported: Sequence[Exported]) -> None:
    """Write the files of exported tests to a tree."""
    for one in exported:
        for path, data in one.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if any(tree / "Cargo.toml" in one.files for one in exported):
        _give_version(tree / "Cargo.toml", tree.name)


def _give_version(manifest: Path, name: str) -> None:
    """Give a package a version of its own.

    Cargo takes two packages of one name and version for one, wherever they are, if they share a target.
    """
    version = f'version = "0.0.0-x{sha256(name.encode()).hexdigest()[:16]}"'
    text, count = re.subn(r"(?m)^version.*$", version, manifest.read_text(), count=1)
    assert count == 1
    manifest.write_text(text)


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run a compiler or a test in a tree."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**_without_python(), **(env or {})},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def _without_python() -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "DRIFTCHECK"))}
    path = [part for part in clean["PATH"].split(os.pathsep) if not part.startswith(sys.prefix)]
    return {
        **clean,
        "PATH": os.pathsep.join(path),
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
        "CARGO_TARGET_DIR": str(WORK / "target"),
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "RUST_BACKTRACE": "0",
    }


def engine(side: str, name: str, patch: Path | None = None) -> Path:
    """Return a clean copy of a reconciliation engine, with a fault if there is a patch."""
    shim = f"{side}_shim"
    top = WORK / name
    tree = top / shim / "reconcile"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT / shim / "reconcile", tree, ignore=_LEFT)
    if side == "rust":
        manifest = (tree / "Cargo.toml").read_text().partition("[dev-dependencies]")[0]
        (tree / "Cargo.toml").write_text(manifest + "\n[workspace]\n")
        _give_version(tree / "Cargo.toml", name)
    if patch is not None:
        outside = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        env = {**outside, "GIT_CEILING_DIRECTORIES": str(WORK)}
        subprocess.run(["git", "apply", str(patch)], cwd=top, env=env, check=True)
    return tree


def source_of(exported: Exported) -> Path:
    """Return the file of an exported test that holds the test."""
    (path,) = (p for p in exported.files if p.name.endswith("_test.go") or p.parent.name == "tests")
    return path


def rejects_style(
    language: str, tree: Path, exported: Sequence[Exported], env: Mapping[str, str] | None = None
) -> str:
    """Return what gofmt and go vet, or rustfmt and clippy, have against tests; "" if nothing."""
    sources = [str(source_of(one)) for one in exported]
    if language == "go":
        layout = ["gofmt", "-l", *sources]
        lint = ["go", "vet", *(f"./{one.at.relative_to(tree)}" for one in exported)]
    else:
        layout = ["rustfmt", "--edition", "2024", "--check", *sources]
        targets = [word for source in sources for word in ("--test", Path(source).stem)]
        lint = ["cargo", "clippy", "--quiet", *targets, "--", "-D", "warnings"]
    one, other = run(layout, tree, env), run(lint, tree, env)
    return "" if (one.code, one.said, other.code) == (0, "", 0) else one.said + other.said


def run_exported(
    language: str, tree: Path, exported: Sequence[Exported], env: Mapping[str, str] | None = None
) -> dict[Path, Ended]:
    """Run exported tests; return how each ended, by its file. One that does not build fails the test."""
    ends = _run_go if language == "go" else _run_rust
    return ends(tree, exported, env or {})


def _run_go(tree: Path, exported: Sequence[Exported], env: Mapping[str, str]) -> dict[Path, Ended]:
    folders = [f"./{one.at.relative_to(tree)}" for one in exported]
    told = run(["go", "test", "-json", "-count=1", "-vet=off", *folders], tree, env).said
    said, code = dict.fromkeys(folders, ""), dict.fromkeys(folders, 0)
    for line in told.splitlines():
        assert line.startswith("{"), told[-3000:]
        event = json.loads(line)
        assert event["Action"] not in ("build-output", "build-fail"), told[-3000:]
        folder = f"./{event['Package'].rpartition('/')[2]}"
        said[folder] += event.get("Output", "")
        if event["Action"] == "fail":
            code[folder] = 1
    return {
        source_of(one): Ended(code[folder], said[folder])
        for one, folder in zip(exported, folders, strict=True)
    }


def _run_rust(tree: Path, exported: Sequence[Exported], env: Mapping[str, str]) -> dict[Path, Ended]:
    targets = [word for one in exported for word in ("--test", source_of(one).stem)]
    built = run(["cargo", "test", "--no-run", "--quiet", "--message-format=json", *targets], tree, env)
    assert built.code == 0, built.said[-3000:]
    messages = [json.loads(line) for line in built.said.splitlines() if line.startswith("{")]
    programs = {m["target"]["name"]: m["executable"] for m in messages if m.get("executable")}
    return {source_of(one): run([programs[source_of(one).stem]], tree, env) for one in exported}
