"""
Numbers that depend on each other: lowered together, or with the length of a text.

An example is a time that two steps must share, or a document that contains its length. Numbers are choices,
the digits inside text, and the bytes of documents that are not text. Knows only choices.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import attrs

from driftcheck.generate._conjecture import Choice, Choices

MOST_GROUPS = 60  # that are tried in one pass
MOST_PAIRS = 30  # of numbers that are tried
MOST_DIGITS = 40  # of a number in text
LONGEST = 64  # characters or bytes of text that is shortened together with a number
SHORT = 8  # characters; runs of at most so many are removed at every position
SMALLEST_LENGTH = 2

_DIGITS = re.compile(r"[1-9][0-9]*")

Current = Callable[[], Choices]
Attempt = Callable[[Choices], bool]  # tries choices that are simpler than the current ones


@attrs.frozen
class Number:
    """A number in the choices of a case, never 0."""

    at: int  # which choice
    value: int
    span: tuple[int, int] | None = None  # of its digits, or of its byte, inside the choice
    is_byte: bool = False


def lower(current: Current, attempt: Attempt, *, in_text: bool) -> None:
    """Lower each number, and groups of numbers by one amount or by one factor, as far as possible.

    Args:
        current: returns the choices that were found so far.
        attempt: makes simpler choices the current ones, if the case still shows the same.
        in_text: also lower the numbers inside documents.
    """
    known: set[tuple[Number, ...]] = set()
    while len(known) < MOST_GROUPS:
        numbers = [number for number in numbers_in(current()) if in_text or number.span is None]
        group = next((g for g in _groups(numbers) if g not in known), None)
        if group is None:
            return
        known.add(group)
        if not _lower_group(group, current, attempt):
            _divide_group(group, current, attempt)


def shorten(current: Current, attempt: Attempt) -> None:
    """Remove a part of a text, and lower a number by the length of that part, as often as possible."""
    while any(attempt(choices) for choices in _shortened(current())):
        pass


def numbers_in(choices: Choices) -> list[Number]:
    """List the numbers of choices, also those inside documents."""
    return [number for at, choice in enumerate(choices) for number in _numbers_of(at, choice)]


def _numbers_of(at: int, choice: Choice) -> Iterator[Number]:
    if type(choice) is int and choice:
        yield Number(at, choice)
    text = _text_of(choice)
    for found in _DIGITS.finditer(text or ""):
        if len(found[0]) <= MOST_DIGITS:
            yield Number(at, int(found[0]), found.span())


def _text_of(choice: Choice) -> str | None:
    """Return the text of a document, with one character for each byte."""
    if not isinstance(choice, bytes) or any(byte < 0x20 and byte not in b"\t\n\r" for byte in choice):
        return None
    return choice.decode("latin-1")


def _groups(numbers: Sequence[Number]) -> Iterator[tuple[Number, ...]]:
    """Yield groups of numbers that may depend on each other, large numbers first."""
    yield from ((number,) for number in numbers)
    for value in sorted({number.value for number in numbers}, reverse=True):
        yield tuple(n for n in numbers if n.value == value)
        if value > 0:
            yield tuple(n for n in numbers if n.value >= value)  # as times that pass
    pairs = sorted(combinations(numbers, 2), key=lambda pair: pair[0].value != pair[1].value)
    yield from pairs[:MOST_PAIRS]


def _lower_group(group: tuple[Number, ...], current: Current, attempt: Attempt) -> bool:
    """Lower numbers by the same amount; return whether that was possible."""
    before = current()

    def still(amount: int) -> bool:
        return attempt(_with(before, {n: n.value - int(math.copysign(amount, n.value)) for n in group}))

    most = min(abs(number.value) for number in group)
    if still(most):
        return True
    lowered, step = 0, 1
    while lowered + step < most and still(lowered + step):
        lowered, step = lowered + step, 2 * step
    while step > 1:
        step //= 2
        if lowered + step < most and still(lowered + step):
            lowered += step
    return lowered > 0


def _divide_group(group: tuple[Number, ...], current: Current, attempt: Attempt) -> None:
    """Divide numbers by what divides all of them."""
    before = current()
    divisor = math.gcd(*(number.value for number in group))
    for by in dict.fromkeys((divisor, 10, 2)):
        if by > 1 and divisor % by == 0 and attempt(_with(before, {n: n.value // by for n in group})):
            return


def _shortened(choices: Choices) -> Iterator[Choices]:
    """Yield choices with one text shorter, and with one number lower by as much, the shortest first."""
    for at, choice in enumerate(choices):
        if not isinstance(choice, str | bytes) or len(choice) > LONGEST:
            continue
        numbers = [n for n in numbers_in(choices) if len(choice) <= 2 * n.value <= 2 * len(choice)]
        for number in (*numbers, *_lengths_in(at, choice)):
            if number.value >= SMALLEST_LENGTH:
                yield from _without_runs(choices, at, number)


def _lengths_in(at: int, choice: str | bytes) -> Iterator[Number]:
    """Yield the bytes that may say how many bytes follow."""
    if isinstance(choice, bytes):
        for place, byte in enumerate(choice):
            if byte < len(choice) - place:
                yield Number(at, byte, (place, place + 1), is_byte=True)


def _without_runs(choices: Choices, at: int, number: Number) -> Iterator[Choices]:
    text = choices[at]
    assert isinstance(text, str | bytes)
    own = number.span if number.at == at else None
    for size in _sizes(min(number.value, len(text))):
        for start in range(0, len(text) - size + 1, 1 if size <= SHORT else size // 2):
            if own is not None and start < own[1]:
                continue  # a length comes before what it counts
            lowered = _with(choices, {number: number.value - size})
            rest = lowered[at]
            assert isinstance(rest, str | bytes)
            place = start + len(rest) - len(text)  # fewer digits may stand before it
            yield (*lowered[:at], _without(rest, place, size), *lowered[at + 1 :])


def _without(text: str | bytes, start: int, size: int) -> str | bytes:
    if isinstance(text, str):
        return text[:start] + text[start + size :]
    return text[:start] + text[start + size :]


def _sizes(longest: int) -> Iterator[int]:
    while longest > 1:
        yield longest
        longest = (longest + 1) // 2
    yield 1


def _with(choices: Choices, values: dict[Number, int]) -> Choices:
    """Return the choices with other values for these numbers."""
    changed = list(choices)
    for number in sorted(values, key=lambda n: n.span or (0, 0), reverse=True):
        changed[number.at] = _put(changed[number.at], number, values[number])
    return tuple(changed)


def _put(choice: Choice, number: Number, value: int) -> Choice:
    if number.span is None:
        return value
    assert isinstance(choice, bytes)
    start, end = number.span
    written = bytes([value]) if number.is_byte else str(value).encode()
    return choice[:start] + written + choice[end:]
