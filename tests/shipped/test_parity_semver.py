"""An adapter says of each text on file what its library says of it, asked without adapter and SDK."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcheck.codecs.semver import VERSION
from driftcheck.codecs.semver.parts import is_past_64_bits
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.search.session import open_session
from driftcheck_contracts.semver import Semver

ROOT = Path(__file__).resolve().parents[2]
CORPUS = tomllib.loads((Path(__file__).parent / "corpora" / "semver.toml").read_text())
TEXTS = [*CORPUS["versions"], *CORPUS["others"]]
GO = ("go", "run", "./verdicts")
RUST = ("cargo", "run", "--quiet", "--release", "--example", "verdicts")

Verdicts = dict[str, list[bool]]  # by subject, in the order of the texts


@pytest.fixture(scope="module")
def by_adapters() -> Verdicts:
    verdicts: Verdicts = {}
    with open_session(Semver) as session:  # which builds what the commands need, too
        operation = session.schema.operation("parse")
        traces = [Trace((Step("parse", (Document(text.encode()),)),)) for text in TEXTS]
        for execution in session.lockstep.run_all(traces):
            for name, answer in execution.answers.items():
                outcome = answer.outcome(operation, 0)
                assert isinstance(outcome, Accepted | Rejected)
                verdicts.setdefault(name, []).append(isinstance(outcome, Accepted))
    return verdicts


def by_libraries(folder: str, command: Sequence[str]) -> Verdicts:
    lines = "".join(f"{text}\n" for text in TEXTS)
    execution = subprocess.run(
        command, cwd=ROOT / folder / "contracts" / "semver", input=lines, capture_output=True, text=True
    )
    assert execution.returncode == 0, execution.stderr
    told = [json.loads(line) for line in execution.stdout.splitlines()]
    return {name: [verdict[name] for verdict in told] for name in told[0]}


@pytest.mark.parametrize(("folder", "command"), [("go_shim", GO), ("rust_shim", RUST)], ids=["go", "rust"])
def test_adapters_say_what_their_libraries_say(
    folder: str, command: Sequence[str], by_adapters: Verdicts
) -> None:
    """On the whole corpus each adapter accepts exactly what its library does."""
    said = by_libraries(folder, command)

    assert said
    assert {name: by_adapters[name] for name in said} == said
    assert all(len(verdicts) == len(TEXTS) for verdicts in said.values())


def test_the_corpus_keeps_to_the_grammar() -> None:
    """What is on file as a version is one by the grammar, and what is not is none."""
    assert [text for text in CORPUS["versions"] if not VERSION.fullmatch(text)] == []
    assert [text for text in CORPUS["others"] if VERSION.fullmatch(text)] == []
    assert len(set(TEXTS)) == len(TEXTS)


def test_the_strict_subjects_keep_to_the_corpus(by_adapters: Verdicts) -> None:
    """But for numbers past 64 bits, subjects that read by the standard accept its versions alone."""
    small = [text for text in CORPUS["versions"] if not is_past_64_bits(text.partition(".")[0])]
    expected = [text in small for text in TEXTS]

    assert by_adapters["masterminds"] == expected
    assert by_adapters["semver-rs"] == expected
