"""Suspect places: faults that change which blocks run, and the places that are printed for them."""

from __future__ import annotations

import pytest
from engine_faults import Fault, read_engine_faults
from planted_places import case_of, locate

DAILY = (
    "counters_wrap",
    "import_ticks_the_clock",
    "map_length_not_halved",
    "text_order_of_numbers",
    "time_wins_over_their_clock",
)
IN_GO = [fault for fault in read_engine_faults() if fault.side == "go" and case_of(fault) is not None]
SHARE = 0.5  # of the faults in Go that change which blocks run; measured 10 of 19


@pytest.mark.parametrize("fault", [fault for fault in IN_GO if fault.name in DAILY], ids=lambda f: f.name)
def test_a_planted_function_is_among_the_suspects(fault: Fault) -> None:
    """The function that a patch changes is among the three places of its side."""
    located = locate(fault)

    assert located.changes_blocks
    assert located.rank is not None


@pytest.mark.nightly
def test_half_of_the_faults_that_change_blocks_are_located() -> None:
    """Of all faults of the Go engine that change which blocks run, the places name this share."""
    located = [one for one in map(locate, IN_GO) if one.changes_blocks]

    assert len(located) >= 15
    assert sum(one.rank is not None for one in located) >= SHARE * len(located)
