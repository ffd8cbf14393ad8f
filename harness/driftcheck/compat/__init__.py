"""
Two exports of one contract compared: what the new one breaks, whom, and a witness for it.

An export is read (`exported`), its types are built again (`rebuild`); the types at each place are held
against each other (`values`, by `gaps`), and so is what can be called (`calls`) and what was kept (`kept`).
Knows nothing of subjects: nothing is built or run.
"""

from __future__ import annotations

import attrs

from driftcheck.compat import calls, kept, notes, values
from driftcheck.compat.changes import Change, Compatible, merged
from driftcheck.compat.exported import Exported, ExportError


@attrs.frozen(eq=False)
class Compared:
    """What came of a comparison."""

    old: Exported
    new: Exported
    breaks: tuple[Change, ...]
    notes: tuple[Change, ...]
    compatible: tuple[Compatible, ...]


def compare(
    old: Exported, new: Exported, at_hand: kept.Kept | None = None, *, present: str | None = None
) -> Compared:
    """Compare two exports of one contract.

    Args:
        at_hand: the files that were kept; without them rules tell what would not fit.
        present: the digest of what the contract says here and now, where it is at hand.

    Raises:
        ExportError: they are of two contracts.
    """
    if old.name != new.name:
        raise ExportError(
            new.path,
            f"it is of the contract {new.name!r}, and {old.path} of {old.name!r}; give two of one contract",
        )
    found = [
        *calls.broken(old, new),
        *values.broken(old, new),
        *kept.broken(old, new, at_hand or kept.Kept()),
    ]
    broken = merged(c for c in found if c.whom is not None)
    told = merged([*(c for c in found if c.whom is None), *notes.notes(old, new, present)])
    return Compared(old, new, tuple(broken), tuple(told), tuple(notes.compatible(old, new, broken)))
