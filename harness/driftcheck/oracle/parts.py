"""
Parts: whether what several oddities do alone explains what they do together.

Knows the kinds of outcomes by subject. Knows nothing of traces, hosts or files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ACCEPTED = "accepted"

Kinds = Mapping[str, str]  # of outcomes, by subject


def explain(parts: Iterable[Kinds], whole: Kinds) -> bool:
    """Say whether each subject accepts the whole like all parts, or refuses it like one part.

    If a part says nothing of a subject, this subject must refuse the whole like another part.
    """
    parts = tuple(parts)
    for name, kind in whole.items():
        refusals = {part.get(name, "") for part in parts} - {ACCEPTED}
        if (kind not in refusals) if refusals else (kind != ACCEPTED):
            return False
    return True


def needed_of(parts: Sequence[Kinds], whole: Kinds) -> tuple[int, ...]:
    """Return the numbers of parts that together explain the whole, and without any of them do not.

    Returns () if all parts do not explain it.
    """
    if not explain(parts, whole):
        return ()
    needed = [*range(len(parts))]
    for number in range(len(parts)):
        fewer = [one for one in needed if one != number]
        if fewer and explain([parts[one] for one in fewer], whole):
            needed = fewer
    return tuple(needed)
