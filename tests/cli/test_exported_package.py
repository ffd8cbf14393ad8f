"""The findings of a package that `driftcheck new` wrote, from the first run to exported tests that pass."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_toys import Call
from exported_trees import Ended, run

CONTRACT = "driftcheck_demo:Demo"
# The library in a place of its own, as docs/how-to/export.md asks for it.
GO_LIBRARY = """// Package address tells what an address is.
package address

import "net/netip"

// IsLoopback says whether an address is a loopback address.
func IsLoopback(text string) (bool, error) {
	parsed, err := netip.ParseAddr(text)
	return parsed.IsLoopback(), err
}
"""
GO_CALL = """	isLoopback, err := address.IsLoopback(text)
	return isLoopback, driftcheck.Library(err)
"""
RUST_LIBRARY = """//! Tells what an address is.

use std::net::{AddrParseError, IpAddr};

pub fn is_loopback(text: &str) -> Result<bool, AddrParseError> {
    let parsed: IpAddr = text.parse()?;
    Ok(parsed.is_loopback())
}
"""
WRONG = {"go": "parsed.IsLoopback()", "rust": "parsed.is_loopback()"}
FIXED = {"go": "parsed.IsLoopback() && !parsed.Is4In6()", "rust": "parsed.to_canonical().is_loopback()"}
PLACE = {"go": "go/adapter.go", "rust": "rust/src/lib.rs"}
LIBRARY = {"go": "go/address/address.go", "rust": "rust/src/address.rs"}


@pytest.fixture
def package(driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a package, and return its folder below `src`, which is the working directory."""
    driftcheck("new", "demo", "--into", str(tmp_path / "demo"))
    monkeypatch.chdir(tmp_path / "demo" / "src")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "driftcheck_demo", raising=False)  # of another test's package
    return tmp_path / "demo" / "src" / "driftcheck_demo"


def case_of(folder: Path) -> Path:
    """Write what a run finds first: the subjects differ about an IPv4 address inside an IPv6 one."""
    step = {
        "operation": "is_loopback",
        "arguments": {"address": "::ffff:127.0.0.0"},
        "outcomes": {"go": {"accepted": True}, "rust": {"accepted": False}},
    }
    shape = {"go": "accepted", "rust": "accepted"}
    data = {
        "driftcheck_case": 1,
        "contract": "demo",
        "signature": {"check": "D103", "operation": "is_loopback", "shape": shape},
        "at": 1,
        "steps": [step],
    }
    path = folder / "case.json"
    path.write_text(json.dumps(data))
    return path


def export(driftcheck: Call, case: Path, language: str, tree: Path) -> list[str]:
    """Export a case, and return the command that runs the test in the tree."""
    done = driftcheck(
        "export", "--contract", CONTRACT, str(case), "--to", language, "--into", str(tree), "--json"
    )
    assert done.code == 0, done.err
    said = json.loads(done.out)
    return ["sh", "-c", f"cd {said['in']} && {said['run']}"]


def change(path: Path, old: str, new: str) -> None:
    """Change a source once."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def fails(ended: Ended, other: str) -> bool:
    """Say whether a test failed since it asserts what the other side answered."""
    return ended.code != 0 and f"what the other side, {other}, answered" in ended.said


@pytest.mark.nightly
def test_the_first_finding_fails_in_both_trees_until_the_adapter_is_fixed(
    driftcheck: Call, package: Path, tmp_path: Path
) -> None:
    """From `new` over `run` and `export` to a failing test; with the fix, a second export passes."""
    found = driftcheck("run", CONTRACT, "--max-traces", "200", "--seed", "1")
    assert found.code == 1, found.err
    (case,) = Path("cases/demo").glob("value-*.json")

    for language, other in (("go", "rust"), ("rust", "go")):
        tree = tmp_path / language
        assert fails(run(export(driftcheck, case, language, tree), tree), other)
        change(package / PLACE[language], WRONG[language], FIXED[language])
        again = run(export(driftcheck, case, language, tree), tree)
        assert again.code == 0, again.said


@pytest.mark.nightly
def test_a_fix_of_the_library_reaches_the_exported_test(
    driftcheck: Call, package: Path, tmp_path: Path
) -> None:
    """A library in a package or file of its own is not copied, so its fix makes the same test pass."""
    (package / "go" / "address").mkdir()
    (package / LIBRARY["go"]).write_text(GO_LIBRARY)
    (package / LIBRARY["rust"]).write_text(RUST_LIBRARY)
    adapter = package / PLACE["go"]
    change(adapter, '	"net/netip"\n\n', '	"driftcheck-demo/address"\n')
    change(adapter, "IsLoopback(address string)", "IsLoopback(text string)")
    begin, end = adapter.read_text().index("	parsed, err"), adapter.read_text().index("}\n\nfunc init")
    adapter.write_text(adapter.read_text()[:begin] + GO_CALL + adapter.read_text()[end:])
    adapter = package / PLACE["rust"]
    change(adapter, "use std::net::IpAddr;\n", "mod address;\n")
    change(adapter, "let parsed: IpAddr = address.parse().map_err(library)?;", "")
    change(adapter, "Ok(parsed.is_loopback())", "address::is_loopback(address).map_err(library)")

    for language, other in (("go", "rust"), ("rust", "go")):
        tree = tmp_path / language
        command = export(driftcheck, case_of(tmp_path), language, tree)
        assert fails(run(command, tree), other)
        change(package / LIBRARY[language], WRONG[language], FIXED[language])
        again = run(command, tree)
        assert again.code == 0, again.said
