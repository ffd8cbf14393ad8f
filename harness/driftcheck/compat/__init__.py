"""
Compares two exports of one contract: what the new one breaks, for whom, and a witness for it.

`exported` reads an export, and `rebuild` builds its types again. `values` compares the types at each place by
means of `mismatches`, `calls` compares what can be called, and `saved_files` reads cases and asymmetries.
`harmless` finds the changes that break nothing. Knows nothing of subjects: nothing is built or run.
"""

from __future__ import annotations

import attrs

from driftcheck.compat import calls, harmless, saved_files, values
from driftcheck.compat.changes import Change, Compatible, merged
from driftcheck.compat.exported import Exported, ExportError
from driftcheck.core.author_code import work_on


@attrs.frozen(eq=False)
class Compared:
    """The result of a comparison."""

    old: Exported
    new: Exported
    breaks: tuple[Change, ...]
    notes: tuple[Change, ...]
    compatible: tuple[Compatible, ...]


def compare(
    old: Exported, new: Exported, at_hand: saved_files.SavedFiles | None = None, *, present: str | None = None
) -> Compared:
    """Compare two exports of one contract.

    Args:
        at_hand: the saved cases and asymmetries. Without them, rules tell what would no longer fit.
        present: the digest of the contract that is installed now, if there is one.

    Raises:
        ExportError: the exports are of two different contracts.
    """
    if old.name != new.name:
        raise ExportError(
            new.path,
            f"it is of the contract {new.name!r}, but {old.path} is of {old.name!r}; give two exports of "
            "one contract",
        )
    work_on(new.name)  # for the patterns in them
    found = [
        *calls.broken(old, new),
        *values.broken(old, new),
        *saved_files.broken(old, new, at_hand or saved_files.SavedFiles()),
    ]
    broken = merged(c for c in found if c.whom is not None)
    noted = merged([*(c for c in found if c.whom is None), *harmless.notes(old, new, present)])
    return Compared(old, new, tuple(broken), tuple(noted), tuple(harmless.compatible(old, new, broken)))
