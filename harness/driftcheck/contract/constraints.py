"""
The constraints of one annotation. Each is taken once, by the type that it applies to.

Constraints are attrs' own validators. This module reads them and never calls them.
Every mistake is a ValueError whose text continues "argument 'n' ...".
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterable
from typing import Any

from driftcheck.contract import words
from driftcheck.contract.source_text import constraint_text
from driftcheck.core import types as t

KNOWN = "ge, gt, le, lt, in_, min_len, max_len, matches_re, optional, deep_iterable or and_"


class Constraints:
    """The constraints of one annotation; those that no type takes are mistakes."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.items: list[Any] = []
        self.names: int | None = None
        self.strategy: Any = None
        self.choices: list[Any] | None = None
        self._bounds: list[tuple[str, Any]] = []
        self._min_lens: list[Any] = []
        self._max_lens: list[Any] = []
        self._pattern: re.Pattern[str] | None = None
        self._members: list[Any] = []
        self._flags: set[str] = set()
        self._corpus: list[str] = []
        for item in items:
            self._add(item)

    def _add(self, item: Any) -> None:
        match type(item).__name__, item:
            case "_OptionalValidator", _:
                inner = item.validator
                for one in inner if isinstance(inner, list | tuple) else (inner,):
                    self._add(one)
                return
            case "_AndValidator", _:
                for one in item._validators:
                    self._add(one)
                return
            case "_NumberValidator", _:
                self._bounds.append((item.compare_op, item.bound))
            case "_InValidator", _:
                self.choices = _choices(item.options)
            case "_MinLengthValidator", _:
                self._min_lens.append(item.min_length)
            case "_MaxLengthValidator", _:
                self._max_lens.append(item.max_length)
            case "_MatchesReValidator", _:
                self._pattern = _pattern(item)
            case "_DeepIterable", _:
                self._members.append(item.member_validator)
                if item.iterable_validator is not None:
                    self._add(item.iterable_validator)
            case "_InstanceOfValidator", _:
                pass  # the annotation has said it
            case _, words.names():
                self.names = _count(item)
            case _, words.generated():
                self.strategy = _strategy(item)
            case _, words.corpus():
                self._corpus.append(_glob(item))
            case _, words.since() | words.until():
                raise ValueError(
                    f"has {item!r} inside its type, but only a whole field can be added or removed: "
                    f"write Annotated[T | None, {item!r}] for the whole field, or remove it"
                )
            case "type", _ if item in (words.since, words.until):
                raise ValueError(f"has {item.__name__} without a schema version; write {item.__name__}(2)")
            case _, words.Marker():
                self._flags.add(item.name)
            case _:
                raise ValueError(
                    f"has the constraint {constraint_text(item)}, which driftcheck cannot generate from; "
                    f"use attrs' {KNOWN}, or give generated(strategy)"
                )
        self.items.append(item)

    def int_bounds(self) -> tuple[int | None, int | None]:
        """Take the bounds of an integer, both ends included."""
        lows, highs = [], []
        for op, bound in self._bounds:
            if type(bound) is not int:
                raise ValueError(
                    f"is an int with the bound {bound!r}, which is not an int; give a whole number"
                )
            match op:
                case ">=":
                    lows.append(bound)
                case ">":
                    lows.append(bound + 1)
                case "<=":
                    highs.append(bound)
                case "<":
                    highs.append(bound - 1)
        self._bounds = []
        return max(lows, default=None), min(highs, default=None)

    def float_bounds(self) -> tuple[float, float]:
        """Take the bounds of a float, both ends included; a missing bound is infinite."""
        lo, hi = -math.inf, math.inf
        for op, bound in self._bounds:
            if type(bound) not in (int, float) or math.isnan(bound):
                raise ValueError(
                    f"is a float with the bound {bound!r}, which cannot be compared; give a number"
                )
            value = float(bound)
            match op:
                case ">=":
                    lo = max(lo, value)
                case ">":
                    lo = max(lo, math.nextafter(value, math.inf))
                case "<=":
                    hi = min(hi, value)
                case "<":
                    hi = min(hi, math.nextafter(value, -math.inf))
        if lo > hi:
            raise ValueError(f"is a float between {lo} and {hi}, which leaves no value; swap the bounds")
        self._bounds = []
        return lo, hi

    def lengths(self) -> tuple[int, int | None]:
        """Take the shortest and the longest length."""
        for length in (*self._min_lens, *self._max_lens):
            if type(length) is not int or length < 0:
                raise ValueError(f"has the length {length!r}; give a whole number, 0 or more")
        shortest, longest = max(self._min_lens, default=0), min(self._max_lens, default=None)
        if longest is not None and shortest > longest:
            raise ValueError(f"has min_len {shortest} above max_len {longest}; swap them")
        self._min_lens, self._max_lens = [], []
        return shortest, longest

    def pattern(self) -> re.Pattern[str] | None:
        """Take the pattern of a text."""
        pattern, self._pattern = self._pattern, None
        return pattern

    def take(self, flag: str) -> bool:
        """Take a flag; return whether it was given."""
        present = flag in self._flags
        self._flags.discard(flag)
        return present

    def take_members(self) -> list[Any]:
        """Take the constraints that `deep_iterable` sets for the members."""
        members, self._members = self._members, []
        return members

    def take_all(self) -> list[Any]:
        """Take all constraints except names and generated, which apply to the optional as a whole."""
        taken = [i for i in self.items if not isinstance(i, words.names | words.generated)]
        kept = [i for i in self.items if isinstance(i, words.names | words.generated)]
        self.__init__(kept)  # type: ignore[misc] # the caller has the rest
        return taken

    def take_corpus(self) -> tuple[str, ...]:
        """Take the glob patterns of real documents."""
        corpus, self._corpus = self._corpus, []
        return tuple(corpus)

    def unused(self) -> list[str]:
        """List the constraints that no type took."""
        left = [f"{op} {bound}" for op, bound in self._bounds]
        left += [f"min_len({length})" for length in self._min_lens]
        left += [f"max_len({length})" for length in self._max_lens]
        left += ["matches_re"] if self._pattern is not None else []
        left += ["deep_iterable"] if self._members else []
        left += sorted(self._flags)
        left += [f"corpus({pattern!r})" for pattern in self._corpus]
        return left


