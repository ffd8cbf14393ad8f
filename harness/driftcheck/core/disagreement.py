"""
Sides: who agrees with whom where subjects part ways, and how that is said to people.

Knows names and languages of subjects alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

AGAINST, WITH = " | ", ", "
LANGUAGES = {"go": "Go", "rust": "Rust", "python": "Python"}

Sides = tuple[tuple[str, ...], ...]


def sides_of(groups: Mapping[str, object]) -> Sides:
    """Return the subjects side by side, given what stands for each one's answer."""
    sides: dict[object, list[str]] = {}
    for name, group in groups.items():
        sides.setdefault(group, []).append(name)
    return tuple(map(tuple, sides.values()))


def written(sides: Sides) -> str:
    """Write sides as signatures and known differences hold them: `go | serde, sonic`."""
    return AGAINST.join(WITH.join(side) for side in sides)


def read(text: str) -> Sides:
    """Read what `written` wrote."""
    return tuple(tuple(side.split(WITH)) for side in text.split(AGAINST)) if text else ()


def agree_without(sides: Sides, deviating: Sequence[str]) -> bool:
    """Say whether the subjects agree, once the deviating ones are set aside."""
    rest = [side for side in sides if any(name not in deviating for name in side)]
    return len(rest) == 1 and any(name in deviating for side in sides for name in side)


def in_words(sides: Sides, languages: Mapping[str, str]) -> str:
    """Say who stands against whom; "" where there are but two subjects, since nothing else is possible.

    Args:
        languages: of the subjects, by name.
    """
    count = sum(map(len, sides))
    if count < 3 or len(sides) < 2:
        return ""
    if len(sides) == 2:
        spoken = [{languages.get(name) for name in side} for side in sides]
        if all(len(one) == 1 for one in spoken) and spoken[0] != spoken[1]:
            one, other = (LANGUAGES.get(str(*s), str(*s)) for s in spoken)
            return f"all {one} against all {other}" if min(map(len, sides)) > 1 else _alone(sides, count)
        if min(map(len, sides)) == 1:
            return _alone(sides, count)
    return " against ".join(" and ".join(side) for side in sides)


def _alone(sides: Sides, count: int) -> str:
    alone = next(side[0] for side in sides if len(side) == 1)
    return f"{alone} stands alone against {count - 1} others"
