"""Codecs that need `encode` alone: what they learn, how they break documents, and what is odd to them."""

from __future__ import annotations

import re
import zlib
from itertools import islice
from random import Random
from typing import Annotated

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest, Played

from driftcheck import Contract, Payload, ge, le, matches_re, max_len, operation
from driftcheck.codecs import BinaryCodec, Codec, TextCodec, mutation, text_mutations
from driftcheck.codecs.generic.checksums import checksum_of
from driftcheck.codecs.generic.length_fields import length_fields, likely_fields
from driftcheck.codecs.generic.template import fields_of, shared_runs
from driftcheck.contract.declare import schema_of
from driftcheck.core import types as t
from driftcheck.core.codec import mutate_bytes
from driftcheck.generate._conjecture import replay
from driftcheck.generate.codec_check import check_codecs
from driftcheck.generate.distributions import mutation_slots
from driftcheck.generate.draw import draw
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.strategy import traces
from driftcheck.generate.vocabulary import with_vocabularies
from driftcheck.matrix.questions import questions
from driftcheck.search.session import open_session

ANY = t.Bytes()


class Plain(TextCodec[bytes]):
    """Text that stands for itself."""

    tokens = ("NULL",)

    def encode(self, value: bytes) -> bytes:
        return value


class Packed(BinaryCodec[bytes]):
    """Bytes that stand for themselves."""

    def encode(self, value: bytes) -> bytes:
        return value


SHARES = Plain().learned([b"ab.c:12", b"x.y:7", b"q.r:300"])

# What each makes of ab.c:12, with the simplest choices; None: nothing.
SIMPLEST = {
    "token-dropped": ".c:12",
    "token-repeated": "abab.c:12",
    "token-replaced": "NULL.c:12",
    "token-inserted": "NULLab.c:12",
    "tokens-swapped": "c.ab:12",
    "token-moved": None,
    "part-dropped": None,
    "part-alone": None,
    "part-repeated": None,
    "crossed-over": None,
    "delimiter-dropped": "abc:12",
    "delimiter-repeated": "ab..c:12",
    "delimiter-replaced": "ab!c:12",
    "delimiter-inserted": "!ab.c:12",
    "mark-inserted": "!ab.c:12",
    "character-replaced": "Lb.c:12",
    "token-wrapped": '"ab".c:12',
    "zero": "ab.c:0",
    "neighbour": "ab.c:13",
    "at-boundary": "ab.c:256",
    "round-number": "ab.c:10",
    "very-long-number": "ab.c:12" + "0" * 398,
    "leading-zero": "ab.c:012",
    "plus-sign": "ab.c:+12",
    "minus-sign": "ab.c:-12",
    "fraction": "ab.c:12.5",
    "exponent": "ab.c:12e0",
    "hexadecimal": "ab.c:0xc",
    "octal": "ab.c:014",
    "binary": "ab.c:0b1100",
    "underscore": "ab.c:_12",
    "digit-groups": "ab.c:1,012",
    "odd-space": " ab.c:12",
    "control-character": "\x00ab.c:12",
    "unicode-space": "\u00a0ab.c:12",
    "full-width-mark": "ab\u3002c:12",
    "case-changed": "AB.c:12",
    "case-fold": None,
    "letter-beyond-ascii": "éab.c:12",
    "escaped-character": "%61b.c:12",
    "escaped-byte": "%00ab.c:12",
    "unfinished-escape": "%ab.c:12",
    "other-line-ends": None,
}
# Those of the above whose feature has another name, or which cannot be recognised.
OTHERWISE = {
    "delimiter-dropped": {"missing-dot"},
    "delimiter-replaced": {"missing-dot", "extra-exclamation-mark"},
    "delimiter-inserted": {"extra-exclamation-mark"},
    "mark-inserted": {"extra-exclamation-mark"},
    "token-wrapped": {"extra-quote"},
    "very-long-number": {"past-128-bits"},
    "token-replaced": {"upper-case"},
    "token-inserted": {"upper-case"},
    "character-replaced": {"upper-case"},
    "case-changed": {"upper-case"},
    "octal": {"leading-zero"},
    "digit-groups": {"extra-comma", "leading-zero"},
    "escaped-byte": {"escaped-character"},
    "odd-space": {"leading-space"},
    "control-character": {"nul"},
    "unfinished-escape": {"escaped-character"},
}
NO_FEATURE = {
    "token-dropped",
    "token-repeated",
    "tokens-swapped",
    "zero",
    "neighbour",
    "at-boundary",
    "round-number",
    "fraction",
}


