"""The classes of refusal that the operations of the reconciliation contract share (R11.1)."""

from __future__ import annotations

from driftcheck import Rejection
from driftcheck_contracts.reconcile.records import Where

malformed = Rejection("the bytes are not what the layout says", detail=Where)
too_large = Rejection("a limit is passed", detail=Where)
too_far = Rejection("a schema that is no neighbour", detail=Where)
inconsistent = Rejection("no replica can hold this", detail=Where)
digest_mismatch = Rejection("the digest announced is not the one computed", retryable=True, detail=Where)
dot_conflict = Rejection("two replicas wrote as one", detail=Where)
clock_drift = Rejection("the peer's clock is too far ahead", retryable=True, detail=Where)
clock_overflow = Rejection("too many events in a millisecond", retryable=True, detail=Where)
interrupted = Rejection("something failed on the way", retryable=True, detail=Where)
absent = Rejection("the key has no visible value", detail=Where)
wrong_kind = Rejection("the key's policy is for other values", detail=Where)
overflow = Rejection("a counter would not fit", detail=Where)
not_acknowledged = Rejection("some member has not seen that much", retryable=True, detail=Where)
needs_schema = Rejection("the schema is too old for that", detail=Where)
