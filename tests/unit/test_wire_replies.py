"""Replies that are not of the protocol's form: a fault of an SDK, named with its subject; no traceback."""

from __future__ import annotations

from typing import Any

import pytest

from driftcheck import schema_of
from driftcheck.core.errors import ProtocolFault
from driftcheck.lockstep.answer import Answer
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import OutsideType, dumps
from driftcheck_contracts.lru import Lru

WIRE = Wire(schema_of(Lru))
OPENED = [[0, None]]
ODD: dict[str, tuple[Any, str]] = {
    "no CBOR": (b"\xff", "its reply is not CBOR: "),
    "a number": (dumps(7), "its reply does not have the form [opened, outcomes, states, texts]"),
    "a digest short": (dumps([OPENED, [[0, None]], None, None]), "its reply does not have the form "),
    "no instance": (dumps([[], [], None, None]), "its reply does not have the form "),
    "an unknown outcome": (
        dumps([OPENED, [[9], None], None, None]),
        "its reply holds [9], which is no outcome",
    ),
    "an outcome that is none": (
        dumps([OPENED, [3, None], None, None]),
        "its reply holds 3, which is no outcome",
    ),
    "words that are none": (
        dumps([OPENED, [[2, 1], None], None, None]),
        "its reply holds [2, 1], which is no ",
    ),
    "an unknown rejection": (
        dumps([OPENED, [[1, 99, None], None], None, None]),
        "its reply holds [1, 99, None], ",
    ),
    "an opening that is none": (dumps([[[8]], [], None, None]), "its reply holds [8], which is no outcome"),
    "an instance too many": (
        dumps([[[0, None], [0, None]], [], None, None]),
        "its reply opens 2 instances, not 1",
    ),
    "states that are none": (
        dumps([OPENED, [], [7], None]),
        "its reply holds states that are not 1 byte strings",
    ),
    "texts that are none": (dumps([OPENED, [], None, [7]]), "its reply holds error texts that are not text"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_ill_formed_reply_is_a_fault_of_its_subject(name: str) -> None:
    """Whatever is wrong with a reply, one sentence names the subject and what was found."""
    raw, told = ODD[name]

    with pytest.raises(ProtocolFault) as caught:
        _ = Answer(raw, WIRE, subject="go").reply

    assert str(caught.value).startswith(f"subject 'go': {told}")


def test_a_state_that_is_no_cbor_is_outside_its_type() -> None:
    """Bytes of a state that cannot be read blame the subject whose state it is, as any wrong value does."""
    with pytest.raises(OutsideType) as caught:
        WIRE.state(b"\xff")

    assert str(caught.value).startswith("the value is no state: ")
