"""On a public corpus each adapter's verdict is exactly the library's own."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from driftcheck.build.rust import prepare
from driftcheck.core.outcome import kind
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.discover import NativeSource, native_sources
from driftcheck_contracts import json as contract_module
from driftcheck_contracts.json import JsonContract

CORPUS = Path(__file__).parent / "corpus" / "json.toml"
SOURCES = {s.name: s for s in native_sources("json", Path(contract_module.__file__).parent)}
VERDICTS = {"accepted": "accept", "malformed": "reject", "crashed": "crash"}

# Where a library departs from what the suite says must be, as it does by itself: no adapter adds to this.
DEPARTS: Mapping[str, Mapping[str, str]] = {
    "go-v2": {  # known as any-key-twice
        "y_object_duplicated_key": "reject",
        "y_object_duplicated_key_and_value": "reject",
    },
    "sonic": {  # a Value of any depth is read by recursion, until the stack is at its end
        "n_structure_100000_opening_arrays": "crash",
        "n_structure_open_array_object": "crash",
    },
}


def documents() -> dict[str, bytes]:
    """Read the corpus."""
    tables = tomllib.loads(CORPUS.read_text())
    return {name: document(table) for name, table in tables.items()}


def document(table: Mapping[str, object]) -> bytes:
    unit = bytes.fromhex(str(table["hex"])) if "hex" in table else str(table["text"]).encode()
    return unit * int(str(table.get("times", 1))) + str(table.get("tail", "")).encode()


def library_says(source: NativeSource) -> dict[str, str]:
    """Ask the library alone: a small program beside the adapter, which uses neither it nor the SDK."""
    tags = ",".join(source.features)
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", **source.env}
    if source.language == "go":
        command = ["go", "run", "-tags", tags, "./verdicts"]
    else:
        prepare(source.dir, source)
        command = ["cargo", "run", "--release", "--quiet", "--example", "verdicts", "--features", tags]
    lines = [f"{data.hex()}\n" for data in documents().values()]
    verdicts: list[str] = []
    while rest := lines[len(verdicts) :]:
        ran = subprocess.run(
            command, cwd=source.dir, env=env, input="".join(rest), capture_output=True, text=True, check=False
        )
        verdicts += ran.stdout.split()
        if ran.returncode:
            assert "stack overflow" in ran.stderr, ran.stderr
            verdicts.append("crash")
    return dict(zip(documents(), verdicts, strict=True))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_session(JsonContract) as opened:
        yield opened


@pytest.fixture(scope="module")
def adapters_say(session: Session) -> dict[str, dict[str, str]]:
    """Ask each adapter for the verdict of the operation without a type."""
    operation = session.schema.operation("rewrite")
    said: dict[str, dict[str, str]] = {name: {} for name in SOURCES}
    for name, data in documents().items():
        run = session.lockstep.run(Trace((Step("rewrite", (Document(data),)),)))
        for subject, answer in run.answers.items():
            said[subject][name] = VERDICTS.get(kind(answer.outcome(operation, 0)), "neither")
    return said


def test_the_corpus_is_whole() -> None:
    """All 318 documents are there, of each verdict some, and what they begin with says which."""
    tables = tomllib.loads(CORPUS.read_text())

    assert len(tables) == 318
    musts = {"y": "accept", "n": "reject", "i": "either"}
    assert all(table["must"] == musts[name[0]] for name, table in tables.items())
    assert sum(table["must"] == "either" for table in tables.values()) == 35


@pytest.mark.parametrize("subject", SOURCES)
def test_the_adapter_says_what_the_library_says(
    subject: str, adapters_say: Mapping[str, Mapping[str, str]]
) -> None:
    """On the whole corpus the adapter accepts what the library accepts, and nothing else."""
    assert adapters_say[subject] == library_says(SOURCES[subject])


@pytest.mark.parametrize("subject", SOURCES)
def test_where_a_library_departs(subject: str, adapters_say: Mapping[str, Mapping[str, str]]) -> None:
    """What must be accepted is, and what must be rejected is, but for what is listed."""
    musts = {name: table["must"] for name, table in tomllib.loads(CORPUS.read_text()).items()}

    said = adapters_say[subject].items()
    departs = {name: verdict for name, verdict in said if musts[name] not in (verdict, "either")}
    assert departs == DEPARTS.get(subject, {})
