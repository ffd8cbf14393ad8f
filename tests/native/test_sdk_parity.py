"""The Go SDK, the Rust SDK and the Python model: the same request has the same reply, byte for byte."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import canonical
import cbor2
import pytest
import unruly
from everything import Everything
from gossip import Gossip
from unruly import How, Unruly, When

from driftcheck import Contract, schema_of
from driftcheck.build import build
from driftcheck.errors import ProtocolFault
from driftcheck.generate.dice import Dice
from driftcheck.generate.strategy import traces
from driftcheck.subjects import model
from driftcheck.subjects.discover import subjects
from driftcheck.subjects.host import Host, Limits
from driftcheck.values import OutsideType
from driftcheck.wire import DIGESTS, FULL, STATES, Wire
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

MODES = (DIGESTS, STATES, FULL)
ACCEPTED, REJECTED, UNMAPPED, PANICKED, UNSUPPORTED, VOID, BROKEN, NOT_REACHED = range(8)
NOTHING = [ACCEPTED, None]  # accepted, where there is no result or a handle
ODD_NAN = struct.unpack(">d", bytes.fromhex("fff8000000000001"))[0]

Ask = Callable[[bytes], bytes]
Sides = dict[str, Ask]
Steps = Sequence[tuple[str, list[Any]]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[type[Contract]], Sides]]:
    """Return what gives the subjects of a contract as functions from a request to its reply."""
    known: dict[type[Contract], Sides] = {}
    with ExitStack() as stack:

        def sides(contract: type[Contract]) -> Sides:
            if contract not in known:
                known[contract] = {s.name: _side(contract, s, stack) for s in subjects(contract)}
            return known[contract]

        yield sides


def _side(contract: type[Contract], source: Any, stack: ExitStack) -> Ask:
    subject = build(source, schema_of(contract))
    if subject.language == "python":
        library = model.load(subject.target)
        return lambda request: library.run(memoryview(bytearray(8)), request)
    host = stack.enter_context(Host(subject, Limits(deadline_s=10)))

    def ask(request: bytes) -> bytes:
        host.send(request)
        return host.receive()

    return ask


@pytest.fixture
def everything(ask: Callable[[type[Contract]], Sides]) -> Sides:
    """Return the subjects that echo."""
    return ask(Everything)


@pytest.fixture
def misbehaving(ask: Callable[[type[Contract]], Sides]) -> Sides:
    """Return the subjects that misbehave."""
    return ask(Unruly)


def request(contract: type[Contract], opening: list[Any], steps: Steps, mode: int = DIGESTS) -> bytes:
    """Encode a request of one trace, whose arguments are plain data."""
    schema = schema_of(contract)
    encoded = [[schema.operation(name).index, 0, None, arguments] for name, arguments in steps]
    trace = canonical.encode(["id", [[1, []]], [opening], encoded])
    return canonical.encode([1, mode, [trace]])


def agreed(sides: Sides, asked: bytes) -> Any:
    """Return the one reply of all sides to a request of one trace, decoded."""
    replies = {ask(asked) for ask in sides.values()}
    assert len(replies) == 1
    (reply,) = canonical.decode_replies(replies.pop())
    return reply


def misbehaved(sides: Sides, when: When, steps: Steps, mode: int = DIGESTS, length: int = 0) -> Any:
    """Return the one reply of all sides but for what `placeless` takes away."""
    asked = request(Unruly, [when.value, length], steps, mode)
    first, *others = (placeless(canonical.decode_replies(ask(asked))[0]) for ask in sides.values())
    assert all(other == first for other in others)
    return first


def placeless(reply: Any) -> Any:
    """Return a reply without the places of panics, and with ill-formed text as if it had been replaced."""
    match reply:
        case [3, str(words)]:
            assert words.startswith(unruly.PANIC)
            assert words.endswith(")")
            return [3, words.rpartition(" (")[0]]
        case list():
            return [placeless(item) for item in reply]
        case cbor2.CBORTag(value=data):
            return data.decode(errors="replace")
    return reply


def outcomes(reply: Any) -> list[Any]:
    return list(reply[1][::2])


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

    if how in (How.PANIC, How.PANIC_ILL_FORMED):
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


def gossip(openings: list[list[Any]], steps: list[list[Any]], mode: int = DIGESTS) -> bytes:
    """Encode a request of one trace over three counters."""
    trace = canonical.encode(["id", [[1, []]] * len(openings), openings, steps])
    return canonical.encode([1, mode, [trace]])


THREE = [[0, 9, 0], [1, 9, 0], [2, 9, 0]]  # place, limit and start of each


def test_each_instance_has_its_own_state_and_digest(ask: Callable[[type[Contract]], Sides]) -> None:
    """States stand in the order of the instances, and digests one after the other."""
    ahead = schema_of(Gossip).operation("ahead").index
    steps = [[0, 2, None, [5]], [1, 0, None, [2]], [ahead, 1, None, [0, 4]]]  # add, pull, ahead

    opened, pairs, states, _ = agreed(ask(Gossip), gossip(THREE, steps, STATES))

    assert opened == [NOTHING] * 3
    assert pairs[::2] == [[ACCEPTED, 5], [ACCEPTED, 5], [ACCEPTED, True]]
    zero, one, two = ([place, {place: 0}] for place in range(3))
    five = [2, {2: 5}]
    learnt = [0, {0: 0, 2: 5}]
    decoded = [[cbor2.loads(state) for state in states_] for states_ in states]
    assert decoded == [[zero, one, two], [zero, one, five], [learnt, one, five], [learnt, one, five]]
    digests = [b"".join(model.fnv1a(state) for state in states_) for states_ in states]
    assert pairs[1::2] == digests[1:]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("at", range(3))
def test_no_step_is_done_where_one_instance_does_not_open(
    ask: Callable[[type[Contract]], Sides], at: int, mode: int
) -> None:
    """Those before it were opened, those after it are not reached, and every step is void."""
    openings = [*THREE[:at], [at, 9, 10], *THREE[at + 1 :]]

    opened, pairs, states, _ = agreed(ask(Gossip), gossip(openings, [[0, 0, None, [1]]] * 2, mode))

    assert opened == [*[NOTHING] * at, [REJECTED, 0, None], *[[NOT_REACHED]] * (2 - at)]
    assert pairs == [[VOID], None] * 2
    assert states == (None if mode == DIGESTS else [None] * 3)


def test_a_handle_belongs_to_the_instance_that_made_it(ask: Callable[[type[Contract]], Sides]) -> None:
    """Given to another one, it was never made."""
    mark, since = (schema_of(Gossip).operation(name).index for name in ("mark", "since"))
    steps = [[mark, 1, None, []], [since, 1, None, [0]], [since, 2, None, [0]]]

    assert outcomes(agreed(ask(Gossip), gossip(THREE, steps))) == [NOTHING, [ACCEPTED, 0], [VOID]]


def test_a_fault_reaches_the_adapter(ask: Callable[[type[Contract]], Sides]) -> None:
    """The first is an answer that is lost, the second one that comes twice; what follows meets none."""
    losses = schema_of(Gossip).operation("losses").index
    steps = [[1, 0, 0, [1]], [1, 0, 1, [1]], [1, 0, None, [1]], [losses, 0, None, []]]

    got = outcomes(agreed(ask(Gossip), gossip(THREE, steps)))

    assert got == [[REJECTED, 1, None], [ACCEPTED, 0], [ACCEPTED, 0], [ACCEPTED, 1]]


@pytest.mark.parametrize(
    "odd",
    [
        gossip(THREE[:2], []),
        gossip([*THREE, [0, 9, 0]], []),
        gossip(THREE, [[0, 3, None, [1]]]),
        gossip(THREE, [[1, 1, None, [1]]]),
        gossip(THREE, [[1, 1, None, [3]]]),
        gossip(THREE, [[1, 1, 2, [0]]]),
        gossip(THREE, [[1, 1, "lost", [0]]]),
    ],
    ids=["too few", "too many", "instance 3", "its own peer", "peer 3", "fault 2", "no number"],
)
def test_what_names_no_instance_or_fault_is_refused(
    ask: Callable[[type[Contract]], Sides], odd: bytes
) -> None:
    """Such a request is driftcheck's own fault, and no answer to it is made up."""
    for side in ask(Gossip).values():
        with pytest.raises((ValueError, ProtocolFault)):
            side(odd)


WORDS, REPLACED = unruly.PANIC, "not \ufffd UTF-8"

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
}


@pytest.mark.parametrize("how", How)
def test_each_way_to_end_a_step_is_the_same_outcome(misbehaving: Sides, how: How) -> None:
    """Outcome and words are the same on all sides; those of Go that are not UTF-8 are replaced."""
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
    steps: Steps = [("grow", [grown]), GROW, GROW, GROW]  # three bytes of head go with so many of content

    digests = misbehaved(misbehaving, When.NEVER, steps, DIGESTS, opened)[1][1::2]
    states = misbehaved(misbehaving, When.NEVER, steps, STATES, opened)[1][1::2]

    assert [digest is not None for digest in digests] == digested
    assert None not in states
    assert digests[-1] == states[-1]


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
    """Neither SDK reads what is not canonical or not of its type; it says so, and the host goes on."""
    asked = _with_argument(operation, bytes.fromhex(argument))

    for language in ("go", "rust"):
        with pytest.raises(ProtocolFault, match="trace 0"):
            everything[language](asked)
    agreed(everything, request(Everything, ["a", None], [("boolean", [True])]))
