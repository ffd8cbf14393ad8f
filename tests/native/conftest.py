"""Libraries that the tests of this folder load."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from everything import Everything
from parity import Ask, Sides
from unruly import Unruly

from driftcheck import Contract, schema_of
from driftcheck.build import build
from driftcheck.subjects import model
from driftcheck.subjects.discover import Subject, subjects
from driftcheck.subjects.host import Host, Limits

HERE = Path(__file__).parent
SDK = HERE.parents[1] / "go_shim" / "sdk"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Subject]:
    """Return a maker of subjects that `plain.c` gives, each with a fault named there or none."""
    folder = tmp_path_factory.mktemp("plain")

    def make(fault: str = "0") -> Subject:
        library = folder / f"{fault}.so"
        if not library.exists():
            flags = ["-shared", "-fPIC", "-Wall", "-Werror", f"-I{SDK}", f"-DFAULT={fault}"]
            subprocess.run(["cc", *flags, "-o", library, HERE / "plain.c"], check=True)
        return Subject("plain", "c", "go", str(library))

    return make


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[type[Contract]], Sides]]:
    """Return what gives the subjects of a contract as functions from a request to its reply."""
    known: dict[type[Contract], Sides] = {}
    with ExitStack() as stack:

        def sides(contract: type[Contract]) -> Sides:
            if contract not in known:
                known[contract] = {s.name: _side(contract, s, stack) for s in subjects(contract)}
            return known[contract]

        yield sides


def _side(contract: type[Contract], source: Any, stack: ExitStack) -> Ask:
    subject = build(source, schema_of(contract))
    if subject.language == "python":
        library = model.load(subject.target)
        return lambda request: library.run(memoryview(bytearray(8)), request)
    host = stack.enter_context(Host(subject, Limits(deadline_s=10)))

    def ask(request: bytes) -> bytes:
        host.send(request)
        return host.receive()

    return ask


@pytest.fixture
def everything(ask: Callable[[type[Contract]], Sides]) -> Sides:
    """Return the subjects that echo."""
    return ask(Everything)


@pytest.fixture
def misbehaving(ask: Callable[[type[Contract]], Sides]) -> Sides:
    """Return the subjects that misbehave."""
    return ask(Unruly)
