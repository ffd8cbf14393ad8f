"""What a subject may send at most, by real libraries and a model."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import unruly
from parity import request
from unruly import Unruly, When

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.core.outcome import Exhausted
from driftcheck.subjects.discover import Subject, subjects
from driftcheck.subjects.host import Host, HostDied, Limits
from driftcheck.subjects.wire import DIGESTS, STATES

REASON = "a state of 9,437,189 bytes is larger than the limit of 8,388,608 bytes"


def death(subject: Subject, asked: bytes) -> HostDied:
    with Host(subject, Limits()) as host:
        host.send(asked)
        with pytest.raises(HostDied) as caught:
            host.receive()
    return caught.value


@pytest.mark.parametrize("mode", [DIGESTS, STATES])
@pytest.mark.parametrize("language", ["go", "rust"])
def test_a_state_that_is_too_large_exhausts_its_step(language: str, mode: int) -> None:
    """The SDK ends the host, in every mode; the evidence names the limit, and the size that was found."""
    source = next(one for one in subjects(Unruly) if one.name == language)
    steps = [("grow", [1]), ("grow", [unruly.TOO_LARGE]), ("grow", [1])]
    died = death(build(source, schema_of(Unruly)), request(Unruly, [When.NEVER.value, 0], steps, mode))

    assert died.step == 1
    assert isinstance(died.outcome, Exhausted)
    assert died.outcome.evidence.reason == REASON


def test_a_state_of_a_model_that_is_too_large_exhausts_its_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model keeps the limit of the SDKs."""
    (tmp_path / "heavy.py").write_text(
        "from driftcheck import Contract, operation\n"
        "class Heavy(Contract):\n"
        "    def state(self) -> bytes: ...\n"
        "    @operation\n"
        "    def rest(self) -> None: ...\n"
        "class HeavyModel(Heavy):\n"
        "    def state(self) -> bytes: return bytes(9 << 20)\n"
        "    def rest(self) -> None: pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    asked = request(importlib.import_module("heavy").Heavy, [], [("rest", [])])
    died = death(Subject("model", "python", "python", "heavy:HeavyModel"), asked)

    assert died.step is None
    assert isinstance(died.outcome, Exhausted)
    assert died.outcome.evidence.reason == REASON
