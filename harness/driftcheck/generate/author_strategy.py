"""
Values that only a strategy of Hypothesis can draw: those of an author, and text that matches a pattern.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from driftcheck.core.author_code import Misbehaviour, call, contract_at_work, shown
from driftcheck.core.errors import ContractError
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice, Choices, ConjectureData, StopTest, draw_recorded
from driftcheck.generate.coder import CannotLift, Coder, State, check_text, identity
from driftcheck.generate.dice import ALPHABETS, ENDLESS, Dice, Source, Undrawable
from driftcheck.values.encoding import matches

LONGEST = 200  # characters of a strategy in a message
ELSEWHERE = 2**-24  # the probability of a value whose choices are not known


class _Remembered:
    """Values of an author's strategy, each with its choices, which cannot be computed from the value."""

    def __init__(self) -> None:
        self._choices: dict[Any, Choices] = {}

    def draw(self, data: Source, strategy: Any) -> Any:
        fails = partial(_misbehaved, strategy)
        passing: tuple[type[BaseException], ...]
        if isinstance(data, Dice):
            drawing, passing = data.draw_foreign, (Undrawable,)
        else:
            assert isinstance(data, ConjectureData)
            drawing, passing = partial(draw_recorded, data), (StopTest,)
        value, choices = call(drawing, strategy, fails=fails, passing=passing)
        if len(self._choices) >= 4096:
            self._choices.clear()
        self._choices[identity(value)] = choices
        return value

    def recall(self, value: Any) -> Choices | None:
        return self._choices.get(identity(value))


def _misbehaved(strategy: Any, misbehaviour: Misbehaviour) -> ContractError:
    who = f"the strategy {shown(strategy, LONGEST)}"
    return ContractError(contract_at_work(), misbehaviour.sentence(who, "a strategy draws a value"))


def foreign(strategy: Any) -> Coder:
    """Compile a part that an author's strategy draws; keep values from elsewhere in a pool."""
    remembered = _Remembered()
    pool: list[Any] = []  # values from elsewhere, whose choices are not known

    def draw(data: Source, state: State) -> Any:
        if not data.draw_boolean(ELSEWHERE):
            return remembered.draw(data, strategy)
        index = data.draw_integer(0, 0xFFFF)
        return pool[index] if index < len(pool) else data.mark_invalid()

    def lift(value: Any, out: list[Choice], state: State) -> None:
        choices = remembered.recall(value)
        if choices is not None:
            out.append(False)
            out += choices
            return
        key = identity(value)
        index = next((i for i, known in enumerate(pool) if identity(known) == key), len(pool))
        if index == len(pool):
            pool.append(value)
        out += (True, index)

    return Coder(draw, lift)


def matching(part: p.PatternDraw) -> Coder:
    """Compile text that matches a pattern in full."""
    lo, hi = part.type.min_len, ENDLESS if part.type.max_len is None else part.type.max_len
    pattern = part.type.pattern
    assert pattern is not None
    fits = partial(matches, pattern)
    strategy = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(exclude_categories=["Cs"]))
    if lo or hi != ENDLESS:
        strategy = strategy.filter(lambda text: lo <= len(text) <= hi)
    remembered = _Remembered()

    def draw(data: Source, state: State) -> Any:
        if not data.draw_boolean(ELSEWHERE):
            return remembered.draw(data, strategy)
        text = data.draw_string(ALPHABETS["any"], min_size=lo, max_size=hi)
        return text if fits(text) else data.mark_invalid()

    def lift(value: Any, out: list[Choice], state: State) -> None:
        check_text(value, lo, hi)
        if not fits(value):
            raise CannotLift(f"{value!r} does not match {pattern.pattern!r}")
        choices = remembered.recall(value)
        if choices is not None:
            out.append(False)
            out += choices
        else:
            out += (True, value)

    return Coder(draw, lift)
