"""The ways in which steps, openings and traces end: the same in Go, in Rust and in the Python model."""

from __future__ import annotations

from typing import Any

import canonical
import cbor2
import pytest
import unruly
from parity import (
    ACCEPTED,
    BROKEN,
    MODES,
    NOT_REACHED,
    NOTHING,
    PANICKED,
    REJECTED,
    UNMAPPED,
    UNSUPPORTED,
    VOID,
    Sides,
    Steps,
    misbehaved,
    outcomes,
    request,
)
from unruly import How, Unruly, When

from driftcheck import schema_of
from driftcheck.subjects.wire import DIGESTS, FULL, STATES, Wire
from driftcheck.values.encoding import OutsideType


@pytest.mark.parametrize("how", How)
def test_a_closing_step_ends_its_handles_whatever_its_outcome(misbehaving: Sides, how: How) -> None:
    """A handle that was given to be closed is gone, however the step ended, which made one if accepted."""
    steps: Steps = [
        *[("make", [])] * 3,
        ("close", [0, how.value]),
        ("use", [0]),
        ("close_both", [1, 2, how.value]),
        ("use", [1]),
        ("use", [2]),
        ("use", [5]),
    ]

    got = outcomes(misbehaved(misbehaving, When.NEVER, steps))

    if how in (How.PANIC, How.PANIC_ILL_FORMED, How.PANIC_LONG):
        assert [o[0] for o in got[3:]] == [PANICKED, *[NOT_REACHED] * 5]
    else:
        made = [ACCEPTED] if how is How.ACCEPTED else [VOID]
        assert [o[0] for o in got[4:]] == [VOID, got[3][0], VOID, VOID, *made]


def test_a_void_step_closes_nothing(misbehaving: Sides) -> None:
    """Where one handle of a closing step is not live, or given twice, the other one lives on."""
    steps: Steps = [
        ("make", []),
        ("close_both", [0, 9, How.ACCEPTED.value]),
        ("close_both", [9, 0, How.ACCEPTED.value]),
        ("close_both", [0, 0, How.ACCEPTED.value]),
        ("use", [0]),
    ]

    got = outcomes(misbehaved(misbehaving, When.NEVER, steps))

    assert got == [NOTHING, [VOID], [VOID], [VOID], NOTHING]


WORDS, REPLACED = unruly.PANIC, "not \ufffd UTF-8"
LONG = f"{(WORDS * unruly.LONG)[: 4096 - 32]}... (4,000,000 bytes)"
LONG_PANIC = f"{(WORDS * unruly.LONG)[: 2048 - 32]}... (4,000,000 bytes)"

ENDS: dict[How, tuple[list[Any], str]] = {  # the outcome, and the library's own words
    How.ACCEPTED: (NOTHING, ""),
    How.REFUSED: ([REJECTED, 0, None], ""),
    How.UNDECLARED: ([REJECTED, 1, None], ""),
    How.LIBRARY: ([REJECTED, 2, None], WORDS),
    How.UNMAPPED: ([UNMAPPED, WORDS], WORDS),
    How.UNSUPPORTED: ([UNSUPPORTED], ""),
    How.BROKEN: ([BROKEN, WORDS], ""),
    How.PANIC: ([PANICKED, WORDS], ""),
    How.LIBRARY_ILL_FORMED: ([REJECTED, 2, None], REPLACED),
    How.UNMAPPED_ILL_FORMED: ([UNMAPPED, REPLACED], REPLACED),
    How.BROKEN_ILL_FORMED: ([BROKEN, REPLACED], ""),
    How.PANIC_ILL_FORMED: ([PANICKED, WORDS + REPLACED], ""),
    How.LIBRARY_LONG: ([REJECTED, 2, None], LONG),
    How.UNMAPPED_LONG: ([UNMAPPED, LONG], LONG),
    How.BROKEN_LONG: ([BROKEN, LONG], ""),
    How.PANIC_LONG: ([PANICKED, LONG_PANIC], ""),
}


@pytest.mark.parametrize("how", How)
def test_each_way_to_end_a_step_is_the_same_outcome(misbehaving: Sides, how: How) -> None:
    """Outcome and words are the same on all sides, cut where they are long, and made UTF-8 in Go."""
    outcome, words = ENDS[how]

    got = [misbehaved(misbehaving, When.NEVER, [("do", [how.value])], mode) for mode in MODES]

    assert [outcomes(reply) for reply in got] == [[outcome]] * 3
    assert [reply[3] for reply in got] == [None, None, [words]]


