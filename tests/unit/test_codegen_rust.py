"""The Rust side of a contract: it compiles, carries every type, and says what an author forgot."""

from __future__ import annotations

import enum
import math
import os
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import cbor2
import pytest

import driftcheck
from driftcheck import I64, U64, Closing, Contract, Handle, Payload, Rejection
from driftcheck.codecs.codec import Codec
from driftcheck.codegen import rust, rust_names
from driftcheck.contract.declare import schema_of
from driftcheck.errors import ContractError

SDK = Path(__file__).parents[2] / "rust_shim" / "sdk" / "src" / "lib.rs"


class Hex(Codec[int]):
    """A codec, for a payload."""

    def encode(self, value: int) -> bytes:
        return b"%x" % value


class Colour(enum.Enum):
    RED = "r"
    DARK_GREEN = "g"
    Self = "s"


@attrs.frozen
class Nothing:
    """A record without fields."""


@attrs.frozen
class Circle:
    radius: float
    id: U64


@attrs.frozen
class Short:
    seven_s: I64


@attrs.frozen
class Eight:
    eight_ss: I64


@attrs.frozen
class String:
    """A record with the name of a type of Rust's own."""

    type: str


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
    short: Short | None
    eight: Eight | None
    string: String | None
    angles: Annotated[tuple[Annotated[float, driftcheck.nan_equal], ...], driftcheck.unordered]


class Mark: ...


Angles = dict[str, tuple[Annotated[float, driftcheck.nan_equal], ...] | None]


class Everything(Contract):
    """Echoes a value of each type.

      1. A list
    \t* and code.

    */ {} "quoted" [link]
    """

    too_much = Rejection('says "no"\n')
    malformed = Rejection("what the library says", catch_all=True)

    def open(self, type: str, r: I64 | None) -> None: ...  # noqa: A002 - a keyword in Rust
    def state(self) -> dict[str, U64]: ...
    @driftcheck.operation
    def boolean(self, r: bool) -> bool: ...
    @driftcheck.operation
    def signed(self, w: I64) -> I64: ...
    @driftcheck.operation
    def unsigned(self, step: U64) -> U64: ...
    @driftcheck.operation
    def real(self, f64: float) -> float: ...
    @driftcheck.operation
    def real_nan_equal(
        self, opened: Annotated[float, driftcheck.nan_equal]
    ) -> Annotated[float, driftcheck.nan_equal]: ...
    @driftcheck.operation
    def text(self, str_: str) -> str: ...
    @driftcheck.operation
    def raw(self, bytes_: bytes) -> bytes: ...
    @driftcheck.operation
    def colour(self, match: Colour) -> Colour: ...
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
    def nested(self, value: Angles) -> Angles: ...
    @driftcheck.operation
    def by_text(self, value: dict[str, dict[bool, I64]]) -> dict[str, dict[bool, I64]]: ...
    @driftcheck.operation
    def by_bytes(self, value: dict[bytes, str | None]) -> dict[bytes, str | None]: ...
    @driftcheck.operation
    def by_int(self, value: dict[I64, U64]) -> dict[I64, U64]: ...
    @driftcheck.operation
    def payload(self, document: Payload[U64, Hex]) -> Payload[U64, Hex]: ...
    @driftcheck.operation
    def many(self, a: U64, b: U64, c: U64, d: U64, e: U64, f: U64, g: U64, h: U64, i: U64, j: U64) -> U64:
        """Take more than stands on a line."""

    @driftcheck.operation(rejects=[too_much])
    def import_(self, subject: U64, b: I64) -> None:
        """Reject `subject` above 1."""

    @driftcheck.operation
    def begin(self) -> Handle[Mark]: ...
    @driftcheck.operation
    def end(self, mark: Closing[Handle[Mark]], other: Handle[Mark]) -> None: ...


SCHEMA = schema_of(Everything)

