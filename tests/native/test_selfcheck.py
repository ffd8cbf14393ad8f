"""
Adapters that are bad in one way: of all trials exactly the right one says so.

By day half of them run, in Go and in Rust; `cli/test_verb_selfcheck.py` has a fault for each trial.
"""

from __future__ import annotations

from pathlib import Path

import faulty
import pytest

from driftcheck.search.settings import SessionSettings
from driftcheck.selfcheck import TRIALS, Options, examine
from driftcheck.subjects.host import Limits

LIMITS = Limits(deadline_s=0.3, memory_bytes=128 << 20)
PLANTED = [
    (
        "rust",
        "read_is_broken",
        "not-broken",
        "in operation 'read' its adapter reports itself as broken: on request",
    ),
    ("rust", "read_refuses", "accepts", "operation 'read' accepted none of "),
    ("go", "read_needs_bytes", "empty-input", "open(1); read(``): the adapter panicked at "),
    (
        "go",
        "advance_past_end",
        "empty-input",
        "open(1); walk(); advance(Cursor of step 1): the adapter panicked at ",
    ),
    ("go", "count_guesses", "deterministic", 'open(1); put("0", b""); count() answered '),
    ("go", "count_remembers", "stateless", "open(1); count() answered "),
    ("rust", "count_outlives", "stateless", " when it ran after open("),
    (
        "go",
        "show_signs",
        "renders-equally",
        'open(1); show(Note{title: "", stars: 0, done: false}) wrote b\'title x',
    ),
    ("go", "append_counts_too_far", "agrees", "D104 outside-type in faulty, append: "),
    ("rust", "remove_aborts", "agrees", "D502 crash in faulty, remove: "),
]


def alone(subject: str) -> Options:
    """Return options that try one subject."""
    return Options(SessionSettings(Path.cwd(), limits=LIMITS, subjects=(subject,)), traces=100)


BY_DAY = {"read_is_broken", "advance_past_end", "count_outlives", "show_signs", "remove_aborts"}


@pytest.mark.parametrize(
    ("subject", "fault", "trial", "told"),
    [
        pytest.param(*planted, id=planted[1], marks=() if planted[1] in BY_DAY else pytest.mark.nightly)
        for planted in PLANTED
    ],
)
def test_a_bad_adapter_fails_the_right_trial(
    monkeypatch: pytest.MonkeyPatch, subject: str, fault: str, trial: str, told: str
) -> None:
    """One trial is unsound and says how; what could tell nothing any more is not tried."""
    monkeypatch.setenv(faulty.VARIABLE, fault)

    codecs, *items = examine(faulty.Faulty, alone(subject))

    assert codecs.state == "ok"
    assert [item.name for item in items] == [*TRIALS]
    (unsound,) = [item for item in items if item.state == "unsound"]
    assert unsound.name == trial
    assert told in unsound.text
    assert [
        i.name for i in items if i.state == "untried" and TRIALS.index(i.name) < TRIALS.index(trial)
    ] == []


@pytest.mark.parametrize("subject", ["go", "rust", pytest.param("model", marks=pytest.mark.nightly)])
def test_a_good_adapter_is_sound(monkeypatch: pytest.MonkeyPatch, subject: str) -> None:
    """Without a fault every trial is made, and ok."""
    monkeypatch.delenv(faulty.VARIABLE, raising=False)

    items = list(examine(faulty.Faulty, alone(subject)))

    assert [item.state for item in items] == ["ok"] * (1 + len(TRIALS))
