"""The Go package of a contract: it compiles, carries every type, and says what an author forgot."""

from __future__ import annotations

import enum
import math
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import cbor2
import driftcheck
import pytest
from driftcheck import I64, U64, Closing, Contract, Handle, Payload, Rejection
from driftcheck.codecs.codec import Codec
from driftcheck.codegen import go, go_names
from driftcheck.contract import types as t
from driftcheck.contract.declare import schema_of
from driftcheck.errors import ContractError

SDK = Path(__file__).parents[2] / "go_shim" / "sdk"


class Hex(Codec[int]):
    """A codec, for a payload."""

    def encode(self, value: int, type_: t.Type) -> bytes:
        return b"%x" % value


class Colour(enum.Enum):
    RED = "r"
    DARK_GREEN = "g"


@attrs.frozen
class Nothing:
    """A record without fields."""


@attrs.frozen
class Circle:
    radius: float
    id: U64


@attrs.frozen
class Drawing:
    """A record of everything.

    - With a list.
        and code

    # Heading
    """

    shapes: tuple[Circle | Nothing, ...]
    note: str | None
    colours: dict[Colour, tuple[bytes, ...] | None]
    first: Circle | Nothing | None
    of_type: I64


class Mark: ...


class Everything(Contract):
    """Echoes a value of each type.

      1. A list
    \t* and code.

    //go:build ignore */ %d "quoted"
    """

    too_much = Rejection('says "no"\n')
    malformed = Rejection("what the library says", catch_all=True)

    def open(self, type: str, func_: I64 | None) -> None: ...  # noqa: A002 - a keyword in Go
    def state(self) -> dict[str, U64]: ...
    @driftcheck.operation
    def boolean(self, r: bool) -> bool: ...
    @driftcheck.operation
    def signed(self, w: I64) -> I64: ...
    @driftcheck.operation
    def unsigned(self, result: U64) -> U64: ...
    @driftcheck.operation
    def real(self, float64: float) -> float: ...
    @driftcheck.operation
    def real_nan_equal(
        self, v1: Annotated[float, driftcheck.nan_equal]
    ) -> Annotated[float, driftcheck.nan_equal]: ...
    @driftcheck.operation
    def text(self, string: str) -> str: ...
    @driftcheck.operation
    def raw(self, bytes_: bytes) -> bytes: ...
    @driftcheck.operation
    def colour(self, range: Colour) -> Colour: ...  # noqa: A002 - a keyword in Go
    @driftcheck.operation
    def record(self, drawing: Drawing) -> Drawing: ...
    @driftcheck.operation
    def union(self, shape: Circle | Nothing) -> Circle | Nothing: ...
    @driftcheck.operation
    def optional(self, value: bytes | None) -> bytes | None: ...
    @driftcheck.operation
    def sequence(self, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]: ...
    @driftcheck.operation
    def unordered(
        self, value: Annotated[tuple[str, ...], driftcheck.unordered]
    ) -> Annotated[tuple[str, ...], driftcheck.unordered]: ...
    @driftcheck.operation
    def by_text(self, value: dict[str, dict[bool, I64]]) -> dict[str, dict[bool, I64]]: ...
    @driftcheck.operation
    def by_bytes(self, value: dict[bytes, str | None]) -> dict[bytes, str | None]: ...
    @driftcheck.operation
    def by_int(self, value: dict[I64, U64]) -> dict[I64, U64]: ...
    @driftcheck.operation
    def payload(self, document: Payload[U64, Hex]) -> Payload[U64, Hex]: ...
    @driftcheck.operation(rejects=[too_much])
    def import_(self, subject: U64, b: I64) -> None:
        """Reject `subject` above 1."""

    @driftcheck.operation
    def begin(self) -> Handle[Mark]: ...
    @driftcheck.operation
    def end(self, mark: Closing[Handle[Mark]], other: Handle[Mark]) -> None: ...


SCHEMA = schema_of(Everything)

ECHOES = "".join(
    f"func (*echo) {method}(v {type_}) ({type_}, error) {{ return v, nil }}\n"
    for method, type_ in {
        "Boolean": "bool",
        "Signed": "int64",
        "Unsigned": "uint64",
        "Real": "float64",
        "RealNanEqual": "float64",
        "Text": "string",
        "Raw": "[]byte",
        "Colour": "everything.Colour",
        "Record": "everything.Drawing",
        "Union": "everything.CircleOrNothing",
        "Optional": "*[]byte",
        "Sequence": "[][]string",
        "Unordered": "[]string",
        "ByText": "map[string]map[bool]int64",
        "ByBytes": "map[everything.ByteString]*string",
        "ByInt": "map[int64]uint64",
        "Payload": "[]byte",
    }.items()
)