ECHOES = "".join(
    f"    fn {method}(&mut self, v: {taken}) -> Outcome<{owned}> {{ Ok(v{convert}) }}\n"
    for method, taken, owned, convert in [
        ("boolean", "bool", "bool", ""),
        ("signed", "i64", "i64", ""),
        ("unsigned", "u64", "u64", ""),
        ("real", "f64", "f64", ""),
        ("real_nan_equal", "f64", "f64", ""),
        ("text", "&str", "std::string::String", ".to_owned()"),
        ("raw", "&[u8]", "Vec<u8>", ".to_owned()"),
        ("colour", "Colour", "Colour", ""),
        ("record", "Drawing", "Drawing", ""),
        ("union", "CircleOrNothing", "CircleOrNothing", ""),
        ("optional", "Option<Vec<u8>>", "Option<Vec<u8>>", ""),
        ("sequence", "Vec<Vec<Text>>", "Vec<Vec<Text>>", ""),
        ("unordered", "Vec<Text>", "Vec<Text>", ""),
        ("nested", "BTreeMap<Text, Option<Vec<f64>>>", "BTreeMap<Text, Option<Vec<f64>>>", ""),
        ("by_text", "BTreeMap<Text, BTreeMap<bool, i64>>", "BTreeMap<Text, BTreeMap<bool, i64>>", ""),
        ("by_bytes", "BTreeMap<Vec<u8>, Option<Text>>", "BTreeMap<Vec<u8>, Option<Text>>", ""),
        ("by_int", "BTreeMap<i64, u64>", "BTreeMap<i64, u64>", ""),
        ("payload", "&[u8]", "Vec<u8>", ".to_owned()"),
    ]
)

ADAPTER = (
    """
#![deny(unsafe_code)]

mod contract_gen;

use std::collections::BTreeMap;
use std::io::{Read, Write, stdin, stdout};
use std::string::String as Text;
use std::sync::atomic::AtomicU64;

use contract_gen::*;
use driftcheck::{Outcome, library};

struct Echo(BTreeMap<Text, u64>);

impl Subject for Echo {
    type Mark = Box<u64>;

    fn open(r#type: &str, r: Option<i64>) -> Outcome<Self> {
        if let Some(number) = r {
            return Err(library(number));
        }
        let green = Colour::DarkGreen as u64;
        Ok(Echo([("zz", 1), (r#type, 2), ("b", green)].map(|(k, v)| (k.to_owned(), v)).into()))
    }

    fn state(&mut self) -> BTreeMap<Text, u64> {
        self.0.clone()
    }

    #[allow(clippy::too_many_arguments)]
    fn many(
        &mut self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64, j: u64,
    ) -> Outcome<u64> {
        Ok([a, b, c, d, e, f, g, h, i, j].into_iter().fold(0, |all, digit| all * 10 + digit))
    }

    fn import_(&mut self, subject: u64, _b: i64) -> Outcome<()> {
        if subject > 1 { Err(Rejection::TooMuch)? }
        Ok(())
    }

    fn begin(&mut self) -> Outcome<Self::Mark> {
        Ok(Box::new(0))
    }

    fn end(&mut self, mark: Self::Mark, other: &mut Self::Mark) -> Outcome<()> {
        **other += *mark;
        Ok(())
    }

"""
    + ECHOES
    + """
}

driftcheck::extension!(contract::<Echo>());

fn main() {
    let mut request = Vec::new();
    stdin().read_to_end(&mut request).unwrap();
    let reply = driftcheck::run(&contract::<Echo>(), &AtomicU64::new(0), &request).unwrap();
    stdout().write_all(&reply).unwrap();
}
"""
)


