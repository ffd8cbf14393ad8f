"""
The corpus of a contract: traces and documents that showed something new. Each is a file, and stays.

docs/reference/corpus.md is normative. The files alone matter: a campaign makes the index beside them
again when it runs them. Knows files and what they show. Runs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import attrs

from driftcheck.campaign.cover import Item, cover
from driftcheck.campaign.errors import CorpusInUse
from driftcheck.core.files import Absent, Unreadable, names_in, read_text
from driftcheck.core.output_file import replace_file
from driftcheck.core.units import is_moment

FOLDER = Path(".driftcheck") / "corpus"  # under the root of a project; a folder for each contract
TRACES, DOCUMENTS = "traces", "documents"  # the two kinds of entries, a folder each
INDEX = "index.json"
FORMAT = 1
MOST_ENTRIES = 2_000  # of a contract
MOST_BYTES = 32 << 20  # of all files of a contract
MOST_INDEX_BYTES = 64 << 20  # of an index that is read
DIGITS = 16  # of a name, which is the beginning of a SHA-256


@attrs.frozen
class Candidate:
    """What may become an entry."""

    kind: str  # TRACES or DOCUMENTS
    data: bytes  # of its file
    shows: frozenset[str]

    @property
    def name(self) -> str:
        """Return the name of its file, below the folder of the contract."""
        digest = hashlib.sha256(self.data).hexdigest()[:DIGITS]
        return f"{self.kind}/{digest}" + (".json" if self.kind == TRACES else "")


@attrs.frozen
class Entry:
    """A file of a corpus, and what is known of it."""

    name: str  # "traces/…" or "documents/…"
    size: int
    since: float  # when it was kept, in seconds since the epoch
    shows: frozenset[str] = frozenset()  # nothing: no campaign has run it yet

    @property
    def is_document(self) -> bool:
        """Say whether it is a document, and not a trace."""
        return self.name.startswith(f"{DOCUMENTS}/")


class Corpus:
    """The entries of one contract. `opened` gives it to one process at a time."""

    def __init__(self, root: Path, contract: str) -> None:
        self.contract = contract
        self.folder = root / FOLDER / contract
        self.entries: dict[str, Entry] = {}
        self.things: set[str] = set()  # all that entries show
        self.refused = 0  # candidates for which the corpus was too full
        self._is_changed = False
        self._read()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(entry.size for entry in self.entries.values())

    @property
    def last_new(self) -> float | None:
        """Return when the latest entry was kept."""
        return max((entry.since for entry in self.entries.values()), default=None)

    def add(self, candidate: Candidate, *, if_new: bool = True) -> bool:
        """Keep a candidate in its file; return whether it was kept.

        Args:
            if_new: only if it shows what no entry shows.
        """
        name, shows = candidate.name, _shared(candidate.shows)
        entry = self.entries.get(name)
        if entry is not None:
            self.note(name, entry.shows | shows)
            self.things |= shows
            return False
        if if_new and shows <= self.things:
            return False
        if len(self) >= MOST_ENTRIES or self.size + len(candidate.data) > MOST_BYTES:
            self.refused += 1
            return False
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, candidate.data)
        self.entries[name] = Entry(name, len(candidate.data), time.time(), shows)
        self.things |= shows
        self._is_changed = True
        return True

    def note(self, name: str, shows: frozenset[str]) -> None:
        """Note what an entry has shown when it was run again."""
        entry = self.entries.get(name)
        if entry is not None and entry.shows != shows:
            self.entries[name] = attrs.evolve(entry, shows=_shared(shows))
            self._is_changed = True

    def drop(self, names: Iterable[str]) -> None:
        """Remove entries and their files."""
        for name in names:
            if self.entries.pop(name, None) is not None:
                (self.folder / name).unlink(missing_ok=True)
                self._is_changed = True
        self.things = set().union(*(entry.shows for entry in self.entries.values()))

    def minimise(self) -> int:
        """Remove the entries that show nothing more than others do; return how many.

        Entries that no campaign has run yet stay.
        """
        known = {name: Item(entry.size, entry.shows) for name, entry in self.entries.items() if entry.shows}
        kept = cover(known, most=MOST_ENTRIES, most_bytes=MOST_BYTES)
        removed = known.keys() - set(kept)
        self.drop(removed)
        return len(removed)

    def sample(self, most: Mapping[str, int], times: Mapping[str, int], random: Random) -> list[str]:
        """Draw entries; the rarer the rarest thing that an entry shows, the more often it is drawn.

        Its weight is one over the number of times that this thing was seen in the campaign. Drawn without
        repetition (Efraimidis and Spirakis, *Weighted random sampling with a reservoir*, 2006).

        Args:
            most: how many of each kind.
            times: how often each thing was seen.
        """
        keys: dict[str, list[tuple[float, str]]] = {kind: [] for kind in most}
        for name, entry in self.entries.items():
            rarest = min((times.get(thing, 0) for thing in entry.shows), default=0)
            keys[name.partition("/")[0]].append((random.random() ** (1 + rarest), name))
        return [name for kind, drawn in keys.items() for _, name in sorted(drawn, reverse=True)[: most[kind]]]

    def rare(self) -> dict[str, int]:
        """Return, for each entry, how many things only it shows."""
        shown: dict[str, list[str]] = {}
        for name, entry in self.entries.items():
            for thing in entry.shows:
                shown.setdefault(thing, []).append(name)
        counts = dict.fromkeys(self.entries, 0)
        for names in shown.values():
            if len(names) == 1:
                counts[names[0]] += 1
        return counts

    def save_index(self) -> None:
        """Write what entries show, if it has changed. Raises OSError."""
        if not self._is_changed:
            return
        self._is_changed = False
        things = sorted(self.things)
        number = {thing: n for n, thing in enumerate(things)}
        entries = {
            name: {"since": round(entry.since, 3), "shows": sorted(number[thing] for thing in entry.shows)}
            for name, entry in sorted(self.entries.items())
        }
        data = {"driftcheck_corpus": FORMAT, "things": things, "entries": entries}
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self.folder / INDEX, (json.dumps(data, separators=(",", ":")) + "\n").encode())

    def remove_half_written(self) -> None:
        """Remove what a killed process left half written."""
        for left in self.folder.glob("**/.*.tmp"):
            if not left.is_dir():
                left.unlink(missing_ok=True)

    def _read(self) -> None:
        known = self._read_index()
        for kind in (TRACES, DOCUMENTS):
            for path in [self.folder / kind / name for name in names_in(self.folder / kind)]:
                if path.name.startswith(".") or not path.is_file():
                    continue
                name, status = f"{kind}/{path.name}", path.stat()
                since, shows = known.get(name, (status.st_mtime, frozenset()))
                self.entries[name] = Entry(name, status.st_size, since, shows)
                self.things |= shows

    def _read_index(self) -> dict[str, tuple[float, frozenset[str]]]:
        """Return when each entry was kept and what it shows; nothing if no index can be read."""
        try:
            data = json.loads(read_text(self.folder / INDEX, MOST_INDEX_BYTES))
            if data["driftcheck_corpus"] != FORMAT:
                return {}
            things = [sys.intern(str(thing)) for thing in data["things"]]
            return {
                str(name): (float(one["since"]), frozenset(things[n] for n in one["shows"]))
                for name, one in data["entries"].items()
                if is_moment(one["since"])
            }
        except (
            Absent,
            Unreadable,
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            AttributeError,
            RecursionError,
        ):
            return {}


def _shared(things: frozenset[str]) -> frozenset[str]:
    """Return these things as texts that all entries share: each worker sends its own, thousands at a time."""
    return frozenset(map(sys.intern, things))


@contextmanager
def opened(root: Path, contract: str) -> Iterator[Corpus]:
    """Open the corpus of a contract for writing; its index is written at the end.

    Raises:
        CorpusInUse: another process has opened it.
        OSError: its folder cannot be written.
    """
    folder = root / FOLDER / contract
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CorpusInUse(str(FOLDER / contract)) from None
        corpus = Corpus(root, contract)
        corpus.remove_half_written()
        try:
            yield corpus
        finally:
            corpus.save_index()
    finally:
        os.close(descriptor)


def contracts_with_corpus(root: Path) -> Sequence[str]:
    """Return the names of the contracts that have a corpus."""
    return [name for name in names_in(root / FOLDER) if (root / FOLDER / name).is_dir()]
