"""`driftcheck corpus`: list what campaigns have kept, make it smaller, and exchange it."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from driftcheck.campaign.corpus import (
    DOCUMENTS,
    FOLDER,
    MOST_BYTES,
    TRACES,
    Candidate,
    Corpus,
    contracts_with_corpus,
    opened,
)
from driftcheck.campaign.errors import CorpusError
from driftcheck.campaign.foreign import LARGEST, NotGo, documents_below, documents_of
from driftcheck.cli.campaign_notes import counted
from driftcheck.cli.named import contracts as installed_or_named
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.errors import UnknownContract
from driftcheck.core.files import Unreadable, read_file
from driftcheck.core.output_file import replace_file
from driftcheck.core.units import plural
from driftcheck.findings.case import read_as_far_as_it_fits
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import MAX_BYTES, read_json

MOST_LISTED = 20  # entries that `list` shows: first those that show the most that no other entry shows
KNOWN, LEFT_OUT, MISFIT, REFUSED, TAKEN = "known", "left out", "misfit", "refused", "taken"


@click.group("corpus", subcommand_metavar="ACTION")
def command() -> None:
    """List the corpus that campaigns keep, make it smaller, and exchange it.

    A corpus contains traces and documents that showed new behaviour; documents are plain files. It is in
    .driftcheck/corpus/CONTRACT/.

    \b
    Examples:
      driftcheck corpus list
      driftcheck corpus import json go_shim/testdata/fuzz/FuzzJSON
      driftcheck corpus export json samples
    """


@command.command("list")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="List every entry.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every entry.")
def list_(names: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """List the entries of a corpus: their sizes, how many behaviours they show, and when they were kept.

    Without NAME: one line for each corpus of the project.
    """
    root = Path.cwd()
    corpora = [Corpus(root, _name(name)) for name in names] or [
        Corpus(root, name) for name in contracts_with_corpus(root)
    ]
    if as_json:
        echo_json([_to_json(corpus) for corpus in corpora])
        return
    for corpus in corpora:
        echo(_headline(corpus))
        if names:
            _list_entries(corpus, len(corpus) if everything else MOST_LISTED)
    if not corpora:
        echo("there is no corpus here; 'driftcheck campaign NAME' makes one")


@command.command("minimise")
@click.argument("name", metavar="NAME")
def minimise(name: str) -> None:
    """Remove the entries that show only behaviours that other entries show. Campaigns do this, too."""
    with opened(Path.cwd(), _name(name)) as corpus:
        before = len(corpus), corpus.size
        removed = corpus.minimise()
        echo(f"{removed:,} of {counted(before[0])} removed; {corpus.size:,} of {before[1]:,} bytes are left")


@command.command("merge")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
def merge(name: str, folder: Path) -> None:
    """Add the entries of another corpus, such as that of another machine.

    FOLDER is a corpus: the folder .driftcheck/corpus/CONTRACT of another project, or what 'export' wrote.
    The next campaign runs the entries, and keeps those that show new behaviour.
    """
    kinds = [folder / TRACES, folder / DOCUMENTS]
    if not any(kind.is_dir() for kind in kinds):
        advice = f"name a folder with {TRACES!r} or {DOCUMENTS!r} in it, or use 'driftcheck corpus import'"
        raise CorpusError(str(folder), f"is not a corpus; {advice}")
    schema = _schema(name)
    with opened(Path.cwd(), schema.name) as corpus:
        taken: Counter[str] = Counter()
        for kind in (TRACES, DOCUMENTS):
            for path in documents_below(folder / kind) if (folder / kind).is_dir() else ():
                taken[_take_file(corpus, schema, kind, path)] += 1
        echo(_counted(taken))


@command.command("import")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
def import_(name: str, folder: Path) -> None:
    """Add files as documents: the corpus of another fuzzer, or real documents.

    Each file is one document, as libFuzzer, cargo-fuzz and AFL++ keep them. In a corpus file of Go
    ('go test fuzz v1'), each []byte and each string is a document.
    """
    schema = _schema(name)
    if not any(isinstance(one, t.Payload) for one in schema.walk()):
        raise CorpusError(name, "the contract has no payload, so it takes no documents")
    if not folder.is_dir():
        raise CorpusError(str(folder), "is not a folder; name the folder that holds the files")
    if (folder / TRACES).is_dir() and (folder / DOCUMENTS).is_dir():
        raise CorpusError(str(folder), "is a corpus of driftcheck; use 'driftcheck corpus merge'")
    with opened(Path.cwd(), schema.name) as corpus:
        taken: Counter[str] = Counter()
        for path in documents_below(folder):
            try:
                documents = documents_of(path)
            except (Unreadable, NotGo) as error:
                _say_left_out(path, error)
                taken[LEFT_OUT] += 1
                continue
            for data in documents:
                taken[_take(corpus, Candidate(DOCUMENTS, data, frozenset()))] += 1
        echo(_counted(taken))


@command.command("export")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
def export(name: str, folder: Path) -> None:
    """Write the entries of a corpus to a folder: documents as plain files, which other fuzzers read."""
    corpus = Corpus(Path.cwd(), _name(name))
    left_out = 0
    for entry in corpus.entries.values():
        path, target = corpus.folder / entry.name, folder / entry.name
        try:
            data = read_file(path, MOST_BYTES)
        except Unreadable as error:
            left_out += 1
            _say_left_out(path, error)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, data)
    more = f"; {left_out:,} left out" if left_out else ""
    echo(f"{counted(len(corpus) - left_out)} written to {folder}{more}")


def _schema(name: str) -> Schema:
    return schema_of(installed_or_named([name])[name])


def _name(name: str) -> str:
    """Return the name of a contract that is installed or has a corpus.

    Raises:
        UnknownContract: there is neither.
    """
    known = contracts_with_corpus(Path.cwd())
    if name in known:
        return name
    if ":" in name or name in lookup.installed():
        return _schema(name).name
    raise UnknownContract(name, tuple(dict.fromkeys([*lookup.installed(), *known])))


def _take_file(corpus: Corpus, schema: Schema, kind: str, path: Path) -> str:
    """Take a file of another corpus; return what happened to it, in a word."""
    try:
        if kind == TRACES:
            read_as_far_as_it_fits(schema, read_json(path))
        largest = MAX_BYTES if kind == TRACES else LARGEST
        return _take(corpus, Candidate(kind, read_file(path, largest), frozenset()))
    except OutsideType:
        return MISFIT
    except Unreadable as error:
        _say_left_out(path, error)
        return LEFT_OUT


def _say_left_out(path: Path, error: Unreadable | NotGo) -> None:
    echo(f"driftcheck: {path}: {error}; it is left out", err=True)


def _take(corpus: Corpus, candidate: Candidate) -> str:
    if candidate.name in corpus.entries:
        return KNOWN
    return TAKEN if corpus.add(candidate, if_new=False) else REFUSED


def _counted(taken: Counter[str]) -> str:
    """Say in one line what happened to files, by the word for it."""
    words = {
        KNOWN: "known already",
        LEFT_OUT: "left out",
        MISFIT: f"{'does' if taken[MISFIT] == 1 else 'do'} not fit the contract",
        REFUSED: "refused, because the corpus is full",
    }
    more = [f"{taken[word]:,} {said}" for word, said in words.items() if taken[word]]
    return "; ".join([f"{counted(taken[TAKEN])} taken", *more])


def _headline(corpus: Corpus) -> str:
    kinds = Counter(entry.is_document for entry in corpus.entries.values())
    what = ", ".join(
        plural(count, word) for count, word in ((kinds[False], "trace"), (kinds[True], "document")) if count
    )
    last = corpus.last_new
    new = "" if last is None else f", last new {time.strftime('%Y-%m-%d %H:%M', time.localtime(last))}"
    shown = f"{plural(len(corpus.things), 'behaviour')} shown"
    return f"{corpus.contract}: {what or 'no entries'}, {plural(corpus.size, 'byte')}, {shown}{new}"


def _list_entries(corpus: Corpus, most: int) -> None:
    rare = corpus.rare()
    ordered = sorted(corpus.entries.values(), key=lambda one: (-rare[one.name], one.size))
    for entry in ordered[:most]:
        shows = (
            f"shows {plural(len(entry.shows), 'behaviour')}, {rare[entry.name]:,} that no other entry shows"
        )
        if not entry.shows:
            shows = "has not run yet"
        example = min(entry.shows, key=len, default="")
        echo(f"  {entry.name}  {plural(entry.size, 'byte')}, {shows}{f'; {example}' if example else ''}")
    if len(ordered) > most:
        echo(f"  {len(ordered) - most:,} more; --all lists them")


def _to_json(corpus: Corpus) -> dict[str, object]:
    return {
        "contract": corpus.contract,
        "folder": str(FOLDER / corpus.contract),
        "bytes": corpus.size,
        "things": len(corpus.things),
        "last_new": corpus.last_new,
        "entries": [
            {"name": entry.name, "bytes": entry.size, "since": entry.since, "shows": sorted(entry.shows)}
            for entry in corpus.entries.values()
        ],
    }
