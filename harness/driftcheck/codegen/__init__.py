"""
Generates code from a contract: the Go package and the Rust module that its adapters implement.

Owns the places of the files. `go` and `rust` make their text, as pure functions of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from driftcheck.codegen import go, rust
from driftcheck.contract.schema import Schema
from driftcheck.core.output_file import replace_file
from driftcheck.subjects.discover import NativeSource, SubjectSource

__all__ = ["check", "generate_all", "write"]


def generate_all(schema: Schema, sources: Iterable[SubjectSource]) -> dict[Path, str]:
    """Return the text of every generated file of a contract's native subjects, by path.

    A subject without sources, as in an installed package, has none.
    """
    texts: dict[Path, str] = {}
    for source in sources:
        if not isinstance(source, NativeSource) or not source.dir.is_dir():
            continue
        if source.language == "go":
            path = source.dir / schema.name.replace("_", "") / "contract_gen.go"
            generate = go.generate
        else:
            path = source.dir / "src" / "contract_gen.rs"
            generate = rust.generate
        if path not in texts:  # several builds of one adapter share its sources
            texts[path] = generate(schema)
    return texts


def check(texts: Mapping[Path, str]) -> list[Path]:
    """List the files that differ from their text, or are missing."""
    return [path for path, text in texts.items() if not path.is_file() or path.read_bytes() != text.encode()]


def write(texts: Mapping[Path, str]) -> list[Path]:
    """Write the files that differ from their text, and list them; others keep their time stamps."""
    changed = check(texts)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, texts[path].encode())
    return changed
