"""A Python model behind the four calls: byte for byte what the Go and Rust SDKs answer."""

from __future__ import annotations

import random
import re
import struct
import subprocess
import sys
from typing import Annotated, Any

import attrs
import cbor2
import pytest

from driftcheck import Closing, Contract, Handle, Rejection, Skip, ge, le, operation, schema_of
from driftcheck.build import build
from driftcheck.subjects.discover import subjects
from driftcheck.subjects.dispatch import shown
from driftcheck.subjects.model import ModelLibrary, Unreadable, fnv1a, load
from driftcheck_contracts.lru import Lru
from driftcheck_contracts.lru.model import LruModel

Small = Annotated[int, ge(0), le(9)]
ACCEPTED, REJECTED, UNSUPPORTED, VOID, BROKEN, NOT_REACHED = 0, 1, 4, 5, 6, 7


@attrs.frozen
class Total:
    """A record with one field."""

    sum: Small


class Counter(Contract):
    """A contract whose model misbehaves in named ways."""

    full = Rejection("it counts no further")
    far = Rejection("it is too far", detail=Total)

    def open(self, start: Small) -> None:
        """Begin to count."""

    def state(self) -> tuple[Total, ...]:
        """Tell what was counted."""

    @operation(rejects=[full, far])
    def do(self, what: Small) -> bool:
        """Misbehave in the way of that number."""

    @operation
    def nothing(self) -> None:
        """Return nothing."""

    @operation
    def both(self, a: Handle[Total], b: Handle[Total]) -> None:
        """Take two handles."""

    @operation(rejects=[full])
    def end(self, handle: Closing[Handle[Total]]) -> None:
        """End a handle, unless the state forbids it."""

    @operation
    def begin(self, what: Small) -> Handle[Total]:
        """Make a handle, or none."""


class CounterModel(Counter):
    """Misbehaves as it is told to."""

    def open(self, start: int) -> None:
        if start > 9:
            raise ValueError("beyond \udc00 nine")
        if start == 9:
            raise self.full()
        self.totals: Any = (Total(start),)

    def state(self) -> Any:
        return self.totals

    def do(self, what: int) -> Any:
        match what:
            case 0:
                raise self.full()
            case 1:
                raise Skip
            case 2:
                raise KeyError("oops")
            case 3:
                return object()
            case 4:
                raise Rejection("of nobody")()
            case 5:
                self.totals = None
            case 6:
                self.totals = (Total(1),) * 5000
            case 7:
                self.totals = ()
            case 10:
                raise self.far(Total(7))
            case 11:
                raise self.far()
            case 12:
                raise self.full("7")
        return True

    def nothing(self) -> Any:
        return 1 if self.totals == () else None

    def both(self, a: Handle[Total], b: Handle[Total]) -> None:
        assert (a.value, b.value) == ("one", "one")

    def end(self, handle: Closing[Handle[Total]]) -> None:
        if self.totals == ():
            raise self.full()
        if len(self.totals) > 1:
            raise KeyError

    def begin(self, what: int) -> Any:
        return Handle("one") if what else 3


COUNTER = ModelLibrary(CounterModel)


def request(*traces: Any, mode: int = 0) -> bytes:
    """Encode a request from (opening arguments, [(operation's index, arguments), ...]) for each trace."""
    encoded = [
        cbor2.dumps(["id", [[1, []]], [opening], [[index, 0, None, given] for index, given in steps]])
        for opening, steps in traces
    ]
    return cbor2.dumps([1, mode, encoded])


def ask(library: ModelLibrary, *traces: Any, mode: int = 0) -> list[Any]:
    """Run traces and return the decoded replies."""
    return [cbor2.loads(reply) for reply in cbor2.loads(library.run(note(), request(*traces, mode=mode)))]


def note() -> memoryview:
    """Return a note of one's own."""
    return memoryview(bytearray(8))


def outcomes(*steps: tuple[int, list[Any]], start: int = 0) -> list[Any]:
    """Run one trace on the misbehaving model and return the outcomes of its steps."""
    (reply,) = ask(COUNTER, ([start], list(steps)))
    return list(reply[1][::2])


def lru_traces(count: int) -> list[Any]:
    """Draw traces over the whole of the contract lru, handles that were never made included."""
    rng = random.Random(0)
    walk, advance, finish = (schema_of(Lru).operation(n).index for n in ("walk", "advance", "finish"))

    def step() -> tuple[int, list[Any]]:
        index = rng.randrange(8)
        key = rng.choice("abcdeé")
        given = {
            0: [key, rng.randbytes(rng.randrange(17))],
            4: [rng.randint(1, 4)],
            walk: [],
            advance: [rng.randrange(30)],
            finish: [rng.randrange(30)],
        }
        return index, given.get(index, [key])

    return [([rng.randint(1, 4)], [step() for _ in range(rng.randrange(31))]) for _ in range(count)]


