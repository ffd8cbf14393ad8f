"""The check of codecs reports each broken promise, with the codec and the value."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import attrs
import pytest

from driftcheck import (
    I64,
    U64,
    Cbor,
    Contract,
    DeterministicCbor,
    Json,
    Payload,
    ge,
    le,
    matches_re,
    nan_equal,
    operation,
    schema_of,
    unordered,
)
from driftcheck.codecs import Codec, Mutation
from driftcheck.core import types as t
from driftcheck.core.errors import CodecError
from driftcheck.generate.codec_check import check_codecs, checked_codecs, rebuilt

Digit = Annotated[int, ge(0), le(9)]
Letter = Annotated[str, matches_re("[a-z]")]
_calls = itertools.count()


@attrs.frozen
class Pair:
    left: Digit
    right: Digit


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@attrs.frozen
class Inventory:
    of: dict[Letter, Digit]


class Plain(Codec[Pair]):
    """1,2"""

    mutations: ClassVar[Sequence[Mutation]] = ()

    def encode(self, value: Pair) -> Any:
        return b"%d,%d" % (value.left, value.right)


class Cells(Codec[Inventory]):
    """a1 b2"""

    mutations: ClassVar[Sequence[Mutation]] = ()

    def encode(self, value: Inventory) -> bytes:
        return " ".join(f"{key}{count}" for key, count in value.of.items()).encode()


class Raises(Plain):
    def encode(self, value: Pair) -> Any:
        return b"%d" % (value.left // value.right)


class Text(Plain):
    def encode(self, value: Pair) -> Any:
        return f"{value.left},{value.right}"


class Counts(Plain):
    def encode(self, value: Pair) -> Any:
        return b"%d" % next(_calls)


class Finds(Plain):
    def features(self, data: bytes) -> set[str]:
        return {"nine"} if b"9" in data else set()


class NoSet(Plain):
    def features(self, data: bytes) -> Any:
        return ["nine"]


class Slips(Plain):
    def features(self, data: bytes) -> set[str]:
        return {"odd"} if data[0] == 0 else set()


class Refuses(Plain):
    def decode(self, data: bytes) -> Any:
        raise ValueError("no")


class Forgets(Plain):
    def decode(self, data: bytes) -> Any:
        return Pair(int(data[:1]), 0)


class Rewrites(Plain):
    def value_typed(self, data: bytes, type_: t.Type) -> Any:
        return Pair(0, 0)


class Dies(Plain):
    def decode(self, data: bytes) -> Any:
        return data[0]


class Stuck(Plain):
    mutations = (Mutation("first-gone", lambda data, draw, type_: bytes([data[0] + 1])),)


class Typed(Plain):
    mutations = (Mutation("as-text", lambda data, draw, type_: data.decode()),)  # type: ignore[arg-type,return-value]


class Canonical(Cells):
    canonical = True


class Ordered(Cells):
    def decode(self, data: bytes) -> Any:
        return tuple(data.split())


class Sorted(Cells):
    def decode(self, data: bytes) -> Any:
        return tuple(sorted(data.split()))


BAD: list[tuple[type[Codec[Any]], str]] = [
    (Raises, "'encode' raised ZeroDivisionError: integer division or modulo by zero for Pair(left="),
    (Text, "'encode' returned '"),
    (Counts, "it writes Pair(left="),
    (Finds, "'features' finds nine in b'"),
    (NoSet, "'features' returned ['nine'] for b'"),
    (Refuses, "'decode' refuses b'"),
    (Forgets, "it writes Pair(left="),
    (Rewrites, "it writes Pair(left="),
    (Stuck, "mutation 'first-gone' raised IndexError: index out of range for b''"),
    (Typed, "mutation 'as-text' returned '"),
    (Cells, "it writes Inventory(of={"),
    (Canonical, "it writes Inventory(of={"),
    (Ordered, "it writes Inventory(of={"),
]
ADVICE = {
    Counts: "; 'encode' must always write a value in the same way",
    Forgets: "; 'decode' must give back what 'encode' was given",
    Rewrites: "; 'value_typed' must give back what was written",
    Cells: "; sort what has no order, or give the codec a 'decode'",
    Canonical: "; a canonical codec writes equal values as equal bytes",
    Ordered: "; 'decode' must give what is equal for equal meanings",
}


def contract_of(codec: type[Codec[Any]]) -> type[Contract]:
    """Return a contract that reads what a codec writes."""
    of = Inventory if issubclass(codec, Cells) else Pair

    class Reads(Contract):
        @operation
        def read(self, document: Payload[of, codec]) -> bool: ...  # type: ignore[valid-type]

    return Reads


@pytest.mark.parametrize(("codec", "told"), BAD, ids=[codec.__name__ for codec, _ in BAD])
def test_a_codec_that_breaks_a_promise_is_reported(codec: type[Codec[Any]], told: str) -> None:
    """One sentence names the codec, the value or the bytes, and what to do."""
    with pytest.raises(CodecError) as caught:
        check_codecs(schema_of(contract_of(codec)))

    said = str(caught.value)
    assert said.startswith(f"codec {codec.name!r}: {told}")
    assert said.endswith(ADVICE.get(codec, ""))
    assert "\n" not in said


@pytest.mark.parametrize("codec", [Slips, Dies])
def test_a_promise_that_only_mutations_break_is_reported(codec: type[Codec[Any]]) -> None:
    """The check also reads features and meanings of documents with mutations, and of empty documents."""
    codec = type(codec.__name__, (codec,), {"mutations": (Mutation("same", lambda data, draw, type_: data),)})

    with pytest.raises(
        CodecError, match=r"raised IndexError: index out of range for b''; see .*; it must accept any bytes"
    ):
        check_codecs(schema_of(contract_of(codec)))


@pytest.mark.parametrize("codec", [Plain, Sorted, Json])
def test_a_codec_that_keeps_its_promises_passes(codec: type[Codec[Any]]) -> None:
    """The check tries thirty values of each payload type."""
    assert check_codecs(schema_of(contract_of(codec))) == 30


OF_EVERY_TYPE: list[Any] = [
    bool,
    I64,
    U64,
    Digit,
    float,
    Annotated[float, nan_equal],
    str,
    Letter,
    bytes,
    Colour,
    Pair,
    Inventory,
    Pair | Inventory,
    Pair | None,
    tuple[I64, ...],
    tuple[str, ...],
    Annotated[tuple[Digit, ...], unordered],
    dict[str, I64],
    dict[I64, str],
    dict[bytes, bool],
    dict[Colour, float],
    dict[str, Pair],
    dict[str, dict[str, I64]],
    dict[str, tuple[float, ...]],
    dict[str, bytes | None],
    tuple[dict[str, I64], ...],
]


@pytest.mark.parametrize("of", OF_EVERY_TYPE, ids=str)
@pytest.mark.parametrize("codec", [Json, Cbor, DeterministicCbor])
def test_the_codecs_that_ship_keep_their_promises_for_every_type(codec: type[Codec[Any]], of: Any) -> None:
    """What JSON and CBOR make of a number is a form of its own, also inside a map at the top."""

    class Reads(Contract):
        @operation
        def read(self, document: Payload[of, codec]) -> bool: ...  # type: ignore[valid-type]

    assert check_codecs(schema_of(Reads)) > 0


class Broken(Plain):
    """Breaks four promises."""

    mutations = (*Stuck.mutations, *Typed.mutations)

    def features(self, data: bytes) -> set[str]:
        return {"nine"}

    def decode(self, data: bytes) -> Any:
        raise ValueError("no")


def test_all_faults_are_told_at_once() -> None:
    """Each broken promise and each broken mutation is one fault, in the order of the checks."""
    faults = checked_codecs(schema_of(contract_of(Broken))).faults

    said = [str(fault).removeprefix("codec 'broken': ") for fault in faults]
    assert [text.split()[0] + " " + text.split()[1] for text in said] == [
        "'features' finds",
        "'decode' refuses",
        "mutation 'first-gone'",
        "mutation 'as-text'",
    ]


def test_a_codec_that_cannot_write_some_values_is_tried_with_others() -> None:
    """The fault of `encode` is told once, and what is wrong behind it, too."""

    class Both(Raises):
        def features(self, data: bytes) -> set[str]:
            return {"odd"}

    faults = checked_codecs(schema_of(contract_of(Both))).faults

    assert len(faults) == 2
    assert "'encode' raised ZeroDivisionError" in str(faults[0])
    assert "'features' finds odd" in str(faults[1])


def test_an_equal_value_is_built_in_another_order() -> None:
    """Dicts are filled in reverse at any depth, and unordered tuples are reversed; others are not."""
    type_ = t.Mapping(t.Text(), t.Sequence(t.Int(0, 9), unordered=True))

    equal = rebuilt({"a": (1, 2), "b": (3,)}, type_)

    assert list(equal.items()) == [("b", (3,)), ("a", (2, 1))]


@pytest.mark.parametrize("value", [{}, {"a": (1,)}, {"a": (1, 1)}])
def test_a_value_without_another_order_is_itself(value: dict[str, tuple[int, ...]]) -> None:
    """A value without dicts and unordered tuples has no other order."""
    type_ = t.Mapping(t.Text(), t.Sequence(t.Int(0, 9), unordered=True))

    assert rebuilt(value, type_) is value
