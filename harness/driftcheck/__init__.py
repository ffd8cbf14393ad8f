"""Proves that two implementations of the same thing, one in Go and one in Rust, behave the same."""

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

from driftcheck.codecs.codec import Codec, Mutation
from driftcheck.codecs.json import Json
from driftcheck.codecs.json_any import JsonValue
from driftcheck.codecs.mutation import mutation
from driftcheck.codecs.raw import raw_mutations, text_features, text_mutations
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.words import (
    I64,
    U64,
    Closing,
    Handle,
    Payload,
    Rejection,
    Skip,
    StepRejected,
    Steps,
    generated,
    invariant,
    law,
    names,
    nan_equal,
    operation,
    query,
    seeds,
    unordered,
)
from driftcheck.testing.marker import ContractTest, test

if TYPE_CHECKING:
    from driftcheck.generate.strategy import traces

__all__ = [
    "I64",
    "U64",
    "Closing",
    "Codec",
    "Contract",
    "ContractTest",
    "Handle",
    "Json",
    "JsonValue",
    "Mutation",
    "Payload",
    "Rejection",
    "Skip",
    "StepRejected",
    "Steps",
    "and_",
    "deep_iterable",
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
    "mutation",
    "names",
    "nan_equal",
    "operation",
    "optional",
    "query",
    "raw_mutations",
    "schema_of",
    "seeds",
    "test",
    "text_features",
    "text_mutations",
    "traces",
    "unordered",
]


def __getattr__(name: str) -> Any:
    """Import the strategy when it is asked for: importing a contract must not wait for Hypothesis."""
    if name == "traces":
        from driftcheck.generate.strategy import traces

        return traces
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
