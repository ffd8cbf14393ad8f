"""
Finds where Go and Rust implementations of the same contract behave differently.

Exports what authors of contracts import, including the codecs. `driftcheck.codecs` has what you need for your
own codec, and `driftcheck.plugins` what you need for a plugin.
"""

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
from driftcheck.core.payload import Handle, Payload
from driftcheck.testing.marker import ContractTest, test

if TYPE_CHECKING:
    from driftcheck.codecs import (
        Cbor,
        DecimalText,
        DeterministicCbor,
        IntegerText,
        Json,
        JsonValue,
        LegalSemver,
        Rfc3339,
        SemverRange,
        SemverText,
        UntypedCbor,
        UuidText,
    )
    from driftcheck.generate.strategy import traces

__all__ = [
    "I64",
    "U64",
    "Cbor",
    "Closing",
    "Contract",
    "ContractTest",
    "DecimalText",
    "DeterministicCbor",
    "Fault",
    "Handle",
    "IntegerText",
    "Json",
    "JsonValue",
    "LegalSemver",
    "Payload",
    "Peer",
    "Rejection",
    "Rfc3339",
    "SchemaVersions",
    "SemverRange",
    "SemverText",
    "Skip",
    "StepRejected",
    "Steps",
    "UntypedCbor",
    "UuidText",
    "and_",
    "backward",
    "corpus",
    "deep_iterable",
    "distinct",
    "flag",
    "ge",
    "generated",
    "gt",
    "in_",
    "invariant",
    "law",
    "le",
    "lt",
    "matches_re",
    "max_len",
    "min_len",
    "names",
    "nan_equal",
    "neighbours",
    "operation",
    "optional",
    "query",
    "schema_of",
    "schema_version",
    "shared",
    "since",
    "test",
    "traces",
    "unordered",
    "until",
]

_CODECS = (
    "Cbor",
    "DecimalText",
    "DeterministicCbor",
    "IntegerText",
    "Json",
    "JsonValue",
    "LegalSemver",
    "Rfc3339",
    "SemverRange",
    "SemverText",
    "UntypedCbor",
    "UuidText",
)
# A name is imported when it is first used: a contract must not wait for Hypothesis or for codecs of others.
_MODULE_OF = {**dict.fromkeys(_CODECS, "driftcheck.codecs"), "traces": "driftcheck.generate.strategy"}


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
