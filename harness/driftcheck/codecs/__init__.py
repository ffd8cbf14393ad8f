"""
The codecs that ship, and what authors of codecs import: `Codec`, mutations, and the features of text.

A format of several modules is a package. Modules beside the packages have what several formats need.
Each name is imported when it is first used, so that a contract imports only the codecs that it names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftcheck.codecs.cbor import Cbor, DeterministicCbor, UntypedCbor
    from driftcheck.codecs.cbor.forms import cbor_form_mutations
    from driftcheck.codecs.cbor.syntax import cbor_syntax_mutations
    from driftcheck.codecs.generic import BinaryCodec, TextCodec
    from driftcheck.codecs.identifier_text import UuidText, uuid_features, uuid_mutations
    from driftcheck.codecs.json import Json
    from driftcheck.codecs.json.any_value import JsonValue
    from driftcheck.codecs.json.value import JsonNumber
    from driftcheck.codecs.number import DecimalText, IntegerText
    from driftcheck.codecs.number.features import number_features
    from driftcheck.codecs.number.mutations import decimal_mutations, integer_mutations
    from driftcheck.codecs.rfc3339 import Rfc3339
    from driftcheck.codecs.semver import LegalSemver, SemverText
    from driftcheck.codecs.semver.ranges import SemverRange
    from driftcheck.core.codec import Codec
    from driftcheck.core.mutation import Draw, Mutation, giant, mutation
    from driftcheck.core.raw_mutations import plain_text, raw_mutations, text_features, text_mutations
    from driftcheck.core.types import Type

__all__ = [
    "BinaryCodec",
    "Cbor",
    "Codec",
    "DecimalText",
    "DeterministicCbor",
    "Draw",
    "IntegerText",
    "Json",
    "JsonNumber",
    "JsonValue",
    "LegalSemver",
    "Mutation",
    "Rfc3339",
    "SemverRange",
    "SemverText",
    "TextCodec",
    "Type",
    "UntypedCbor",
    "UuidText",
    "cbor_form_mutations",
    "cbor_syntax_mutations",
    "decimal_mutations",
    "giant",
    "integer_mutations",
    "mutation",
    "number_features",
    "plain_text",
    "raw_mutations",
    "text_features",
    "text_mutations",
    "uuid_features",
    "uuid_mutations",
]

_MODULES = {
    "codecs.cbor": ("Cbor", "DeterministicCbor", "UntypedCbor"),
    "codecs.cbor.forms": ("cbor_form_mutations",),
    "codecs.cbor.syntax": ("cbor_syntax_mutations",),
    "codecs.generic": ("BinaryCodec", "TextCodec"),
    "codecs.identifier_text": ("UuidText", "uuid_features", "uuid_mutations"),
    "codecs.json": ("Json",),
    "codecs.json.any_value": ("JsonValue",),
    "codecs.json.value": ("JsonNumber",),
    "codecs.number": ("DecimalText", "IntegerText"),
    "codecs.number.features": ("number_features",),
    "codecs.number.mutations": ("decimal_mutations", "integer_mutations"),
    "codecs.rfc3339": ("Rfc3339",),
    "codecs.semver": ("LegalSemver", "SemverText"),
    "codecs.semver.ranges": ("SemverRange",),
    "core.codec": ("Codec",),
    "core.mutation": ("Draw", "Mutation", "giant", "mutation"),
    "core.raw_mutations": ("plain_text", "raw_mutations", "text_features", "text_mutations"),
    "core.types": ("Type",),
}
_MODULE_OF = {name: f"driftcheck.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
