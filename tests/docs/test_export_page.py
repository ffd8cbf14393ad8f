"""The page on exporting a case: what it shows is what a reader sees who types its commands."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from blocks import ROOT, blocks, walk
from debuggers import Session, found, missing, shown
from test_tutorial import environment_of, said

PAGE = ROOT / "docs" / "how-to" / "export.md"
SAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))
NAME = "json_accept_reject_decode_duplicate_field_63ccd50d"
HOME = "/home/me"  # of the reader of the page


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Return the shell of a reader whose home folder is empty, with the tools of this machine."""
    home = Path.home()
    tools = {"CARGO_HOME": str(home / ".cargo"), "RUSTUP_HOME": str(home / ".rustup")}
    kept = environment_of(Path(sys.executable).parent)
    places = said(["go", "env", "GOPATH", "GOCACHE"], ROOT, kept).split()
    go = dict(zip(("GOPATH", "GOCACHE"), places, strict=True))
    return {**tools, **kept, **go, "HOME": str(tmp_path), "RUST_BACKTRACE": "0", "TERM": "dumb"}


def typed(environment: Mapping[str, str]) -> list[str]:
    """Type the commands of the page in the checkout; what they print has the reader's home folder."""
    page = Path(environment["HOME"]) / PAGE.name
    page.write_text(PAGE.read_text(encoding="utf-8").replace(HOME, environment["HOME"]), encoding="utf-8")
    return walk(page, ROOT, environment)


@pytest.mark.nightly
def test_the_commands_of_the_page_can_be_typed(environment: Mapping[str, str]) -> None:
    """From a sample case to a failing test in an empty module and in an empty crate; no path is made up.

    Then the sessions of the debuggers are those that the page shows.
    """
    verbs = [command.split()[0] for command in typed(environment)]

    home = Path(environment["HOME"])
    (excerpt,) = blocks(PAGE, "go")
    (written,) = (home / "parser-go").rglob("*_test.go")
    assert verbs.count("driftcheck") == 3
    assert excerpt.text in written.read_text(encoding="utf-8")
    delve = found("dlv")
    if delve is not None:
        variables = {**environment, "GOEXPERIMENT": "nojsonv2"}
        stops("(dlv)", [delve, "test"], written.parent, variables)
    gdb = found("rust-gdb")
    if gdb is not None and found("gdb") is not None:
        crate = home / "parser-rust"
        precise = ["cargo", "update", "-p", "serde_json", "--precise", "1.0.154"]
        assert subprocess.run(precise, cwd=crate, env=environment, check=False).returncode == 0
        build = ["cargo", "test", "--no-run", "--test", NAME]
        assert subprocess.run(build, cwd=crate, env=environment, check=False).returncode == 0
        (program,) = (one for one in crate.glob(f"target/debug/deps/{NAME}-*") if one.suffix == "")
        stops("(gdb)", [gdb, "-q", "-iex", "set pagination off", str(program)], crate, environment)


def stops(prompt: str, debugger: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Type what the page shows at the prompt of a debugger, and compare what it prints."""
    session = Session.start(prompt, debugger, environment, folder)
    try:
        for command in shown(PAGE, prompt):
            session.type(command.text)
            told = session.read()
            assert missing(command.printed, told) == "", f"{command.text}\n{told}"
    finally:
        session.close()


def test_the_page_shows_the_test_that_is_written(environment: Mapping[str, str]) -> None:
    """The excerpt of Go on the page stands in the test that the command of the page writes."""
    (excerpt,) = blocks(PAGE, "go")
    home = Path(environment["HOME"])
    command = ["driftcheck", "export", str(SAMPLES[0].relative_to(ROOT)), "--to", "go", "--into"]

    said([*command, str(home / "parser-go")], ROOT, environment)

    (written,) = home.rglob("*_test.go")
    text = written.read_text(encoding="utf-8")
    failing = 1 + text[: text.index("t.Errorf")].count("\n")
    page = PAGE.read_text(encoding="utf-8")
    assert excerpt.text in text
    assert f"{' '.join(command)} ~/parser-go\n" in page
    assert f"{written.name}:{failing}: step 1" in page


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_can_be_exported(sample: Path, tmp_path: Path) -> None:
    """Each has a test in the language of a subject that is to blame, or in both if nobody is."""
    blamed = json.loads(sample.read_text(encoding="utf-8")).get("blamed", ["go", "serde"])

    for subject in blamed:
        (tmp_path / subject).mkdir()
        to = {"go": "go", "serde": "rust"}[subject]
        command = ["driftcheck", "export", str(sample), "--to", to, "--into", str(tmp_path / subject)]
        said(command, ROOT, environment_of(Path(sys.executable).parent))

        assert [*(tmp_path / subject).rglob("json_*")]
