"""What the items of pytest share: a subject that cannot be built is not built again for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tiny

from driftcheck.build import BuildError
from driftcheck.plugins import Registry
from driftcheck.search.settings import SessionSettings
from driftcheck.testing import jobs
from driftcheck.testing.settings import Settings


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return what sessions are opened with; all whose subjects include `go` fail to be built."""
    calls: list[tuple[str, ...]] = []

    @contextmanager
    def fails(_: SessionSettings, contract: type, *, subjects: tuple[str, ...]) -> Iterator[None]:
        calls.append(subjects)
        if not subjects or "go" in subjects:
            raise BuildError("tiny", "go", "go", "'go build' failed in here", "it does not compile")
        yield None

    monkeypatch.setattr(SessionSettings, "open", fails)
    monkeypatch.setattr(jobs, "_unbuilt", {})
    return calls


def test_a_broken_adapter_is_compiled_once(opened: list[tuple[str, ...]]) -> None:
    """The first item calls the compiler; the others repeat its words."""
    said = []
    for kind, what in (("self", "go"), ("shard", "0"), ("law", "reads_alike"), ("self", "go")):
        with pytest.raises(BuildError) as caught:
            jobs.run_job(job(kind, what))
        said.append(str(caught.value))

    assert opened == [("go",)]
    assert set(said) == {"contract 'tiny': subject 'go': 'go build' failed in here\nit does not compile"}


def test_other_subjects_are_tried_all_the_same(opened: list[tuple[str, ...]]) -> None:
    """A subject beside a broken one has its own item, which opens a session."""
    with pytest.raises(BuildError):
        jobs.run_job(job("shard", "0"))
    with pytest.raises(AttributeError):  # there is no session behind it here
        jobs.run_job(job("self", "rust"))

    assert opened == [(), ("rust",)]


def job(kind: Any, what: str) -> jobs.Job:
    """Return a job of the contract `tiny`."""
    settings = Settings(SessionSettings(Path()), 0, 1, 1, None, None)
    return jobs.Job(kind, what, tiny.Tiny, settings, Registry())
