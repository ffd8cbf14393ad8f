"""The corpus of a contract: what is kept, what is removed, what is drawn, and what survives a kill."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from driftcheck.campaign import corpus as corpora
from driftcheck.campaign.corpus import DOCUMENTS, FOLDER, INDEX, Candidate, Corpus, opened
from driftcheck.campaign.cover import Item, cover
from driftcheck.campaign.errors import CorpusInUse


def candidate(data: str, *shows: str) -> Candidate:
    """Return a document that shows these things."""
    return Candidate(DOCUMENTS, data.encode(), frozenset(shows))


def test_an_entry_must_show_something_new(tmp_path: Path) -> None:
    """A candidate that shows only what others show is not kept."""
    with opened(tmp_path, "toy") as corpus:
        kept = [corpus.add(candidate("a", "one", "two")), corpus.add(candidate("b", "two"))]
        kept.append(corpus.add(candidate("c", "two", "three")))

    assert kept == [True, False, True]
    assert sorted(path.read_text() for path in (tmp_path / FOLDER / "toy" / DOCUMENTS).iterdir()) == [
        "a",
        "c",
    ]


def test_entries_share_the_texts_of_what_they_show(tmp_path: Path) -> None:
    """Each worker sends texts of its own; thousands of entries with thousands of texts each need memory."""
    with opened(tmp_path, "toy") as corpus:
        for data in ("a", "b"):
            corpus.add(pickle.loads(pickle.dumps(candidate(data, "a thing of both", f"a thing of {data}"))))
        corpus.note(candidate("a").name, pickle.loads(pickle.dumps(frozenset({"a thing of both"}))))
        corpus.save_index()
        entries = [*corpus.entries.values(), *Corpus(tmp_path, "toy").entries.values()]

    shown = [thing for entry in entries for thing in entry.shows]
    assert len({id(thing) for thing in shown}) == len(set(shown)) == 2


def test_an_entry_is_named_by_its_content(tmp_path: Path) -> None:
    """The same bytes are one file, and one entry."""
    with opened(tmp_path, "toy") as corpus:
        first = corpus.add(candidate("a", "one"))
        again = corpus.add(candidate("a", "two"))

    assert (first, again) == (True, False)
    assert [*corpus.entries] == [candidate("a").name]


def test_a_corpus_comes_back_as_it_was(tmp_path: Path) -> None:
    """The next process knows the entries, what each shows, and when it was kept."""
    with opened(tmp_path, "toy") as before:
        before.add(candidate("a", "one", "two"))
        before.add(candidate("b", "three"))

    after = Corpus(tmp_path, "toy")
    assert after.things == {"one", "two", "three"}
    assert {name: entry.shows for name, entry in after.entries.items()} == {
        name: entry.shows for name, entry in before.entries.items()
    }


@pytest.mark.parametrize(
    "index", [None, "", "{", "[]", '{"driftcheck_corpus": 1, "things": [], "entries": {"a": {"shows": [7]}}}']
)
def test_a_lost_index_loses_no_entry(index: str | None, tmp_path: Path) -> None:
    """Without a usable index the files are still entries, which wait to be run."""
    with opened(tmp_path, "toy") as before:
        before.add(candidate("a", "one"))
    path = tmp_path / FOLDER / "toy" / INDEX
    path.unlink()
    if index is not None:
        path.write_text(index)

    with opened(tmp_path, "toy") as after:
        assert [*after.entries] == [*before.entries]
        assert after.things == set()


def test_what_was_half_written_is_removed(tmp_path: Path) -> None:
    """A killed process leaves no entry that is half written, and no file of its own."""
    with opened(tmp_path, "toy") as corpus:
        corpus.add(candidate("a", "one"))
    half = tmp_path / FOLDER / "toy" / DOCUMENTS / ".0123.tmp"
    half.write_text("ha")
    (tmp_path / FOLDER / "toy" / ".folder.tmp").mkdir()

    with opened(tmp_path, "toy") as corpus:
        assert len(corpus) == 1
        assert not half.exists()


def test_a_corpus_has_one_writer(tmp_path: Path) -> None:
    """A second campaign on the same corpus is refused with a sentence."""
    says = "another campaign uses this corpus"
    with opened(tmp_path, "toy"), pytest.raises(CorpusInUse, match=says), opened(tmp_path, "toy"):
        pass


def test_a_full_corpus_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never has more entries or bytes than its bounds, and counts what it refused."""
    monkeypatch.setattr(corpora, "MOST_ENTRIES", 3)
    with opened(tmp_path, "many") as corpus:
        for number in range(5):
            corpus.add(candidate(str(number), str(number)))
    monkeypatch.setattr(corpora, "MOST_BYTES", 10)
    with opened(tmp_path, "large") as other:
        for letter in "ab":
            other.add(candidate(letter * 6, letter))

    assert (len(corpus), corpus.refused) == (3, 2)
    assert (len(other), other.refused) == (1, 1)


