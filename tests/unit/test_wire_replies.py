"""Replies that are not of the protocol's form: a fault of an SDK, named with its subject; no traceback."""

from __future__ import annotations

import re
import tracemalloc
from typing import Any

import pytest

from driftcheck import schema_of
from driftcheck.core.errors import ProtocolFault
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import readable
from driftcheck.subjects.host import checked_description
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import OutsideType, dumps, glimpse
from driftcheck_contracts.lru import Lru

WIRE = Wire(schema_of(Lru))
OPENED = [[0, None]]
TAG = "it contains a tag that no SDK writes"
ODD: dict[str, tuple[Any, str]] = {
    "no CBOR": (b"\xff", "its reply is not CBOR: "),
    "a number": (dumps(7), "its reply does not have the form [opened, outcomes, states, texts]"),
    "a digest short": (dumps([OPENED, [[0, None]], None, None]), "its reply does not have the form "),
    "no instance": (dumps([[], [], None, None]), "its reply does not have the form "),
    "an unknown outcome": (
        dumps([OPENED, [[9], None], None, None]),
        "its reply contains [9], which is not an outcome",
    ),
    "an outcome that is none": (
        dumps([OPENED, [3, None], None, None]),
        "its reply contains 3, which is not an outcome",
    ),
    "words that are none": (
        dumps([OPENED, [[2, 1], None], None, None]),
        "its reply contains [2, 1], which is not ",
    ),
    "an unknown rejection": (
        dumps([OPENED, [[1, 99, None], None], None, None]),
        "its reply contains [1, 99, None], ",
    ),
    "an opening that is none": (
        dumps([[[8]], [], None, None]),
        "its reply contains [8], which is not an outcome",
    ),
    "an instance too many": (
        dumps([[[0, None], [0, None]], [], None, None]),
        "its reply opens 2 instances, not 1",
    ),
    "states that are none": (
        dumps([OPENED, [], [7], None]),
        "its reply has states that are not 1 byte strings",
    ),
    "texts that are none": (dumps([OPENED, [], None, [7]]), "its reply has error texts that are not text"),
    "a state too few": (dumps([OPENED, [], [], None]), "its reply has 0 states for 0 steps"),
    "a text too many": (dumps([OPENED, [], None, [""]]), "its reply has 1 error texts for 0 steps"),
    "a digest that is none": (
        dumps([OPENED, [[0, None], b"1234567"], None, None]),
        "its reply has digests that are not 8 bytes",
    ),
    "a list that holds itself": (b"\xd8\x1c\x81\xd8\x1d\x00", f"its reply is not CBOR: {TAG}"),
    "a number of any length": (b"\xc2\x41\x01", f"its reply is not CBOR: {TAG}"),
    "a pattern": (b"\xd8\x23\x61a", f"its reply is not CBOR: {TAG}"),
    "a length that is not told": (b"\x9f\xff", "its reply is not CBOR: "),
    "a key twice": (b"\xa2\x01\x02\x01\x03", "its reply is not CBOR: "),
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

    assert str(caught.value).startswith("the value is not a state: ")


@pytest.mark.parametrize("steps", [1, 3])
def test_answers_that_lack_a_step_are_crashes(steps: int) -> None:
    """Also where all subjects answer so alike: equal replies are read, too."""
    raw = dumps([OPENED, [[0, None], None] * 2, None, None])
    trace = Trace((Step("walk"),) * steps, ())

    execution = readable(Execution(trace, {name: Answer(raw, WIRE, subject=name) for name in ("go", "rust")}))

    found = f"noise on the stream of its host: its reply has 2 outcomes for {steps} steps"
    deaths = [answer.death for answer in execution.answers.values()]
    assert [death.evidence.reason for death in deaths if death is not None] == [found] * 2


def test_a_value_of_any_size_is_glimpsed() -> None:
    """A message shows the first characters that `repr` gives, and takes no room for the rest."""
    for value in (
        ["x" * 200] * 100_000,
        b"\0" * 10_000_000,
        {1: [[]] * 100_000},
        "\x1b" * 1_000_000,
        [[[[[1.5]]]]],
    ):
        tracemalloc.start()
        shown = glimpse(value)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert repr(value).startswith(shown.removesuffix("..."))
        assert len(shown) <= 80
        assert peak < 2_000_000


@pytest.mark.parametrize(
    ("described", "says"),
    [
        ({"contract": 7}, "contract = 7, but text is expected"),
        ({"toolchain": ["go"]}, "toolchain = ['go'], but text is expected"),
        ({"libraries": 7}, "libraries = 7, but names with their versions are expected"),
        ({"libraries": {"lru": 1}}, "libraries = {'lru': 1}, but names with their versions are expected"),
    ],
)
def test_a_library_that_describes_itself_oddly_is_refused(described: dict[str, Any], says: str) -> None:
    """What it says is shown, compared and written to case files."""
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        checked_description(described)


def test_long_words_of_a_description_are_cut() -> None:
    """A library may say anything of itself."""
    assert len(checked_description({"build": "x" * 1_000_000})["build"]) < 5_000
