"""The Go SDK, the Rust SDK and the Python model: the same request has the same reply, byte for byte."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import canonical
import cbor2
import pytest
from everything import Everything
from gossip import Gossip
from parity import (
    ACCEPTED,
    MODES,
    NOTHING,
    REJECTED,
    VOID,
    Sides,
    Steps,
    agreed,
    outcomes,
    placeless,
    request,
)
from unruly import Unruly

from driftcheck import Contract, schema_of
from driftcheck.core.errors import ProtocolFault
from driftcheck.generate.dice import Dice
from driftcheck.generate.strategy import traces
from driftcheck.subjects.wire import DIGESTS, STATES, Wire
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

ODD_NAN = struct.unpack(">d", bytes.fromhex("fff8000000000001"))[0]


@pytest.mark.parametrize("contract", [Lru, Everything, Unruly, Gossip])
def test_random_traces_have_equal_replies(
    ask: Callable[[type[Contract]], Sides], contract: type[Contract]
) -> None:
    """In each mode all sides answer a random trace with the same canonical bytes."""
    schema = schema_of(contract)
    wire, sides = Wire(schema), ask(contract)
    seen: set[int] = set()
    strategy, dice = traces(schema, max_steps=20), Dice()
    for seed in range(150):
        dice.throw(str(seed))
        encoded = wire.trace(strategy.draw_case(dice))
        for mode in MODES:
            replies = [side(wire.request([encoded], mode)) for side in sides.values()]
            decoded = [canonical.decode_replies(reply) for reply in replies]
            if contract is Unruly:
                decoded = [placeless(reply) for reply in decoded]
                assert all(other == decoded[0] for other in decoded)
            else:
                assert len(set(replies)) == 1
            seen.update(outcome[0] for outcome in outcomes(decoded[0][0]))

    assert ACCEPTED in seen
    if contract is Unruly:
        assert seen | {VOID} == set(range(8))


VALUES: list[tuple[str, Any]] = [
    ("boolean", False),
    ("boolean", True),
    *(("signed", n) for n in (0, -1, 23, 24, -24, -25, 255, 256, -256, -257, 2**63 - 1, -(2**63))),
    *(("unsigned", n) for n in (0, 65_535, 65_536, 2**32 - 1, 2**32, 2**64 - 1)),
    *(("real", x) for x in (0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, ODD_NAN, 5e-324)),
    ("text", "a\U0001f600\x00\ufffd"),
    ("text", "x" * 300),
    ("raw", b"\x00\xff"),
    ("raw", bytes(70_000)),
    ("colour", 2),
    ("union", [0, [0.0, 0]]),
    ("union", [1, []]),
    ("optional", None),
    ("optional", b""),
    ("sequence", []),
    ("sequence", [["a", "b"], [], ["c"] * 24]),
    ("nested", {"": None, "a": [], "b": [1.0, -0.0]}),
    ("by_text", {"": {}, "a": {False: -1, True: 1}, "bb": {}, "é": {}}),
    ("by_bytes", {b"": None, b"\xff": "x", b"aa": None}),
    ("by_int", {0: 1, 24: 2, 256: 3, -1: 4, -25: 5}),
    ("payload", b"{}"),
    ("record", [[], "note", {}, [1, []], 0, None, None, None, []]),
    (
        "record",
        [
            [[0, [1.5, 2**64 - 1]], [1, []]],
            None,
            {0: None, 2: [b"", b"\x01"]},
            [0, [ODD_NAN, 1]],
            -1,
            [-7],
            [8],
            ["s"],
            [1.0],
        ],
    ),
]


def test_every_type_comes_back_as_the_bytes_that_were_sent(everything: Sides) -> None:
    """What is read and written again is, byte for byte, what was sent."""
    asked = request(Everything, ["a", None], [(name, [value]) for name, value in VALUES])

    for (name, value), outcome in zip(VALUES, outcomes(agreed(everything, asked)), strict=True):
        assert canonical.encode(outcome) == canonical.encode([ACCEPTED, value]), name


def test_equal_values_become_equal_bytes(everything: Sides) -> None:
    """Unordered sequences are sorted by their encodings, and every NaN is the same where NaNs are equal."""
    drawing: list[Any] = [[], None, {}, None, 0, None, None, None, [ODD_NAN, 1.0]]
    steps: Steps = [
        ("unordered", [["bb", "c", "a", "c"]]),
        ("real_nan_equal", [ODD_NAN]),
        ("nested", [{"a": [ODD_NAN]}]),
        ("record", [drawing]),
    ]

    got = outcomes(agreed(everything, request(Everything, ["a", None], steps)))

    expected = [["a", "c", "c", "bb"], math.nan, {"a": [math.nan]}, [*drawing[:-1], [1.0, math.nan]]]
    assert canonical.encode(got) == canonical.encode([[ACCEPTED, value] for value in expected])


def test_a_state_is_a_sorted_map(everything: Sides) -> None:
    """A map is written in the order of its keys' encodings, whatever the order in which they came."""
    steps: Steps = [("keep", ["é", 0]), ("keep", ["", 0]), ("keep", ["", 300])]

    _, _, states, _ = agreed(everything, request(Everything, ["yy", None], steps, STATES))

    assert list(cbor2.loads(states[-1][0])) == ["", "b", "yy", "zz", "é", "x" * 300]