def test_minimising_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    """Entries of which others show everything are removed, and their files too."""
    with opened(tmp_path, "toy") as corpus:
        corpus.add(candidate("long" * 100, "one"))
        corpus.add(candidate("short", "one", "two"))
        corpus.add(candidate("other", "three"))
        things = set(corpus.things)

        assert corpus.minimise() == 1
        assert corpus.things == things
        assert {(corpus.folder / name).read_text() for name in corpus.entries} == {"short", "other"}
        assert len([*(corpus.folder / DOCUMENTS).iterdir()]) == 2


def test_an_entry_that_was_not_run_is_not_minimised(tmp_path: Path) -> None:
    """What was imported stays until a campaign has run it."""
    with opened(tmp_path, "toy") as corpus:
        corpus.add(candidate("a", "one"))
        corpus.add(candidate("b"), if_new=False)

        assert corpus.minimise() == 0
        assert len(corpus) == 2


def test_the_cover_prefers_short_entries() -> None:
    """Of two entries that show the same, the shorter one is chosen; of others, all that are needed."""
    items = {
        "long": Item(900, {"a", "b"}),
        "short": Item(30, {"a", "b"}),
        "more": Item(100, {"b", "c"}),
        "part": Item(10, {"c"}),
    }

    assert cover(items, most=9, most_bytes=10_000) == ["short", "part"]


def test_the_cover_keeps_within_its_bounds() -> None:
    """It chooses no more entries and bytes than it may."""
    items = {str(number): Item(10, {str(number)}) for number in range(9)}

    assert len(cover(items, most=4, most_bytes=10_000)) == 4
    assert len(cover(items, most=9, most_bytes=35)) == 3


def test_rare_entries_are_drawn_more_often(tmp_path: Path) -> None:
    """An entry that shows something seen once is drawn more often than one of things seen all the time."""
    with opened(tmp_path, "toy") as corpus:
        for number in range(10):
            corpus.add(candidate(f"common{number}", f"common{number}"))
        corpus.add(candidate("rare", "common0", "rare"))
    times = {**{f"common{number}": 50 for number in range(10)}, "rare": 1}
    drawn: Counter[str] = Counter()
    for seed in range(200):
        drawn.update(corpus.sample({DOCUMENTS: 2, "traces": 2}, times, Random(seed)))

    rare = drawn.pop(candidate("rare").name)
    assert rare > 180
    assert max(drawn.values()) < 100


def test_a_stranger_s_index_names_no_other_file(tmp_path: Path) -> None:
    """An index that names a file outside the corpus makes no entry of it."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / FOLDER / "toy"
    folder.mkdir(parents=True)
    entries = {"../../../secret": {"since": 0, "shows": []}, "/etc/passwd": {"since": 0, "shows": []}}
    (folder / INDEX).write_text(json.dumps({"driftcheck_corpus": 1, "things": [], "entries": entries}))

    with opened(tmp_path, "toy") as corpus:
        corpus.minimise()
        corpus.drop(["../../../secret"])

    assert corpus.entries == {}
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("since", ["1e300", "NaN", "Infinity", "1" + "0" * 400, "null"])
def test_an_entry_without_a_real_time_has_that_of_its_file(since: str, tmp_path: Path) -> None:
    """The time could not be shown as a date."""
    with opened(tmp_path, "toy") as corpus:
        corpus.add(candidate("a", "one"))
    name = candidate("a").name
    entry = f'{{"since": {since}, "shows": []}}'
    text = f'{{"driftcheck_corpus": 1, "things": [], "entries": {{"{name}": {entry}}}}}'
    (tmp_path / FOLDER / "toy" / INDEX).write_text(text)

    assert Corpus(tmp_path, "toy").last_new == (tmp_path / FOLDER / "toy" / name).stat().st_mtime


def test_a_folder_that_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    """An empty corpus in its place would hide what is wrong."""
    (tmp_path / FOLDER / "toy").mkdir(parents=True)
    (tmp_path / FOLDER / "toy" / DOCUMENTS).symlink_to(DOCUMENTS)

    with pytest.raises(OSError, match="symbolic links"):
        Corpus(tmp_path, "toy")


def test_an_entry_shows_what_a_later_candidate_of_its_name_shows(tmp_path: Path) -> None:
    """A document may show an outcome in one turn, and blocks that ran in another."""
    with opened(tmp_path, "toy") as corpus:
        assert corpus.add(candidate("a", "one"))
        assert not corpus.add(candidate("a", "two"))
        (entry,) = corpus.entries.values()

    assert entry.shows == corpus.things == {"one", "two"}
