"""`driftcheck campaign`: several workers, one corpus, one summary."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from cli_toys import Author, Call

from driftcheck.campaign import broker
from driftcheck.campaign.corpus import FOLDER, Corpus
from driftcheck.campaign.events import FOLDER as RECORDS
from driftcheck.campaign.events import last_campaign
from driftcheck.lockstep.host_slot import STARTS

MAIN = [sys.executable, "-c", "from driftcheck.cli import main; main()"]
PING = """
from typing import Annotated
from driftcheck import Contract, ge, le, law, operation


class Toy(Contract, name={name!r}):
    @operation
    def ping(self, n: Annotated[int, ge(0), le(999)]) -> Annotated[int, ge(0), le(999)]: ...
    {law}

class ToyModel(Toy):
    def ping(self, n: int) -> int:
        return {answer}
"""
STACK = """
from typing import Annotated
from driftcheck import Contract, Rejection, ge, le, operation, query

Number = Annotated[int, ge(0), le(99)]


class Toy(Contract, name="stack"):
    empty = Rejection("nothing is there")

    def state(self) -> Annotated[int, ge(0), le(9999)]: ...

    @operation
    def push(self, n: Number) -> Number: ...

    @operation(rejects=[empty])
    def pop(self) -> Number: ...

    @query
    def size(self) -> Annotated[int, ge(0), le(9999)]: ...


class ToyModel(Toy):
    def __init__(self) -> None:
        self.items: list[int] = []

    def state(self) -> int:
        return len(self.items)

    def push(self, n: int) -> int:
        self.items.append(n)
        return n

    def pop(self) -> int:
        if not self.items:
            raise Toy.empty()
        return self.items.pop()

    def size(self) -> int:
        return len(self.items)
"""
RAISES = """@law
    def divides(self) -> bool:
        return 1 // 0
"""
DIES = """
import os, sys

if sys.argv[0] == "-c":  # in a worker
    os._exit(3)
"""
SLOW = """
import sys, time

if sys.argv[1].startswith("driftcheck_bindings"):  # in a host
    time.sleep(1.3)
"""
KILLED = """
import os, signal, sys
from pathlib import Path

if sys.argv[1].startswith("driftcheck_bindings"):  # in a host
    with Path("starts").open("a") as starts:
        starts.write("one\\n")
    if len(Path("starts").read_text().split()) <= {times}:
        os.kill(os.getpid(), signal.SIGKILL)
"""
TWO_FAULTS = """
from typing import Annotated
from driftcheck import Contract, ge, le, operation

Number = Annotated[int, ge(0), le(9999)]


class Toy(Contract, name="two"):
    @operation
    def double(self, n: Number) -> Number: ...

    @operation
    def add(self, n: Number, m: Number) -> Number: ...


class ToyModel(Toy):
    def double(self, n: int) -> int:
        return 2 * n

    def add(self, n: int, m: int) -> int:
        return n + m
"""
MODEL = ("--subject", "model", "--seed", "1")
SHORT = (*MODEL, "--workers", "2", "--max-time", "3s")


def ping(name: str = "toy", *, answer: str = "n", law: str = "") -> str:
    """Return a contract with its model; it diverges if the answer is not a number below a thousand."""
    return PING.format(name=name, answer=answer, law=law)


def records(root: Path) -> list[dict[str, Any]]:
    """Return the events of the only campaign."""
    (path,) = (root / RECORDS).glob("*.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_campaign_searches_all_contracts(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """Two workers take turns with two contracts, and the record says what each turn reached."""
    said = driftcheck("campaign", author(ping("one")), author(STACK), *SHORT)

    assert said.code == 0, said
    events = records(tmp_path)
    assert [events[0]["event"], events[-1]["event"]] == ["start", "end"]
    turns = [event for event in events if event["event"] == "turn"]
    assert {turn["contract"] for turn in turns} == {"one", "stack"}
    assert len({(turn["contract"], turn["seed"]) for turn in turns}) == len(turns) >= 4
    assert sum(turn["inputs"] for turn in turns) > 100
    assert "no divergence in " in said.out
    assert "seed 1" in said.out


def test_one_fault_is_one_finding(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """Both workers see it, one case is kept, it is printed once, and the exit code is 1."""
    said = driftcheck("campaign", author(ping(answer="n + 500")), *SHORT, "--json")

    assert said.code == 1
    (data,) = json.loads(said.out)
    assert len(data["findings"]) == 1
    (case,) = tmp_path.glob("cases/*/*.json")
    assert json.loads(case.read_text())["steps"][0]["arguments"] == {"n": 500}
    assert said.err.count("D104 outside-type in toy, ping") == 1
    assert [event["event"] for event in records(tmp_path)].count("finding") == 1


@pytest.mark.nightly
def test_a_second_campaign_begins_with_the_first_one_s_corpus(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Its first turn runs the corpus, which shows the same as before; it keeps no entry twice."""
    name = author(STACK)
    driftcheck("campaign", name, *SHORT)
    first = Corpus(tmp_path, "stack")
    (tmp_path / FOLDER / "stack" / "index.json").unlink()
    said = driftcheck("campaign", name, *MODEL, "--workers", "1", "--max-time", "1ms")
    second = Corpus(tmp_path, "stack")

    assert first.things
    assert second.things == first.things
    assert second.entries.keys() == first.entries.keys()
    assert "since the last campaign: +0 entries, 0 new findings" in said.out


