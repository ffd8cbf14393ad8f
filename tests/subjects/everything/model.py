"""The echo in Python."""

from __future__ import annotations

from typing import Any

from driftcheck import Handle
from everything import Colour, Everything, Place


def echo(self: Any, value: Any) -> Any:
    """Return the argument."""
    return value


class EverythingModel(Everything):
    """Gives back what it is given."""

    boolean = signed = unsigned = real = real_nan_equal = text = raw = payload = echo
    colour = record = union = optional = sequence = unordered = echo
    nested = by_text = by_bytes = by_int = echo

    def open(self, type: str, func_: int | None) -> None:  # noqa: A002
        if func_ is not None and func_ < 0:
            raise self.malformed()
        self.kept = {"zz": 1, "b": list(Colour).index(Colour.DARK_GREEN)}
        self.kept[type] = 2

    def state(self) -> dict[str, int]:
        return self.kept

    def many(self, *numbers: int) -> tuple[int, ...]:
        return numbers

    def import_(self, subject: int, b: int) -> None:
        if subject > 1:
            raise self.too_much()

    def refuse(self, detail: Place, w: dict[str, int] | None) -> None:
        raise self.elsewhere(detail) if w is None else self.counted(w)

    def keep(self, key: str, length: int) -> int | None:
        key += "x" * length
        before = self.kept.get(key)
        self.kept[key] = length
        return before

    def begin(self) -> Handle[Any]:
        return Handle([0])

    def turn(self) -> Handle[Any]:
        return Handle(None)

    def end(self, mark: Handle[Any], other: Handle[Any]) -> int:
        other.value[0] += 1
        return int(other.value[0])

    def both(self, page: Handle[Any], mark: Handle[Any]) -> None:
        pass
