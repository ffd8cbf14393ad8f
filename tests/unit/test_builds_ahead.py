"""Builds ahead: the first contract that is built is the first to run."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import tiny

from driftcheck import schema_of
from driftcheck.build import ahead
from driftcheck.build.ahead import BuildsAhead
from driftcheck.subjects.discover import NativeSource, Subject

SCHEMA = schema_of(tiny.Tiny)


def source(name: str, language: str) -> NativeSource:
    """Return a subject that has sources."""
    return NativeSource(name, language, Path("nowhere"), Path("nowhere.so"))


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> dict[str, threading.Event]:
    """Return an event for each subject; its build ends when the event is set, and that of `broken` fails."""
    events = {name: threading.Event() for name in ("slow", "quick", "broken")}

    def build(source: NativeSource, schema: Any, **_: Any) -> Subject:
        assert events[source.name].wait(10)
        if source.name == "broken":
            raise ValueError("it does not compile")
        return Subject(source.name, source.language, source.language, "")

    monkeypatch.setattr(ahead, "build", build)
    return events


def test_the_first_that_is_built_comes_first(gates: dict[str, threading.Event]) -> None:
    """A contract need not wait for one that was named before it."""
    contracts = {"a": (SCHEMA, [source("slow", "rust")]), "b": (SCHEMA, [source("quick", "go")])}

    with BuildsAhead(contracts) as builds:
        gates["quick"].set()
        first = builds.next_ready(["a", "b"])
        gates["slow"].set()
        second = builds.next_ready(["a"])

    assert (first, second) == ("b", "a")


def test_a_contract_whose_build_failed_is_ready(gates: dict[str, threading.Event]) -> None:
    """Its failure is raised when the contract is checked."""
    gates["broken"].set()

    with BuildsAhead({"a": (SCHEMA, [source("broken", "go")])}) as builds:
        assert builds.next_ready(["a"]) == "a"
        with pytest.raises(ValueError, match="it does not compile"):
            builds.built("a")


def test_an_interrupt_ends_the_wait(gates: dict[str, threading.Event]) -> None:
    """Ctrl-C is noticed while a compiler runs, long before that ends."""
    asked = iter([False, True])
    started = time.monotonic()

    with BuildsAhead({"a": (SCHEMA, [source("slow", "go")])}) as builds:
        found = builds.next_ready(["a"], interrupted=lambda: next(asked))
        waited_s = time.monotonic() - started
        gates["slow"].set()

    assert found is None
    assert waited_s < 5
