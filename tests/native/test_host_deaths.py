"""Every way in which a Go or Rust subject can end its host, by real libraries."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cbor2
import deadly
import pytest

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.codegen import go, rust
from driftcheck.core.outcome import Crashed, Exhausted, Hung
from driftcheck.subjects.discover import Subject, subjects
from driftcheck.subjects.host import AFTER_LAST, Host, HostDied, HostFailed, Limits

SCHEMA = schema_of(deadly.Deadly)
LIVE, DIE = (SCHEMA.operation(name).index for name in ("live", "die"))
PANICKED, NOT_REACHED = 3, 7

DyingBy = Callable[..., Subject]

# By language and kind: how it ends, why, and what its signature holds.
DEATHS = {
    ("go", "goroutine_panic"): (
        Crashed,
        r"signal 6 \(SIGABRT\): panic: on request",
        "panic in main.panicking",
    ),
    ("go", "map_writes"): (
        Crashed,
        r"signal 6 \(SIGABRT\): fatal error: concurrent map writes",
        "concurrent map access in main.mapWrites",
    ),
    ("go", "stack_overflow"): (
        Crashed,
        r"signal 6 \(SIGABRT\): fatal error: stack overflow",
        "stack overflow in main.deeper",
    ),
    ("go", "exit"): (Crashed, "exit status 3", "exit status 3"),
    ("go", "deadlock"): (Hung, "no progress for 0.3 s", "chan receive in main.wait"),
    ("go", "endless_loop"): (Hung, "no progress for 0.3 s", "running in main.(*subject).Die"),
    ("go", "memory"): (Exhausted, "past its memory limit: fatal error: .*out of memory.*", ""),
    ("go", "segv"): (Crashed, r"signal 6 \(SIGABRT\): fatal error: fault \(SIGSEGV\)", "fault in main.segv"),
    ("rust", "abort"): (Crashed, r"signal 6 \(SIGABRT\)", "SIGABRT"),
    ("rust", "stack_overflow"): (Crashed, r"signal 11 \(SIGSEGV\): stack overflow", "stack overflow"),
    ("rust", "exit"): (Crashed, "exit status 3", "exit status 3"),
    ("rust", "endless_loop"): (Hung, "no progress for 0.3 s", ""),
    ("rust", "memory"): (Exhausted, "past its memory limit: memory allocation of N bytes failed", ""),
    ("rust", "segv"): (Crashed, r"signal 11 \(SIGSEGV\): bad address", "bad address"),
}


@pytest.fixture(scope="session")
def dying_by() -> DyingBy:
    """Return a maker of deadly subjects, by language and kind of death."""
    sources = {source.name: source for source in subjects(deadly.Deadly)}

    def make(language: str, kind: str = "none") -> Subject:
        library = build(sources[language], SCHEMA)
        return Subject(language, language, language, library.target, {deadly.VARIABLE: f"{language}-{kind}"})

    return make


def request(*traces: list[int]) -> bytes:
    """Return a request of traces, given by the operations of their steps."""
    encoded = [
        cbor2.dumps(["", [[1, []]], [[]], [[operation, 0, None, []] for operation in operations]])
        for operations in traces
    ]
    return cbor2.dumps([SCHEMA.wire_form()["protocol"], 0, encoded])


def outcomes(reply: bytes) -> list[list[list[object]]]:
    """Return the outcomes in a reply, by trace and step."""
    return [cbor2.loads(trace)[1][::2] for trace in cbor2.loads(reply)]


def death(subject: Subject, *, deadline_s: float = 0.3, limits: Limits | None = None) -> HostDied:
    """Return the death of a subject that dies in the second step of the second trace."""
    with Host(subject, limits or Limits()) as host:
        host.send(request([LIVE, LIVE], [LIVE, DIE, LIVE]))
        with pytest.raises(HostDied) as caught:
            host.receive(deadline_s=deadline_s)
    return caught.value


@pytest.mark.parametrize("language", deadly.KINDS)
def test_the_generated_code_is_that_of_the_contract(language: str) -> None:
    """The generated code beside the adapters is up to date."""
    folder = Path(deadly.__file__).parent
    place = {"go": "go/deadly/contract_gen.go", "rust": "rust/src/contract_gen.rs"}[language]
    generate = {"go": go.generate, "rust": rust.generate}[language]

    assert (folder / place).read_text() == generate(SCHEMA)


def test_every_kind_of_death_is_tried() -> None:
    """Panics, which are caught, and the deaths of the table make up all kinds."""
    kinds = {(language, kind) for language, kinds in deadly.KINDS.items() for kind in kinds}

    assert kinds == {*DEATHS, ("go", "panic"), ("rust", "panic")}


@pytest.mark.parametrize("language", deadly.KINDS)
def test_a_subject_that_is_asked_for_another_kind_lives(dying_by: DyingBy, language: str) -> None:
    """A subject survives a kind of death that its language does not have."""
    with Host(dying_by(language), Limits()) as host:
        host.send(request([LIVE, DIE, LIVE]))

        assert outcomes(host.receive()) == [[[0, 1], [0, None], [0, 2]]]
        assert host.description["language"] == language
        assert host.description["fingerprint"] == SCHEMA.fingerprint


@pytest.mark.parametrize("language", deadly.KINDS)
def test_a_caught_panic_ends_its_trace_only(dying_by: DyingBy, language: str) -> None:
    """The SDK makes an outcome of a panic, and the next trace starts with a fresh subject."""
    with Host(dying_by(language, "panic"), Limits()) as host:
        host.send(request([LIVE, DIE, LIVE], [LIVE]))
        (lived, died, rest), after = outcomes(host.receive())

    assert (lived, died[0], rest, after) == ([0, 1], PANICKED, [NOT_REACHED], [[0, 1]])
    assert str(died[1]).startswith("on request (")


@pytest.mark.parametrize(("language", "kind"), DEATHS)
def test_a_death_is_an_outcome_of_its_step(dying_by: DyingBy, language: str, kind: str) -> None:
    """Each death is attributed to its trace and step, with its kind."""
    expected, reason, frame = DEATHS[language, kind]
    died = death(dying_by(language, kind))
    evidence = died.outcome.evidence

    assert (died.trace, died.step) == (1, 1)
    assert type(died.outcome) is expected
    assert re.fullmatch(reason, evidence.reason)
    assert evidence.frame == frame


def test_a_deadlock_in_go_is_shown_with_its_stacks(dying_by: DyingBy) -> None:
    """The goroutine that runs the step comes first, and the one that prints is left out."""
    evidence = death(dying_by("go", "deadlock")).outcome.evidence

    assert re.match(r"goroutine \d+ \[chan receive, locked to thread\]:\nmain\.wait\(", evidence.stacks)
    assert "sdk/abi.stacks" not in evidence.stacks


def test_a_goroutine_may_die_after_the_last_step(dying_by: DyingBy) -> None:
    """Waiting after the last step shows a death that occurs after it."""
    with Host(dying_by("go", "late_panic"), Limits()) as host:
        host.send(request([DIE]))
        assert outcomes(host.receive()) == [[[0, None]]]
        with pytest.raises(HostDied) as caught:
            host.settle(5)

    assert caught.value.step == AFTER_LAST
    assert caught.value.outcome.evidence.frame == "panic in main.panicking"


def test_settling_takes_the_time_it_is_given(dying_by: DyingBy) -> None:
    """A host in which no step left anything running stays alive."""
    with Host(dying_by("go"), Limits()) as host:
        host.send(request([LIVE]))
        host.receive()
        host.settle(0.05)
        host.send(request([LIVE]))

        assert outcomes(host.receive()) == [[[0, 1]]]


@pytest.mark.parametrize("language", deadly.KINDS)
def test_the_memory_limit_can_be_set(dying_by: DyingBy, language: str) -> None:
    """A subject that allocates without end is stopped at the limit."""
    died = death(dying_by(language, "memory"), limits=Limits(memory_bytes=800 << 20))
    peak = died.outcome.evidence.peak_bytes

    assert isinstance(died.outcome, Exhausted)
    assert peak is not None
    assert 512 << 20 < peak < 900 << 20


@pytest.mark.parametrize("language", deadly.KINDS)
def test_memory_that_outlasts_the_deadline_is_no_hang(dying_by: DyingBy, language: str) -> None:
    """While memory grows towards its limit, the deadline does not count."""
    died = death(dying_by(language, "memory"), deadline_s=0.05)

    assert isinstance(died.outcome, Exhausted)


def test_a_limit_too_low_for_go_itself_is_told(dying_by: DyingBy) -> None:
    """Go's threads alone take some 100 MiB of the limit."""
    found = r"past its memory limit: .*; give it more memory than 64 MiB; it printed"

    with pytest.raises(HostFailed, match=found):
        Host(dying_by("go"), Limits(memory_bytes=64 << 20))
