"""
The last screen of a run: one row for each contract, what is new, and what to do next.

Fits 24 lines of 100 columns for the contracts that ship. `summary.lines` gives the tables behind it.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from driftcheck.cli.reported import Entry, NotRun, Reported, reported
from driftcheck.cli.summary import unexamined
from driftcheck.core.colours import BOLD, CODES, GREEN, RED, YELLOW, painted
from driftcheck.core.shorten import shorten
from driftcheck.core.visible import visible
from driftcheck.findings.finding import Finding
from driftcheck.findings.replayed import Replayed
from driftcheck.findings.show import replay_command
from driftcheck.findings.words import padded, width
from driftcheck.search.decided import decided_no_law
from driftcheck.search.saved_cases import SavedCase

GAP = 2  # between two columns
LONGEST_NAME = 28
MOST_NEW = 5  # findings that are listed; the others are counted
MOST_ALARMS = 3
LONGER = {"run": "10m", "campaign": "8h"}


@attrs.frozen
class _Row:
    """One contract's figures, or the sum of several."""

    name: str
    inputs: int
    seconds: float
    accepted: int
    steps: int
    findings: int
    seen: int
    declared: int
    missing: int
    undecided: int  # what was not seen in a run that is too short to say so


@attrs.frozen
class _Column:
    title: str
    shown: Callable[[_Row], str]
    colour: Callable[[_Row], str] = lambda row: ""
    keep: int = 0  # where the screen is narrow, columns of the smallest number go first


def _findings_colour(row: _Row) -> str:
    return RED if row.findings else GREEN


def _missing(row: _Row) -> str:
    return f"{row.missing:,}" if row.missing else "too short" if row.undecided else "-"


_COLUMNS = (
    _Column("contract", lambda r: shorten(r.name, LONGEST_NAME), keep=9),
    _Column("inputs", lambda r: f"{r.inputs:,}", keep=7),
    _Column("inputs/s", lambda r: f"{r.inputs / r.seconds:,.0f}" if r.seconds else "-", keep=5),
    _Column("accepted", lambda r: f"{r.accepted / r.steps:.0%}" if r.steps else "-", keep=4),
    _Column("findings", lambda r: f"{r.findings:,}", _findings_colour, keep=8),
    _Column("asymmetries seen", lambda r: f"{r.seen} of {r.declared}" if r.declared else "-", keep=6),
    _Column("not exercised", _missing, lambda r: YELLOW * (r.missing > 0)),
)


def lines(
    entries: Sequence[Entry],
    names: Sequence[str],
    *,
    interrupted: bool = False,
    columns: int = 100,
    colour: bool = False,
    verb: str = "run",
    verbose: bool = False,
    notes: Sequence[str] = (),
) -> list[str]:
    """Render the last screen.

    Args:
        entries: of all contracts of the run.
        names: of the contracts, as the user wrote them.
        columns: of the screen.
        colour: with ANSI colours.
        verb: what searches these contracts again.
        verbose: the tables behind the screen are printed already.
        notes: lines about the search as a whole.
    """
    reports = reported(entries)
    searched = [one for one in reports if not one.why_not_run]
    out = _table(searched, columns) if searched else []
    out += [_why_not_run(one) for one in entries if one.why_not_run]
    out += ["", painted(closing(entries, interrupted), BOLD)]
    found = [*_new(reports), *_alarms(reports, columns)]
    out += map(visible, [*notes, *found, *_next(reports, names, columns, verb, verbose=verbose)])
    return out if colour else [_plain(line) for line in out]


def _why_not_run(entry: Entry) -> str:
    """Return the line of a contract that was not searched; the standard error says what is wrong with it."""
    is_wrong = isinstance(entry, NotRun) and entry.fault is not None
    why = "could not be run" if is_wrong else f"did not run: {entry.why_not_run}"
    return f"{visible(shorten(entry.name, LONGEST_NAME))}  {painted(why, RED)}"


