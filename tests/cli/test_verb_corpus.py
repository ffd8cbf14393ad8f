"""`driftcheck corpus`: what campaigns have kept, listed and exchanged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_toys import Call

from driftcheck.campaign.corpus import DOCUMENTS, FOLDER, TRACES, Candidate, Corpus, opened

TRACE = '{"opening":{"capacity":1},"steps":[{"operation":"walk"}]}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def documents(root: Path, contract: str = "json") -> list[bytes]:
    """Return the documents of a corpus, sorted."""
    return sorted(path.read_bytes() for path in (root / FOLDER / contract / DOCUMENTS).iterdir())


def test_documents_are_imported(driftcheck: Call, here: Path) -> None:
    """Each file of a folder is a document, once."""
    samples = here / "samples"
    (samples / "more").mkdir(parents=True)
    for name, text in (("a.json", '{"a": 1}'), ("b.json", "[1, 2]"), ("more/c.json", "[1, 2]")):
        (samples / name).write_text(text)
    said = driftcheck("corpus", "import", "json", "samples")

    assert (said.code, said.out) == (0, "2 entries taken; 1 known already\n")
    assert documents(here) == [b"[1, 2]", b'{"a": 1}']


def test_a_corpus_of_go_is_imported(driftcheck: Call, here: Path) -> None:
    """Its values are documents; a file that cannot be read is named and left out."""
    folder = here / "testdata" / "fuzz" / "FuzzJSON"
    folder.mkdir(parents=True)
    (folder / "582528ddfad69eb5").write_text('go test fuzz v1\n[]byte("{\\"a\\":\\x31}")\n')
    (folder / "771e938e4458e983").write_text("go test fuzz v1\nstring(`[]`)\nint(3)\n")
    (folder / "broken").write_text('go test fuzz v1\nstring("\\q")\n')
    said = driftcheck("corpus", "import", "json", "testdata")

    assert (said.code, said.out) == (0, "2 entries taken; 1 left out\n")
    assert documents(here) == [b"[]", b'{"a":1}']
    assert "broken: line 2: '\\\\q' is not an escape of Go; it is left out" in said.err


def test_a_corpus_is_exported_and_merged(driftcheck: Call, here: Path) -> None:
    """Another project takes the entries that fit, and knows them the second time."""
    with opened(here, "lru") as corpus:
        corpus.add(Candidate(TRACES, TRACE.encode(), frozenset({"walk accepted"})))
        corpus.add(Candidate(TRACES, b'{"steps":[{"operation":"fly"}]}', frozenset({"fly"})))
    exported = driftcheck("corpus", "export", "lru", "elsewhere")
    with opened(here, "lru") as corpus:
        corpus.drop([*corpus.entries])
    merged = driftcheck("corpus", "merge", "lru", "elsewhere")
    again = driftcheck("corpus", "merge", "lru", "elsewhere")

    assert exported.out == "2 entries written to elsewhere\n"
    assert merged.out == "1 entry taken; 1 does not fit the contract\n"
    assert again.out == "0 entries taken; 1 known already; 1 does not fit the contract\n"
    (entry,) = Corpus(here, "lru").entries.values()
    assert (here / FOLDER / "lru" / entry.name).read_text() == TRACE


def test_an_exported_corpus_is_not_imported(driftcheck: Call, here: Path) -> None:
    """Its traces would become documents, so the message names the verb that reads both."""
    for kind in (TRACES, DOCUMENTS):
        (here / "out" / kind).mkdir(parents=True)
    said = driftcheck("corpus", "import", "json", "out")

    assert said.code == 2
    assert "out: is a corpus of driftcheck; use 'driftcheck corpus merge'" in said.err


def test_a_corpus_is_listed(driftcheck: Call, here: Path) -> None:
    """One line for each contract; with a name also its entries, first those that show the most alone."""
    with opened(here, "lru") as corpus:
        corpus.add(Candidate(TRACES, TRACE.encode(), frozenset({"walk accepted"})))
        corpus.add(Candidate(TRACES, b'{"steps":[]}', frozenset({"get absent", "put accepted"})))
    all_ = driftcheck("corpus", "list")
    one = driftcheck("corpus", "list", "lru")
    data = json.loads(driftcheck("corpus", "list", "lru", "--json").out)

    assert all_.out.startswith("lru: 2 traces, 70 bytes, 3 behaviours shown, last new 2")
    assert "12 bytes, shows 2 behaviours, 2 that no other entry shows; get absent" in one.out.splitlines()[1]
    assert (
        "58 bytes, shows 1 behaviour, 1 that no other entry shows; walk accepted" in one.out.splitlines()[2]
    )
    assert [entry["shows"] for entry in data[0]["entries"]] == sorted(
        (entry["shows"] for entry in data[0]["entries"]),
        key=lambda one: data[0]["entries"][0]["shows"] != one,
    )


def test_a_corpus_is_minimised(driftcheck: Call, here: Path) -> None:
    """Entries that show only what others show are removed and counted."""
    with opened(here, "lru") as corpus:
        corpus.add(Candidate(TRACES, b"[1]" * 100, frozenset({"a"})))
        corpus.add(Candidate(TRACES, b"[2]", frozenset({"a", "b"})))
    said = driftcheck("corpus", "minimise", "lru")

    assert said.out == "1 of 2 entries removed; 3 of 303 bytes are left\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "nothing"), "no contract is named 'nothing'"),
        (("import", "json", "missing"), "missing: is not a folder; name the folder that holds the files"),
        (("import", "lru", "."), "the contract has no payload, so it takes no documents"),
        (("merge", "json", "."), ".: is not a corpus; name a folder with 'traces' or 'documents' in it"),
        (("minimise",), "Missing argument 'NAME'"),
    ],
)
def test_wrong_words_end_with_a_sentence(words: tuple[str, ...], says: str, driftcheck: Call) -> None:
    """Exit code 2 and one message."""
    said = driftcheck("corpus", *words)

    assert said.code == 2
    assert says in said.err


def test_no_corpus_is_said(driftcheck: Call) -> None:
    """An empty project is told how to make one."""
    assert (
        driftcheck("corpus", "list").out == "there is no corpus here; 'driftcheck campaign NAME' makes one\n"
    )


def test_a_document_that_is_too_large_is_left_out(driftcheck: Call, here: Path) -> None:
    """It is not read, so no memory is needed for it."""
    folder = here / "other" / DOCUMENTS
    folder.mkdir(parents=True)
    for name, size in (("large", 1 << 40), ("small", 3)):
        (folder / name).touch()
        os.truncate(folder / name, size)
    merged = driftcheck("corpus", "merge", "json", "other")
    (kept,) = (here / FOLDER / "json" / DOCUMENTS).iterdir()
    kept.with_name("large").touch()
    os.truncate(kept.with_name("large"), 1 << 40)
    exported = driftcheck("corpus", "export", "json", "out")

    assert (merged.code, merged.out) == (0, "1 entry taken; 1 left out\n")
    assert "large: is larger than 1 MiB, the limit" in merged.err
    assert (exported.code, exported.out) == (0, "1 entry written to out; 1 left out\n")
    assert "large: is larger than 32 MiB, the limit" in exported.err


def test_an_error_of_the_system_says_what_to_do(driftcheck: Call, here: Path) -> None:
    """It names the place, the reason and the next step."""
    with opened(here, "lru") as corpus:
        corpus.add(Candidate(TRACES, TRACE.encode(), frozenset({"walk accepted"})))
    (here / "out").write_text("a file")
    said = driftcheck("corpus", "export", "lru", "out")

    assert said.code == 2
    assert (
        "out/traces: Not a directory; check its path, its permissions, and the free space on its disk"
        in said.err
    )
