"""Looks at the machine: the platform, the toolchains, and the packages that driftcheck needs."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from driftcheck.build import go, rust, rust_coverage
from driftcheck.build.tool import ToolFailed, find, run
from driftcheck.core.errors import DriftcheckError
from driftcheck.doctor.item import Item

MACHINES = ("x86_64", "aarch64")
OLDEST_GO, OLDEST_RUST = (1, 24), (1, 85)
NOT_BUILT = "no library here has to be built with it"
ONLY_COVERAGE = "only 'coverage', 'build --coverage' and 'replay --suspects' need it, for Rust"


def examine(languages: Collection[str]) -> list[Item]:
    """Look at the machine.

    Args:
        languages: in which a library must be built; the tools of other languages may be missing.
    """
    return [
        _platform(),
        Item("python", "ok", f"{platform.python_version()} at {sys.executable}"),
        _tool("go", _go, "go" in languages),
        _tool("cargo", _cargo, "rust" in languages),
        _tool("rustc", _rustc, "rust" in languages),
        _tool("cc", lambda: _cc(languages), bool({"go", "rust"} & set(languages))),
        _tool("maturin", _maturin, "rust" in languages),
        _tool("addr2line", _addr2line, False, unused=ONLY_COVERAGE),
        _package("cffi", "_cffi_backend"),
        _package("cbor2", "cbor2"),
        _hypothesis(),
    ]


def _platform() -> Item:
    found = f"{platform.system()} on {platform.machine()}"
    if platform.system() == "Linux" and platform.machine() in MACHINES:
        return Item("platform", "ok", found)
    return Item("platform", "broken", f"{found} is not supported; use Linux on x86-64 or arm64")


def _tool(name: str, look: Callable[[], str], is_needed: bool, *, unused: str = NOT_BUILT) -> Item:
    unused = "" if is_needed else f" ({unused})"
    try:
        return Item(name, "ok", look())
    except FileNotFoundError as error:
        return Item(name, "missing" if is_needed else "unused", f"{error}{unused}")
    except ToolFailed as failure:
        last = failure.output.strip().rpartition("\n")[2]
        text = f"{failure.what}{': ' if last else ''}{last}{unused}"
        return Item(name, "broken" if is_needed else "unused", text)


def _go() -> str:
    path = _found("go", Path("/usr/local/go/bin"), go.ADVICE)
    said = run([path, "version"], cwd=Path.cwd(), env={"GOTOOLCHAIN": os.environ.get("GOTOOLCHAIN", "local")})
    return _new_enough(said, r"go(\d+)\.(\d+)\S*", OLDEST_GO, path, go.ADVICE)


def _cargo() -> str:
    path = _found("cargo", Path.home() / ".cargo" / "bin", rust.ADVICE)
    return _new_enough(_version(path), r"(\d+)\.(\d+)\S*", OLDEST_RUST, path, rust.ADVICE)


def _rustc() -> str:
    path = _found("rustc", Path.home() / ".cargo" / "bin", rust.ADVICE)
    return _new_enough(_version(path), r"(\d+)\.(\d+)\S*", OLDEST_RUST, path, rust.ADVICE)


def _maturin() -> str:
    path = _found("maturin", Path(sys.executable).parent, "run 'pip install maturin'")
    return f"{_version(path).removeprefix('maturin ')} at {path}"


def _addr2line() -> str:
    try:
        path = rust_coverage.find_addr2line()
    except ToolFailed as failure:
        raise FileNotFoundError(failure.what) from None
    return f"{_version(path).partition(chr(10))[0]} at {path}"


def _cc(languages: Collection[str]) -> str:
    """Find the C compilers: Go takes $CC, or gcc; rustc links with cc, whatever $CC says."""
    names = ["cc"] if "rust" in languages else []
    if "go" in languages or not names:
        names.append((os.environ.get("CC") or "gcc").split()[0])
    found = []
    for name in dict.fromkeys(names):
        path = shutil.which(name)
        if path is None:
            message = f"{name!r} is not on the PATH; install a C compiler, which Go and Rust link with"
            raise FileNotFoundError(message)
        found.append(f"{_version(path).partition(chr(10))[0]} at {path}")
    return ", ".join(found)


def _found(name: str, beside: Path, advice: str) -> str:
    try:
        return find(name, beside=beside, advice=advice)
    except ToolFailed as failure:
        raise FileNotFoundError(failure.what) from None


def _version(path: str) -> str:
    return run([path, "--version"], cwd=Path.cwd(), env={}).strip()


def _new_enough(said: str, pattern: str, oldest: tuple[int, int], path: str, advice: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        raise ToolFailed(f"{path} does not print its version; {advice}")
    if (int(match[1]), int(match[2])) < oldest:
        raise ToolFailed(f"{match[0]} at {path} is too old; {advice}")
    return f"{match[0].removeprefix('go')} at {path}"


def _package(name: str, module: str) -> Item:
    try:
        import_module(module)
        return Item(name, "ok", version(name))
    except (ImportError, PackageNotFoundError):
        return Item(name, "missing", f"it is not installed; run 'pip install {name}'")


def _hypothesis() -> Item:
    try:
        import_module("driftcheck.generate.release").check_release()
        import_module("driftcheck.generate._conjecture")
        return Item("hypothesis", "ok", version("hypothesis"))
    except DriftcheckError as error:
        return Item("hypothesis", "broken", str(error))
    except ImportError as error:  # a private name has moved, or there is no Hypothesis at all
        return Item("hypothesis", "missing", f"{error}; install driftcheck again with its dependencies")
