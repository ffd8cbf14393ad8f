"""Standard output and standard error that are closed, full, narrow, or not read; and what may reach them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_toys import Author, Call

from driftcheck.cli import run

MAIN = [sys.executable, "-c", "from _driftcheck_cli import main; main()"]
TOY = """
from typing import Annotated
from driftcheck import Contract, ge, invariant, le, operation


class Toy(Contract):
    '''Says {escapes}.'''

    @operation
    def ping(self, n: Annotated[int, ge(0), le(9)]) -> Annotated[str, {within}]: ...


class ToyModel(Toy):
    def ping(self, n: int) -> str:
        {body}
"""
ESCAPES = r"\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"
RUN = ("--max-traces", "20", "--seed", "1")
OURS = re.compile(r"\x1b\[(?:\?25[lh]|[0-9;]*[mAK])")  # colours, and what moves the bars
VERBS = ("contracts", "contracts --json", "explain", "--help")
HEADER = "contract  inputs  inputs/s"


def toy(*, body: str = "return 'fine'", within: str = "le", escapes: str = ESCAPES) -> str:
    """Return a contract; with `within` other than "le", the model's answers lie outside their type."""
    from_attrs = "from attrs.validators import in_, max_len\n"
    constraint = "max_len(20)" if within == "le" else within
    return from_attrs + TOY.format(escapes=escapes, within=constraint, body=body)


FINDING = toy(body=f"return '{ESCAPES}'", within="in_(['fine'])")


