"""
What is said of campaigns in lines: of the corpus at the end of one, and of the one before.

Knows states and records. Runs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from driftcheck.campaign.events import ContractPast, Past
from driftcheck.campaign.state import State


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
    parts = [f"{entries:,} entries", f"{new:,} added"]
    parts += [f"{removed:,} removed, since others show the same"] * (removed > 0)
    parts += [f"{dropped:,} dropped, since they do not fit the contract any more"] * bool(dropped)
    parts += [f"{refused:,} refused, since it is full"] * bool(refused)
    out = [f"  corpus: {'; '.join(parts)}"]
    deaths = sum(state.deaths for state in states)
    out += [f"  workers that had to be replaced: {deaths:,}"] * bool(deaths)
    known = [(state, before[state.schema.name]) for state in states if state.schema.name in before]
    if known:
        out.append(f"  since the last campaign: {_since(known)}")
    return out


def _since(known: Sequence[tuple[State, ContractPast]]) -> str:
    grown = sum(len(state.corpus) - state.entries_before for state, _ in known)
    found = sum(len(state.new) for state, _ in known)
    healed = sum(case.is_judged and not case.is_open for state, _ in known for case in state.cases)
    parts = [f"{grown:+,} entries", f"{found:,} new finding{'' if found == 1 else 's'}"]
    still = sum(len(state.open_cases) for state, _ in known)
    parts += [f"{still:,} case{'' if still == 1 else 's'} still open"] * bool(still)
    parts += [f"{healed:,} saved case{'' if healed == 1 else 's'} no longer open"] * bool(healed)
    return ", ".join(parts)


def status_lines(past: Past | None) -> list[str]:
    """Return what is known of the last campaign."""
    if past is None:
        return ["no campaign was run here; 'driftcheck campaign NAME' begins one"]
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(past.started))
    how = "ended after" if past.has_ended else "has not ended, or was killed; its last event is from after"
    out = [f"campaign of {started}: {how} {_clock(past.seconds)}"]
    wide = max((len(name) for name in past.contracts), default=0)
    for name, one in past.contracts.items():
        corpus = f"{one.entries:,} corpus entries ({one.new_entries:,} added)"
        found = f"{one.findings:,} new finding{'' if one.findings == 1 else 's'}"
        cases = f", {one.open_cases:,} open cases" if one.open_cases else ""
        searched = f"{one.inputs:,} inputs, {corpus}" if one.turns else "its first turn has not ended"
        out.append(f"  {name:<{wide}}  {searched}, {found}{cases}")
    out += [f"  workers that had to be replaced: {past.deaths:,}"] * bool(past.deaths)
    return [*out, f"  {past.path}"]


def _clock(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
