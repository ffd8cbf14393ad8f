"""
Lines about campaigns: what is in the corpus, what is new since the last campaign, and its status.

Knows states and records. Runs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from driftcheck.campaign.events import ContractPast, Past
from driftcheck.campaign.limits import Limits
from driftcheck.campaign.state import State
from driftcheck.core.units import clock, plural


def counted(entries: int) -> str:
    """Return a number of entries as text."""
    return f"{entries:,} entr{'y' if entries == 1 else 'ies'}"


def corpus_notes(states: Sequence[State], before: Mapping[str, ContractPast]) -> list[str]:
    """Return the lines of the last screen about the corpus, and about what changed since the last campaign.

    Args:
        before: the last campaign of each contract, by the contract's name.
    """
    entries = sum(len(state.corpus) for state in states)
    new = sum(state.new_entries for state in states)
    dropped = sum(state.misfits for state in states)
    refused = sum(state.corpus.refused for state in states)
    removed = sum(state.entries_before for state in states) + new - dropped - entries
    parts = [counted(entries), f"{new:,} added"]
    parts += [f"{removed:,} removed, because others show the same"] * (removed > 0)
    they = "it does" if dropped == 1 else "they do"
    parts += [f"{dropped:,} dropped, because {they} not fit the contract any more"] * bool(dropped)
    parts += [f"{refused:,} refused, because the corpus is full"] * bool(refused)
    out = [f"  corpus: {'; '.join(parts)}"]
    out += [f"  coverage of {state.schema.name}: {blocks_reached(state)}" for state in states if state.blocks]
    late = ", ".join(state.schema.name for state in states if state.waits_for_coverage)
    out += [f"  without coverage, since the builds for it were not ready: {late}"] * bool(late)
    deaths = sum(state.deaths for state in states)
    out += [f"  workers that had to be replaced: {deaths:,}"] * bool(deaths)
    known = [(state, before[state.schema.name]) for state in states if state.schema.name in before]
    if known:
        out.append(f"  since the last campaign: {_since(known)}")
    return out


def ending_notes(ended_by: str, limits: Limits) -> list[str]:
    """Return a line about the limit that ended a campaign; none where its time did, or the user."""
    if ended_by == "stale" and limits.until_stale_s is not None:
        return [f"  ended by --until-stale: nothing new in {clock(limits.until_stale_s)} of searching"]
    if ended_by == "findings" and limits.max_findings is not None:
        return [f"  ended by --max-findings: {plural(limits.max_findings, 'new finding')}"]
    return []


def blocks_reached(state: State) -> str:
    """Return how many blocks of each subject were ever reached."""
    return ", ".join(f"{name} {n:,} of {most:,} blocks" for name, (n, most) in state.blocks.items())


def _since(known: Sequence[tuple[State, ContractPast]]) -> str:
    grown = sum(len(state.corpus) - state.entries_before for state, _ in known)
    found = sum(len(state.new) for state, _ in known)
    healed = sum(case.is_judged and not case.is_open for state, _ in known for case in state.cases)
    parts = [f"{'+' * (grown >= 0)}{counted(grown)}", plural(found, "new finding")]
    still = sum(len(state.open_cases) for state, _ in known)
    parts += [f"{plural(still, 'case')} still open"] * bool(still)
    parts += [f"{plural(healed, 'saved case')} no longer open"] * bool(healed)
    return ", ".join(parts)


def status_lines(past: Past | None) -> list[str]:
    """Return what is known of the last campaign."""
    if past is None:
        return ["no campaign has run here; 'driftcheck campaign NAME' starts one"]
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(past.started))
    how = "ended after" if past.has_ended else "is running, or was killed; its last event came after"
    out = [f"campaign of {started}: {how} {clock(past.seconds)}"]
    wide = max((len(name) for name in past.contracts), default=0)
    for name, one in past.contracts.items():
        corpus = f"{counted(one.entries)} in the corpus ({one.new_entries:,} added)"
        found = plural(one.findings, "new finding")
        cases = f", {plural(one.open_cases, 'open case')}" if one.open_cases else ""
        searched = f"{plural(one.inputs, 'input')}, {corpus}" if one.turns else "its first turn has not ended"
        out.append(f"  {name:<{wide}}  {searched}, {found}{cases}")
    out += [f"  workers that had to be replaced: {past.deaths:,}"] * bool(past.deaths)
    return [*out, f"  {past.path}"]
