"""The findings of a package that `driftcheck new` wrote, from the first run to exported tests that pass."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from blocks import ROOT, blocks
from cli_toys import Call
from exported_trees import Ended, run
from recorded_case import write_recorded

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


# What docs/how-to/stateful.md has wrong in Go; the same fault in Rust, which has it right there.
STATE = {
    "go": ("go/limiter/limiter.go", "b.Level(now), now", "b.Level(now), max(b.last, now)"),
    "rust": ("rust/src/limiter.rs", "self.last = now;", "self.last = self.last.max(now);"),
}
# What docs/how-to/codec.md has wrong in Go, its checksum; the same fault in Rust.
CODEC = {
    "go": (
        "go/adapter.go",
        "	n := int(data[0])\n",
        """	n := int(data[0])
	var sum byte
	for _, one := range data[:n+3] {
		sum += one
	}
	if len(data) != n+4 || sum != data[n+3] {
		return frames.Reading{}, errNoFrame
	}
""",
    ),
    "rust": ("rust/src/lib.rs", "*byte)) > *checksum {", "*byte)) != *checksum {"),
}


@pytest.fixture
def package(driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a package, and return its folder below `src`, which is the working directory."""
    driftcheck("new", "demo", "--into", str(tmp_path / "demo"))
    monkeypatch.chdir(tmp_path / "demo" / "src")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "driftcheck_demo", raising=False)  # of another test's package
    return tmp_path / "demo" / "src" / "driftcheck_demo"


def typed(
    name: str, page: str, driftcheck: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Path]:
    """Write a package with the files of a page, and return its contract and its folder."""
    driftcheck("new", name, "--into", str(folder / name))
    written = set()
    for block in blocks(ROOT / "docs" / "how-to" / page, "python", "go", "rust"):
        place = block.settings.get("file")
        if place is not None and place not in written:  # a later block is a later version
            written.add(place)
            (folder / name / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / place).write_text(block.text)
    monkeypatch.chdir(folder / name / "src")
    monkeypatch.setattr(sys, "path", [*sys.path])
    for module in [one for one in sys.modules if one.partition(".")[0] == f"driftcheck_{name}"]:
        monkeypatch.delitem(sys.modules, module)  # of another test's package
    contract = f"driftcheck_{name}:{name.title()}"
    assert driftcheck("gen", contract).code == 0
    return contract, folder / name / "src" / f"driftcheck_{name}"


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
    write_recorded(path, data)
    return path


def export(driftcheck: Call, case: Path, language: str, tree: Path) -> list[str]:
    """Export a case, and return the command that runs the test in the tree."""
    return exported(driftcheck, CONTRACT, case, language, "--into", str(tree))


def exported(driftcheck: Call, contract: str, case: Path, language: str, *more: str) -> list[str]:
    """Export a case, and return the command that runs the test."""
    done = driftcheck("export", "--contract", contract, str(case), "--to", language, *more, "--json")
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


@pytest.mark.nightly
@pytest.mark.parametrize("language", ["go", "rust"])
def test_a_contract_with_state_from_a_page_to_a_fixed_library(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The test stands beside the adapter and fails; with the library fixed the same test passes."""
    contract, folder = typed("bucket", "stateful.md", driftcheck, tmp_path, monkeypatch)
    path, wrong, right = STATE[language]
    if language == "rust":
        place, fault, fixed = STATE["go"]
        change(folder / place, fault, fixed)
        change(folder / path, right, wrong)
    other = {"go": "rust", "rust": "go"}[language]

    assert driftcheck("run", contract, "--max-traces", "500", "--seed", "1").code == 1
    case = min(Path("cases/bucket").glob("value-level-*.json"))
    command = exported(driftcheck, contract, case, language)

    assert fails(run(command, tmp_path), other)
    change(folder / path, wrong, right)
    passed = run(command, tmp_path)
    assert passed.code == 0, passed.said


@pytest.mark.nightly
@pytest.mark.parametrize("language", ["go", "rust"])
def test_a_contract_with_a_codec_from_a_page_to_a_fixed_reader(
    driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The test fails in the package's tree. The reader stands in the adapter, so it is exported again."""
    contract, folder = typed("frames", "codec.md", driftcheck, tmp_path, monkeypatch)
    path, wrong, right = CODEC[language]
    if language == "rust":
        place, fault, fixed = CODEC["go"]
        change(folder / place, fault, fixed)
        change(folder / path, right, wrong)

    assert driftcheck("run", contract, "--max-traces", "1000", "--seed", "1").code == 1
    case = min(Path("cases/frames").glob("accept-reject-*.json"))
    failed = run(exported(driftcheck, contract, case, language), tmp_path)

    assert failed.code != 0
    assert "what model, the reference, answered" in failed.said, failed.said
    change(folder / path, wrong, right)
    passed = run(exported(driftcheck, contract, case, language), tmp_path)
    assert passed.code == 0, passed.said
