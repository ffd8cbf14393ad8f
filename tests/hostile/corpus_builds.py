"""Files of an adapter that are no files, or no text: each place that a build reads or writes, in each way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from file_rules import OTHERS
from frame import Hostile

KIND = "build"
CONTRACT = """\
from driftcheck import Contract, operation


class Toy(Contract):
    @operation
    def ping(self) -> bool: ...
"""
MANIFESTS = {"go": "module toy\n", "rust": '[package]\nname = "toy"\n'}
NO_FILE = "is not a regular file"
# Files that a tool would read, and wait for.
SOURCES = {
    "go": ("go.mod", "go.sum", "adapter.go", "deeper/more.go"),
    "rust": (
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "src/lib.rs",
        "src/contract_gen.rs",
        "rust-toolchain.toml",
    ),
}
IRREGULAR = ("pipe", "socket", "zeros", "null", "random", "terminal")
# Files of driftcheck itself beside an adapter, with the words that a build says after it has come past them.
OWN = {
    ".driftcheck/lock": "does not use driftcheck's SDK",
    ".driftcheck/build/go.json": "does not use driftcheck's SDK",
    ".driftcheck/build/go.so": "does not use driftcheck's SDK",
}
NO_TEXT = {"not-utf-8": b"\xff\xfe", "nul": b"\0" * 100, "empty": b""}
BUILD = ("build", "toy:Toy")

Make = Callable[[Path], None]


def _adapter(folder: Path, language: str) -> Path:
    """Write a contract with an adapter that names no SDK, so that no tool is started."""
    (folder / "toy.py").write_text(CONTRACT)
    adapter = folder / language
    adapter.mkdir()
    (adapter / {"go": "go.mod", "rust": "Cargo.toml"}[language]).write_text(MANIFESTS[language])
    return adapter


def _in_place(
    language: str, name: str, make: Make, words: Sequence[str] = BUILD
) -> Callable[[Path], Sequence[str]]:
    def write(folder: Path) -> Sequence[str]:
        path = _adapter(folder, language) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        make(path)
        return words

    return write


def _all() -> Iterator[Hostile]:
    for language, names in SOURCES.items():
        for name in names:
            for way in IRREGULAR:
                write = _in_place(language, name, OTHERS[way])
                is_fast = way == "pipe"
                yield Hostile(KIND, f"{name}-{way}", write, says=(name, NO_FILE), nightly=not is_fast)
    for name, says in OWN.items():
        for way in (*IRREGULAR, "terabyte", "link-to-nothing"):
            write = _in_place("go", name, OTHERS[way])
            # A build that cannot have its lock says so; it comes past all other files.
            words = says if name != ".driftcheck/lock" or way == "pipe" else ""
            yield Hostile(KIND, f"{name}-{way}", write, says=words, nightly=way != "pipe")
    for way, content in NO_TEXT.items():
        for name in ("go.mod", "toy/contract_gen.go"):
            write = _in_place("go", name, lambda path, content=content: path.write_bytes(content))
            yield Hostile(KIND, f"{name}-{way}", write, says="driftcheck: contract 'toy': ")


CORPUS: list[Hostile] = list(_all())
