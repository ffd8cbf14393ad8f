"""
What a run reports of one contract: as tables for `--verbose` and JUnit, and as JSON data.

The tables list each asymmetry with its witness, who disagrees with whom, and what was not exercised.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any, get_args

from driftcheck.cli.reported import Entry, NotRun, Reported
from driftcheck.core.disagreement import describe_groups
from driftcheck.core.shorten import shorten
from driftcheck.findings.show import in_a_line
from driftcheck.search.alarms import Kind, triggers_of
from driftcheck.search.decided import rarely_decided, times_decided
from driftcheck.search.steering import OFTEN

WIDTH = 100
MOST_GROUPS = 4  # disagreements that are named; the others are counted
SPECIAL = ("void", "unmapped", "panicked", "crashed", "hung", "exhausted", "unsupported", "not reached")


def lines(reported: Reported) -> list[str]:
    """Render one contract's tables."""
    one, statistics = reported.explored, reported.explored.statistics
    rate = statistics.steps / one.seconds if one.seconds else 0.0
    what = "payloads and values" if reported.schema.is_stateless else f"traces, {statistics.steps:,} steps"
    ended = {"traces": "", "exhausted": "; no new input was left to draw"}.get(
        one.ended_by, f"; ended by {one.ended_by}"
    )
    out = [
        f"{one.contract}: {statistics.traces:,} {what} in {one.seconds:.1f} s, {rate:,.0f} steps/s, "
        f"seed {one.seed}{ended}"
    ]
    if statistics.swept:
        out.append(f"  {statistics.swept:,} of the traces were drawn natively, in sweeps")
    out.append(f"  {_shares(reported)}")
    out += _asymmetries(reported)
    out += _disagreements(reported)
    for alarm in reported.alarms:
        out += textwrap.wrap(str(alarm), WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    decided = ", ".join(f"{what} {times:,}" for what, times in times_decided(reported.schema, statistics))
    for text in (f"decided: {decided}" if decided else "", rarely_decided(reported.schema, statistics)):
        out += textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    text = str(reported.not_exercised)
    out += textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    if one.drawn_rarely:
        text = f"drawn rarely, since each was seen {OFTEN} times: {'; '.join(one.drawn_rarely)}"
        out += textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    out += [f"  open case: {case.path}" for case in reported.open_cases]
    for kept in reported.kept:
        finding, path = kept.finding, kept.path or "not kept"
        signature = finding.divergence.signature
        what = " ".join(w for w in (signature.operation, signature.subject, *signature.cause) if w)
        flaky = f", flaky, {finding.confirmed} of {finding.of}" if finding.is_flaky else ""
        out.append(f"  {finding.divergence.check} ({what or signature.frame}{flaky}): {path}")
    if one.passed_over:
        others, them = ("divergence", "it") if one.passed_over == 1 else ("divergences", "them")
        out.append(f"  {one.passed_over} more {others} seen; run without --fail-fast to keep {them}")
    if one.unexamined:
        out.append(f"  {unexamined(one.unexamined)}")
    return out


def unexamined(count: int) -> str:
    """Say that a run ended before it could examine some divergences, and what to do."""
    were = "divergence was" if count == 1 else "divergences were"
    return f"{count:,} {were} not examined before the run ended; run it longer to examine them"


def _shares(reported: Reported) -> str:
    statistics = reported.explored.statistics
    total = sum(statistics.outcomes.values()) or 1
    parts = [f"{kind} {statistics.total(kind) / total:.1%}" for kind in ("accepted", "rejected")]
    parts += [f"{kind} {statistics.total(kind):,}" for kind in SPECIAL if statistics.total(kind)]
    if statistics.faults:
        parts.append(f"under a fault {statistics.faults.total() / total:.1%}")
    if statistics.not_judged:
        parts.append(f"not judged after an asymmetry {statistics.not_judged / statistics.steps:.1%}")
    if statistics.deaths:
        parts.append(f"deaths {statistics.deaths:,}")
    if reported.explored.killed:
        parts.append(f"hosts killed from outside {reported.explored.killed:,}")
    count = len(reported.explored.findings)
    parts.append("no findings" if not count else f"{count} finding{'s' * (count > 1)}")
    return ", ".join(parts)


def _asymmetries(reported: Reported) -> list[str]:
    entries = reported.asymmetries.entries
    if not entries:
        return []
    statistics = reported.explored.statistics
    seen = len(reported.asymmetries_seen)
    out = [f"  {seen} of {len(entries)} asymmetries seen; times, name, smallest witness:"]
    wide = max(len(e.id) for e in entries)
    for entry in entries:
        times = statistics.known[entry.id]
        witness = reported.explored.witnesses.get(entry.id)
        shown = "no witness in this time" if times else "not seen"
        shown = shown if witness is None else in_a_line(reported.schema, witness)
        line = f"  {times:>6,} {entry.id:<{wide}} {shown}"
        out.append(shorten(line, WIDTH))
    return out


def _disagreements(reported: Reported) -> list[str]:
    """Say who disagrees with whom, most often first, if there are more than two subjects."""
    seen = reported.explored.statistics.disagreements + Counter(
        f.divergence.disagreement for f in reported.explored.findings
    )
    words: Counter[str] = Counter()
    for groups, count in seen.items():
        words[describe_groups(groups, reported.languages)] += count
    del words[""]
    if not words:
        return []
    text = f"disagreements: {'; '.join(f'{who} {count:,}' for who, count in words.most_common(MOST_GROUPS))}"
    more = len(words) - MOST_GROUPS
    text += f"; {more} more" if more > 0 else ""
    return textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="    ")