def _rustc(*arguments: str | Path, cwd: Path, driver: str = "rustc") -> subprocess.CompletedProcess[str]:
    """Compile without Cargo, which would look for the SDK's optional dependencies."""
    told = {"DRIFTCHECK_TOOLCHAIN": "", "DRIFTCHECK_BUILD": ""}
    command = [driver, "--edition=2024", "-Dwarnings", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **told}
    )


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the SDK, without Python."""
    folder = tmp_path_factory.mktemp("sdk")
    built = _rustc("--crate-name=driftcheck", "--crate-type=rlib", SDK, cwd=folder)
    assert built.returncode == 0, built.stderr
    return folder / "libdriftcheck.rlib"


def _crate(folder: Path, adapter: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "contract_gen.rs").write_text(rust.generate(SCHEMA))
    (folder / "main.rs").write_text(adapter)
    return folder


@pytest.fixture(scope="module")
def echo(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a program that answers one request with the echoing subject."""
    crate = _crate(tmp_path_factory.mktemp("rust") / "echo", ADAPTER)
    built = _rustc(f"--extern=driftcheck={sdk}", "-o", "echo", "main.rs", cwd=crate)
    assert built.returncode == 0, built.stderr
    return crate


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
    (
        "record",
        [
            [[0, [1.5, 2**64 - 1]], [1, []]],
            None,
            {0: None, 1: [b"", b"\x01"]},
            None,
            -1,
            [-7],
            [8],
            ["s"],
            [1.0],
        ],
    ),
    ("record", [[], "note", {}, [1, []], 0, None, None, None, []]),
    ("union", [0, [0.0, 0]]),
    ("optional", None),
    ("optional", b""),
    ("sequence", []),
    ("sequence", [["a", "b"], [], ["c"]]),
    ("nested", {"": None, "a": [], "b": [1.0, -0.0]}),
    ("by_text", {"": {}, "a": {False: -1, True: 1}, "bb": {}}),
    ("by_bytes", {b"": None, b"\xff": "x", b"aa": None}),
    ("by_int", {0: 1, 24: 2, -1: 3}),
    ("payload", b"{}"),
]


def _outcomes(reply: bytes) -> list[Any]:
    outcomes: list[Any] = cbor2.loads(reply)[1][::2]
    return outcomes


def test_every_type_comes_back_as_the_same_bytes(echo: Path) -> None:
    """What Rust reads and writes again is byte for byte what was sent."""
    reply = _run(echo, [(name, [value]) for name, value in VALUES])

    for (name, value), outcome in zip(VALUES, _outcomes(reply), strict=True):
        assert _encode(outcome) == _encode([0, value]), name


def test_equal_values_become_equal_bytes(echo: Path) -> None:
    """Unordered sequences are sorted by their encoding, and every NaN is the same where NaNs are equal."""
    angles: list[Any] = [[], None, {}, None, 0, None, None, None, [ODD_NAN, 1.0]]
    steps = [
        ("unordered", [["bb", "c", "a", "c"]]),
        ("real_nan_equal", [ODD_NAN]),
        ("nested", [{"a": [ODD_NAN]}]),
        ("record", [angles]),
    ]

    reply = _run(echo, steps)

    expected = [["a", "c", "c", "bb"], math.nan, {"a": [math.nan]}, [*angles[:-1], [1.0, math.nan]]]
    assert _encode(_outcomes(reply)) == _encode([[0, value] for value in expected])


def test_state_is_a_sorted_map(echo: Path) -> None:
    """A map is written in the order of its keys' encodings."""
    reply = _run(echo, [("boolean", [True])], opening=["yy", None])

    assert cbor2.loads(reply)[2] == [[cbor2.dumps({"b": 1, "yy": 2, "zz": 1})]] * 2


def test_arguments_keep_their_places(echo: Path) -> None:
    """Each argument reaches the parameter of its own name."""
    reply = _run(echo, [("many", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])])

    assert _outcomes(reply) == [[0, 1234567890]]


def test_rejections_go_by_their_index(echo: Path) -> None:
    """A Rejection is its class, and an operation without a result is accepted with null."""
    reply = _run(echo, [("import_", [1, 0]), ("import_", [2, 0])])

    assert _outcomes(reply) == [[0, None], [1, 0, None]]


def test_opening_can_be_rejected(echo: Path) -> None:
    """The library's own error in open is the catch-all rejection, and all steps are void."""
    reply = _run(echo, [("boolean", [True])], opening=["a", 7])

    assert cbor2.loads(reply) == [[[1, 1, None]], [[5], None], [None, None], None]


def test_handles_are_kept_by_step(echo: Path) -> None:
    """A closed handle is void, and so is one that is given twice in a step, which ends nothing."""
    steps = [("begin", []), ("begin", []), ("end", [0, 0]), ("end", [0, 1]), ("end", [0, 1])]

    assert _outcomes(_run(echo, steps)) == [[0, None], [0, None], [5], [0, None], [5]]


