"""Lines that a campaign prints of its progress and of its corpus."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from driftcheck.campaign.events import ContractPast, Past
from driftcheck.campaign.limits import Staleness
from driftcheck.campaign.turn import Progress
from driftcheck.cli.campaign_notes import corpus_notes, status_lines
from driftcheck.cli.campaign_screen import progress_line


def state(
    name: str,
    *,
    is_built: bool = True,
    turns: int = 1,
    entries: int = 0,
    blocks: dict[str, tuple[int, int]] | None = None,
    waits: bool = False,
    **more: Any,
) -> Any:
    """Return what the lines read of a contract's state."""
    rest = {"entries_before": 0, "new_entries": entries, "misfits": 0, "deaths": 0}
    return SimpleNamespace(
        **{**rest, **more},
        name=name,
        schema=SimpleNamespace(name=name),
        blocks=blocks or {},
        waits_for_coverage=waits,
        built=() if is_built else None,
        is_broken=False,
        turns=turns if is_built else 0,
        corpus=Corpus(entries),
        root_causes=0,
        last_new=0.0,
        figures=lambda: Progress(100, 100, 100, 0, 0),
    )


class Corpus:
    """So many entries."""

    refused = 0

    def __init__(self, entries: int) -> None:
        self.entries = entries

    def __len__(self) -> int:
        return self.entries


def line(*states: Any) -> str:
    """Return the line of progress of these contracts."""
    by_name = {one.name: one for one in states}
    broker: Any = SimpleNamespace(states=by_name, seconds=10.0, left_s=5.0, staleness=Staleness(3.0))
    return progress_line(broker)


def test_a_campaign_that_only_builds_says_so() -> None:
    """Figures of nothing would read like a search that finds nothing."""
    said = line(state("lru", is_built=False), state("json", is_built=False))

    assert said == "nothing is searched yet; still being built: lru, json"


def test_a_campaign_whose_first_turn_was_not_given_begins() -> None:
    """The moment between the builds and the first turn."""
    assert line(state("lru", turns=0)) == "the search begins"


def test_the_progress_names_what_is_still_being_built() -> None:
    """The figures are those of the other contracts."""
    said = line(state("lru"), state("json", is_built=False))

    assert "200 inputs, 20 inputs/s, corpus 0, " in said
    assert ", nothing new in 3 s of searching, " in said
    assert said.endswith(", still being built: json, 5 s left")
    assert "still" not in line(state("lru"))


@pytest.mark.parametrize(
    ("before", "new", "dropped", "entries", "says"),
    [
        (0, 238, 0, 238, "238 entries; 238 added"),
        (0, 238, 0, 200, "200 entries; 238 added; 38 removed, because others show the same"),
        (
            9,
            1,
            2,
            7,
            "7 entries; 1 added; 1 removed, because others show the same; "
            "2 dropped, because they do not fit the contract any more",
        ),
    ],
)
def test_the_corpus_is_accounted_for(before: int, new: int, dropped: int, entries: int, says: str) -> None:
    """What was there, what came and what went give what is there."""
    one = state("lru", entries=entries, entries_before=before, new_entries=new, misfits=dropped)

    assert corpus_notes([one], {}) == [f"  corpus: {says}"]


def test_the_lines_compare_with_the_beginning_of_the_campaign() -> None:
    """The record of a campaign that was killed does not say what its corpus came to."""
    cases = [SimpleNamespace(is_judged=True, is_open=is_open) for is_open in (True, False, False)]
    one = state("lru", entries=9, entries_before=7, new_entries=2, new=[], cases=cases, open_cases=cases[:1])

    assert corpus_notes([one], {"lru": ContractPast()})[1] == (
        "  since the last campaign: +2 entries, 0 new findings, 1 case still open, "
        "2 saved cases no longer open"
    )


def test_the_status_of_a_contract_without_a_turn_gives_no_figures() -> None:
    """A campaign that was killed early has a corpus, of which its record says nothing."""
    contracts = {"lru": ContractPast(9, 1, 5, 3), "json": ContractPast(open_cases=2)}
    said = status_lines(Past(Path("record"), 0.0, 60.0, False, contracts, 0))

    assert said[1] == "  lru   9 inputs, 5 entries in the corpus (3 added), 0 new findings"
    assert said[2] == "  json  its first turn has not ended, 0 new findings, 2 open cases"


def test_coverage_has_a_line_for_each_contract() -> None:
    """Contracts whose builds for coverage were not ready are named in one line."""
    states = [state("a", blocks={"go": (3, 4), "rust": (1_000, 2_000)}), state("b", waits=True), state("c")]
    told = corpus_notes(states, {})

    assert "  coverage of a: go 3 of 4 blocks, rust 1,000 of 2,000 blocks" in told
    assert "  without coverage, since the builds for it were not ready: b" in told
    assert not any("coverage of c" in line for line in told)
