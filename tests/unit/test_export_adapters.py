"""What an exported test takes over of an adapter's source, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from driftcheck import schema_of
from driftcheck.export import go_adapter, go_build_tags, rust_adapter, rust_uses
from driftcheck.export.errors import NotExportable
from driftcheck.export.rust_cfg import resolve
from driftcheck.export.rust_tokens import Item, items, tokens
from driftcheck.subjects.discover import NativeSource

SCHEMA = schema_of(tiny.Tiny)
GO = """package main

import (
	contract "mine/tiny"
	driftcheck "driftcheck/sdk"
)

// scale is used.
const scale = 2

const unused = 3

type adapter struct{}

func (adapter) State() uint64 { return helped(scale) }

func helped(n uint64) uint64 { return n }

func forgotten() error { return driftcheck.Library(nil) }

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
"""


def go_source(folder: Path, text: str) -> NativeSource:
    """Write a Go adapter."""
    (folder / "go.mod").write_text("module mine\n")
    (folder / "adapter.go").write_text(text)
    return NativeSource("go", "go", folder, folder / "none")


def test_what_the_steps_reach_is_copied(tmp_path: Path) -> None:
    """Functions and constants that a needed method reaches are copied with their comments, and no others."""
    adapter = go_adapter.read(go_source(tmp_path, GO), SCHEMA, {"State"})

    text = "".join(one.text for one in adapter.declarations)
    assert adapter.subject == "adapter{}"
    assert "// scale is used." in text
    assert "func helped" in text
    assert "unused" not in text
    assert "forgotten" not in text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("func init()", "func started()"), "has no 'init' that calls driftcheck.Register"),
        (('driftcheck "driftcheck/sdk"', 'driftcheck "driftcheck/sdk"\n\t"C"'), "imports C"),
        (("const unused = 3", "type Subject int"), "both have the name Subject"),
    ],
)
def test_an_adapter_that_cannot_be_copied_is_refused(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    """The reason names what stands in the way."""
    with pytest.raises(NotExportable, match=reason):
        go_adapter.read(go_source(tmp_path, GO.replace(*change)), SCHEMA, {"State"})


@pytest.mark.parametrize(
    ("expression", "tags", "holds"),
    [
        ("!xmod && loose", {"loose"}, True),
        ("!xmod && loose", {"loose", "xmod"}, False),
        ("(v2 && !goexperiment.jsonv2) || windows", {"v2"}, True),
        ("go1.24", set(), True),
    ],
)
def test_a_build_constraint_is_read(expression: str, tags: set[str], holds: bool) -> None:
    """Tags, brackets and versions of Go count as the go command counts them."""
    assert go_build_tags.holds(expression, tags) is holds


def test_features_choose_the_items() -> None:
    """What a build with these features leaves out is left out, and attributes of features disappear."""
    text = (
        '#[cfg(feature = "a")]\nuse a::A;\n#[cfg(not(feature = "a"))]\nuse b::B;\n'
        '#[cfg_attr(feature = "a", path = "x.rs")]\nmod m;\n'
    )

    kept = "".join(token.text for token in resolve(tokens(text), {"a"}))

    assert "use a::A;" in kept
    assert "use b::B;" not in kept
    assert "cfg" not in kept
    assert "#[path=" in kept.replace(" ", "")


def test_an_item_ends_where_it_ends() -> None:
    """Braces in texts, characters, comments and raw strings end no item, and lifetimes are no characters."""
    text = """
fn one<'a>(s: &'a str) -> char { /* } */ let _ = r#"}"#; '}' } // behind
struct Two(u8);
const THREE: &str = "};";
impl<T> Four for Five<T> { type Six = [u8; 3]; }
"""

    _, found = items(tokens(text))

    assert [(item.keyword, item.name) for item in found] == [
        ("fn", "one"),
        ("struct", "Two"),
        ("const", "THREE"),
        ("impl", ""),
    ]


@pytest.mark.parametrize(
    ("source", "used", "kept"),
    [
        ("use a::{b, c::{d, e}};", {"b", "e"}, "use a::{b, c::{e}};"),
        ("use a::{self, b as c};", {"a"}, "use a::{self};"),
        ("use a::b as c;", {"c"}, "use a::b as c;"),
        ("use a::b;", set(), None),
        ("use a::{Read, b};", set(), "use a::{Read};"),
        ("use a::*;", set(), "use a::*;"),
        ("pub use a::b;", set(), "pub use a::b;"),
    ],
)
def test_a_use_keeps_what_is_needed(source: str, used: set[str], kept: str | None) -> None:
    """Unused names go; one with a capital letter may be a trait, and stays."""
    _, (item,) = items(tokens(source))

    found = rust_uses.needed(item, used, is_known=False)

    assert (found.text.strip() if found else None) == kept


def test_a_method_that_no_step_calls_is_left_out(tmp_path: Path) -> None:
    """Of an implementation without a trait the called methods are copied; without any, all of it goes."""
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "x"\n')
    (tmp_path / "src" / "lib.rs").write_text(
        "struct A(B);\nstruct B;\nimpl A { fn one(&self) -> u64 { self.two() } fn two(&self) -> u64 { 2 } "
        "fn three(&self) {} }\nimpl B { fn four(&self) {} }\n"
        "impl Subject for A { fn state(&mut self) -> u64 { self.one() } }\n"
        "driftcheck::extension!(contract(|| Ok(A(B))));\n"
    )

    adapter = rust_adapter.read(NativeSource("rust", "rust", tmp_path, tmp_path / "none"), SCHEMA, {"state"})

    text = "".join(item.text for item in adapter.root.items if isinstance(item, Item))
    assert "fn one" in text
    assert "fn two" in text
    assert "three" not in text
    assert "four" not in text
    assert "dead_code" not in text


def test_a_file_that_knows_nothing_of_driftcheck_is_the_library(tmp_path: Path) -> None:
    """The test refers to it, so that a fix of it reaches the test; the adapter's files are copied."""
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "x"\n')
    (tmp_path / "src" / "limiter.rs").write_text("pub fn limit() -> u64 { 1 }\n")
    (tmp_path / "src" / "records.rs").write_text("use crate::contract_gen as contract;\npub fn used() {}\n")
    (tmp_path / "src" / "lib.rs").write_text(
        "mod contract_gen;\nmod limiter;\nmod records;\nuse contract_gen::{Subject, contract};\n"
        "struct A;\nimpl Subject for A { fn state(&mut self) -> u64 { records::used(); limiter::limit() } }\n"
        "driftcheck::extension!(contract(|| Ok(A)));\n"
    )
    source = NativeSource("rust", "rust", tmp_path, tmp_path / "none")

    adapter = rust_adapter.read(source, SCHEMA, {"state"})

    assert adapter.opener == "|| Ok(A)"
    assert [path.name for path in adapter.referenced] == ["limiter.rs"]
    assert [path.name for path in adapter.files] == ["lib.rs", "records.rs"]


def test_a_file_that_the_source_includes_is_refused(tmp_path: Path) -> None:
    """What include_str! names is not copied, so the adapter is refused."""
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "x"\n')
    (tmp_path / "src" / "lib.rs").write_text('const T: &str = include_str!("t.txt");\n')

    with pytest.raises(NotExportable, match="include_str!"):
        rust_adapter.read(NativeSource("rust", "rust", tmp_path, tmp_path / "none"), SCHEMA, ())
