"""What a run shows while it goes: bars on a terminal, plain lines elsewhere, colours only where they help."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from cli_toys import Author, Call
from rich.console import Console

from driftcheck.cli import bars, screen
from driftcheck.cli.progress import Progress
from driftcheck.findings.colour import coloured
from driftcheck.search.budget import Budget
from driftcheck.search.statistics import RunStatistics

MAIN = [sys.executable, "-c", "from driftcheck.cli import main; main()"]
TOY = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation


class Toy(Contract):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(9)]) -> Annotated[int, ge(0), le(3)]: ...


class ToyModel(Toy):
    def ping(self, n: int) -> int:
        return 7
"""
ESCAPE, COLOUR = "\x1b[", re.compile(r"\x1b\[(?:1;)?3[0-9](;[0-9;]+)?m")


def on_a_terminal(words: list[str], folder: Path, columns: int = 100, **variables: str) -> str:
    """Run the command on a terminal of its own; return all that it wrote there."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [*MAIN, *words], cwd=folder, env={**env, "TERM": "xterm", **variables}, stdout=inner, stderr=inner
    )
    os.close(inner)
    parts = []
    while True:
        try:
            part = os.read(outer, 65_536)
        except OSError:  # the terminal has been closed
            break
        if not part:
            break
        parts.append(part)
    os.close(outer)
    assert process.wait() == 1
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_terminal_shows_bars_and_colours(author: Author, tmp_path: Path) -> None:
    """The bar of the contract is there, the finding stays above it, and the last screen has colours."""
    name = author(TOY)

    shown = on_a_terminal(["run", name, "--max-traces", "50"], tmp_path)

    assert "━" in shown
    assert "\x1b[1mD104 outside-type in toy, ping" in shown
    assert COLOUR.search(shown)


@pytest.mark.parametrize(
    ("variables", "escapes"), [({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, False)], ids=["no-color", "dumb"]
)
def test_a_terminal_may_ask_for_no_colours(
    author: Author, tmp_path: Path, variables: dict[str, str], escapes: bool
) -> None:
    """NO_COLOR keeps the bars and drops the colours; TERM=dumb drops both."""
    name = author(TOY)

    shown = on_a_terminal(["run", name, "--max-traces", "50"], tmp_path, **variables)

    assert "D104 outside-type in toy, ping" in shown
    assert not COLOUR.search(shown)
    assert (ESCAPE in shown) == escapes


def test_a_pipe_gets_plain_lines(driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on a terminal there is no escape, and a line of progress now and then."""
    monkeypatch.setattr(screen, "PLAIN_EVERY_S", 0.0)
    name = author(TOY)

    said = driftcheck("run", name, "--max-traces", "200", "--seed", "1")

    assert ESCAPE not in said.out + said.err
    assert re.search(rf"^{name}: [0-9,]+ inputs, [0-9,]+ inputs/s, \d+ findings?", said.err, re.MULTILINE)


def test_json_stays_alone_on_the_standard_output(driftcheck: Call, author: Author) -> None:
    """The finding goes to the standard error."""
    said = driftcheck("run", author(TOY), "--max-traces", "50", "--json")

    assert said.out.startswith("[\n")
    assert said.out.endswith("]\n")
    assert "D104 outside-type in toy, ping" in said.err


def drawn(one: Progress, columns: int) -> str:
    """Return the line of a contract on a screen of that many columns."""
    console = Console(file=io.StringIO(), width=columns, force_terminal=False)
    with console.capture() as captured:
        console.print(bars.bars([one], columns))
    return captured.get()


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_a_bar_is_one_line_on_any_screen(columns: int) -> None:
    """However narrow the screen, the name, the inputs and the findings stay on one line."""
    one = Progress("json", Budget(max_time_s=60.0), "", time.monotonic() - 31, time.monotonic() - 30)
    one.inputs, one.findings = 12_345, 2

    line = drawn(one, columns)

    assert line.count("\n") == 1
    assert len(line.rstrip("\n")) <= columns
    assert re.match(r"json .*12,345 inputs .*2 findings", line)
    assert ("0:30 left" in line or "0:29 left" in line) == (columns >= bars.NARROW)


@pytest.mark.parametrize("columns", [1, 2, 20, 35])
def test_the_narrowest_screen_keeps_the_beginning(columns: int) -> None:
    """The line is cut at the screen's edge: the name stays, then the inputs, then the findings."""
    one = Progress("json", Budget(max_time_s=60.0), "", time.monotonic() - 31, time.monotonic() - 30)
    one.inputs, one.findings = 12_345, 2
    whole = "json 12,345 inputs, 2 findings"

    line = drawn(one, columns)

    assert line == (f"{whole}\n" if columns >= len(whole) else f"{whole[: columns - 1]}…\n")


@pytest.mark.parametrize("phase", ["waiting", "building go, rust", "trying adapters"])
def test_what_comes_before_the_search_has_a_line_too(phase: str) -> None:
    """From the first second on each contract says what is done with it."""
    line = drawn(Progress("json", phase=phase), 100)

    assert phase in line
    assert "findings" not in line


def test_libraries_that_are_built_side_by_side_are_all_named() -> None:
    """The phase names the libraries that were begun last, one of each language."""
    shown = screen.Screen(["lru"], as_json=False)
    shown.begin("lru", Budget())

    for subject in ("go-v1", "go", "rust"):
        shown.building("lru", f"building lru: {subject}")

    assert shown.current.phase == "building go, rust"


def test_a_search_within_a_number_of_traces_says_what_is_left() -> None:
    """The share of the budget that is spent tells the time that is left."""
    one = Progress("lru", Budget(max_traces=100), "", time.monotonic() - 10, time.monotonic() - 10)
    one.inputs = 50

    assert one.share == pytest.approx(0.5)
    assert one.left_s == pytest.approx(10, abs=0.5)


def test_statistics_move_the_bar() -> None:
    """Inputs and findings are those of the search."""
    shown = screen.Screen(["lru"], as_json=False)
    shown.begin("lru", Budget(max_traces=100))
    shown.search()

    shown.progress(RunStatistics(traces=25), 3)
    shown.count_finding()

    assert (shown.current.inputs, shown.current.findings, shown.current.share) == (25, 4, 0.25)


PAGE = """\
D101 accept-reject in json, decode: one subject accepts what another rejects

        go             rust
-> 1  ping(`accepted`)
        accepted: 0    rejected: malformed
   2  ping(`0`)        crashed: signal 6
"""


def test_colours_say_what_was_accepted_rejected_and_died() -> None:
    """Outcomes are green, yellow and red, the arrow is red, and no character changes."""
    shown = coloured(PAGE)

    assert re.sub(r"\x1b\[\d+m", "", shown) == PAGE
    lines = shown.split("\n")
    assert lines[0].startswith("\x1b[1mD101")
    assert lines[3] == "\x1b[1m\x1b[31m->\x1b[0m 1  ping(`accepted`)"
    assert lines[4] == "        \x1b[32maccepted\x1b[0m: 0    \x1b[33mrejected\x1b[0m: malformed"
    assert lines[5] == "   2  ping(`0`)        \x1b[31mcrashed\x1b[0m: signal 6"
