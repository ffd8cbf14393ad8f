"""
Go's build constraints: which files of a folder belong to a build with given tags.

Knows `//go:build` lines and the endings of file names.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Collection
from pathlib import Path

_SYSTEMS = frozenset(
    "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 "
    "windows".split()
)
_MACHINES = frozenset(
    "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split()
)
_HERE = {"x86_64": "amd64", "aarch64": "arm64"}


def files(folder: Path, tags: Collection[str]) -> list[Path]:
    """Return the Go files of a folder that a build with these tags compiles, without tests."""
    machine = _HERE.get(platform.machine(), platform.machine())
    held = {*tags, "linux", "unix", "cgo", "gc", machine}
    found = []
    for path in sorted(folder.glob("*.go")):
        words = path.stem.split("_")[1:]
        if path.name.endswith("_test.go"):
            continue
        if any(word in (_SYSTEMS | _MACHINES) - held for word in words[-2:]):
            continue
        line = re.search(r"^//go:build (.*)$", path.read_text(), re.MULTILINE)
        if line is None or holds(line[1], held):
            found.append(path)
    return found


def holds(expression: str, tags: Collection[str]) -> bool:
    """Say whether a build constraint holds; each version of Go does."""
    words = re.findall(r"[\w.]+|&&|\|\||[!()]", expression)
    python = []
    for word in words:
        match word:
            case "&&":
                python.append("and")
            case "||":
                python.append("or")
            case "!":
                python.append("not")
            case "(" | ")":
                python.append(word)
            case _:
                python.append(str(word in tags or re.fullmatch(r"go1(\.\d+)?", word) is not None))
    return _evaluate(python)


def _evaluate(words: list[str]) -> bool:
    """Evaluate a Boolean expression whose words are True, False, and, or, not and brackets."""

    def either() -> bool:
        value = both()
        while words and words[0] == "or":
            words.pop(0)
            value = both() or value
        return value

    def both() -> bool:
        value = one()
        while words and words[0] == "and":
            words.pop(0)
            value = one() and value
        return value

    def one() -> bool:
        word = words.pop(0)
        if word == "not":
            return not one()
        if word == "(":
            value = either()
            words.pop(0)
            return value
        return word == "True"

    return either()
