"""
The reference page of all mutations, made from their own words.

`python -m driftcheck.codecs.page` prints it; it is checked in as docs/reference/mutations.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from driftcheck.codecs.json_base64 import BASE64
from driftcheck.codecs.json_fields import FIELDS
from driftcheck.codecs.json_maps import MAPS
from driftcheck.codecs.json_numbers import NUMBERS
from driftcheck.codecs.json_strings import STRINGS
from driftcheck.codecs.json_swaps import SWAPS
from driftcheck.codecs.json_syntax import SYNTAX
from driftcheck.codecs.json_versions import VERSIONS
from driftcheck.codecs.mutation import Mutation
from driftcheck.codecs.raw import raw_mutations, text_mutations

_HEAD = """\
# Mutations

A mutation breaks a document in one way and has a name.
The codec's `features` tells the same names from the bytes alone, however they were made:
a finding's cause and an asymmetry's `feature` are such names.
A mutation that finds nothing to break has no effect and is not counted.
Some are legal JSON that a writer would not choose; what is odd about it still has its name.

This page is printed by `python -m driftcheck.codecs.page`.
"""
_SECTIONS: tuple[tuple[str, Sequence[Mutation]], ...] = (
    ("JSON: fields", FIELDS),
    ("JSON: versions of a message", VERSIONS),
    ("JSON: maps, unions and enumerations", MAPS),
    ("JSON: one kind of value for another", SWAPS),
    ("JSON: numbers", NUMBERS),
    ("JSON: strings and literals", STRINGS),
    ("JSON: bytes", BASE64),
    ("JSON: syntax", SYNTAX),
    ("Text, for codecs of one's own: `text_mutations`", text_mutations),
    ("Bytes, for codecs of one's own: `raw_mutations`", raw_mutations),
)


def page() -> str:
    """Return the page as Markdown."""
    return _HEAD + "".join(_section(title, mutations) for title, mutations in _SECTIONS)


def _section(title: str, mutations: Sequence[Mutation]) -> str:
    rows = "".join(f"| `{m.name}` | {m.doc} |\n" for m in mutations)
    return f"\n## {title}\n\n| name | what it does |\n|---|---|\n{rows}"


if __name__ == "__main__":
    sys.stdout.write(page())
