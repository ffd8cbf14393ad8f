"""What an author reads who got an adapter wrong: the compiler's own words, under one line that says where."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.build import BuildError, build
from driftcheck.subjects.discover import NativeSource, subjects
from driftcheck_contracts.lru import Lru

COMMANDS = {"go": "'go build'", "rust": "'maturin build'"}
FILES = {"go": "adapter.go", "rust": "src/lib.rs"}


@pytest.fixture
def copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled_crates: Mapping[str, str]
) -> dict[str, NativeSource]:
    """Return copies of the adapters that ship for lru, by language."""
    for name, value in compiled_crates.items():
        monkeypatch.setenv(name, value)
    copies = {}
    for source in subjects(Lru):
        if isinstance(source, NativeSource):
            folder = tmp_path / source.language
            left = shutil.ignore_patterns(".driftcheck", ".cargo", "target")
            shutil.copytree(source.dir, folder, ignore=left)
            copies[source.language] = attrs.evolve(source, dir=folder, prebuilt=tmp_path / "none.so")
    return copies


GO_RESIZE = """
func (c *cache) Resize(capacity uint64) (uint64, error) {
	return uint64(c.lru.Resize(int(capacity))), nil
}
"""
RUST_RESIZE = """
    fn resize(&mut self, capacity: u64) -> Outcome<u64> {
        let before = self.0.len();
        self.0.resize(size(capacity)?);
        Ok((before - self.0.len()) as u64)
    }
"""


@pytest.mark.parametrize(
    ("language", "right", "wrong", "words"),
    [
        (
            "go",
            GO_RESIZE,
            "",
            ["*cache does not implement lru.Subject[*cursor] (missing method Resize)"],
        ),
        (
            "go",
            "Resize(capacity uint64) (uint64, error) {\n\treturn uint64(c.lru.Resize(int(capacity))), nil",
            "Resize(capacity int) error {\n\treturn nil",
            [
                "*cache does not implement lru.Subject[*cursor] (wrong type for method Resize)",
                "have Resize(int) error",
                "want Resize(uint64) (uint64, error)",
            ],
        ),
        (
            "go",
            "lru.ErrAbsent\n\t}\n\treturn value, nil\n}\n\nfunc (c *cache) Peek",
            "lru.ErrMissing\n\t}\n\treturn value, nil\n}\n\nfunc (c *cache) Peek",
            ["undefined: lru.ErrMissing"],
        ),
        (
            "rust",
            RUST_RESIZE,
            "",
            ["error[E0046]: not all trait items implemented, missing: `resize`"],
        ),
        (
            "rust",
            "fn resize(&mut self, capacity: u64)",
            "fn resize(&mut self, capacity: i64)",
            [
                "error[E0053]: method `resize` has an incompatible type for trait",
                "expected signature `fn(&mut Cache, u64) -> Result<_, _>`",
            ],
        ),
        (
            "rust",
            "self.0.get(key).ok_or(Rejection::Absent)",
            "self.0.get(key).ok_or(Rejection::Missing)",
            ["error[E0599]: no variant", "named `Missing` found for enum `Rejection`"],
        ),
    ],
    ids=["go-forgotten", "go-type", "go-rejection", "rust-forgotten", "rust-type", "rust-rejection"],
)
def test_a_mistake_is_a_compile_error(
    copied: dict[str, NativeSource], language: str, right: str, wrong: str, words: list[str]
) -> None:
    """The first line names contract, subject, command and folder; below it speaks the compiler."""
    source = copied[language]
    adapter = source.dir / FILES[language]
    text = adapter.read_text()
    assert text.count(right) == 1
    adapter.write_text(text.replace(right, wrong))

    with pytest.raises(BuildError) as caught:
        build(source, schema_of(Lru))

    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"contract 'lru': subject '{language}': ")
    assert COMMANDS[language] in first
    assert first.endswith(f" failed in {source.dir}")
    said = "\n".join(rest)
    assert [w for w in words if w not in said] == [], said