@pytest.mark.parametrize("name", SIMPLEST)
def test_the_simplest_choices_break_a_text_in_a_known_way(name: str) -> None:
    """Each generic mutation of text makes what is on file, and the document has the feature on file."""
    mutated = mutate_bytes(SHARES, ANY, b"ab.c:12", [name], Lowest())

    if SIMPLEST[name] is None:
        assert mutated.applied == ()
    else:
        assert mutated.data.decode() == SIMPLEST[name]
        expected = set() if name in NO_FEATURE else OTHERWISE.get(name, {name})
        assert set(SHARES.all_places(mutated.data, ANY)) == expected


def test_every_generic_mutation_is_on_file() -> None:
    """The table has each generic mutation of text; no codec has two of one name, and each has a doc."""
    assert [m.name for m in SHARES.all_mutations if m not in text_mutations] == list(SIMPLEST)
    for codec in (Plain(), Packed()):
        names = [m.name for m in codec.all_mutations]
        assert len(set(names)) == len(names)
        assert all(m.doc for m in codec.all_mutations)


@settings(deadline=None, max_examples=300)
@given(st.binary(), st.sampled_from([Plain(), SHARES, Packed(), Packed().learned([b"ab", b"cd"])]), st.data())
def test_any_bytes_can_be_broken(document, codec, data):
    """Any bytes can be broken by each mutation, and have features, whatever the codec has learned."""
    name = data.draw(st.sampled_from([m.name for m in codec.all_mutations]))
    mutated = mutate_bytes(codec, ANY, document, [name], Drawn(data))

    assert (mutated.data != document) == (mutated.applied == (name,))
    assert all(re.fullmatch(r"[a-z0-9-]+", feature) for feature in codec.all_places(mutated.data, ANY))


def test_an_author_s_mutation_replaces_the_generic_one_of_its_name() -> None:
    """A codec has one mutation of a name: its author's."""

    @mutation
    def leading_zero(data, draw, type_):
        """Put a zero in front."""
        return b"0" + data

    class Own(Plain):
        mutations = (leading_zero,)

    assert [m.doc for m in Own().all_mutations if m.name == "leading-zero"] == ["Put a zero in front"]
    assert mutate_bytes(Own(), ANY, b"a1", ["leading-zero"], Lowest()).data == b"0a1"


def test_features_of_an_author_are_the_only_ones() -> None:
    """What is learned names nothing if a codec has features of its own."""

    class Own(Plain):
        def features(self, data: bytes) -> set[str]:
            return {"long"} if len(data) > 9 else set()

    own = Own().learned([b"a.b"])

    assert set(own.all_places(b"a|b", ANY)) == set()
    assert set(SHARES.all_places(b"a.b:1|", ANY)) == {"extra-bar"}
    assert set(own.all_places(b"a|b.c.d.e.f", ANY)) == {"long"}


def test_what_a_document_may_have_is_no_feature() -> None:
    """A codec finds no feature in documents that it has learned from; without any, it finds none at all."""
    documents = [b"0x1f, A;%41\r\n", b" -5_0\xc3\xa9", b"1e5||999999"]
    codec = Plain().learned(documents)

    assert [set(codec.all_places(one, ANY)) for one in documents] == [set()] * 3
    assert set(Plain().all_places(b"a|\x00 +1", ANY)) == set()


def test_a_feature_may_depend_on_its_place() -> None:
    """A leading zero is odd after a dot if documents have it only after a slash."""
    codec = Plain().learned([b"1.2/01", b"10.20/3"])

    assert set(codec.all_places(b"1.2/02", ANY)) == set()
    assert set(codec.all_places(b"1.02/2", ANY)) == {"leading-zero"}
    assert set(codec.all_places(b"1./=02", ANY)) == {"extra-equals"}


def test_a_joined_document_goes_on_with_another_one() -> None:
    """The tail of another document begins at the token at which the head ends, if it has that token."""
    mutated = mutate_bytes(SHARES, ANY, b"ab.c:12", ["crossed-over"], Played(1, 3))

    assert mutated.data == b"ab.c:7"


FRAMES = [bytes([n]) + letter * n + bytes([n, 2]) for n in range(1, 20) for letter in (b"m", b"n")]
FRAMED = Packed().learned(FRAMES)


