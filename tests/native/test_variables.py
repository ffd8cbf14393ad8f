"""The variables of a subject's process, as subjects.toml, pyproject.toml and the shell set them."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.core.outcome import kind
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.search.session import open_session
from driftcheck.subjects.discover import NativeSource
from driftcheck_contracts.json import JsonContract

PLANTED = Path(__file__).parents[1] / "subjects" / "json_planted" / "go"
VARIABLE = "DRIFTCHECK_PLANT"  # what its value does to each step: see the subject
TRACE = Trace((Step("decode", (Document(b"{}"),)),))


@pytest.mark.parametrize(
    ("subject", "project", "shell", "answer"),
    [
        ("reject", "unmapped", "panic", "malformed"),
        (None, "unmapped", "panic", "unmapped"),
        (None, None, "panic", "panicked"),
    ],
)
def test_what_a_subject_sets_takes_precedence(
    subject: str | None, project: str | None, shell: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subject's own variables come before those of its project, and those before the shell's."""
    schema = schema_of(JsonContract)
    built = build(NativeSource("go", "go", PLANTED, PLANTED / "none.so"), schema)
    built = attrs.evolve(built, env={} if subject is None else {VARIABLE: subject})
    of_project = {} if project is None else {VARIABLE: project}
    monkeypatch.setenv(VARIABLE, shell)

    with open_session(JsonContract, only=("go",), built=[built], env=of_project) as session:
        (given,) = session.lockstep.run(TRACE).answers.values()

    assert kind(given.outcome(schema.operation("decode"), 0)) == answer
