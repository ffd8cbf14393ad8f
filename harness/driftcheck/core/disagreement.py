"""
Groups of subjects: which subjects agree at a step at which they do not all agree, and how reports say so.

Knows only the names and languages of subjects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

AGAINST, WITH = " | ", ", "
LANGUAGES = {"go": "Go", "rust": "Rust", "python": "Python"}

Groups = tuple[tuple[str, ...], ...]


def groups_of(answers: Mapping[str, object]) -> Groups:
    """Group the subjects by equal answers."""
    groups: dict[object, list[str]] = {}
    for name, answer in answers.items():
        groups.setdefault(answer, []).append(name)
    return tuple(map(tuple, groups.values()))


def groups_to_text(groups: Groups) -> str:
    """Return groups in the form of signatures and asymmetries: `go | serde, sonic`."""
    return AGAINST.join(WITH.join(group) for group in groups)


def groups_from_text(text: str) -> Groups:
    """Return the groups that `groups_to_text` wrote."""
    return tuple(tuple(group.split(WITH)) for group in text.split(AGAINST)) if text else ()


def agree_without(groups: Groups, deviating: Sequence[str]) -> bool:
    """Tell whether the subjects other than the deviating ones agree."""
    rest = [group for group in groups if any(name not in deviating for name in group)]
    return len(rest) == 1 and any(name in deviating for group in groups for name in group)


def describe_groups(groups: Groups, languages: Mapping[str, str]) -> str:
    """Describe the groups for people; "" if there are only two subjects.

    Args:
        languages: the language of each subject, by name.
    """
    count = sum(map(len, groups))
    if count < 3 or len(groups) < 2:
        return ""
    if len(groups) == 2:
        spoken = [{languages.get(name) for name in group} for group in groups]
        if all(len(one) == 1 for one in spoken) and spoken[0] != spoken[1]:
            one, other = (LANGUAGES.get(str(*s), str(*s)) for s in spoken)
            return f"all {one} against all {other}" if min(map(len, groups)) > 1 else _alone(groups, count)
        if min(map(len, groups)) == 1:
            return _alone(groups, count)
    return " against ".join(" and ".join(group) for group in groups)


def _alone(groups: Groups, count: int) -> str:
    alone = next(group[0] for group in groups if len(group) == 1)
    return f"{alone} differs from the {count - 1} others"
