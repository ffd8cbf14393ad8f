"""
The excerpts of Go and Rust in the pages, compiled in the code that they leave out.

A block says `within=NAME`; `snippets/go/NAME.go.in` or `snippets/rust/NAME.rs.in` has that code, with a line
for the excerpts of this name, in the order of the pages. Blocks with `file=` are compiled where their page is
typed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from blocks import PAGES, ROOT, Block, blocks

SNIPPETS = Path(__file__).parent / "snippets"
PLACE = "//{{snippets}}\n"

EXCERPTS = [block for page in PAGES for block in blocks(page, "go", "rust") if "file" not in block.settings]

GO_MOD = f"""module snippets

go 1.24

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => {ROOT / "go_shim" / "sdk"}
"""
CARGO_TOML = f"""[package]
name = "snippets"
version = "0.0.0"
edition = "2024"

[dependencies]
driftcheck = {{ path = "{ROOT / "rust_shim" / "sdk"}" }}
lru = "0.19"
tokio = {{ version = "1", features = ["net", "rt", "time"] }}

[workspace]
"""


@pytest.mark.parametrize("block", EXCERPTS, ids=str)
def test_an_excerpt_says_what_it_leaves_out(block: Block) -> None:
    """Each excerpt names the code around it, so that it is compiled."""
    suffix = {"go": "go", "rust": "rs"}[block.language]

    around = SNIPPETS / block.language / f"{block.settings.get('within')}.{suffix}.in"

    assert PLACE in around.read_text(encoding="utf-8")


def test_go_excerpts_compile(tmp_path: Path) -> None:
    """The excerpts of Go, with the code around them, are packages that `go vet` accepts."""
    for name, text in whole("go").items():
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.go").write_text(text, encoding="utf-8")
    (tmp_path / "go.mod").write_text(GO_MOD, encoding="utf-8")

    done = run(["go", "vet", "./..."], tmp_path)

    assert done.returncode == 0, done.stderr


def test_rust_excerpts_compile(tmp_path: Path) -> None:
    """The excerpts of Rust, with the code around them, are modules of one crate that compiles."""
    (tmp_path / "src").mkdir()
    modules = whole("rust")
    for name, text in modules.items():
        (tmp_path / "src" / f"{name}.rs").write_text(text, encoding="utf-8")
    listed = "".join(f"pub mod {name};\n" for name in modules)
    (tmp_path / "src" / "lib.rs").write_text(f"#![allow(dead_code)]\n\n{listed}", encoding="utf-8")
    (tmp_path / "Cargo.toml").write_text(CARGO_TOML, encoding="utf-8")

    done = run(["cargo", "check", "--quiet"], tmp_path)

    assert done.returncode == 0, done.stderr


def whole(language: str) -> Mapping[str, str]:
    """Return the text of each file in `snippets`, with the excerpts in their place."""
    found = {}
    for path in sorted((SNIPPETS / language).glob("*.in")):
        name = path.name.split(".")[0]
        within = [b.text for b in EXCERPTS if (b.language, b.settings.get("within")) == (language, name)]
        found[name] = path.read_text(encoding="utf-8").replace(PLACE, "\n".join(within))
    return found


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a compiler; crates are compiled once for all runs of this test."""
    target = ROOT / "rust_shim" / "target" / "snippets"
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
