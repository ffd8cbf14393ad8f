"""
Blame: which subject is at fault if subjects differ.

The reference is never at fault. Without a reference, a subject that differs from two others is at
fault, unless these two are builds of one library. Otherwise nobody is blamed. Knows names only.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Electorate:
    """The subjects that are compared.

    Args:
        reference: the subject that is right where others differ from it, such as the model.
        builds: the library of each subject, by its name. Subjects of one library have one vote together.
    """

    reference: str | None = None
    builds: Mapping[str, str] = attrs.field(factory=dict)

    def at_fault(self, groups: Mapping[str, str]) -> tuple[str, ...]:
        """Return the subjects to blame.

        Args:
            groups: a word for what each subject answered, by its name; equal words are equal answers.
        """
        if len(groups) < 3:
            return ()
        if self.reference is not None and self.reference in groups:
            right = groups[self.reference]
            return tuple(name for name, group in groups.items() if group != right)
        votes: dict[str, set[str]] = {}  # the libraries that answered so
        for name, group in groups.items():
            votes.setdefault(group, set()).add(self.builds.get(name, name))
        if len(votes) != 2:
            return ()
        few, many = sorted(votes, key=lambda group: len(votes[group]))
        if len(votes[few]) != 1 or len(votes[many] - votes[few]) < 2:
            return ()
        return tuple(name for name, group in groups.items() if group == few)
