"""What the adapters of `cbor` accept is what their libraries accept, on all of the examples of RFC 8949."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from driftcheck.codecs.cbor import Cbor
from driftcheck.core.outcome import Accepted
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.oracle.asymmetries import Asymmetry
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.wire import DIGESTS
from driftcheck_contracts.cbor import CborContract

ROOT = Path(__file__).parents[2]
GO, RUST = (ROOT / shim / "contracts" / "cbor" for shim in ("go_shim", "rust_shim"))
CARGO = ["cargo", "run", "--release", "--quiet", "--locked", "--example", "verdicts"]
# How each library is asked without its adapter and without our SDK; the adapters' own lock files hold.
ALONE: Mapping[str, tuple[Path, list[str]]] = {
    "fxamacker": (GO, ["go", "run", "./verdicts"]),
    "fxamacker-strict": (GO, ["go", "run", "-tags", "strict", "./verdicts"]),
    "ciborium": (RUST, CARGO),
    "cbor4ii": (RUST, [*CARGO, "--features", "cbor4ii"]),
}
CORPUS = tomllib.loads(Path(__file__).with_name("corpus").joinpath("rfc8949.toml").read_text())["document"]
READ = "rewrite"  # the operation that reads any item


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_session(CborContract) as opened:
        yield opened


@pytest.fixture(scope="module")
def verdicts(session: Session) -> dict[str, list[bool]]:
    """Say for each subject which documents of the corpus it accepts."""
    operation = session.schema.operation(READ)
    traces = [Trace((Step(READ, (Document(bytes.fromhex(one["hex"])),)),)) for one in CORPUS]
    executions = session.lockstep.run_all(traces, DIGESTS)
    names = [subject.name for subject in session.lockstep.subjects]
    return {
        name: [
            isinstance(execution.answers[name].outcome(operation, 0), Accepted) for execution in executions
        ]
        for name in names
    }


def alone(subject: str) -> list[bool]:
    """Ask a library itself, document by document."""
    folder, command = ALONE[subject]
    lines = "".join(one["hex"] + "\n" for one in CORPUS)
    target = {"CARGO_TARGET_DIR": str(ROOT / "rust_shim" / "target"), "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        command, cwd=folder, env=os.environ | target, input=lines, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [{"accepted": True, "rejected": False}[word] for word in done.stdout.split()]


def test_the_corpus_is_whole() -> None:
    """It has every example of appendices A and F.1, each under a name of its own."""
    assert len({one["name"] for one in CORPUS}) == len({one["hex"] for one in CORPUS}) == len(CORPUS)
    assert sum(one["well-formed"] for one in CORPUS) == 81
    assert sum(not one["well-formed"] for one in CORPUS) == 94


def test_each_subject_is_asked(verdicts: Mapping[str, list[bool]]) -> None:
    """No subject of the contract is left out."""
    assert set(verdicts) == set(ALONE)


@pytest.mark.parametrize("subject", ALONE)
def test_an_adapter_accepts_what_its_library_does(subject: str, verdicts: Mapping[str, list[bool]]) -> None:
    """On each document the adapter's verdict is that of the library, which was asked without it."""
    own = alone(subject)

    names = [one["name"] for one in CORPUS]
    assert dict(zip(names, verdicts[subject], strict=True)) == dict(zip(names, own, strict=True))


def test_departures_are_told(verdicts: Mapping[str, list[bool]]) -> None:
    """Where a library departs from the facts of RFC 8949, the corpus says so, and nowhere else."""
    departing = {
        one["name"]: {name for name, found in verdicts.items() if found[at] != one["well-formed"]}
        for at, one in enumerate(CORPUS)
    }

    assert {name: subjects for name, subjects in departing.items() if subjects} == {
        one["name"]: set(one["departs"]) for one in CORPUS if "departs" in one
    }


@pytest.mark.parametrize("one", [one for one in CORPUS if "departs" in one], ids=lambda one: one["name"])
def test_a_departure_is_known(one: Mapping[str, Any], session: Session) -> None:
    """Each departure has an entry whose feature the document has, and whose shape it is."""
    entries = {entry.id: entry for entry in session.asymmetries.entries}
    argument = session.schema.operation(READ).arguments[0].type
    features = Cbor().features_typed(bytes.fromhex(one["hex"]), argument.inner)
    languages = {subject.name: subject.language for subject in session.lockstep.subjects}

    for subject, id_ in one["departs"].items():
        entry: Asymmetry = entries[id_]
        departed = "malformed" if one["well-formed"] else "accepted"
        assert entry.operation == READ
        assert set(entry.features) <= features
        assert entry.shape.get(subject, entry.shape.get(languages[subject])) == departed