def to_json(entry: Entry) -> dict[str, Any]:
    """Return one contract's summary as JSON data."""
    if isinstance(entry, NotRun):
        return {"contract": entry.name, "why_not_run": entry.why_not_run}
    return {**_of_search(entry), "why_not_run": entry.why_not_run or None}


def _of_search(reported: Reported) -> dict[str, Any]:
    one, statistics = reported.explored, reported.explored.statistics
    return {
        "contract": one.contract,
        "seed": one.seed,
        "ended_by": one.ended_by,
        "passed_over": one.passed_over,  # divergences seen before the one that ended the run
        "drawn_rarely": list(one.drawn_rarely),  # causes that the run has seen often enough
        "unexamined": one.unexamined,  # divergences that the run had no time to examine
        "errors": [str(fault) for fault in reported.faults],
        "seconds": round(one.seconds, 3),
        "traces": statistics.traces,
        "swept": statistics.swept,  # of these traces, those that the hosts drew themselves
        "steps": statistics.steps,
        "not_judged_steps": statistics.not_judged,
        "deaths": statistics.deaths,
        "hosts": one.hosts_spent,
        "killed_from_outside": one.killed,
        "outcomes": _by_operation(statistics.outcomes),
        "rejections": _by_operation(statistics.rejections),
        "faults": _by_operation(statistics.faults),
        "flags": _by_operation(statistics.flags),
        "readings": [
            {"reader": reader, "writer": writer, "times": count}
            for (reader, writer), count in sorted(statistics.readings.items())
        ],
        "payloads": dict(sorted(statistics.payloads.items())),
        "laws": {
            law.name: {"cases": statistics.law_cases[law.name], "decided": statistics.laws[law.name]}
            for law in reported.schema.laws
        },
        "invariants": {i.name: statistics.invariants[i.name] for i in reported.schema.invariants},
        "run_again": dict(sorted(statistics.variations.items())),
        "asymmetries": {e.id: statistics.known[e.id] for e in reported.asymmetries.entries},
        "triggers": {
            e.id: triggers_of(reported.schema, e, statistics) for e in reported.asymmetries.entries
        },  # how often the trigger occurred with no other feature; null if that is not counted
        "disagreement": [
            {"groups": [list(group) for group in groups], "times": count}
            for groups, count in statistics.disagreements.most_common()
        ],
        **{kind: [a.entry.id for a in reported.alarms if a.kind == kind] for kind in get_args(Kind)},
        "not_exercised": reported.not_exercised.lines,
        "too_short_to_say": reported.not_exercised.undecided,
        "cases": [
            {"case": str(case.path), "is_open": case.is_open, "is_judged": case.is_judged}
            for case in reported.cases
        ],
        "root_causes": [
            {"case": "not kept" if kept.path is None else str(kept.path), "others": others}
            for kept, others in reported.root_causes
        ],
        "findings": [
            {
                "signature": kept.finding.signature.to_json(),
                "check": str(kept.finding.divergence.check),
                "confirmed": kept.finding.confirmed,
                "of": kept.finding.of,
                "case": "not kept" if kept.path is None else str(kept.path),
            }
            for kept in reported.kept
        ],
    }


def _by_operation(counts: Any) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for (operation, kind), count in sorted(counts.items()):
        out.setdefault(operation, {})[kind] = count
    return out
