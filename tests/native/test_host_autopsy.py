"""What deaths mean, by what hosts have printed; those that cannot be had on demand."""

from __future__ import annotations

import pytest

from driftcheck.core.outcome import Crashed, Exhausted
from driftcheck.subjects.autopsy import is_dying, of_death, of_stall
from driftcheck.subjects.process import Death

ABORTED = Death(signal=6, exit_status=None, peak_bytes=None)
SEGV = Death(signal=11, exit_status=None, peak_bytes=None)
KILLED = Death(signal=9, exit_status=None, peak_bytes=None)
EXITED = Death(signal=None, exit_status=1, peak_bytes=None)


def go_panic(text: str, *functions: str) -> str:
    calls = "".join(
        f"{function}(0xc000012018, {{0x1?, 0x2}})\n\t/home/me/x.go:12 +0x1d\n" for function in functions
    )
    return f"{text}\n\ngoroutine 34 gp=0xc00 m=3 mp=0xc01 [running, locked to thread]:\n{calls}\n"


def frame(printed: str, death: Death = ABORTED, language: str = "go") -> str:
    outcome = of_death(death, printed, language)
    assert isinstance(outcome, Crashed)
    return outcome.evidence.frame


def test_frames_hold_no_values() -> None:
    """Two runs with different indexes, addresses, closures and goroutines have the same frame."""
    text = "panic: runtime error: index out of range [5] with length 3"
    other = "panic: runtime error: index out of range [99] with length 7"

    assert (
        frame(go_panic(text, "panic", "runtime.goPanicIndex", "lib/v2.(*T[...]).get.func1", "main.get"))
        == frame(go_panic(other, "panic", "runtime.goPanicIndex", "lib/v2.(*T[...]).get.func2.1", "main.put"))
        == "panic: index out of range in lib/v2.(*T[...]).get"
    )


@pytest.mark.parametrize("words", ["writes", "read and map write", "iteration and map write"])
def test_a_race_on_a_map_is_one_frame_whoever_notices(words: str) -> None:
    """Whether the reader or the writer notices it is chance."""
    printed = go_panic(
        f"fatal error: concurrent map {words}", "internal/runtime/maps.fatal", "main.fill.func1"
    )

    assert frame(printed) == "concurrent map access in main.fill"


@pytest.mark.parametrize("top", [("main.odd", "main.even"), ("main.even", "main.odd")])
def test_mutual_recursion_is_one_frame_wherever_the_stack_ends(top: tuple[str, str]) -> None:
    """The frame is the first name among the functions that call each other, and not a leaf at the top."""
    printed = go_panic("fatal error: stack overflow", "strings.Clone", *top * 20)

    assert frame(printed) == "stack overflow in main.even"


def test_a_stack_that_finds_no_memory_has_overflowed() -> None:
    """Under a small memory limit, a Go stack reaches this limit before its own."""
    printed = (
        "fatal error: out of memory (stackalloc)\n\nruntime stack:\n"
        "runtime.copystack(0xc0, 0x80)\n\t/go/stack.go:945 +0xe5\n"
        "runtime.newstack()\n\t/go/stack.go:1216 +0x4cd\n" + go_panic("", "main.deeper")
    )

    assert frame(printed) == "stack overflow in main.deeper"


def test_the_last_end_counts() -> None:
    """A panic that a subject logged and survived is not the cause of its death."""
    printed = go_panic("panic: survived", "main.first") + "log\n" + go_panic("panic: did not", "main.second")

    assert frame(printed) == "panic in main.second"


def test_words_of_an_earlier_end_do_not_explain_another() -> None:
    """The output of a process that was killed, or that exits, does not explain its end."""
    printed = go_panic("panic: survived", "main.first")

    assert frame(printed, KILLED) == "SIGKILL"
    assert frame(printed, EXITED) == "exit status 1"


