"""The page on replaying a case: its first command works in a checkout, and so do all sample cases."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from blocks import ROOT, walk
from debuggers import Session, found, missing, shown
from test_tutorial import environment_of, said

PAGE = ROOT / "docs" / "how-to" / "replay.md"
SAMPLE = "examples/cases/json/accept-reject-decode-duplicate-field-63ccd50d.json"
SAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))


def test_the_commands_of_the_page_can_be_typed() -> None:
    """A reader who stands in the checkout sees what the page shows."""
    typed = walk(PAGE, ROOT, environment_of(Path(sys.executable).parent))

    assert [command.split()[1] for command in typed] == ["replay"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_case_diverges_as_it_says(sample: Path) -> None:
    """Each sample shows the divergence of its own signature, which an asymmetry covers."""
    command = f"driftcheck replay --subject go --subject serde --json {sample}; test $? -eq 1"

    told = said(["/bin/sh", "-c", command], ROOT, environment_of(Path(sys.executable).parent))

    assert '"is_the_same": true' in told
    assert '"is_accepted": true' in told


def test_the_breakpoint_is_in_the_crate_that_the_adapter_has() -> None:
    """The page names the version in the lock file of the adapter, so that file and line are right."""
    lock = tomllib.loads((ROOT / "rust_shim/contracts/json/Cargo.lock").read_text(encoding="utf-8"))
    (version,) = (one["version"] for one in lock["package"] if one["name"] == "serde_json")

    places = [command.text for command in shown(PAGE, "(gdb)") if command.text.startswith("break ")]

    assert places == [f"break serde_json-{version}/src/de.rs:2667"]


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("prompt", "subject", "debugger"),
    [
        ("(dlv)", "go", ["dlv", "attach"]),
        ("(gdb)", "serde", ["rust-gdb", "-q", "-iex", "set pagination off", "-p"]),
    ],
)
def test_a_session_of_the_page_stops_in_the_library(prompt: str, subject: str, debugger: list[str]) -> None:
    """Each command that the page shows at the prompt of a debugger prints what the page has below it."""
    name, *options = debugger
    path = found(name)
    if path is None or found(name.removeprefix("rust-")) is None:
        pytest.skip(f"{name} is not installed")
    if os.geteuid() != 0 and Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip() != "0":
        pytest.skip("the kernel lets no debugger attach")
    environment = environment_of(Path(sys.executable).parent, TERM="dumb")
    replay = subprocess.Popen(
        ["driftcheck", "replay", "--subject", subject, "--debug", SAMPLE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert replay.stdin is not None
    assert replay.stderr is not None
    number = next(line for line in replay.stderr if ": process " in line).split()[-1]
    session = Session.start(prompt, [path, *options, number], environment)

    try:
        for command in shown(PAGE, prompt):
            session.type(command.text)
            if command.text == "continue":
                replay.stdin.write("\n")
                replay.stdin.flush()
            told = session.read()
            assert missing(command.printed, told) == "", f"{command.text}\n{told}"
    finally:
        session.close()
        replay.communicate()