def test_argument_of_another_type_is_refused(echo: Path) -> None:
    """A request that does not fit the contract is an error, not an outcome."""
    with pytest.raises(AssertionError, match=r'step: Some\(0\), cause: Expected\("a member of Colour"'):
        _run(echo, [("colour", [3])])


def test_generated_module_is_clean(echo: Path, sdk: Path) -> None:
    """The text is as rustfmt writes it, whatever the docstrings hold, and clippy has nothing to say."""
    formatted = subprocess.run(
        ["rustfmt", "--check", "--edition=2024", "contract_gen.rs"],
        cwd=echo,
        capture_output=True,
        text=True,
        check=False,
    )
    linted = _rustc(
        f"--extern=driftcheck={sdk}", "--emit=metadata", "main.rs", cwd=echo, driver="clippy-driver"
    )

    assert formatted.stdout == ""
    assert linted.returncode == 0, linted.stderr


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            "    fn boolean(&mut self, v: bool) -> Outcome<bool> { Ok(v) }\n",
            "error[E0046]: not all trait items implemented, missing: `boolean`",
        ),
        (
            "fn boolean(&mut self, v: bool)",
            "error[E0053]: method `boolean` has an incompatible type for trait",
        ),
    ],
)
def test_compiler_names_what_an_adapter_lacks(tmp_path: Path, sdk: Path, mistake: str, said: str) -> None:
    """A forgotten or wrong operation is a compile error that names the method."""
    instead = "" if mistake.endswith("\n") else "fn boolean(&mut self, v: u64)"
    crate = _crate(tmp_path / "echo", ADAPTER.replace(mistake, instead))

    built = _rustc(f"--extern=driftcheck={sdk}", "--emit=metadata", "main.rs", cwd=crate)

    assert said in built.stderr


def test_generation_is_deterministic() -> None:
    """The same schema gives the same text, with its fingerprint in it."""
    text = rust.generate(SCHEMA)

    assert text == rust.generate(SCHEMA)
    assert text.startswith("// Code generated by driftcheck; do not edit.\n")
    assert SCHEMA.fingerprint in text


def test_contract_without_open_takes_a_function_that_makes_subjects() -> None:
    """Where nothing opens a subject, the trait has no `open`, and the adapter says how one is made."""

    class Stateless(Contract):
        @driftcheck.operation
        def ask(self) -> bool: ...

    text = rust.generate(schema_of(Stateless))

    assert "pub trait Subject {\n    fn ask(&mut self) -> Outcome<bool>;\n}\n" in text
    assert "pub fn contract<S: Subject>(open: impl Fn() -> Outcome<S>) -> impl Contract {" in text


def test_names_of_the_generated_code_are_refused() -> None:
    """A type with the name of the generated trait is named, with what to do."""

    @attrs.frozen
    class Subject:
        code: U64

    class Clash(Contract):
        @driftcheck.operation
        def ask(self) -> Subject: ...

    with pytest.raises(ContractError, match=r"type 'Subject' .* rename it"):
        rust.generate(schema_of(Clash))


def test_members_that_are_one_in_rust_are_refused() -> None:
    """Two members that Rust cannot tell apart are named, with what to do."""

    class Size(enum.Enum):
        very_big = 1
        VERY_BIG = 2

    class Clash(Contract):
        @driftcheck.operation
        def ask(self) -> Size: ...

    with pytest.raises(
        ContractError, match="'very_big' and 'VERY_BIG' of 'Size' would both be VeryBig in Rust"
    ):
        rust.generate(schema_of(Clash))


@pytest.mark.parametrize(
    ("name", "snake", "camel"),
    [
        ("user_id", "user_id", "UserId"),
        ("type", "r#type", "Type"),
        ("crate", "crate_", "Crate"),
        ("import_", "import_", "Import"),
        ("RED", "RED", "Red"),
        ("SelfMade", "SelfMade", "SelfMade"),
        ("self", "self_", "VSelf"),
        ("_1", "_1", "V1"),
    ],
)
def test_names_are_spelt_as_rust_can_read_them(name: str, snake: str, camel: str) -> None:
    """Keywords are escaped and variants are in CamelCase."""
    assert rust_names.snake(name) == snake
    assert rust_names.camel(name) == camel
