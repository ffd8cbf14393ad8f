"""Files of other fuzzers: what their documents are."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcheck.campaign.foreign import NotGo, documents_below, documents_of


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ('[]byte("{\\"a\\":1}")', [b'{"a":1}']),
        ('string("\\x00\\xff\\a\\b\\f\\n\\r\\t\\v\\\\")', [b"\x00\xff\a\b\f\n\r\t\v\\"]),
        ('string("\\u00e9\\U0001f600\\101")', ["é\U0001f600A".encode()]),
        ('string(`raw \\n "text"`)', [b'raw \\n "text"']),
        ('[]byte("one")\nint(7)\nbool(true)\nstring("two")', [b"one", b"two"]),
        ('string("é")', ["é".encode()]),
        ('[]byte("")', [b""]),
        ("int(1)", []),
    ],
)
def test_a_corpus_file_of_go_holds_documents(text: str, documents: list[bytes], tmp_path: Path) -> None:
    """Each []byte and string is a document; numbers and booleans are none."""
    path = tmp_path / "582528ddfad69eb5"
    path.write_text(f"go test fuzz v1\n{text}\n")

    assert documents_of(path) == documents


@pytest.mark.parametrize("literal", ['"\\q"', '"\\ud800"', '"\\777"', "'a'", '"open'])
def test_what_is_no_literal_of_go_is_refused(literal: str, tmp_path: Path) -> None:
    """The line is named, and nothing is guessed."""
    path = tmp_path / "broken"
    path.write_text(f'go test fuzz v1\nstring("fine")\nstring({literal})\n')

    with pytest.raises(NotGo, match="line 3"):
        documents_of(path)


@pytest.mark.parametrize("data", [b'{"a": 1}', b"", b"\xff\x00", b"go test fuzz v2\nstring()", b"go test"])
def test_any_other_file_is_one_document(data: bytes, tmp_path: Path) -> None:
    """The corpora of libFuzzer and cargo-fuzz are plain files."""
    path = tmp_path / "seed"
    path.write_bytes(data)

    assert documents_of(path) == [data]


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    """A folder is read with those below it, and without what a tool keeps there for itself."""
    for name in ("a", "below/b", ".git/c", ".d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    assert [path.name for path in documents_below(tmp_path)] == ["a", "b"]
