"""Binary documents are shown in hex, with an aligned column of text."""

from __future__ import annotations

import pytest

from driftcheck.values.hex_dump import hex_dump, is_binary


def test_bytes_stand_above_each_other() -> None:
    """A line has its position, two groups of eight bytes and their text, always in the same columns."""
    lines = hex_dump(b"\xa2bid\x01enote\x00abc" + b"def\xff")

    assert lines == [
        "0000  a2 62 69 64 01 65 6e 6f  74 65 00 61 62 63 64 65  .bid.enote.abcde",
        "0010  66 ff                                             f.",
    ]


def test_the_middle_of_a_long_document_is_left_out() -> None:
    """Sixteen lines at most, the first twelve and the last four."""
    lines = hex_dump(bytes(1000))

    assert len(lines) == 17
    assert lines[12] == "(752 bytes omitted)"
    assert lines[13].startswith("03b0  00")
    assert lines[16] == "03e0  " + "00 " * 7 + "00" + " " * 27 + "........"


@pytest.mark.parametrize(
    ("data", "binary"),
    [
        (b"", False),
        (b'{"name": "\xff"}', False),
        ("漢字 и буквы".encode(), False),
        (b"a\tb\r\nc", False),
        (b"\x00", True),
        (b"\xa2bid\x01\x02", True),
    ],
)
def test_what_is_binary(data: bytes, binary: bool) -> None:
    """A document is binary if an eighth of it cannot be shown; one odd byte of a text is no reason."""
    assert is_binary(data) == binary
