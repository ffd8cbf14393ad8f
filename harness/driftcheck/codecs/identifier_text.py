"""
UUIDs as text (RFC 9562): mutations, features and a codec.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

from driftcheck.core.codec import Codec
from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.raw_mutations import plain_text, text_mutations
from driftcheck.core.types import Type

NIL, MAX = str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1))
_PLAIN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION, _VARIANT = 14, 19  # the places of two nibbles that have a meaning
_WRAPPERS = (("{", "}", "braces"), ("(", ")", "parentheses"), ('"', '"', "quoted"))


def uuid_mutation(breaks: Callable[[str, Draw], str | None]) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that receives a UUID in its plain form."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        text = data.decode(errors="replace")
        broken = breaks(text, draw) if _PLAIN.fullmatch(text) else None
        return None if broken is None else broken.encode()

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


@uuid_mutation
def upper_case(text: str, draw: Draw) -> str | None:
    """Write the letters as capitals."""
    return text.upper()


@uuid_mutation
def braces(text: str, draw: Draw) -> str | None:
    """Put braces around."""
    return f"{{{text}}}"


@uuid_mutation
def parentheses(text: str, draw: Draw) -> str | None:
    """Put parentheses around."""
    return f"({text})"


@uuid_mutation
def quoted(text: str, draw: Draw) -> str | None:
    """Put quotes around."""
    return f'"{text}"'


@uuid_mutation
def open_brace(text: str, draw: Draw) -> str | None:
    """Put a brace on one side only."""
    return f"{text}}}" if draw.boolean() else f"{{{text}"


@uuid_mutation
def urn_prefix(text: str, draw: Draw) -> str | None:
    """Put the prefix of a URN in front."""
    return ("URN:UUID:" if draw.boolean() else "urn:uuid:") + text


@uuid_mutation
def without_hyphens(text: str, draw: Draw) -> str | None:
    """Leave out all hyphens."""
    return text.replace("-", "")


@uuid_mutation
def misplaced_hyphen(text: str, draw: Draw) -> str | None:
    """Move a hyphen by one digit, or leave it out."""
    at = (8, 13, 18, 23)[draw.integer(0, 3)]
    return text[:at] + text[at + 1 :] if draw.boolean() else text[:at] + text[at + 1] + "-" + text[at + 2 :]


@uuid_mutation
def other_separator(text: str, draw: Draw) -> str | None:
    """Write another character for the hyphens."""
    return text.replace("-", "_: "[draw.integer(0, 2)])


@uuid_mutation
def wrong_version(text: str, draw: Draw) -> str | None:
    """Write a version that the standard does not have."""
    return text[:_VERSION] + "09f"[draw.integer(0, 2)] + text[_VERSION + 1 :]


@uuid_mutation
def wrong_variant(text: str, draw: Draw) -> str | None:
    """Write a variant that is not the standard's."""
    return text[:_VARIANT] + "07ce"[draw.integer(0, 3)] + text[_VARIANT + 1 :]


@uuid_mutation
def nil(text: str, draw: Draw) -> str | None:
    """Write the UUID of zeros."""
    return NIL


@uuid_mutation
def all_ones(text: str, draw: Draw) -> str | None:
    """Write the UUID of ones."""
    return MAX


@uuid_mutation
def digit_missing(text: str, draw: Draw) -> str | None:
    """Leave out the last digit."""
    return text[:-1]


@uuid_mutation
def digit_too_many(text: str, draw: Draw) -> str | None:
    """Write a digit more at the end."""
    return f"{text}0"


@uuid_mutation
def no_hex_digit(text: str, draw: Draw) -> str | None:
    """Write a letter that is not a hexadecimal digit."""
    at = draw.integer(0, 7)
    return text[:at] + "gzG"[draw.integer(0, 2)] + text[at + 1 :]


uuid_mutations: tuple[Mutation, ...] = (
    upper_case,
    braces,
    parentheses,
    quoted,
    open_brace,
    urn_prefix,
    without_hyphens,
    misplaced_hyphen,
    other_separator,
    wrong_version,
    wrong_variant,
    nil,
    all_ones,
    digit_missing,
    digit_too_many,
    no_hex_digit,
)


def uuid_features(data: bytes) -> set[str]:
    """Return the features of any bytes as a UUID; `no-uuid` if they are not one."""
    found, text = plain_text(data)
    if (text or not found) and "very-long" not in found:
        found.update(_odd(text))
    return found


def _odd(text: str) -> Iterator[str]:
    for left, right, name in _WRAPPERS:
        if text.startswith(left) and text.endswith(right) and len(text) > 1:
            yield name
            text = text[1:-1]
        elif "{" in (left, text[:1]) and (text.startswith(left) or text.endswith(right)):
            yield "open-brace"
            text = text.strip("{}")
    if text[:9].lower() == "urn:uuid:":
        yield "urn-prefix"
        text = text[9:]
    if text.lower() in (NIL, MAX):
        yield "nil" if text == NIL else "all-ones"
        return
    if text != text.lower() and not re.search(r"[g-zG-Z]", text):
        yield "upper-case"
    yield from _odd_digits(text.lower())


def _odd_digits(text: str) -> Iterator[str]:
    digits = re.sub(r"[-_: ]", "", text)
    if not re.fullmatch(r"[0-9a-z]{31,33}", digits):
        yield "no-uuid"
        return
    if len(digits) != 32:
        yield "digit-missing" if len(digits) < 32 else "digit-too-many"
    if re.search(r"[g-z]", digits):
        yield "no-hex-digit"
    if text == digits:
        yield "without-hyphens"
    elif re.search(r"[_: ]", text):
        yield "other-separator"
    elif [len(part) for part in text.split("-")][:4] != [8, 4, 4, 4]:
        yield "misplaced-hyphen"
    if len(digits) == 32 and digits[12] not in "12345678":
        yield "wrong-version"
    if len(digits) == 32 and digits[16] not in "89ab":
        yield "wrong-variant"


class UuidText(Codec[bytes]):
    """A UUID of version 4 in lower case, from 16 bytes; six of their bits are the version and the variant."""

    mutations = (*uuid_mutations, *text_mutations)

    def encode(self, value: bytes) -> bytes:
        return str(uuid.UUID(bytes=value, version=4)).encode()

    def decode(self, data: bytes) -> bytes:
        text = data.decode()
        if not _PLAIN.fullmatch(text):
            raise ValueError(f"{text[:60]!r} is not a UUID")
        return uuid.UUID(text).bytes

    def features(self, data: bytes) -> set[str]:
        return uuid_features(data)

    def value_typed(self, data: bytes, type_: Type) -> bytes:
        value = self.decode(data)
        if self.encode(value) != data:
            raise ValueError("it is not in the form that the codec writes")
        return value