@pytest.mark.parametrize(
    ("name", "choices", "data"),
    [
        ("length-off-by-one", (0, 0), b"\x05nnnn\x01\x02"),
        ("length-far-off", (0, 1), b"\xffnnnn\x01\x02"),
        ("length-past-end", (0, 1), b"\x07nnnn\x01\x02"),
        ("length-padded", (0, 0), b"\x84\x00nnnn\x01\x02"),
        ("block-resized", (0, 1), b"\x03nnn\x01\x02"),
        ("tag-changed", (0, 200), b"\xc8nnnn\x01\x02"),
        ("scalar-inserted", (0, 0xC0, 0, 1), b"\xc0\x00\x04nnnn\x01\x02"),
        ("edge-number", (0, 5, 2), b"\x04nnnn\xff\x02"),
        ("text-not-utf8", (1, 0), b"\x04n\xffnn\x01\x02"),
    ],
)
def test_lengths_and_tags(name: str, choices: tuple[int, ...], data: bytes) -> None:
    """A generic mutation of bytes lies about a length, or exchanges a tag, as its choices say."""
    assert mutate_bytes(Packed(), ANY, b"\x04nnnn\x01\x02", [name], Played(*choices)).data == data


@pytest.mark.parametrize(
    ("field", "form"),
    [
        (b"\x03", "big"),
        (b"\x00\x03", "big"),
        (b"\x03\x00", "little"),
        (b"\x00\x00\x00\x03", "big"),
        (b"\x03\x00\x00\x00", "little"),
        (b"\x83\x00", "varint"),
        (b"\xa3", "low-5"),
        (b"\x93", "low-4"),
    ],
)
def test_a_length_is_found_in_each_form(field: bytes, form: str) -> None:
    """A length in one, two or four bytes, in seven bits a byte, or in the bits of a tag is a likely field."""
    data = field + b"abc"

    found = {(one.at, one.width, one.form, one.value) for one in likely_fields(data)}

    assert (0, len(field), form, 3) in found


@given(st.binary(max_size=40), st.integers(0, 1 << 40))
def test_another_length_keeps_the_rest_of_the_document(data: bytes, value: int) -> None:
    """A field is written in its own bytes, cut to its bits, and read back; nothing else changes."""
    for field in length_fields(data):
        written = field.written(data, value)

        assert len(written) == len(data)
        assert (written[: field.at], written[field.start :]) == (data[: field.at], data[field.start :])
        assert field.written(written, field.value) == data


@pytest.mark.parametrize(
    ("data", "feature"),
    [
        (b"\x03nnn\x03\x02", None),
        (b"\x04nnn\x03\x02", "truncated"),
        (b"\x03nnn\x03\x02\x02", "trailing-bytes"),
        (b"\x63nnn\x03\x02", "first-byte-63"),
        (b"\x03nNn\x03\x02", "byte-4e"),
        (b"", "empty"),
    ],
)
def test_what_is_odd_about_bytes(data: bytes, feature: str | None) -> None:
    """A length that does not fit, and a byte that no document has, are features."""
    assert set(FRAMED.all_places(data, ANY)) == ({feature} if feature else set())


def varint(value: int) -> bytes:
    """Return an integer of 64 bits with its sign in the lowest bit, in groups of seven bits."""
    rest, groups = (value << 1 ^ value >> 63) % 2**64, bytearray()
    while rest >= 0x80:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*groups, rest])


def test_a_first_byte_that_no_document_happens_to_have_is_no_feature() -> None:
    """The first bytes of 200 integers are not all that there are; those of two magic bytes are."""
    random = Random(1)
    numbers = [varint(random.randrange(-(2**63), 2**63)) for _ in range(200)]
    magic = [bytes([0xCA + n % 2]) + number for n, number in enumerate(numbers)]
    unseen = sorted(set(range(256)) - {one[0] for one in numbers})

    found = [set(Packed().learned(numbers).all_places(bytes([one]) + numbers[0], ANY)) for one in unseen]

    assert len(unseen) > 20
    assert found == [set()] * len(unseen)
    assert set(Packed().learned(magic).all_places(b"\xcc" + numbers[0], ANY)) == {"first-byte-cc"}


LETTERS = [b"ab" * n + tail for n in range(2, 6) for tail in (b"aa", b"bb")]


@pytest.mark.parametrize(
    ("documents", "feature"),
    [(LETTERS, "byte-63"), ([*LETTERS, b"abd"], None), (LETTERS[1:], None)],
    ids=["complete", "one-has-a-byte-that-no-other-has", "too-few"],
)
def test_a_byte_is_a_feature_if_few_documents_have_a_new_one(documents, feature) -> None:
    """An unknown byte is a feature only if there are enough documents that have no byte of their own."""
    codec = Packed().learned(documents)

    assert set(codec.all_places(b"ababcaba", ANY)) == ({feature} if feature else set())