def check_choice(value: Any, type_: t.Type) -> None:
    """Check that a choice is a value of the type, within its bounds.

    Raises:
        ValueError: it is not.
    """
    if not _fits(value, type_):
        raise ValueError(
            f"has the choice {value!r}, which is not a value of its type; correct the list of in_"
        )


def _fits(value: Any, type_: t.Type) -> bool:
    match type_:
        case t.Bool():
            return type(value) is bool
        case t.Int(lo=lo, hi=hi):
            return type(value) is int and lo <= value <= hi
        case t.Float(lo=lo, hi=hi, bounded=bounded):
            return type(value) is float and (lo <= value <= hi or (not bounded and math.isnan(value)))
        case t.Text(min_len=shortest, max_len=longest, pattern=pattern):
            is_like = isinstance(value, str) and (pattern is None or bool(pattern.fullmatch(value)))
            return is_like and shortest <= len(value) <= (len(value) if longest is None else longest)
        case t.Bytes(min_len=shortest, max_len=longest):
            is_long = isinstance(value, bytes) and len(value) >= shortest
            return is_long and (longest is None or len(value) <= longest)
        case t.Enumeration(cls=cls) | t.Record(cls=cls):
            return isinstance(value, cls)
        case t.Sequence(inner=inner):
            return isinstance(value, tuple) and all(_fits(v, inner) for v in value)
        case _:
            return True


def _choices(options: Any) -> list[Any]:
    if isinstance(options, str | bytes):
        raise ValueError(f"has in_({options!r}), which is a single text; give a list")
    choices = list(options)
    if not choices:
        raise ValueError("has in_ with an empty list; give at least one choice")
    # A set of texts has another order in each process, but one seed must always give the same run.
    if isinstance(options, set | frozenset):
        choices.sort(key=lambda c: (c.name if isinstance(c, enum.Enum) else "", type(c).__name__, repr(c)))
    return choices


def _pattern(item: Any) -> re.Pattern[str]:
    if isinstance(item.pattern.pattern, bytes):
        raise ValueError(
            f"has matches_re({item.pattern.pattern!r}), which is a pattern of bytes; give a pattern of text"
        )
    if item.match_func.__name__ != "fullmatch":
        raise ValueError(
            f"has matches_re with {item.match_func.__name__}; remove func, since a pattern always matches "
            "the whole text"
        )
    return item.pattern  # type: ignore[no-any-return] # an attribute of a private class


def _count(item: words.names) -> int:
    if type(item.count) is not int or item.count < 1:
        raise ValueError(f"has names({item.count!r}); give a whole number, at least 1")
    return item.count


def _strategy(item: words.generated) -> Any:
    if not hasattr(type(item.strategy), "flatmap"):  # Hypothesis itself is not imported for this
        raise ValueError(f"has generated({item.strategy!r}), which is not a Hypothesis strategy; give one")
    return item.strategy


def _glob(item: words.corpus) -> str:
    if not isinstance(item.pattern, str) or not item.pattern or item.pattern.startswith("/"):
        raise ValueError(
            f"has corpus({item.pattern!r}); give a pattern relative to the contract's module, such as "
            "'corpus/*'"
        )
    return item.pattern