def test_arguments_keep_their_places(everything: Sides) -> None:
    """Each argument reaches the parameter of its own name."""
    asked = request(Everything, ["a", None], [("many", list(range(10)))])

    assert outcomes(agreed(everything, asked)) == [[ACCEPTED, list(range(10))]]


def test_a_rejection_brings_its_detail(everything: Sides) -> None:
    """What comes with a rejection travels as its type says."""
    place, counts = [["a", "é"], [1, []]], {"": 2**64 - 1, "b": 0, "aa": 1}
    steps: Steps = [("refuse", [place, None]), ("refuse", [[[], None], None]), ("refuse", [place, counts])]

    got = outcomes(agreed(everything, request(Everything, ["a", None], steps)))

    expected = [[REJECTED, 1, place], [REJECTED, 1, [[], None]], [REJECTED, 2, counts]]
    assert canonical.encode(got) == canonical.encode(expected)


def test_handles_are_kept_by_step_and_kind(everything: Sides) -> None:
    """A handle that was never made, is closed, is of another kind or is given twice makes its step void."""
    begin, turn = ("begin", []), ("turn", [])
    steps: Steps = [
        *(begin, begin, turn),
        ("end", [0, 0]),
        ("end", [0, 2]),
        ("end", [0, 99]),
        ("end", [99, 0]),
        ("both", [0, 2]),
        ("both", [2, 1]),
        ("end", [0, 1]),
        ("end", [0, 1]),
        ("both", [2, 0]),
        ("both", [2, 1]),
    ]

    got = outcomes(agreed(everything, request(Everything, ["a", None], steps)))

    void = [VOID]
    assert got[3:] == [void, void, void, void, void, NOTHING, [ACCEPTED, 1], void, void, NOTHING]


@pytest.mark.parametrize("mode", MODES)
def test_a_contract_without_state_has_no_states(ask: Callable[[type[Contract]], Sides], mode: int) -> None:
    """Where there is no state, `states` is null in every mode, and so is each digest."""
    sides = ask(JsonContract)
    asked = request(JsonContract, [], [("decode", [b"["])], mode)

    for side in sides.values():
        (reply,) = canonical.decode_replies(side(asked))
        assert reply[1][1::2] == [None]
        assert reply[2] is None


def _with_argument(operation: str, argument: bytes) -> bytes:
    """Encode a request whose one argument is these bytes, be they CBOR or not."""
    index = schema_of(Everything).operation(operation).index
    step = b"\x84" + canonical.encode(index) + b"\x00\xf6\x81" + argument
    trace = canonical.encode(["id", [[1, []]], [["a", None]]])[1:]
    return canonical.encode([1, DIGESTS, [b"\x84" + trace + b"\x81" + step]])


UNREADABLE = {
    "a head longer than it need be": ("unsigned", "1817"),
    "a two-byte head longer than it need be": ("unsigned", "1900ff"),
    "a four-byte head longer than it need be": ("unsigned", "1a0000ffff"),
    "an eight-byte head longer than it need be": ("unsigned", "1b00000000ffffffff"),
    "a length longer than it need be": ("raw", "580161"),
    "an integer beyond 64 bits with a sign": ("signed", "1b8000000000000000"),
    "one below them": ("signed", "3b8000000000000000"),
    "a negative number where there are none": ("unsigned", "20"),
    "a reserved head": ("unsigned", "1c"),
    "a float of four bytes": ("real", "fa3fc00000"),
    "a float of two bytes": ("real", "f93e00"),
    "an integer for a float": ("real", "01"),
    "a byte string of indefinite length": ("raw", "5f4161ff"),
    "an array of indefinite length": ("sequence", "9fff"),
    "a map of indefinite length": ("by_int", "bfff"),
    "text that is not UTF-8": ("text", "61ff"),
    "a surrogate in UTF-8": ("text", "63eda080"),
    "bytes for text": ("text", "4161"),
    "a tag": ("text", "d9646341ff"),
    "undefined": ("optional", "f7"),
    "keys out of order": ("by_int", "a220000001"),
    "a key twice": ("by_int", "a200000001"),
    "a length beyond the end": ("raw", "5bffffffffffffffff"),
    "a number of items beyond the end": ("sequence", "9affffffff"),
    "a number of pairs beyond the end": ("by_int", "bbffffffffffffffff"),
    "a member that there is not": ("colour", "03"),
    "an alternative that there is not": ("union", "820280"),
    "a record with a field too many": ("union", "82018100"),
    "an argument too many": ("unsigned", "0000"),
    "no argument": ("unsigned", ""),
}


@pytest.mark.parametrize(("operation", "argument"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_canonical_is_refused(everything: Sides, operation: str, argument: str) -> None:
    """Both SDKs refuse what is not canonical or not of its type, in the same words; the host goes on."""
    asked = _with_argument(operation, bytes.fromhex(argument))

    texts = set()
    for language in ("go", "rust"):
        with pytest.raises(ProtocolFault, match="trace 0") as refused:
            everything[language](asked)
        texts.add(refused.value.text)
    assert len(texts) == 1, texts
    agreed(everything, request(Everything, ["a", None], [("boolean", [True])]))