ADAPTER = """
package main

import (
	"fmt"
	"io"
	"os"

	"test/everything"

	driftcheck "driftcheck/sdk"
)

type echo struct{ opened map[string]uint64 }

type mark struct{}

func open(name string, n *int64) (everything.Subject[*mark], error) {
	if n != nil {
		return nil, driftcheck.Library(fmt.Errorf("%d", *n))
	}
	return &echo{map[string]uint64{"zz": 1, name: 2, "b": uint64(everything.ColourDarkGreen)}}, nil
}

func (e *echo) State() map[string]uint64 { return e.opened }

func (*echo) Import(subject uint64, b int64) error {
	if subject > 1 {
		return fmt.Errorf("import: %w", everything.ErrTooMuch)
	}
	return nil
}

func (*echo) Begin() (*mark, error)     { return &mark{}, nil }
func (*echo) End(a, b *mark) error      { return nil }
func init()                             { driftcheck.Register(everything.Contract(open)) }

func main() {
	var note uint64
	request, _ := io.ReadAll(os.Stdin)
	reply, err := driftcheck.Run(&note, request)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stdout.Write(reply)
}
"""


def _go(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["go", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def _module(folder: Path, adapter: str) -> Path:
    (folder / "everything").mkdir(parents=True)
    (folder / "go.mod").write_text(
        f"module test\n\ngo 1.24\n\nrequire driftcheck/sdk v0.0.0\n\nreplace driftcheck/sdk => {SDK}\n"
    )
    (folder / "everything" / "contract_gen.go").write_text(go.generate(SCHEMA))
    (folder / "adapter.go").write_text(adapter)
    return folder


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a program that answers one request with the echoing subject."""
    module = _module(tmp_path_factory.mktemp("go") / "echo", ADAPTER + ECHOES)
    built = _go("build", "-o", "echo", ".", cwd=module)
    assert built.returncode == 0, built.stderr
    return module


def _encode(value: Any) -> bytes:
    """Encode as driftcheck does: what cbor2 does, but for floats, which keep eight bytes and all bits."""
    match value:
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case list():
            return _head(4, len(value)) + b"".join(map(_encode, value))
        case dict():
            return _head(5, len(value)) + b"".join(_encode(k) + _encode(v) for k, v in value.items())
        case _:
            return cbor2.dumps(value)


def _head(major: int, length: int) -> bytes:
    assert length < 256
    return bytes([major << 5 | length]) if length < 24 else bytes([major << 5 | 24, length])


def _run(echo: Path, steps: Sequence[tuple[str, list[Any]]], opening: Sequence[Any] = ("a", None)) -> bytes:
    """Run one trace in mode 1 and return the trace's reply."""
    encoded = [[SCHEMA.operation(name).index, 0, None, arguments] for name, arguments in steps]
    trace = _encode(["", [[1, []]], [list(opening)], encoded])
    request = _encode([1, 1, [trace]])
    done = subprocess.run([echo / "echo"], input=request, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (reply,) = cbor2.loads(done.stdout)
    assert isinstance(reply, bytes)
    return reply


ODD_NAN = struct.unpack(">d", bytes.fromhex("fff8000000000001"))[0]

VALUES: list[tuple[str, Any]] = [
    ("boolean", True),
    ("signed", -(2**63)),
    ("signed", 2**63 - 1),
    ("unsigned", 2**64 - 1),
    ("real", -0.0),
    ("real", ODD_NAN),
    ("real", math.inf),
    ("text", "a\U0001f600\x00"),
    ("raw", b"\x00\xff"),
    ("colour", 1),
    ("record", [[[0, [1.5, 2**64 - 1]], [1, []]], None, {0: None, 1: [b"", b"\x01"]}, None, -1]),
    ("record", [[], "note", {}, [1, []], 0]),
    ("union", [0, [0.0, 0]]),
    ("optional", None),
    ("optional", b""),
    ("sequence", []),
    ("sequence", [["a", "b"], [], ["c"]]),
    ("by_text", {"": {}, "a": {False: -1, True: 1}, "bb": {}}),
    ("by_bytes", {b"": None, b"\xff": "x", b"aa": None}),
    ("by_int", {0: 1, 24: 2, -1: 3}),
    ("payload", b"{}"),
]


def _outcomes(reply: bytes) -> list[Any]:
    outcomes: list[Any] = cbor2.loads(reply)[1][::2]
    return outcomes


def test_every_type_comes_back_as_the_same_bytes(echo: Path) -> None:
    """What Go reads and writes again is byte for byte what was sent."""
    reply = _run(echo, [(name, [value]) for name, value in VALUES])

    for (name, value), outcome in zip(VALUES, _outcomes(reply), strict=True):
        assert _encode(outcome) == _encode([0, value]), name


def test_equal_values_become_equal_bytes(echo: Path) -> None:
    """Unordered sequences are sorted by their encoding, and every NaN is the same where NaNs are equal."""
    reply = _run(echo, [("unordered", [["bb", "c", "a", "c"]]), ("real_nan_equal", [ODD_NAN])])

    assert _encode(_outcomes(reply)) == _encode([[0, ["a", "c", "c", "bb"]], [0, math.nan]])


def test_state_is_a_sorted_map(echo: Path) -> None:
    """A Go map is written in the order of its keys' encodings."""
    reply = _run(echo, [("boolean", [True])], opening=["yy", None])

    assert cbor2.loads(reply)[2] == [[cbor2.dumps({"b": 1, "yy": 2, "zz": 1})]] * 2


def test_rejections_go_by_their_index(echo: Path) -> None:
    """A wrapped Err value is its class, and an operation without a result is accepted with null."""
    reply = _run(echo, [("import_", [1, 0]), ("import_", [2, 0])])

    assert _outcomes(reply) == [[0, None], [1, 0, None]]


def test_opening_can_be_rejected(echo: Path) -> None:
    """The library's own error in open is the catch-all rejection, and all steps are void."""
    reply = _run(echo, [("boolean", [True])], opening=["a", 7])

    assert cbor2.loads(reply) == [[[1, 1, None]], [[5], None], [None, None], None]


def test_handles_are_kept_by_step(echo: Path) -> None:
    """A closed handle is void, and so is one that is given twice in a step."""
    steps = [("begin", []), ("begin", []), ("end", [0, 0]), ("end", [0, 1]), ("end", [0, 1])]

    assert _outcomes(_run(echo, steps)) == [[0, None], [0, None], [5], [0, None], [5]]


def test_argument_of_another_type_is_refused(echo: Path) -> None:
    """A request that does not fit the contract is an error, not an outcome."""
    with pytest.raises(AssertionError, match=r"read trace 0: step 0: operation colour: .* index 2"):
        _run(echo, [("colour", [2])])


def test_generated_package_is_clean(echo: Path) -> None:
    """The text is as gofmt writes it, whatever the docstrings hold, and go vet has nothing to say."""
    formatted = subprocess.run(
        ["gofmt", "-l", "everything"], cwd=echo, capture_output=True, text=True, check=True
    )
    vetted = _go("vet", "./everything", cwd=echo)

    assert formatted.stdout == ""
    assert vetted.returncode == 0, vetted.stderr


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("func (*echo) Boolean(v bool) (bool, error) { return v, nil }\n", ""), "(missing method Boolean)"),
        (("Boolean(v bool) (bool, error)", "Boolean(v bool) bool"), "(wrong type for method Boolean)"),
    ],
)
def test_compiler_names_what_an_adapter_lacks(tmp_path: Path, mistake: tuple[str, str], said: str) -> None:
    """A forgotten or wrong operation is a compile error that names the subject and the method."""
    module = _module(tmp_path / "echo", (ADAPTER + ECHOES).replace(*mistake))

    built = _go("build", "-o", "/dev/null", ".", cwd=module)

    assert f"*echo does not implement everything.Subject[*mark] {said}" in built.stderr


