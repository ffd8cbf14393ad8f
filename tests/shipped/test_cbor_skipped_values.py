"""A value that fxamacker/cbor skips, since its key is a number: the entry for the key covers it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driftcheck.core.trace import Document, Step, Trace
from driftcheck.oracle.oracle import Verdict
from driftcheck.search.session import Session, open_session
from driftcheck_contracts.cbor import CborContract

REST = "6564656c7461006576616c7565fb0000000000000000626f6bf4646e616d656064626c6f6240646e6f7465f6626174f6"
REST += "64746167738065636f646573a0656c6576656c634c4f57"
BIGNUM = "c249010000000000000000"  # 2^64
TAGGED_TEXT = "c26161"  # a bignum must hold bytes


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_session(CborContract) as opened:
        yield opened


def verdict(session: Session, key: str, value: str) -> Verdict:
    """Judge a document whose first field has this key and value."""
    data = bytes.fromhex(f"ab{key}{value}{REST}")
    trace = Trace((Step("decode", (Document(data),)),))
    return session.oracle.confirm(trace, deadline_s=5.0, settle_s=0.0)


@pytest.mark.parametrize("value", ["00", BIGNUM, TAGGED_TEXT])
def test_a_value_under_a_number_is_skipped_whatever_it_is(session: Session, value: str) -> None:
    """The default mode accepts it, though no field could hold it; the crates reject the key."""
    shown = verdict(session, "00", value)

    assert shown.divergence is None
    assert [one.entry.id for one in shown.asymmetries] == ["number-for-a-name"]


def test_no_field_holds_a_bignum_past_64_bits(session: Session) -> None:
    """Under its name, all reject it, so that there is nothing to accept."""
    shown = verdict(session, "626964", BIGNUM)

    assert shown.divergence is None
    assert shown.asymmetries == ()
