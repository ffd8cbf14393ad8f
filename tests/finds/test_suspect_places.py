"""Where subjects part: faults that change which blocks run, and the places that are printed for them."""

from __future__ import annotations

import pytest
from engine_faults import Fault, read_engine_faults
from planted_places import case_of, locate

DAILY = ("counters_wrap", "map_length_not_halved", "time_wins_over_their_clock")
FAULTS = [fault for fault in read_engine_faults() if case_of(fault) is not None]
PROMISED = 0.8  # of the faults that change which blocks run


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in DAILY], ids=lambda f: f.name)
def test_a_planted_function_is_among_the_suspects(fault: Fault) -> None:
    """The function that a patch changes is among the three places of its side."""
    located = locate(fault)

    assert located.changes_blocks
    assert located.rank is not None