def test_a_go_string_that_is_not_utf_8_equals_no_text(misbehaving: Sides) -> None:
    """As a value it travels under a tag, and the parent finds it outside its type."""
    wire, operation = Wire(schema_of(Unruly)), schema_of(Unruly).operation("text")
    (go,) = canonical.decode_replies(
        misbehaving["go"](request(Unruly, [When.NEVER.value, 0], [("text", [])]))
    )

    (outcome,) = outcomes(go)
    assert outcome == [ACCEPTED, cbor2.CBORTag(canonical.ILL_FORMED, b"not \xff UTF-8")]
    with pytest.raises(OutsideType, match=r"the value is text that is not UTF-8 \(bytes 6e 6f 74 20 ff"):
        wire.outcome(operation, outcome)


GROW = ("grow", [1])
EMPTY, GROWN = [b"\x40"], [b"\x41\x00"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("when", "opened"),
    [
        (When.OPEN, [PANICKED, WORDS]),
        (When.FIRST_STATE, [PANICKED, WORDS]),
        (When.REFUSED, [REJECTED, 0, None]),
        (When.LIBRARY, [REJECTED, 2, None]),
    ],
)
def test_a_subject_that_does_not_open(misbehaving: Sides, when: When, opened: list[Any], mode: int) -> None:
    """All steps are void and nothing is known; the state just after `open` is the opening's, in any mode."""
    got = misbehaved(misbehaving, when, [GROW, GROW], mode)

    states, texts = ([None] * 3 if mode else None), (["", ""] if mode == FULL else None)
    assert got == [[opened], [[VOID], None, [VOID], None], states, texts]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("when", "second", "panicked"),
    [
        (When.SECOND_STATE, GROW, 0),
        (When.NEVER, ("do", [How.PANIC.value]), 1),
        (When.NEVER, ("spoil", []), 1),
        (When.DROP, GROW, 2),
    ],
)
def test_a_panic_ends_a_trace(
    misbehaving: Sides, when: When, second: tuple[str, list[Any]], panicked: int, mode: int
) -> None:
    """From its step on nothing is known, what was before is kept; state and drop belong to their step."""
    got = misbehaved(misbehaving, when, [GROW, second, GROW], mode)

    reached = [NOTHING] * panicked + [[PANICKED, WORDS]] + [[NOT_REACHED]] * (2 - panicked)
    assert got[0] == [NOTHING]
    assert outcomes(got) == reached
    assert [digest is None for digest in got[1][1::2]] == [number >= panicked for number in range(3)]
    kept = [EMPTY, *[GROWN] * panicked, *[None] * (3 - panicked)]
    assert got[2:] == [kept if mode else None, ["", "", ""] if mode == FULL else None]


@pytest.mark.parametrize("mode", MODES)
def test_a_panic_of_the_drop_without_steps_is_one_of_the_opening(misbehaving: Sides, mode: int) -> None:
    """There is no step to blame, and no state is kept."""
    got = misbehaved(misbehaving, When.DROP, [], mode)

    assert got == [[[PANICKED, WORDS]], [], [None] if mode else None, [] if mode == FULL else None]


@pytest.mark.parametrize(
    ("opened", "grown", "digested"),
    [
        (4093, 4093, [True, True, True, True]),
        (4094, 0, [True, True, True, True]),
        (4093, 4094, [True, False, False, True]),
        (5000, 5000, [True, False, False, True]),
    ],
)
def test_large_states_are_digested_at_the_end(
    misbehaving: Sides, opened: int, grown: int, digested: list[bool]
) -> None:
    """The first state above 4,096 bytes after a step has its digest, later ones have none but the last."""
    steps: Steps = [("grow", [grown]), GROW, GROW, GROW]  # three bytes of head go with content of this length

    digests = misbehaved(misbehaving, When.NEVER, steps, DIGESTS, opened)[1][1::2]
    states = misbehaved(misbehaving, When.NEVER, steps, STATES, opened)[1][1::2]

    assert [digest is not None for digest in digests] == digested
    assert None not in states
    assert digests[-1] == states[-1]
