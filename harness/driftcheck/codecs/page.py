"""
The reference page of all mutations, made from their docstrings.

`python -m driftcheck.codecs.page` prints it. The repository contains it as docs/reference/mutations.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from driftcheck.codecs.cbor import fields as cbor_fields
from driftcheck.codecs.cbor import forms as cbor_forms
from driftcheck.codecs.cbor import swaps as cbor_swaps
from driftcheck.codecs.cbor import syntax as cbor_syntax
from driftcheck.codecs.cbor import untyped as cbor_untyped
from driftcheck.codecs.generic.blocks import BLOCKS
from driftcheck.codecs.generic.digits import DIGITS
from driftcheck.codecs.generic.field_mutations import FIELDS as GENERIC_FIELDS
from driftcheck.codecs.generic.forms import FORMS
from driftcheck.codecs.generic.lengths import LENGTHS
from driftcheck.codecs.generic.mutation import GenericMutation
from driftcheck.codecs.generic.tokens import TOKENS
from driftcheck.codecs.identifier_text import uuid_mutations
from driftcheck.codecs.json.base64 import BASE64
from driftcheck.codecs.json.fields import FIELDS
from driftcheck.codecs.json.maps import MAPS
from driftcheck.codecs.json.numbers import NUMBERS
from driftcheck.codecs.json.strings import STRINGS
from driftcheck.codecs.json.swaps import SWAPS
from driftcheck.codecs.json.syntax import SYNTAX
from driftcheck.codecs.json.versions import VERSIONS
from driftcheck.codecs.number.mutations import decimal_mutations, integer_mutations
from driftcheck.codecs.rfc3339.clock import CLOCK
from driftcheck.codecs.rfc3339.date import DATE
from driftcheck.codecs.rfc3339.form import FORM
from driftcheck.codecs.rfc3339.offset import OFFSET
from driftcheck.codecs.semver.mutations import CORE
from driftcheck.codecs.semver.range_mutations import CLAUSES, JOINTS
from driftcheck.codecs.semver.suffix import LEGAL, SUFFIX
from driftcheck.core.mutation import Mutation
from driftcheck.core.raw_mutations import raw_mutations, text_mutations

_HEAD = """\
# Mutations

A mutation breaks a document in one way and has a name.
A codec finds features in any bytes, however they were made, and names them like the mutations.
The cause of a finding and the `feature` of an asymmetry are such names.
If a mutation finds nothing to break in a document, it has no effect, and driftcheck does not count it.
Some mutations keep a document legal, but in a form that no writer chooses; such a form is also a feature.

`python -m driftcheck.codecs.page` prints this page.
"""
_SECTIONS: tuple[tuple[str, Sequence[Mutation | GenericMutation]], ...] = (
    ("JSON: fields", FIELDS),
    ("JSON: versions of a message", VERSIONS),
    ("JSON: maps, unions and enumerations", MAPS),
    ("JSON: one kind of value for another", SWAPS),
    ("JSON: numbers", NUMBERS),
    ("JSON: strings and literals", STRINGS),
    ("JSON: bytes", BASE64),
    ("JSON: syntax", SYNTAX),
    ("CBOR: fields and keys", cbor_fields.FIELDS),
    ("CBOR: one kind of item for another", cbor_swaps.SWAPS),
    ("CBOR: the same item in another form", cbor_forms.cbor_form_mutations),
    ("CBOR: syntax, and values without a meaning", cbor_syntax.cbor_syntax_mutations),
    ("CBOR without a type: keys", cbor_untyped.UNTYPED_MAPS),
    ("Versions: the three numbers", CORE),
    ("Versions: pre-release and build", SUFFIX),
    ("Versions: legal but unusual forms", LEGAL),
    ("Requirements of versions: separators of comparators", JOINTS),
    ("Requirements of versions: comparators", CLAUSES),
    ("Whole numbers in text: `integer_mutations`", integer_mutations),
    (
        "Decimals in text: `decimal_mutations`, beside those of whole numbers",
        [m for m in decimal_mutations if m not in integer_mutations],
    ),
    ("UUIDs in text: `uuid_mutations`", uuid_mutations),
    ("RFC 3339: date", DATE),
    ("RFC 3339: time of day", CLOCK),
    ("RFC 3339: offset", OFFSET),
    ("RFC 3339: the whole timestamp", FORM),
    ("Text of any format, in every `TextCodec`: tokens", TOKENS),
    ("Text of any format, in every `TextCodec`: numbers", DIGITS),
    ("Text of any format, in every `TextCodec`: forms of the same text", FORMS),
    ("Bytes of any format, in every `BinaryCodec`: lengths", LENGTHS),
    ("Bytes of any format, in every `BinaryCodec`: tags and blocks", BLOCKS),
    ("Bytes of any format, in every `BinaryCodec`: fields that documents name", GENERIC_FIELDS),
    ("Text, for your own codecs: `text_mutations`", text_mutations),
    ("Bytes, for your own codecs: `raw_mutations`", raw_mutations),
)


def page() -> str:
    """Return the page as Markdown."""
    return _HEAD + "".join(_section(title, mutations) for title, mutations in _SECTIONS)


def _section(title: str, mutations: Sequence[Mutation | GenericMutation]) -> str:
    rows = "".join(f"| `{m.name}` | {m.doc} |\n" for m in mutations)
    return f"\n## {title}\n\n| name | what it does |\n|---|---|\n{rows}"


if __name__ == "__main__":
    sys.stdout.write(page())