@pytest.mark.parametrize(
    ("printed", "death"),
    [
        ("fatal error: runtime: cannot allocate memory\n\nruntime stack:\nruntime.throw(0x1)\n", ABORTED),
        ("runtime/cgo: pthread_create failed: Resource temporarily unavailable\n", ABORTED),
        ("memory allocation of 4096 bytes failed\n", ABORTED),
        (
            "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
            ABORTED,
        ),
        ('Traceback (most recent call last):\n  File "m.py", line 3, in f\n    x * 2\nMemoryError\n', EXITED),
    ],
)
def test_a_death_that_names_the_allocator_is_exhaustion(printed: str, death: Death) -> None:
    """The heap and threads of Go, Rust, C++ and Python each have their own message."""
    outcome = of_death(death, printed, "go")

    assert isinstance(outcome, Exhausted)
    assert outcome.evidence.frame == ""


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("thread '<unnamed>' (77) panicked at src/lib.rs:3:5:\nboom\n", "abort after a panic in src/lib.rs"),
        (
            "driftcheck: earlier panic: boom (lru-0.16.2/src/lib.rs:8:9)\n"
            "thread caused non-unwinding panic. aborting.\n",
            "abort after a panic in lru-0.16.2/src/lib.rs",
        ),
        (
            "thread 'x' panicked at /me/.cargo/registry/src/index-1949/lru-0.16.2/src/lib.rs:8:9:\nboom\n",
            "abort after a panic in lru-0.16.2/src/lib.rs",
        ),
        (
            "fatal runtime error: Rust cannot catch foreign exceptions, aborting\n",
            "Rust cannot catch foreign exceptions, aborting",
        ),
        ("", "SIGABRT"),
    ],
)
def test_an_abort_in_rust_is_known_by_the_source_of_its_panic(printed: str, expected: str) -> None:
    """Paths are the same on every machine, and lines are omitted."""
    assert frame(printed, language="rust") == expected


def test_a_silent_fault_in_rust_is_the_overflow_of_a_thread() -> None:
    """The SDK reports every other fault."""
    assert frame("", SEGV, "rust") == "stack overflow"
    assert frame("", SEGV, "go") == "SIGSEGV"


def test_an_exception_ends_a_model() -> None:
    """The frame of a traceback is the name of the exception."""
    printed = 'Traceback (most recent call last):\n  File "m.py", line 3, in f\nmodel.Odd: 7 is odd\n'

    assert frame(printed, EXITED, "python") == "model.Odd"


def test_evidence_starts_where_the_end_is_told() -> None:
    """Output before the message about the end is omitted; without a message, the end of the output stays."""
    chatter = "chatter\n" * 10_000
    told = of_death(ABORTED, chatter + go_panic("panic: boom", "main.f"), "go").evidence
    untold = of_death(ABORTED, chatter + "the end\n", "go").evidence

    assert told.stderr.startswith("panic: boom\n")
    assert untold.stderr.endswith("the end\n")
    assert len(untold.stderr) < 10_000


def test_a_host_that_prints_its_last_words_is_dying() -> None:
    """Go may take seconds between its message and its end."""
    assert is_dying(go_panic("fatal error: all goroutines are asleep - deadlock!", "main.f"))
    assert not is_dying("panicking is what I fear\n")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("chan receive, 2 minutes, locked to thread", "chan receive in lib.(*Pool).get"),
        ("sync.Mutex.Lock", "sync.Mutex.Lock in lib.(*Pool).get"),
        ("runnable, locked to thread", "running in main.(*subject).Get"),
        ("sleep", "running in main.(*subject).Get"),
    ],
)
def test_a_hang_is_known_by_where_it_stays(state: str, expected: str) -> None:
    """The frame of a waiting step is its innermost function, of a running one its outermost."""
    stacks = (
        "driftcheck: goroutines\n"
        "goroutine 5 [running]:\ndriftcheck/sdk/abi.stacks(0x1)\n\t/x/abi.go:82 +0x47\n\n"
        "goroutine 9 [chan send]:\nlib.serve()\n\t/x/lib.go:1 +0x2\ncreated by lib.Start in goroutine 17\n\n"
        f"goroutine 17 [{state}]:\nsync.(*Mutex).Lock(...)\n\t/go/mutex.go:3\n"
        "lib.(*Pool).get(0xc00)\n\t/x/lib.go:7 +0x1\n"
        "main.(*subject).Get(0xc00)\n\t/x/adapter.go:9 +0x1\n"
        "pool/pool.(*bound).Step(0xc00)\n\t/x/pool/contract_gen.go:68 +0x5\n"
        "driftcheck/sdk.(*session).call(0xc00)\n\t/x/session.go:197 +0x1\n"
        "driftcheck: end of goroutines\n"
    )
    evidence = of_stall("no progress for 1 s", stacks, KILLED, "").evidence

    assert evidence.frame == expected
    assert evidence.stacks.startswith("goroutine 17 [")