@pytest.mark.nightly
def test_an_open_case_is_not_found_again(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """The next campaign replays it, says that it is open, and does not report it as new."""
    name = author(ping(answer="n + 500"))
    driftcheck("campaign", name, *SHORT)
    said = driftcheck("campaign", name, *SHORT)

    assert said.code == 1
    assert "\n1 open case in " in said.out
    assert "0 new findings, 1 case still open" in said.out
    assert len([*tmp_path.glob("cases/*/*.json")]) == 1


def test_a_campaign_ends_when_nothing_is_new(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """`--until-stale` ends it long before its time."""
    started = time.monotonic()
    said = driftcheck("campaign", author(ping()), *MODEL, "--workers", "1", "--until-stale", "1s")

    assert said.code == 0
    assert records(tmp_path)[-1]["ended_by"] == "stale"
    assert "ended by --until-stale: nothing new in 0:01 of searching" in said.out
    assert time.monotonic() - started < 120


@pytest.mark.nightly
def test_time_in_which_nothing_can_be_searched_is_not_stale(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Each turn starts its host for longer than `--until-stale`, and inputs are still drawn."""
    said = driftcheck("campaign", author(SLOW + ping()), *MODEL, "--workers", "1", "--until-stale", "1s")

    assert said.code == 0
    assert records(tmp_path)[-1]["ended_by"] == "stale"
    assert sum(event["inputs"] for event in records(tmp_path) if event["event"] == "turn") > 0


def test_a_campaign_that_ends_shrinks_what_it_has_seen(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """The first finding ends it while others wait; their cases are small, too."""
    driftcheck("campaign", author(TWO_FAULTS), *MODEL, "--workers", "1", "--max-findings", "1")
    cases = [json.loads(path.read_text()) for path in tmp_path.glob("cases/*/*.json")]

    assert cases
    assert [case for case in cases if case.get("is_minimal") is False] == []
    assert {sum(case["steps"][0]["arguments"].values()) for case in cases} <= {5_000, 10_000}


def test_a_campaign_ends_with_its_findings(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """`--max-findings` ends it with the summary of what was found."""
    said = driftcheck(
        "campaign", author(ping(answer="n + 1")), *MODEL, "--workers", "1", "--max-findings", "1"
    )

    assert said.code == 1
    assert "ended by --max-findings: 1 new finding" in said.out
    assert records(tmp_path)[-1]["ended_by"] == "findings"


def test_a_contract_at_fault_stops_no_other(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """The other contract is searched; the message is printed, and the exit code is 2."""
    said = driftcheck("campaign", author(ping("bad", law=RAISES)), author(ping("good")), *SHORT)

    assert said.code == 2
    assert said.err.count("law 'divides' raised ZeroDivisionError") == 1
    assert {turn["contract"] for turn in records(tmp_path) if turn["event"] == "turn"} >= {"good"}


@pytest.mark.nightly
def test_a_contract_whose_workers_die_is_given_up(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """Each death is counted, the turn is given again, and after the third one the contract is named."""
    name = author(DIES + ping("bad"))
    # Longer than `SHORT`, because a busy machine takes a second to start each worker.
    options = (*MODEL, "--workers", "2", "--max-time", "10s")
    said = driftcheck("campaign", name, author(ping("good")), *options)

    assert said.code == 2
    assert "its worker ended 3 times in a row: exit status 3" in said.err
    assert [event["event"] for event in records(tmp_path)].count("death") == 3


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("times", "code", "says"),
    [
        (STARTS + 1, 0, f"hosts killed from outside: {STARTS + 1}"),
        (1_000, 2, f"subject 'model': its host was killed {STARTS} times in a row while it started"),
    ],
)
def test_a_campaign_outlives_hosts_that_are_killed_while_they_start(
    times: int, code: int, says: str, driftcheck: Call, author: Author
) -> None:
    """A turn whose hosts do not start is given again, and after the third one the contract is given up."""
    name = author(KILLED.format(times=times) + ping())
    said = driftcheck("campaign", name, *MODEL, "--workers", "1", "--max-time", "5s")

    assert said.code == code, said
    assert said.err.count("its turn is repeated") == (1 if code == 0 else 2)
    assert says in said.out + said.err
    assert "fix the model" not in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name a contract"),
        (("nothing",), "no contract is named 'nothing'"),
        (("lru", "--workers", "0"), "0 is not in the range"),
        (("lru", "--max-time", "soon"), "'soon' is not a duration"),
        (("lru", "--until-stale", "0s"), "is not a possible time limit"),
        (("lru", "--max-findings", "0"), "0 is not in the range"),
        (("lru", "driftcheck_contracts.lru:Lru"), "are both the contract 'lru'; name it once"),
    ],
)
def test_wrong_options_end_with_a_sentence(
    words: tuple[str, ...], says: str, driftcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, one message, and no file."""
    monkeypatch.chdir(tmp_path)
    said = driftcheck("campaign", *words)

    assert said.code == 2
    assert says in said.err
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_cannot_be_written_ends_with_a_sentence(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Exit code 2; the message names the place, the reason, and what to do."""
    name = author(ping())
    (tmp_path / ".driftcheck").write_text("a file")
    said = driftcheck("campaign", name, *SHORT)

    assert said.code == 2
    assert f"{tmp_path / '.driftcheck'}" in said.err
    assert "Not a directory; a campaign keeps its corpus and its record under .driftcheck/" in said.err
    assert "start it in a folder that you may write to" in said.err


def test_a_disk_that_cannot_be_written_any_more_ends_a_campaign_with_its_summary(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Exit code 2 and the reason, after what the campaign has found until then."""
    index = tmp_path / FOLDER / "stack" / "index.json"
    index.mkdir(parents=True)  # a folder, so that its file cannot be written
    said = driftcheck("campaign", author(STACK), *SHORT)

    assert said.code == 2
    assert "no divergence in " in said.out
    assert f"driftcheck: {index}: Is a directory; a campaign keeps its corpus" in said.err


def test_the_junit_file_holds_the_findings(driftcheck: Call, author: Author) -> None:
    """As that of a run."""
    driftcheck("campaign", author(ping(answer="n + 500")), *SHORT, "--junit", "night.xml")

    suite = ElementTree.parse("night.xml").getroot()[0]
    assert (suite.get("name"), suite.get("failures")) == ("driftcheck.toy", "1")


def test_the_status_is_that_of_the_last_campaign(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is read from the record, also of a campaign that was killed."""
    monkeypatch.chdir(tmp_path)
    assert "no campaign has run here" in driftcheck("campaign", "--status").out
    driftcheck("campaign", author(ping(answer="n + 500")), *SHORT)
    (path,) = (tmp_path / RECORDS).glob("*")
    ended = driftcheck("campaign", "--status").out
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]) + '{"event":"tu')
    killed = driftcheck("campaign", "--status").out

    assert ": ended after 0:0" in ended
    assert "1 new finding" in ended
    assert "is running, or was killed" in killed
    assert "1 new finding" in killed
    past = last_campaign(tmp_path)
    assert past is not None
    assert past.contracts["toy"].findings == 1


@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGTERM] * 2])
def test_a_signal_ends_a_campaign_with_its_summary(
    numbers: list[signal.Signals], author: Author, tmp_path: Path
) -> None:
    """Ctrl-C and SIGTERM end all workers early; without findings the exit code is 130.

    `timeout` sends its signal twice, to the process and to its group.
    """
    command = [*MAIN, "campaign", author(ping()), *MODEL, "--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while '"turn"' not in "".join(path.read_text() for path in (tmp_path / RECORDS).glob("*")):
        assert time.monotonic() < until
        time.sleep(0.05)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.05)  # so that they are not taken for one
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    # On a busy machine the signal may come before the first input.
    assert "interrupted: no divergence in " in out or "interrupted: nothing was searched" in out
    assert "Traceback" not in err
    assert records(tmp_path)[-1]["ended_by"] == "interrupt"


def test_a_terminal_shows_a_table(author: Author, tmp_path: Path) -> None:
    """A row for each contract with its figures, and then the summary alone."""
    outer, inner = pty.openpty()
    command = [*MAIN, "campaign", author(STACK), *SHORT]
    process = subprocess.Popen(
        command, stdout=inner, stderr=inner, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    )
    os.close(inner)
    shown = b""
    while True:
        try:
            part = os.read(outer, 65_536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(outer)

    assert process.wait() == 0
    text = shown.decode()
    for title in ("root causes", "not judged", "last new", "left"):
        assert title in text
    assert "corpus: " in text


@pytest.mark.nightly
def test_the_first_minute_is_quiet_and_then_a_line_comes(
    driftcheck: Call, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal there is one line of progress in each period, and no table."""
    monkeypatch.setattr("driftcheck.cli.campaign_screen.PLAIN_EVERY_S", 1.0)
    said = driftcheck("campaign", author(ping()), *SHORT)

    lines = [line for line in said.err.splitlines() if "inputs/s" in line]
    assert 1 <= len(lines) <= 6
    assert ", nothing new in " in lines[-1]


def test_a_worker_that_is_stuck_is_replaced(
    driftcheck: Call, author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that does not end is counted and given again, while the other worker goes on."""
    monkeypatch.setattr(broker, "SLACK_S", -330.0)  # so that the first turn has no time at all
    said = driftcheck("campaign", author(ping()), *SHORT)

    assert said.code == 2
    deaths = [event for event in records(tmp_path) if event["event"] == "death"]
    assert {death["how"] for death in deaths} == {"stuck"}