def closing(entries: Sequence[Entry], interrupted: bool) -> str:
    """Say in one line what the run found, in how much time, from which seed, and what did not run."""
    reports = reported(entries)
    new = [kept.finding for r in reports for kept in r.new]
    flaky = sum(finding.is_flaky for finding in new)
    raised = Counter(alarm.kind for r in reports for alarm in r.alarms if alarm.fails)
    broken_off = any(r.explored.ended_by == "fault" for r in reports)
    ended = "interrupted: " if interrupted else "broken off: " if broken_off else ""
    counts = (
        (sum(len(r.open_cases) for r in reports), "open case", "open cases"),
        (len(new) - flaky, "finding", "findings"),
        (flaky, "flaky finding", "flaky findings"),
        *((count, f"{kind} asymmetry", f"{kind} asymmetries") for kind, count in raised.items()),
    )
    parts = [f"{count} {many if count > 1 else one}" for count, one, many in counts if count]
    causes = sum(len(r.root_causes) for r in reports)
    if 0 < causes < len(new):
        parts.append(f"{causes} root cause{'s' * (causes > 1)}")
    seconds = sum(r.explored.seconds for r in reports)
    seed = f", seed {reports[0].explored.seed}" if reports else ""
    missing = sum(bool(one.why_not_run) for one in entries)
    did_not_run = f"; {missing} of {len(entries)} contracts did not run" if missing else ""
    kills = sum(r.explored.killed for r in reports)
    killed = f"; hosts killed from outside: {kills:,}" if kills else ""
    if not parts and missing == len(entries):
        return f"{ended}nothing was searched{seed}{did_not_run}{killed}"
    found = ", ".join(parts) or f"no divergence{_undecided(reports)}"
    return f"{ended}{found} in {seconds:.1f} s{seed}{did_not_run}{killed}"


def _undecided(reports: Sequence[Reported]) -> str:
    """Say beside *no divergence* that no law was decided, and of how many contracts."""
    none = sum(not r.why_not_run and decided_no_law(r.schema, r.explored.statistics) for r in reports)
    if not none:
        return ""
    return (
        " (no law was decided)"
        if len(reports) == 1
        else f" (no law of {none} contract{'s' * (none > 1)} was decided)"
    )


def _table(reports: Sequence[Reported], columns: int) -> list[str]:
    rows = [_row(report) for report in reports]
    if len(rows) > 1:
        rows.append(_total(rows))
    shown = list(_COLUMNS)
    while True:
        texts = [[column.title, *(visible(column.shown(row)) for row in rows)] for column in shown]
        widths = [max(map(width, text)) for text in texts]
        if sum(widths) + GAP * (len(shown) - 1) <= columns or len(shown) == 1:
            break
        shown.remove(min(shown, key=lambda column: column.keep))
    out = [_line([(column.title, BOLD) for column in shown], widths)]
    out += [_line([(column.shown(row), column.colour(row)) for column in shown], widths) for row in rows]
    return out


def _line(cells: Sequence[tuple[str, str]], widths: Sequence[int]) -> str:
    """Put cells side by side: the first one to the left, numbers to the right."""
    parts = []
    for number, ((unsafe, colour), wide) in enumerate(zip(cells, widths, strict=True)):
        text = visible(unsafe)
        blank = " " * (wide - width(text))
        coloured = painted(text, colour) if colour else text
        parts.append(f"{coloured}{blank}" if number == 0 else f"{blank}{coloured}")
    return (" " * GAP).join(parts)


def _row(report: Reported) -> _Row:
    statistics = report.explored.statistics
    return _Row(
        report.explored.contract,
        statistics.traces,
        report.explored.seconds,
        statistics.total("accepted"),
        sum(statistics.outcomes.values()),
        len(report.new) + len(report.open_cases),
        len(report.asymmetries_seen),
        len(report.asymmetries.entries),
        len(report.not_exercised.lines),
        report.not_exercised.undecided,
    )


def _total(rows: Sequence[_Row]) -> _Row:
    fields = [name for name in attrs.fields_dict(_Row) if name != "name"]
    return _Row("total", **{name: sum(getattr(row, name) for row in rows) for name in fields})


