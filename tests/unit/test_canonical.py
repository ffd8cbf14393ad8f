"""The strict reader accepts the one canonical form and refuses every other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.values.canonical import NotCanonical, check_canonical
from driftcheck.values.encoding import dumps

KEYS = st.integers(0, 2**64 - 1) | st.text(max_size=4)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.binary(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4).map(
            lambda d: {k: d[k] for k in sorted(d, key=dumps)},
        )
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_what_we_write_is_canonical(plain: object) -> None:
    """What `dumps` writes, keys in their order, is accepted whole."""
    check_canonical(dumps(plain))


@pytest.mark.parametrize(
    "data",
    [
        "",  # nothing
        "0000",  # two items
        "1817",  # 23 in two bytes
        "190018",  # 24 in three bytes
        "1a00000018",
        "1b0000000000000018",
        "18",  # cut off
        "9fff",  # indefinite
        "5f4100ff",
        "f93c00",  # a half float
        "fa3f800000",
        "f7",  # undefined
        "e0",
        "f818",
        "c100",  # a tag
        "d9646300",  # our tag around no bytes
        "61ff",  # no UTF-8
        "6261",  # a length past the end
        "a200000000",  # a key twice
        "a201000000",  # keys out of order
        "1c",
        "81" * 70 + "00",  # too deep
    ],
)
def test_other_forms_are_refused(data: str) -> None:
    """Each way to leave the canonical form is refused."""
    with pytest.raises(NotCanonical):
        check_canonical(bytes.fromhex(data))


def test_our_tag_is_known() -> None:
    """Text of Go that is not UTF-8 travels under one tag, and floats in eight bytes."""
    check_canonical(bytes.fromhex("82d9646341fffb7ff8000000000000"))