def test_a_document_is_truncated_if_all_lengths_are_known() -> None:
    """Without a length in it, a document is too short only if documents have few lengths, each one often."""
    lengths = [bytes([n]) * (3 + n // 4) for n in range(12)]

    assert set(Packed().learned(lengths).all_places(b"ab", ANY)) == {"truncated"}
    assert set(Packed().learned([*lengths, b"longest"]).all_places(b"ab", ANY)) == set()


def test_a_checksum_is_found_and_kept_right() -> None:
    """Of the broken documents of a format with a checksum most have the right one, and some a wrong one."""
    random = Random(1)
    bodies = [bytes([n]) + random.randbytes(n) for n in range(2, 20)]
    documents = [body + zlib.crc32(body).to_bytes(4) for body in bodies]
    codec = Packed().learned(documents)

    broken = [
        mutate_bytes(codec, ANY, documents[n % 18], ["bit-flipped", "tag-changed"], _Chance(n))
        for n in range(200)
    ]
    right = sum(zlib.crc32(one.data[:-4]).to_bytes(4) == one.data[-4:] for one in broken)

    assert checksum_of(bodies) is None
    assert 100 <= right < 200
    assert set(codec.all_places(bodies[3] + b"\0\0\0\0", ANY)) == {"wrong-checksum"}


def test_fields_are_found_by_what_documents_share() -> None:
    """The runs of bytes that all documents hold are the names of fields, and values stand between."""
    documents = tuple(b"\x82\xa2id" + bytes([n]) + b"\xa4note" + b"\xa0" * (n % 3 + 1) for n in range(1, 12))

    assert shared_runs(documents) == (b"\x82\xa2id", b"\xa4note\xa0")
    assert [(f.at, f.gap, f.end) for f in fields_of(documents[1], documents)] == [(0, 4, 5), (5, 11, 13)]
    codec = Packed().learned(documents)
    dropped = mutate_bytes(codec, ANY, documents[0], ["field-dropped"], _Fixed(1, booleans=True))
    assert dropped.data == b"\x81\xa2id\x01"


class _Chance:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def integer(self, lo: int, hi: int) -> int:
        return self._random.randint(lo, hi)

    def boolean(self, p: float = 0.5) -> bool:
        return self._random.random() < p


class _Fixed(Played):
    def __init__(self, *choices: int, booleans: bool) -> None:
        super().__init__(*choices)
        self._booleans = booleans

    def boolean(self, p: float = 0.5) -> bool:
        return self._booleans


@attrs.frozen
class Peer:
    """An address with a port and a share."""

    host: Annotated[str, matches_re(r"[a-z]{1,4}\.[a-z]{2}")]
    port: Annotated[int, ge(1), le(65535)]
    share: Annotated[int, ge(0), le(100)]


class PeerText(TextCodec[Peer]):
    """host:port share%, a format that driftcheck knows nothing of."""

    def encode(self, value: Peer) -> bytes:
        return f"{value.host}:{value.port} {value.share}%".encode()


class Peers(Contract):
    """Reads peers."""

    @operation
    def read(self, peer: Payload[Peer, PeerText]) -> Peer: ...


class PeersModel(Peers):
    """Reads peers as the format says."""

    def read(self, peer: Payload[Peer, PeerText]) -> Peer:
        found = re.fullmatch(r"([a-z.]+):([0-9]+) ([0-9]+)%", peer.data.decode())
        return Peer(found[1], int(found[2]), int(found[3]))


SCHEMA = with_vocabularies(schema_of(Peers))


def test_a_codec_learns_the_same_each_time() -> None:
    """Two sessions of a contract break and name documents alike; one that learns nothing is left as it is."""
    one, other = (with_vocabularies(schema_of(Peers)).operations[0].arguments[0].type.codec for _ in range(2))

    assert one._words == other._words
    assert len(one._words.documents) == 64

    class Raw(Codec[bytes]):
        def encode(self, value: bytes) -> bytes:
            return value

    class Others(Contract):
        @operation
        def read(self, data: Payload[Annotated[bytes, max_len(3)], Raw]) -> bool: ...

    assert with_vocabularies(schema_of(Others)) is schema_of(Others)


def test_a_session_teaches_the_codecs_of_its_contract() -> None:
    """What a session draws, judges and replays has codecs that have learned."""
    with open_session(Peers, only=("model",)) as session:
        codec = session.schema.operations[0].arguments[0].type.codec

    assert ":" in codec._words.delimiters


def test_the_check_of_codecs_accepts_a_codec_with_encode_alone() -> None:
    """A rare well-formed document that is odd beside the others does not make the codec wrong."""
    assert check_codecs(SCHEMA) > 0


def test_a_broken_document_can_be_lifted() -> None:
    """A document that a generic mutation broke is drawn again from its choices, so that it can be shrunk."""
    strategy = traces(SCHEMA)
    broken = [c for c in islice(draw(strategy, 1), 200) if c.steps[0].arguments[0].mutations]

    assert len(broken) > 50
    for case in broken:
        assert replay(strategy, strategy.lift(case)) == case


# What people get wrong in such a format; no rule of driftcheck was written for it.
ODDITIES = {
    "no port": r"[a-z.]+ \d+%",
    "empty port": r"[a-z.]+: \d+%",
    "port past 16 bits": r".*:65536 .*",
    "port zero": r".*:0 .*",
    "zero in front of the port": r".*:0\d+ .*",
    "port in hexadecimal": r".*:0[xX][0-9a-f]+ .*",
    "negative share": r".* -\d+%",
    "share with a fraction": r".* \d+\.\d+%",
    "share past 100": r".* 1[0-9]{2}%",
    "no percent sign": r"[a-z.]+:\d+ \d+",
    "two spaces": r".*\d  \d.*",
    "a tab": r".*\d\t\d.*",
    "capitals": r".*[A-Z]{2,}.*:.*",
    "trailing dot": r"[a-z]+\.[a-z]+\.:.*",
    "empty label": r"\..*|[a-z]+\.:.*",
    "no dot": r"[a-z]+:\d+ \d+%",
    "dots in a row": r"[a-z]+\.\.+[a-z]+:.*",
    "line end": r".*%\n",
    "other order": r"\d+:[a-z]+.*|\d+%.*",
    "only a host": r"[a-z]+\.[a-z]+",
    "full-width colon": r".*\uff1a.*",
    "an escape": r".*%[0-9a-fA-F]{2}.*",
    "a semicolon for the colon": r"[a-z.]+;\d+ \d+%",
    "in brackets": r".*\[[a-z]+\].*|\[.*\]",
}


def test_what_people_get_wrong_is_drawn_for_an_unknown_format() -> None:
    """Nine in ten of a list of oddities are among 5,000 payloads of a codec with `encode` alone."""
    drawn = [case.steps[0].arguments[0].data for case in islice(draw(traces(SCHEMA), 1), 5_000)]
    texts = [one.decode(errors="replace") for one in drawn]

    missing = [what for what, form in ODDITIES.items() if not any(re.fullmatch(form, one) for one in texts)]

    assert len(missing) <= 0.1 * len(ODDITIES), missing


def test_an_author_s_mutations_are_half_of_those_drawn() -> None:
    """Mutations that an author wrote are drawn as often as all generic ones; few of them, less often."""
    slots = mutation_slots({"a": 1, "b": 2}, {f"g{n}": 1 + n % 2 for n in range(10)})

    assert slots[:12] == ("a", "b", *(f"g{n}" for n in range(10)))
    assert 0.5 <= sum(name in "ab" for name in slots) / len(slots) < 0.6
    assert slots.count("g1") == 2 * slots.count("g0")
    assert mutation_slots({"a": 1}, {f"g{n}": 1 for n in range(100)}).count("a") == 8
    assert mutation_slots({"a": 1, "b": 1}, {}) == ("a", "b")


def test_a_matrix_asks_for_each_mutation_once() -> None:
    """A mutation that is drawn more often than others has one row in the matrix."""
    (part,) = compile_plan(SCHEMA).operations[0].parts
    made = [question.made for question in questions(SCHEMA)]

    assert len(part.names) > len(set(part.names))
    assert len(made) == len(set(made))


def test_a_codec_without_generic_mutations_draws_as_before() -> None:
    """Each mutation of a codec that does not learn is drawn as often as any other one."""

    class Text(Codec[bytes]):
        mutations = text_mutations

        def encode(self, value: bytes) -> bytes:
            return value

    class Texts(Contract):
        @operation
        def read(self, data: Payload[Annotated[bytes, max_len(3)], Text]) -> bool: ...

    (part,) = compile_plan(schema_of(Texts)).operations[0].parts

    assert part.names == tuple(m.name for m in text_mutations)