@pytest.mark.parametrize("language", ["go", "rust"])
def test_same_bytes(language: str) -> None:
    """In every mode the model answers with the bytes that the native subjects of lru answer with."""
    (source,) = (s for s in subjects(Lru) if s.language == language)
    library = build(source, schema_of(Lru)).target
    program = (
        f"import sys; from driftcheck_bindings.{language} import load\n"
        f"library = load({library!r})\n"
        "for line in sys.stdin:\n"
        "    note = memoryview(bytearray(8))\n"
        "    print(library.run(note, bytes.fromhex(line)).hex(), note.hex())\n"
    )
    requests = [request(*lru_traces(100), mode=mode) for mode in range(3)]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n".join(r.hex() for r in requests),
        capture_output=True,
        text=True,
        check=True,
    )
    model = ModelLibrary(LruModel)

    for line, asked in zip(done.stdout.splitlines(), requests, strict=True):
        said = note()
        assert f"{model.run(said, asked).hex()} {said.hex()}" == line


def test_load() -> None:
    """A model is loaded by its module and class, and describes itself as a library does."""
    library = load("driftcheck_contracts.lru.model:LruModel")

    described = cbor2.loads(library.describe())

    assert library.abi() == 1
    assert described["contract"] == "lru"
    assert described["fingerprint"] == schema_of(Lru).fingerprint
    assert described["language"] == "python"
    assert set(described) == {
        "abi", "protocol", "contract", "fingerprint", "language", "toolchain", "libraries", "build"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        (8, [ACCEPTED, True]),
        (0, [REJECTED, 0, None]),
        (1, [UNSUPPORTED]),
        (4, [BROKEN, "it rejects with '?', which the contract does not declare"]),
        (10, [REJECTED, 1, [7]]),
        (12, [BROKEN, "it rejects with 'full' and '7', but the contract declares no detail"]),
    ],
)
def test_outcome(what: int, outcome: list[Any]) -> None:
    """A rejection and a skip are what they say; a rejection of another contract blames the model."""
    assert outcomes((0, [what])) == [outcome]


def test_a_detail_of_another_type_blames_the_model() -> None:
    """A rejection that should bring a detail is not one without."""
    ((kind, text),) = outcomes((0, [11]))

    assert kind == BROKEN
    assert text.startswith("it rejects with 'far' and None, which is not a valid detail: ")


def test_an_exception_blames_the_model() -> None:
    """Any other exception blames the model, at its line."""
    ((kind, text),) = outcomes((0, [2]))

    assert kind == BROKEN
    assert re.fullmatch(rf"KeyError: 'oops'; see {re.escape(__file__)}, line \d+", text)


def test_an_exception_without_words_blames_the_model() -> None:
    """Its text, and the `repr` of a value, are code of the model too, and may raise."""

    class Mute(ValueError):
        def __str__(self) -> str:
            raise self

        __repr__ = __str__

    class Odd(CounterModel):
        def open(self, start: int) -> None:
            raise Mute

    (reply,) = ask(ModelLibrary(Odd), ([0], []))
    ((kind, text),) = reply[0]

    assert kind == BROKEN
    assert text.startswith("Mute: (its text cannot be read)")
    assert shown(Mute()) == "<Mute>"


def test_value_that_cannot_travel() -> None:
    """A value without an encoding blames the model, and the trace goes on."""
    first, second = outcomes((0, [3]), (0, [8]))

    assert first[0] == BROKEN
    assert second == [ACCEPTED, True]


def test_value_where_none_is_declared() -> None:
    """A value where nothing is declared blames the model."""
    assert outcomes((0, [7]), (1, []))[1] == [BROKEN, "it returns 1, but the contract declares no result"]


def test_state_that_cannot_be_told() -> None:
    """After a state that cannot be encoded nothing more is known of the model."""
    (reply,) = ask(COUNTER, ([0], [(0, [5]), (0, [8])]), mode=1)

    (_, text), digest_then, later, digest_later = reply[1]
    assert text.startswith("its state cannot be encoded: TypeError: ")
    assert (digest_then, later, digest_later) == (None, [NOT_REACHED], None)
    assert reply[2] == [[bytes.fromhex("818100")], None, None]


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_state_that_cannot_be_told_after_open(mode: int) -> None:
    """The state just after open belongs to the opening, in every mode."""

    class Speechless(CounterModel):
        def state(self) -> Any:
            raise KeyError("state")

    (reply,) = ask(ModelLibrary(Speechless), ([0], [(0, [8])]), mode=mode)

    assert reply[:2] == [[[BROKEN, "its state cannot be encoded: KeyError: 'state'"]], [[VOID], None]]
    assert reply[2] == ([None, None] if mode else None)