def _new(reports: Sequence[Reported]) -> list[str]:
    found = [(str(one.check), case.path, " (open case)") for r in reports for one, case in _open(r)]
    found += [
        (str(kept.finding.divergence.check), kept.path or Path("not kept"), _note(kept.finding, others))
        for report in reports
        for kept, others in report.root_causes
    ]
    wide = max((width(check) for check, _, _ in found[:MOST_NEW]), default=0)
    out = [f"  {padded(check, wide)}  {path}{note}" for check, path, note in found[:MOST_NEW]]
    if len(found) > MOST_NEW:
        more = len(found) - MOST_NEW
        out.append(f"  {more} more root cause{'s' * (more > 1)} under cases/")
    unjudged = sum(not case.is_judged for report in reports for case in report.cases)
    if unjudged:
        cases = f"{unjudged} saved case{'s' * (unjudged > 1)}"
        out.append(f"  {cases} not judged, because other subjects did not run")
    passed_over = sum(report.explored.passed_over for report in reports)
    if passed_over:
        others, them = ("divergence", "it") if passed_over == 1 else ("divergences", "them")
        out.append(f"  {passed_over} more {others} seen; run without --fail-fast to keep {them}")
    left = sum(report.explored.unexamined for report in reports)
    return [*out, f"  {unexamined(left)}"] if left else out


def _alarms(reports: Sequence[Reported], columns: int) -> list[str]:
    raised = [alarm for report in reports for alarm in report.alarms]
    failing = [alarm for alarm in raised if alarm.fails]
    out = []
    for alarm in failing[:MOST_ALARMS]:
        out += textwrap.wrap(
            str(alarm), columns, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    if len(failing) > MOST_ALARMS:
        out.append(f"  {len(failing) - MOST_ALARMS} more asymmetries fail the run, listed by --verbose")
    others = Counter(alarm.kind for alarm in raised if not alarm.fails)
    if others:
        counts = " and ".join(f"{count} {kind}" for kind, count in others.items())
        plural = "asymmetry is" if sum(others.values()) == 1 else "asymmetries are"
        out.append(f"  {counts} {plural} listed by --verbose")
    return out


def _next(
    reports: Sequence[Reported], names: Sequence[str], columns: int, verb: str, *, verbose: bool
) -> list[str]:
    """Return the commands, at most two, that help most now, each with a comment if it fits."""
    commands: list[tuple[str, str]] = []
    first = next(_cases(reports), None)
    if first is not None:
        report, check, path = first
        commands.append((replay_command(report.schema, path), "runs the first one again, side by side"))
        commands.append((f"driftcheck explain {check}", "says what was compared, and what to do"))
    again = f"driftcheck {verb} {' '.join(names)}"
    if not verbose:
        commands.append((f"{again} --verbose", "shows asymmetries, and what was not exercised"))
    commands.append((f"{again} --max-time {LONGER[verb]}", "searches longer"))
    commands = commands[:2]
    wide = max(width(command) for command, _ in commands)
    out = []
    for number, (command, comment) in enumerate(commands):
        line = f"{'' if number else 'next:':<6}{padded(command, wide)}  # {comment}"
        out.append(line if width(line) <= columns else f"{line.partition('  # ')[0].rstrip()}")
    return out


def _cases(reports: Sequence[Reported]) -> Iterator[tuple[Reported, str, Path]]:
    """Yield the code of the check and the case file of each open case and finding, as they are listed."""
    for report in reports:
        for one, case in _open(report):
            yield report, one.check.code, case.path
    for report in reports:
        for kept, _ in report.root_causes:
            if kept.path is not None:
                yield report, kept.finding.divergence.check.code, kept.path


def _open(report: Reported) -> Iterator[tuple[Replayed, SavedCase]]:
    return ((case.replayed, case) for case in report.open_cases if case.replayed is not None)


def _note(finding: Finding, others: int) -> str:
    if finding.is_flaky:
        return f" (flaky: {finding.confirmed} of {finding.of} runs)"
    return f" (and {others:,} more divergence{'s' * (others > 1)})" if others else ""


def _plain(line: str) -> str:
    for code in CODES:
        line = line.replace(code, "")
    return line
