"""What a trace ran, in words that a corpus keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcheck.campaign.blocks import Blocks, of_blocks
from driftcheck.lockstep.covered import Covered
from driftcheck.subjects.coverage import CoverageTable, Place

PLACES = {
    0: Place("/src/store/lru.go", 10, "Put"),
    1: Place("/src/store/lru.go", 20, "Put"),
    3: Place("/src/other/lru.go", 10, "Put"),  # counter 2 is not of the code under test
}


@pytest.fixture
def covered(tmp_path: Path) -> dict[str, Covered]:
    CoverageTable(5, PLACES).write(tmp_path / "table")
    return {"go": Covered(str(tmp_path / "table"), "go")}


def test_a_block_and_how_often_it_ran_is_a_behaviour(covered: dict[str, Covered]) -> None:
    """Counters without a place, and blocks that did not run, are none."""
    ran = {"go": bytes([0x01, 0x08, 0xFF, 0x40, 0xFF])}

    assert Blocks(covered).things(ran) == {
        "ran: go src/store/lru.go:10 once",
        "ran: go src/store/lru.go:20 a few times",
        "ran: go src/other/lru.go:10 often",
    }


@pytest.mark.parametrize("bit", range(8))
def test_a_map_holds_what_the_words_say(covered: dict[str, Covered], bit: int) -> None:
    """A host that loads the map finds nothing new in what a corpus shows already."""
    blocks, ran = Blocks(covered), bytes([1 << bit, 0, 0, 0x80, 0])
    known = blocks.map("go", blocks.things({"go": ran}))

    assert known[0] & 1 << bit
    assert (known[1], known[2], known[4]) == (0, 0, 0)
    assert blocks.things({"go": bytes([known[0] & -known[0], 0, 0, 0x80, 0])}) == blocks.things({"go": ran})


def test_blocks_and_outcomes_have_different_words() -> None:
    """No outcome begins with the prefix of a block."""
    assert of_blocks(["ran: go a.go:1 once", "ran accepted"]) == {"ran: go a.go:1 once"}