def test_generation_is_deterministic() -> None:
    """The same schema gives the same text, with its fingerprint in it."""
    text = go.generate(SCHEMA)

    assert text == go.generate(SCHEMA)
    assert text.startswith("// Code generated by driftcheck; DO NOT EDIT.\n")
    assert SCHEMA.fingerprint in text


def test_stateless_contract_takes_the_adapter_itself() -> None:
    """Without state, handles and open, one subject serves all traces."""

    class Stateless(Contract):
        @driftcheck.operation
        def ask(self) -> bool: ...

    assert "func Contract(subject Subject) driftcheck.Contract {" in go.generate(schema_of(Stateless))


def test_names_that_are_one_in_go_are_refused() -> None:
    """Two names that Go cannot tell apart are named, with what to do."""

    @attrs.frozen
    class ErrGone:
        code: U64

    class Clash(Contract):
        gone = Rejection("it is gone")

        @driftcheck.operation(rejects=[gone])
        def ask(self) -> ErrGone: ...

    with pytest.raises(ContractError, match="rejection 'gone' would be ErrGone in Go, as is type 'ErrGone'"):
        go.generate(schema_of(Clash))


@pytest.mark.parametrize(
    ("python", "exported", "parameter"),
    [
        ("put", "Put", "put"),
        ("user_id", "UserID", "userID"),
        ("id", "ID", "id"),
        ("import_", "Import", "import_"),
        ("type", "Type", "type_"),
        ("put_2", "Put2", "put2"),
    ],
)
def test_names_are_spelled_as_go_does(python: str, exported: str, parameter: str) -> None:
    """Snake case becomes Go's, with initialisms in capitals, and keywords are no parameters."""
    assert go_names.exported(python) == exported
    assert go_names.parameter(python) == parameter