@pytest.mark.parametrize(("start", "kind"), [(9, REJECTED), (10, BROKEN)])
def test_not_opened(start: int, kind: int) -> None:
    """Where opening fails every step is void, without digest or state."""
    (reply,) = ask(COUNTER, ([start], [(0, [8]), (1, [])]), mode=2)

    (opened,), *rest = reply
    assert opened[0] == kind
    assert kind == REJECTED or opened[1].startswith("ValueError: beyond \ufffd nine; see ")
    assert rest == [[[VOID], None, [VOID], None], [None, None, None], ["", ""]]


def test_large_state() -> None:
    """Once a state was large its digest is made after the last step only, but in modes with states."""
    steps = [(0, [6]), (0, [8]), (0, [7]), (0, [8])]

    (digests,), (states,) = ask(COUNTER, ([0], steps)), ask(COUNTER, ([0], steps), mode=1)

    large, empty = fnv1a(b"\x99\x13\x88" + b"\x81\x01" * 5000), fnv1a(b"\x80")
    assert digests[1][1::2] == [large, None, None, empty]
    assert states[1][1::2] == [large, large, empty, empty]


def test_handles() -> None:
    """A step is void whose handle was never made, is closed, or is lent to its other argument."""
    got = outcomes(
        (4, [1]), (4, [1]), (2, [0, 1]), (2, [0, 0]), (2, [0, 2]), (3, [0]), (2, [0, 1]), (3, [0]), (3, [9])
    )  # fmt: skip

    made, done, void = [ACCEPTED, None], [ACCEPTED, None], [VOID]
    assert got == [made, made, done, void, void, done, void, void, void]


def test_no_handle() -> None:
    """A model that returns no handle is at fault, and none was made."""
    assert outcomes((4, [0]), (3, [0])) == [[BROKEN, "'begin' returns 3, which is not a Handle"], [VOID]]


def test_closing_step_ends_its_handle() -> None:
    """A closing step ends its handle also where it is rejected or its model is at fault."""
    rejected = outcomes((4, [1]), (0, [7]), (3, [0]), (3, [0]))
    broken = outcomes((4, [1]), (0, [6]), (3, [0]), (3, [0]))

    assert [o[0] for o in rejected[2:]] == [REJECTED, VOID]
    assert [o[0] for o in broken[2:]] == [BROKEN, VOID]


def test_beyond_bounds() -> None:
    """A value beyond its declared bounds is handed on, as the native SDKs do."""
    assert outcomes((0, [2**63])) == [[ACCEPTED, True]]


def test_note() -> None:
    """The note says trace and step, and at the end that the request is done."""
    seen = []
    said = note()

    class Watched(CounterModel):
        def nothing(self) -> None:
            seen.append(struct.unpack("<II", said))

    library = ModelLibrary(Watched)
    library.run(said, request(([0], [(1, [])]), ([0], [(1, []), (1, [])])))

    assert seen == [(0, 1), (1, 1), (1, 2)]
    assert struct.unpack("<II", said) == (1, 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (b"\xff", "it is not CBOR"),
        (cbor2.dumps([2, 0, []]), "protocol 2 is not known here, only 1"),
        (cbor2.dumps([1, 3, []]), "the request is not [protocol, mode, traces]"),
        (cbor2.dumps([1, 0, ["text"]]), "trace 0: it is not a byte string"),
        (cbor2.dumps([1, 0, [b"\x80"]]), "trace 0: it is not [correlation id, instances, opening arguments"),
        (request(([], [])), "trace 0: open: it has 0 arguments, not 1"),
        (request((["x"], [])), "trace 0: open: the value is 'x', but int is expected"),
        (request(([0], []), ([0], [(9, [])])), "trace 1: step 0: it is not [operation, instance, fault"),
        (request(([0], [(0, [])])), "trace 0: step 0: operation 'do': it has 0 arguments, not 1"),
        (request(([0], [(0, [-1])])), "trace 0: step 0: operation 'do': the value is -1, outside 0 to"),
        (request(([0], [(3, [-1])])), "operation 'end': is -1, which is the number of no step"),
        (cbor2.dumps([1, 0, [cbor2.dumps(["x" * 65, [[1, []]], [[0]], []])]]), "longer than 64 bytes"),
    ],
)
def test_unreadable(asked: bytes, said: str) -> None:
    """A request that cannot be read is an error that says where and why."""
    with pytest.raises(Unreadable) as caught:
        COUNTER.run(note(), asked)

    assert said in str(caught.value)


def test_digests() -> None:
    """Digests are those of the published vectors of FNV-1a."""
    # From the test suite of draft-eastlake-fnv.
    assert fnv1a(b"").hex() == "cbf29ce484222325"
    assert fnv1a(b"a").hex() == "af63dc4c8601ec8c"
    assert fnv1a(b"foobar").hex() == "85944171f73967e8"