def shell(line: str, folder: Path, **words: object) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `driftcheck` is this one."""
    script = (
        f'driftcheck() {{ {sys.executable} -c "from _driftcheck_cli import main; main()" "$@"; }}\n{line}'
    )
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def on_a_terminal(words: list[str], folder: Path, columns: int, **variables: str) -> tuple[int, str]:
    """Run the command on a terminal of its own; return its exit code, and all that it wrote there."""
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
    return process.wait(), b"".join(parts).decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        (["run", "{name}", *RUN], r"\\x1b]0;owned\\x07|\\u{1b}|\\x1b"),
        (["contracts", "{name}"], r"\\x1b]0;owned\\x07"),
        (["contracts", "gone\x1b]0;owned\x07"], r"\\x1b]0;owned\\x07"),
        (["run", "gone\x1b]0;owned\x07:Toy"], r"\\x1b]0;owned\\x07"),
        (["replay", "gone\x1b]0;owned\x07\u202e.json"], r"\\x1b]0;owned\\x07\\u202e"),
        (["\x1b]0;owned\x07"], r"\\x1b"),
        (["run", "{name}", "--max-time", "\x1b]0;owned\x07"], r"\\x1b"),
    ],
    ids=["finding", "doc", "name", "module", "path", "verb", "option"],
)
def test_a_terminal_gets_no_escape_of_a_stranger(
    author: Author, tmp_path: Path, words: list[str], escaped: str
) -> None:
    """Only our own colours, and what moves the bars, arrive there raw."""
    name = author(FINDING)

    code, shown = on_a_terminal([word.format(name=name) for word in words], tmp_path, 100)

    assert code in (0, 1, 2)
    assert re.search(escaped, shown), shown
    assert "\x1b" not in OURS.sub("", shown)
    assert not any(c in shown for c in "\x07\x9b\u202e")
    assert "\x1b[31m\\x9b" not in shown  # the colour in the payload is none


def test_a_dumb_terminal_gets_no_escape_at_all(author: Author, tmp_path: Path) -> None:
    """Nothing but text arrives, whatever a payload holds."""
    code, shown = on_a_terminal(["run", author(FINDING), *RUN], tmp_path, 100, TERM="dumb")

    assert code == 1
    assert "D104 outside-type in toy, ping" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "columns", [1, *(pytest.param(one, marks=pytest.mark.nightly) for one in (2, 20)), 35]
)
def test_a_narrow_terminal_has_narrow_bars(author: Author, tmp_path: Path, columns: int) -> None:
    """The line of a contract never takes two lines, and no width ends a run."""
    code, shown = on_a_terminal(["run", author(FINDING), *RUN], tmp_path, columns)

    assert code == 1
    drawn = [part.split("\n")[-1] for part in shown.split("\r\x1b[2K")[1:-1]]
    assert max((len(OURS.sub("", bar)) for bar in drawn), default=0) <= columns
    assert "Traceback" not in shown


def test_a_reader_that_goes_ends_the_command_quietly(tmp_path: Path) -> None:
    """The exit code is that of a command which SIGPIPE ended: 141, and never 1."""
    done = [shell(f"driftcheck {verb} | (exec <&-); exit ${{PIPESTATUS[0]}}", tmp_path) for verb in VERBS]

    assert [one.returncode for one in done] == [141] * len(VERBS)
    assert [one.stderr for one in done] == [""] * len(VERBS)


def test_a_run_whose_reader_goes_keeps_what_it_found(author: Author, tmp_path: Path) -> None:
    """The case file of the first finding is there."""
    name = author(FINDING)
    done = shell(f"driftcheck run {name} --max-traces 20 | (exec <&-); exit ${{PIPESTATUS[0]}}", tmp_path)

    assert done.returncode == 141
    assert re.fullmatch(r"seed \d+\n", done.stderr)
    assert len([*tmp_path.glob("cases/toy/*.json")]) == 1


@pytest.mark.parametrize(
    ("where", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
@pytest.mark.parametrize(
    "verb", ["run {} --max-traces 20", "contracts {}", "explain --json", "contracts --json"]
)
def test_an_output_that_takes_nothing_is_a_mistake(
    author: Author, tmp_path: Path, verb: str, where: str, why: str
) -> None:
    """One sentence on the standard error, and exit code 2, with findings and without."""
    done = shell(f"driftcheck {verb.format(author(FINDING))} {where}", tmp_path)

    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("driftcheck: ")]
    assert said == [f"driftcheck: standard output cannot be written: {why}; redirect it to another place"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_an_error_output_that_takes_nothing_changes_no_answer(
    author: Author, tmp_path: Path, where: str
) -> None:
    """The finding is printed, and the exit code says that there is one."""
    done = shell(f"driftcheck run {author(FINDING)} --max-traces 20 {where}", tmp_path)

    assert done.returncode == 1
    assert HEADER in done.stdout


def test_help_that_nobody_takes_is_no_finding(tmp_path: Path) -> None:
    """`--help` into a full device, too."""
    done = shell("driftcheck --help >/dev/full", tmp_path)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr


def test_junit_on_the_standard_output_follows_what_was_printed(author: Author, tmp_path: Path) -> None:
    """A redirected output gets the file too, once, and keeps the rest."""
    done = shell(f"driftcheck run {author(toy())} --max-traces 20 --junit /dev/stdout >all.txt", tmp_path)

    assert done.returncode == 0, done.stderr
    found = (tmp_path / "all.txt").read_text()
    assert found.count("<testsuites>") == 1
    assert HEADER in found


def test_junit_of_a_run_is_read_by_a_parser(driftcheck: Call, author: Author) -> None:
    """Whatever a payload holds, the file is XML, and shows the escapes."""
    said = driftcheck("run", author(FINDING), *RUN, "--junit", "run.xml")

    assert said.code == 1
    text = Path("run.xml").read_text()
    assert [*ElementTree.fromstring(text).iter("failure")]
    assert not any(c in text for c in "\x1b\x07\x9b\u202e")


@pytest.mark.parametrize(
    ("place", "why"), [(".", "it is a folder"), ("pipe", "nobody reads from it"), ("/proc/run.xml", "")]
)
def test_a_junit_file_that_cannot_be_written_is_told_before_the_run(
    driftcheck: Call, author: Author, tmp_path: Path, place: str, why: str
) -> None:
    """Nothing is imported, built or run."""
    name = author("raise AssertionError('imported')")
    os.mkfifo(tmp_path / "pipe")

    said = driftcheck("run", name, *RUN, "--junit", place)

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"driftcheck: {place}: it cannot be written: {why}")
    assert said.err.count("\n") == 1


def test_a_junit_file_that_fails_at_the_end_loses_no_result(driftcheck: Call, author: Author) -> None:
    """The summary is printed, the case is kept, and the exit code is 2."""
    said = driftcheck("run", author(FINDING), *RUN, "--junit", "/dev/full")

    assert said.code == 2
    assert HEADER in said.out
    assert len([*Path("cases").glob("*/*.json")]) == 1
    assert "driftcheck: /dev/full: it cannot be written: No space left on device" in said.err


def test_pages_that_fail_at_the_end_lose_no_matrix(driftcheck: Call, author: Author) -> None:
    """The matrix is still printed."""
    said = driftcheck("matrix", author(toy()), "--html", "/dev/full", "--markdown", "m.md")

    assert said.code == 2
    assert said.out.startswith("toy: ")
    assert Path("m.md").exists()
    assert (
        said.err
        == "driftcheck: /dev/full: it cannot be written: No space left on device; name another file\n"
    )


def test_what_an_author_prints_is_no_result(driftcheck: Call, author: Author) -> None:
    """It goes to the standard error, with its escapes made visible, so that JSON stands alone."""
    said = driftcheck("contracts", author(f"print('{ESCAPES}')\n{toy()}"), "--json")

    assert said.out.startswith("{")
    assert ESCAPES in said.err
    assert "\x1b" not in said.err


def test_each_text_leaves_through_one_function() -> None:
    """No verb writes to a stream by itself, so that none can forget to escape."""
    for path in Path(run.__file__).parent.glob("*.py"):
        writes = re.findall(
            r"click\.echo|(?<!def )(?<![.\w])print\(|\.stdout\.write|\.stderr\.write", path.read_text()
        )
        assert path.name == "terminal.py" or not writes, path


def test_a_fault_of_driftcheck_is_no_finding(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody expects shows its traceback, and its exit code is 2."""
    monkeypatch.setattr("driftcheck.cli.explain.known_checks", lambda added: 1 // 0)

    said = driftcheck("explain")

    assert said.code == 2
    assert "ZeroDivisionError" in said.err
    assert said.err.endswith("this is a fault of driftcheck; please report it\n")


@pytest.mark.parametrize("words", [("run", "lru"), ("campaign", "lru"), ("replay", "cases"), ("--help",)])
def test_a_working_directory_that_was_removed(tmp_path: Path, words: tuple[str, ...]) -> None:
    """One sentence says so, and exit code 2; there is no file that it could name."""
    here = tmp_path / "gone"
    here.mkdir()
    said = subprocess.run(  # the shell removes the folder that driftcheck then starts in
        ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *MAIN, *words],
        cwd=here,
        capture_output=True,
        text=True,
    )

    assert said.returncode == 2
    assert said.stderr == (
        "driftcheck: the working directory has been removed; "
        "go to another folder, and run the command there\n"
    )
