"""
The last screen of a run: what was done, what was found, what is known, and what was not exercised.

Made to fit 24 lines of 100 characters for the contracts that ship.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.disagreement import describe_groups
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings.show import in_a_line
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.search.alarms import Alarm, Kind, triggers_of
from driftcheck.search.explore import Explored

WIDTH = 100
MOST_GROUPS = 4  # ways to stand apart, in one line
SPECIAL = ("void", "unmapped", "panicked", "crashed", "hung", "exhausted", "unsupported", "not reached")


@attrs.frozen(eq=False)
class Reported:
    """What is reported of one contract."""

    schema: Schema
    explored: Explored
    asymmetries: Asymmetries
    languages: Mapping[str, str]  # of the subjects, by name
    paths: tuple[str, ...]  # of the findings' case files, in their order
    alarms: tuple[Alarm, ...]
    fault: DriftcheckError | None = None  # which ended it before its time

    @property
    def is_clean(self) -> bool:
        """Say whether nothing speaks against agreement."""
        return not (self.explored.findings or any(alarm.fails for alarm in self.alarms))


def lines(reported: Reported) -> list[str]:
    """Render one contract's part of the summary."""
    one, statistics = reported.explored, reported.explored.statistics
    rate = statistics.steps / one.seconds if one.seconds else 0.0
    what = "payloads and values" if reported.schema.is_stateless else f"traces, {statistics.steps:,} steps"
    ended = {"traces": "", "exhausted": "; nothing new was left to draw"}.get(
        one.ended_by, f"; ended by {one.ended_by}"
    )
    out = [
        f"{one.contract}: {statistics.traces:,} {what} in {one.seconds:.1f} s, {rate:,.0f} steps/s, "
        f"seed {one.seed}{ended}"
    ]
    missing = statistics.not_exercised(reported.schema)
    out.append(f"  {_shares(reported)}{'' if missing else '; everything was exercised'}")
    out += _known(reported)
    out += _disagreements(reported)
    for alarm in reported.alarms:
        out += textwrap.wrap(str(alarm), WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
    if missing:
        text = f"not exercised: {'; '.join(missing)}"
        wide = WIDTH - 2
        out += textwrap.wrap(text, wide, initial_indent="  ", subsequent_indent="    ", max_lines=4)
    for finding, path in zip(one.findings, reported.paths, strict=True):
        signature = finding.divergence.signature
        what = " ".join(w for w in (signature.operation, signature.subject, *signature.cause) if w)
        flaky = f", flaky, {finding.confirmed} of {finding.of}" if finding.is_flaky else ""
        out.append(f"  {finding.divergence.check} ({what or signature.frame}{flaky}): {path}")
    if one.passed_over:
        others, them = ("other", "it") if one.passed_over == 1 else ("others", "them")
        out.append(
            f"  {one.passed_over} {others} met on the way; run without --fail-fast to see {them} shrunk"
        )
    return out


def _shares(reported: Reported) -> str:
    statistics = reported.explored.statistics
    total = sum(statistics.outcomes.values()) or 1
    parts = [f"{kind} {statistics.total(kind) / total:.1%}" for kind in ("accepted", "rejected")]
    parts += [f"{kind} {statistics.total(kind):,}" for kind in SPECIAL if statistics.total(kind)]
    if statistics.faults:
        parts.append(f"under a fault {statistics.faults.total() / total:.1%}")
    parts.append(f"not judged {statistics.not_judged / (statistics.steps or 1):.1%}")
    if statistics.deaths:
        parts.append(f"deaths {statistics.deaths:,}")
    count = len(reported.explored.findings)
    parts.append("no findings" if not count else f"{count} finding{'s' * (count > 1)}")
    return ", ".join(parts)


def _known(reported: Reported) -> list[str]:
    entries = reported.asymmetries.entries
    if not entries:
        return []
    statistics = reported.explored.statistics
    met = [e for e in entries if statistics.known[e.id] or e.id in reported.explored.witnesses]
    out = [f"  {len(met)} of {len(entries)} known differences met; times, id, smallest witness:"]
    wide = max(len(e.id) for e in entries)
    for entry in entries:
        times = statistics.known[entry.id]
        witness = reported.explored.witnesses.get(entry.id)
        shown = "no witness in this time" if times else "not met"
        shown = shown if witness is None else in_a_line(reported.schema, witness)
        line = f"  {times:>6,} {entry.id:<{wide}} {shown}"
        out.append(line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}...")
    return out


def _disagreements(reported: Reported) -> list[str]:
    """Say who stands against whom, most often first, where there are more than two subjects."""
    met = reported.explored.statistics.disagreement + Counter(
        f.divergence.disagreement for f in reported.explored.findings
    )
    words: Counter[str] = Counter()
    for groups, count in met.items():
        words[describe_groups(groups, reported.languages)] += count
    del words[""]
    if not words:
        return []
    text = f"apart: {'; '.join(f'{who} {count:,}' for who, count in words.most_common(MOST_GROUPS))}"
    more = len(words) - MOST_GROUPS
    text += f"; {more} more" if more > 0 else ""
    return textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="    ")


def closing(reports: list[Reported], interrupted: bool) -> str:
    """Say in one line what the run came to."""
    findings = sum(len(r.explored.findings) for r in reports)
    flaky = sum(f.is_flaky for r in reports for f in r.explored.findings)
    raised = Counter(alarm.kind for r in reports for alarm in r.alarms if alarm.fails)
    broken_off = any(r.fault is not None for r in reports)
    ended = "interrupted: " if interrupted else "broken off: " if broken_off else ""
    if not findings and not raised:
        return f"{ended}no divergence"
    parts = [
        f"{count} {word}{'s' * (count > 1)}"
        for count, word in (
            (findings - flaky, "divergence"),
            (flaky, "flaky one"),
            *((count, f"{kind} known difference") for kind, count in raised.items()),
        )
        if count
    ]
    return f"{ended}{', '.join(parts)}"


def to_json(reported: Reported) -> dict[str, Any]:
    """Return one contract's summary as JSON data."""
    one, statistics = reported.explored, reported.explored.statistics
    return {
        "contract": one.contract,
        "seed": one.seed,
        "ended_by": one.ended_by,
        "passed_over": one.passed_over,  # other divergences that were met before the one that ended it
        "fault": None if reported.fault is None else str(reported.fault),
        "seconds": round(one.seconds, 3),
        "traces": statistics.traces,
        "steps": statistics.steps,
        "not_judged_steps": statistics.not_judged,
        "deaths": statistics.deaths,
        "hosts": one.hosts_spent,
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
        "varied": dict(sorted(statistics.varied.items())),
        "known": {e.id: statistics.known[e.id] for e in reported.asymmetries.entries},
        "triggers": {
            e.id: triggers_of(reported.schema, e, statistics) for e in reported.asymmetries.entries
        },  # how often what brings it about came with nothing else that is odd; null where it is not counted
        "disagreement": [
            {"groups": [list(group) for group in groups], "times": count}
            for groups, count in statistics.disagreement.most_common()
        ],
        **{kind: [a.entry.id for a in reported.alarms if a.kind == kind] for kind in get_args(Kind)},
        "not_exercised": statistics.not_exercised(reported.schema),
        "findings": [
            {
                "signature": f.divergence.signature.to_json(),
                "check": str(f.divergence.check),
                "confirmed": f.confirmed,
                "of": f.of,
                "case": path,
            }
            for f, path in zip(one.findings, reported.paths, strict=True)
        ],
    }


def _by_operation(counts: Any) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for (operation, kind), count in sorted(counts.items()):
        out.setdefault(operation, {})[kind] = count
    return out
