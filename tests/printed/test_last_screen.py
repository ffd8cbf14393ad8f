"""The last screen of a run, compared with a page; `UPDATE_PRINTED=1` writes the page."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.cli import last_screen, summary
from driftcheck.cli.reported import NotRun, Reported
from driftcheck.contract import lookup
from driftcheck.core.errors import ContractError
from driftcheck.core.trace import Trace
from driftcheck.findings.finding import Finding
from driftcheck.findings.words import width
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.oracle.signature import Divergence
from driftcheck.search.alarms import Alarm
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Kept
from driftcheck.search.session import asymmetry_files
from driftcheck.search.statistics import RunStatistics, mutation_names
from driftcheck.subjects.discover import subjects

PAGE = Path(__file__).with_name("last-screen.txt")
LINES, COLUMNS = 24, 100
SHIPPED = ["cbor", "json", "lru", "reconcile", "semver", "time"]
DAY = datetime.date(2026, 1, 31)


def reported(
    name: str, *, findings: int = 0, expired: int = 0, decided: int = 50, **explored: Any
) -> Reported:
    """Return the report of a contract that ships, of a run that nobody made."""
    contract = lookup.load_named(name)
    schema = schema_of(contract)
    languages = {source.name: source.language for source in subjects(contract)}
    asymmetries = read_asymmetries(asymmetry_files(contract, None), schema, languages)
    statistics = RunStatistics(traces=12_345, steps=123_450)
    for number, operation in enumerate(schema.operations):
        statistics.outcomes[operation.name, "accepted"] = 1_000
        statistics.outcomes[operation.name, "rejected"] = 200 * number
    for mutation in mutation_names(schema)[::4]:
        statistics.payloads[mutation] = 100
    statistics.laws.update({law.name: decided for law in schema.laws})
    statistics.known.update([entry.id for entry in asymmetries.entries[1:]])
    found = [finding(schema.operations[0].name, number) for number in range(findings)]
    run = Explored(name, 7, statistics, tuple(found), {}, 10.0, "time", 4, **explored)
    kept = [
        Kept(one, Path(f"cases/{name}/accept-reject-{one.signature.operation}-{n:08x}.json"))
        for n, one in enumerate(found)
    ]
    alarms = [
        Alarm("expired", entry, f"expired on {DAY}; renew it or remove it")
        for entry in asymmetries.entries[:expired]
    ]
    return Reported(schema, run, asymmetries, languages, tuple(kept), tuple(alarms))


def finding(operation: str, number: int) -> Finding:
    """Return a finding that has nothing but its signature, with a root cause of its own."""
    shape = (("go", "accepted"), ("rust", "rejected"))
    divergence = Divergence(checks.ACCEPT_REJECT, 0, operation, shape, cause=(f"feature-{number}",))
    execution: Any = None
    return Finding(divergence, Trace((), ()), execution, 3 if number else 1, 3, {})


@pytest.fixture(scope="module")
def shipped() -> list[Reported]:
    """Return reports of all contracts that ship, one of them with findings and expired asymmetries."""
    return [reported(name, findings=9 * (name == "json"), expired=5 * (name == "time")) for name in SHIPPED]


def test_it_fits_one_screen(shipped: list[Reported]) -> None:
    """Six contracts with many findings and alarms take 24 lines of 100 columns, prompt included."""
    lines = last_screen.lines(shipped, SHIPPED, columns=COLUMNS)
    page = "".join(f"{line}\n" for line in lines)
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(page)

    assert len(lines) < LINES
    assert max(map(width, lines)) <= COLUMNS
    assert page == PAGE.read_text()


def test_one_root_cause_more_is_told_as_one() -> None:
    """Five root causes are listed; the sixth is counted in the singular."""
    lines = last_screen.lines([reported("json", findings=6)], ["json"])

    assert "  1 more root cause under cases/" in lines


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_narrow_screen_has_fewer_columns(shipped: list[Reported], columns: int) -> None:
    """No row of the table is wider than the screen; the name and the findings stay."""
    lines = last_screen.lines(shipped, SHIPPED, columns=columns)
    table = lines[: lines.index("")]

    assert max(map(width, table)) <= columns
    assert all(word in table[0] for word in ("contract", "inputs", "findings"))


@pytest.mark.parametrize("columns", [1, 2, 20])
def test_the_narrowest_screen_still_ends_a_run(shipped: list[Reported], columns: int) -> None:
    """Lines that a user copies are longer than the screen; nothing fails."""
    lines = last_screen.lines(shipped, SHIPPED, columns=columns)

    assert lines[0].startswith("contract")
    assert any("driftcheck replay" in line for line in lines)


def test_an_entry_of_a_stranger_commands_no_terminal() -> None:
    """What an asymmetry holds is escaped, and its colours are none; ours stay."""
    one = reported("time", expired=1)
    entry = attrs.evolve(one.asymmetries.entries[0], id="\x1b[31mred", owner="\u202eme")
    alarm = Alarm("expired", entry, "\x1b]0;owned\x07")

    lines = last_screen.lines([attrs.evolve(one, alarms=(alarm,))], ["time\x1b[2J"], colour=True)

    text = "\n".join(lines)
    assert r"  expired: \x1b[31mred (\u202eme): \x1b]0;owned\x07" in lines
    assert r"driftcheck run time\x1b[2J --verbose" in text
    assert "\x1b" not in re.sub(r"\x1b\[\d+m", "", text)


def test_colours_change_no_character(shipped: list[Reported]) -> None:
    """With colours the same text is printed: findings are red, a contract without them is green."""
    plain = last_screen.lines(shipped, SHIPPED)
    coloured = last_screen.lines(shipped, SHIPPED, colour=True)

    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == plain
    row = {line.split()[0]: line for line in coloured if line}
    assert "\x1b[31m9\x1b[0m" in row["json"]
    assert "\x1b[32m0\x1b[0m" in row["lru"]


def test_an_agreement_says_how_to_go_on() -> None:
    """Without findings the two commands show what is behind the table, and search longer."""
    *_, closing, first, second = last_screen.lines([reported("lru")], ["lru"])

    assert closing == "no divergence in 10.0 s, seed 7"
    assert first.split("  #")[0].split() == "next: driftcheck run lru --verbose".split()
    assert second.split("  #")[0].split() == "driftcheck run lru --max-time 10m".split()
    (*_, only) = last_screen.lines([reported("lru")], ["lru"], verbose=True)
    assert only.split("  #")[0].split() == "next: driftcheck run lru --max-time 10m".split()


def test_a_finding_says_how_to_look_at_it() -> None:
    """The two commands run the first case again, and explain its check."""
    lines = last_screen.lines([reported("lru", findings=1)], ["lru"])

    assert any(line.startswith("next: driftcheck replay cases/lru/accept-reject-") for line in lines)
    assert any(line.strip().startswith("driftcheck explain D101") for line in lines)
    assert "1 flaky finding in 10.0 s, seed 7" in lines


def test_a_contract_that_could_not_be_run_has_a_row() -> None:
    """Nobody takes it for one that agrees."""
    fault = ContractError("toy", "has no operation")
    lines = last_screen.lines([reported("lru"), NotRun("toy", str(fault), fault)], ["lru", "toy"])

    assert "toy  could not be run" in lines
    assert "no divergence in 10.0 s, seed 7; 1 of 2 contracts did not run" in lines


def test_a_contract_that_did_not_run_is_named() -> None:
    """It had no turn, or no time for its first input; both have a line with the reason."""
    late = reported("lru")
    late = attrs.evolve(late, explored=attrs.evolve(late.explored, statistics=RunStatistics()))

    lines = last_screen.lines(
        [late, NotRun("toy", "the run was interrupted before its turn")], ["lru", "toy"]
    )

    assert lines[0].startswith("lru  did not run: the time ended before its first input")
    assert lines[1] == "toy  did not run: the run was interrupted before its turn"
    assert "nothing was searched" in lines[3]
    assert lines[3].endswith("; 2 of 2 contracts did not run")


def test_a_run_that_is_too_short_says_so() -> None:
    """Three inputs cannot hold eighty mutations, so they are not called missing."""
    one = reported("cbor")
    short = RunStatistics(traces=3, steps=3)
    short.outcomes["decode", "accepted"] = 3
    short = attrs.evolve(one, explored=attrs.evolve(one.explored, statistics=short))

    lines = last_screen.lines([short], ["cbor"])

    assert short.not_exercised.lines == []
    assert short.not_exercised.undecided > 80
    assert lines[1].endswith("too short")
    assert "too short to say what was not exercised" in "\n".join(summary.lines(short))


def test_an_alarm_that_fails_the_run_is_always_said() -> None:
    """An expired asymmetry stands on the last screen; one that is only stale is counted."""
    one = reported("time", expired=1)
    stale = Alarm("stale", one.asymmetries.entries[1], "nothing seen")

    lines = last_screen.lines([attrs.evolve(one, alarms=(*one.alarms, stale))], ["time"])

    entry = one.asymmetries.entries[0]
    assert f"  expired: {entry.id} ({entry.owner}): expired on {DAY}; renew it or remove it" in lines
    assert "  1 stale asymmetry is listed by --verbose" in lines
    assert "1 expired asymmetry in 10.0 s, seed 7" in lines


def test_what_ended_early_is_counted() -> None:
    """What `--fail-fast` passed over is said with how to keep it."""
    lines = last_screen.lines([reported("lru", findings=1, passed_over=2)], ["lru"])

    assert "  2 more divergences seen; run without --fail-fast to keep them" in lines


def test_what_was_not_examined_is_counted() -> None:
    """Divergences that a run had no time for are counted, of all contracts together."""
    reports = [reported("lru", unexamined=1), reported("time", unexamined=2)]

    lines = last_screen.lines(reports, ["lru", "time"])

    what = "divergences were not examined before the run ended; run it longer to examine them"
    assert f"  3 {what}" in lines
    assert summary.lines(reports[0])[-1].startswith("  1 divergence was not examined before the run ended;")
    assert [summary.to_json(one)["unexamined"] for one in reports] == [1, 2]


def test_the_tables_name_each_asymmetry() -> None:
    """With `--verbose` each declared asymmetry has a line, seen or not."""
    one = reported("time")

    lines = summary.lines(one)

    entries = one.asymmetries.entries
    assert f"  {len(entries) - 1} of {len(entries)} asymmetries seen; times, name, smallest witness:" in lines
    assert sum(line.endswith(("not seen", "no witness in this time")) for line in lines) == len(entries)
    assert max(map(width, lines)) <= COLUMNS


def test_the_tables_list_all_that_was_not_exercised() -> None:
    """With `--verbose` nothing is cut off, however much there is."""
    one = reported("cbor")

    text = "".join("".join(summary.lines(one)).split())

    missing = one.not_exercised.lines
    assert len(missing) > 50
    assert all("".join(item.split()) in text for item in missing)


def test_a_run_that_decided_no_law_says_so_beside_what_it_found() -> None:
    """Without a divergence the same line says of how many contracts no law was decided."""
    none, one = reported("reconcile", decided=0), reported("time")

    assert last_screen.closing([none], interrupted=False).startswith(
        "no divergence (no law was decided) in 10.0 s"
    )
    assert "(no law of 1 contract was decided)" in last_screen.closing([none, one], interrupted=False)
    assert "no law" not in last_screen.closing([one], interrupted=False)


def test_hosts_that_were_killed_are_counted() -> None:
    """A kill from outside is no finding, and the last line says how many there were."""
    reports = [reported("lru", killed=2), reported("time", killed=1)]

    assert last_screen.closing(reports, interrupted=False) == (
        "no divergence in 20.0 s, seed 7; hosts killed from outside: 3"
    )
    assert "hosts killed from outside 2" in "\n".join(summary.lines(reports[0]))
    assert summary.to_json(reports[1])["killed_from_outside"] == 1
