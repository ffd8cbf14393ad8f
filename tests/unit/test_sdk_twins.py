"""The Go SDK and the Rust SDK: the same files, with the same names in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GO = ROOT / "go_shim" / "sdk"
RUST = ROOT / "rust_shim" / "sdk" / "src"

TWINS = (
    "abi codec contract coverage crash describe handles limits outcome panics reader session step writer"
).split()
# What a language wants, Rust's trait of types that travel, and what Go has instead of a conditional line.
ONE_SIDED = {"doc.go", "lib.rs", "value.rs", "coverage_off.go"}

_GO_NAME = re.compile(r"^(?:func (?:\([^)]*\) )?(\w+)[\[(]|type (\w+))", re.MULTILINE)
_RUST_NAME = re.compile(r"^ *(?:pub(?:\(crate\))? )?(?:fn|struct|enum|trait) (\w+)", re.MULTILINE)


def _names(found: Iterable[tuple[str, ...] | str]) -> list[str]:
    """Return names as both languages could spell them, each once."""
    plain = ("".join(name).replace("_", "").lower() for name in found)
    return list(dict.fromkeys(plain))


def _go_names(stem: str) -> list[str]:
    return _names(_GO_NAME.findall((GO / f"{stem}.go").read_text()))


def _rust_names(stem: str) -> list[str]:
    text, _, _ = (RUST / f"{stem}.rs").read_text().partition("#[cfg(test)]")
    return _names(_RUST_NAME.findall(text))


def test_both_sdks_have_the_same_files() -> None:
    """Each file of one SDK has a twin in the other; Go keeps what knows C in a package of its own."""
    go = [*GO.glob("*.go"), *(GO / "abi").glob("*.go")]
    go_stems = sorted({p.stem for p in go if not p.stem.endswith("_test") and p.name not in ONE_SIDED})
    rust_stems = sorted(p.stem for p in RUST.rglob("*.rs") if p.name not in ONE_SIDED)

    assert go_stems == TWINS
    assert rust_stems == TWINS


@pytest.mark.parametrize(
    ("stem", "least"),
    [
        ("writer", 15),
        ("reader", 24),
        ("step", 2),
        ("handles", 3),
        ("outcome", 5),
        ("panics", 2),
        ("session", 18),
        ("coverage", 9),
        ("describe", 2),
    ],
)
def test_names_of_twins_have_the_same_order(stem: str, least: int) -> None:
    """The names that both files have stand in the same order, and do not become fewer."""
    go, rust = _go_names(stem), _rust_names(stem)
    shared = [name for name in go if name in rust]

    assert shared == [name for name in rust if name in go]
    assert len(shared) >= least, shared


def test_both_sdks_refuse_bytes_for_the_same_reasons() -> None:
    """Each sentinel error of the Go codec has a variant of the Rust enumeration, in the same order."""
    go = re.findall(r"^\tErr(\w+) +=", (GO / "codec.go").read_text(), re.MULTILINE)
    (variants,) = re.findall(r"pub enum Reason \{\n(.*?)\n\}", (RUST / "codec.rs").read_text(), re.DOTALL)
    rust = re.findall(r"^    (\w+)", variants, re.MULTILINE)

    assert [name.lower() for name in go] == [name.lower() for name in rust]
    assert "cutshort" in [name.lower() for name in go]
