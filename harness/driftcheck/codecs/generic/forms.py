"""
Mutations that write the same text in another form, and put what is invisible beside delimiters.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.codecs.generic.mutation import bytes_mutation, pick, token_mutation, weighted
from driftcheck.codecs.generic.vocabulary import Vocabulary, as_bytes, as_text, is_delimiter
from driftcheck.core.mutation import Draw

SPACES = (" ", "\t", "\n", "\r\n", "\r", "  ")
CONTROLS = "\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x80\x9f"
UNICODE_SPACES = ("\u00a0", "\u3000", "\u2003", "\u2028", "\ufeff", "\u200b")
FULL_WIDTH = {chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)} | {".": "\u3002"}
# Characters that become ASCII when their case is folded, by the letter that they become.
FOLDS = {"k": "\u212a", "s": "\u017f", "i": "\u0130", "K": "\u212a", "S": "\u017f", "I": "\u0131"}
UNFINISHED = ("%", "%4", "%zz", "%u00", "\\", "\\x4", "\\u00", "\\q", "&#", "&#;", "&zz;", "=4")


@token_mutation
def odd_space(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put white space at an end, or beside a delimiter."""
    return _inserted(parts, draw, pick(draw, SPACES))


@token_mutation
def control_character(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put a control character at an end, or beside a delimiter."""
    return _inserted(parts, draw, pick(draw, CONTROLS))


@token_mutation
def unicode_space(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put white space of Unicode at an end, or beside a delimiter."""
    return _inserted(parts, draw, pick(draw, UNICODE_SPACES))


@token_mutation
def full_width_mark(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write a delimiter in its full-width form."""
    places = [at for at, token in enumerate(parts) if token in FULL_WIDTH and is_delimiter(token)]
    if not places:
        return None
    at = pick(draw, places)
    return [*parts[:at], FULL_WIDTH[parts[at]], *parts[at + 1 :]]


@token_mutation
def case_changed(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write a word in capitals, in small letters, or with a capital in front."""
    places = [at for at, token in enumerate(parts) if token.isascii() and token.isalpha()]
    if not places:
        return None
    at = pick(draw, places)
    forms = {parts[at].upper(), parts[at].lower(), parts[at].capitalize()} - {parts[at]}
    return [*parts[:at], pick(draw, sorted(forms)), *parts[at + 1 :]]


@bytes_mutation
def case_fold(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a letter as another character that folds to it when case is ignored."""
    text = as_text(data)
    places = [at for at, character in enumerate(text) if character in FOLDS]
    if not places:
        return None
    at = pick(draw, places)
    return as_bytes(text[:at] + FOLDS[text[at]] + text[at + 1 :])


@bytes_mutation
def letter_beyond_ascii(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Put a letter or a sign that is not ASCII between two characters."""
    text = as_text(data)
    at = draw.integer(0, len(text))
    return as_bytes(text[:at] + pick(draw, "é\u00df\u4e2d\U0001f600\u0130\uffff") + text[at:])


@bytes_mutation
def escaped_character(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a character as an escape of a common format."""
    text = as_text(data)
    if not text:
        return None
    at = draw.integer(0, len(text) - 1)
    code = ord(text[at])
    form = draw.integer(0, 7)  # half of them are escapes by bytes
    if form < 4:
        escaped = "".join(f"%{byte:02{'xX'[form % 2]}}" for byte in as_bytes(text[at]))
    else:
        forms = (f"\\{text[at]}", f"\\u{code & 0xFFFF:04x}", f"\\x{code & 0xFF:02x}", f"&#{code};")
        escaped = forms[form - 4]
    return as_bytes(text[:at] + escaped + text[at + 1 :])


@bytes_mutation
def escaped_byte(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Put an escape of a common format for any byte between two characters."""
    text = as_text(data)
    at = draw.integer(0, len(text))
    of_format = [ord(mark) for mark in words.delimiters if len(mark) == 1]
    byte = pick(draw, of_format) if of_format and draw.boolean() else draw.integer(0, 255)
    form = pick(draw, (f"%{byte:02x}", f"\\x{byte:02x}", f"\\u00{byte:02x}", f"&#{byte};"))
    return as_bytes(text[:at] + form + text[at:])


@bytes_mutation
def unfinished_escape(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Put an escape that is unfinished or unknown between two characters."""
    text = as_text(data)
    at = draw.integer(0, len(text))
    return as_bytes(text[:at] + pick(draw, UNFINISHED) + text[at:])


@bytes_mutation
def other_line_ends(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """End all lines in another way."""
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain.replace(b"\n", pick(draw, (b"\r\n", b"\r", b"\n", b"\n\n")))


def _inserted(parts: Sequence[str], draw: Draw, what: str) -> Sequence[str]:
    beside = [n for at, token in enumerate(parts) if is_delimiter(token) for n in (at, at + 1)]
    at = pick(draw, sorted({0, len(parts), *beside}))
    return [*parts[:at], what, *parts[at:]]


FORMS = weighted(
    some=(odd_space, escaped_character, escaped_byte, unfinished_escape),
    many=(),
    all_=(
        odd_space,
        control_character,
        unicode_space,
        full_width_mark,
        case_changed,
        case_fold,
        letter_beyond_ascii,
        escaped_character,
        escaped_byte,
        unfinished_escape,
        other_line_ends,
    ),
)
