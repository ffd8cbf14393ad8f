"""Proves that two implementations of the same thing, one in Go and one in Rust, behave the same."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs.validators import (
    and_,
    deep_iterable,
    ge,
    gt,
    in_,
    le,
    lt,
    matches_re,
    max_len,
    min_len,
    optional,
)

from driftcheck.codecs.cbor import Cbor, DeterministicCbor
from driftcheck.codecs.identifier_text import UuidText, uuid_features, uuid_mutations
from driftcheck.codecs.json import Json
from driftcheck.codecs.json.any_value import JsonValue
from driftcheck.codecs.number import DecimalText, IntegerText
from driftcheck.codecs.number.features import number_features
from driftcheck.codecs.number.mutations import decimal_mutations, integer_mutations
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.words import (
    I64,
    U64,
    Closing,
    Fault,
    Peer,
    Rejection,
    SchemaVersions,
    Skip,
    StepRejected,
    Steps,
    backward,
    corpus,
    distinct,
    flag,
    generated,
    invariant,
    law,
    names,
    nan_equal,
    neighbours,
    operation,
    query,
    schema_version,
    shared,
    since,
    unordered,
    until,
)
from driftcheck.core.codec import Codec, Mutation
from driftcheck.core.mutation import mutation
from driftcheck.core.payload import Handle, Payload
from driftcheck.core.raw_mutations import raw_mutations, text_features, text_mutations
from driftcheck.testing.marker import ContractTest, test

if TYPE_CHECKING:
    from driftcheck.codecs.rfc3339 import Rfc3339
    from driftcheck.generate.strategy import traces

__all__ = [
    "I64",
    "U64",
    "Cbor",
    "Closing",
    "Codec",
    "Contract",
    "ContractTest",
    "DecimalText",
    "DeterministicCbor",
    "Fault",
    "Handle",
    "IntegerText",
    "Json",
    "JsonValue",
    "Mutation",
    "Payload",
    "Peer",
    "Rejection",
    "Rfc3339",
    "SchemaVersions",
    "Skip",
    "StepRejected",
    "Steps",
    "UuidText",
    "and_",
    "backward",
    "corpus",
    "decimal_mutations",
    "deep_iterable",
    "distinct",
    "flag",
    "ge",
    "generated",
    "gt",
    "in_",
    "integer_mutations",
    "invariant",
    "law",
    "le",
    "lt",
    "matches_re",
    "max_len",
    "min_len",
    "mutation",
    "names",
    "nan_equal",
    "neighbours",
    "number_features",
    "operation",
    "optional",
    "query",
    "raw_mutations",
    "schema_of",
    "schema_version",
    "shared",
    "since",
    "test",
    "text_features",
    "text_mutations",
    "traces",
    "unordered",
    "until",
    "uuid_features",
    "uuid_mutations",
]


# Imported when asked for: importing a contract must not wait for Hypothesis, or for codecs of others.
_LATE = {"Rfc3339": "driftcheck.codecs.rfc3339", "traces": "driftcheck.generate.strategy"}


def __getattr__(name: str) -> Any:
    """Import what is seldom needed."""
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
