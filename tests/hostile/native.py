"""
The native misbehaviours: each action of `wild/wild.c`, at each moment at which it can happen.

Builds the library, and says what a subject did in a few traces, and what it left. Knows no command.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs
import wild

from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.outcome import kind
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import Limits

HERE = Path(__file__).parent
SOURCE = HERE / "wild" / "wild.c"
SDK = HERE.parents[1] / "go_shim" / "sdk"
SCHEMA = schema_of(wild.Wild)

OK = "ok"
IN_THE_TRACE = ("step", "state", "close")
MOMENTS = ("load", "open", *IN_THE_TRACE, "late")
ACTIONS = tuple(re.findall(r"^ACTION\((\w+)\)", SOURCE.read_text(), re.MULTILINE))

# How a step that does this ends; all other actions do nothing.
CRASHED = """
    noise_byte noise_text noise_length noise_length_zero noise_length_data noise_large_ready
    noise_reply_of_nothing noise_reply_of_list noise_reply_unknown_length noise_other_word noise_failed
    noise_ready noise_error noise_error_exit noise_error_sleep noise_everywhere noise_endless
    close_stream replace_stream shut_stream close_all
    reply_garbage reply_short reply_deep reply_no_such_outcome
    reply_holds_itself reply_long_number reply_pattern end_as_stopped end_as_nothing end_as_far_away
    print_panics print_traceback print_goroutines exec_true exec_echo fork_return fork_then_die
    daemon_then_die kill_self kill_group kill_parent terminate_self interrupt_self real_time_signal alarm_soon
    threads_without_end exit_0 exit_0_at_once exit_3 exit_255 die_of_abort die_of_fault die_of_stack
    die_of_division die_of_trap limit_cores unmap_note
""".split()
HUNG = """
    drip_reply note_endless_sleep
    noise_reply_cut read_stream close_stream_sleep close_all_sleep print_endless exec_sleep daemon_then_hang
    stop_self stop_soon stop_group block_signals_sleep ignore_signals_sleep handle_signals_sleep thread_exit
    hang_asleep hang_busy hang_in_read limit_processor change_group_sleep scribble_note_sleep note_of_init
    note_far_away
""".split()
EXHAUSTED = "noise_large_reply reply_large reply_many_items print_exhausted memory_without_end".split()
DIFFERENT = "reply_long_text reply_items_below reply_ill_typed".split()  # still an answer
KINDS = {
    **dict.fromkeys(CRASHED, "crashed"),
    **dict.fromkeys(HUNG, "hung"),
    **dict.fromkeys(EXHAUSTED, "exhausted"),
    **dict.fromkeys(DIFFERENT, "different"),
}

QUICKLY_HUNG = ("stop_self", "stop_group", "hang_asleep", "read_stream", "drip_reply")


def _moments(action: str) -> tuple[str, ...]:
    return ("step",) if action.startswith("reply_") else MOMENTS


ALL = tuple(f"{moment}-{action}" for action in ACTIONS for moment in _moments(action))
OTHER_MOMENTS = "noise_text daemon_bare kill_self close_all".split()
FAST = tuple(
    f"{moment}-{action}"
    for turn, action in enumerate(ACTIONS)
    for moment in _moments(action)
    if (moment == "step" and (turn % 2 == 0 if action not in HUNG else action in QUICKLY_HUNG))
    or action in OTHER_MOMENTS
)

START_S = 5.0  # for a library to load
LIVE, ACT = Step("live"), Step("act")
ACTING = 2  # the number of the trace in which the subject misbehaves


@attrs.frozen
class Acted:
    """What a subject did that was told to misbehave."""

    kinds: tuple[str, ...]  # of its answers: OK, "different", or a kind of death
    died_at: int | None  # the step of the trace `ACTING`
    reason: str  # why it died there
    fault: DriftcheckError | None  # why it could not be started
    seconds: float
    grown_bytes: int  # the peak of this process above what it had
    left: tuple[str, ...]  # processes
    descriptors: int  # of this process, more than before


@cache
def library(folder: Path) -> Path:
    """Compile the library into a folder."""
    path = folder / "wild.so"
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wno-infinite-recursion", f"-I{SDK}"]
    fingerprint = f'-DFINGERPRINT="{SCHEMA.fingerprint}"'
    subprocess.run(["cc", *flags, fingerprint, "-o", path, SOURCE, "-lpthread"], check=True)
    return path


def beside_the_model(name: str, library: Path, deadline_s: float = 0.3) -> Lockstep:
    """Return a subject that misbehaves and the model."""
    told = Subject("wild", "c", "go", str(library), {wild.VARIABLE: name})
    model = Subject("model", "python", "python", "wild:WildModel")
    return Lockstep(SCHEMA, [told, model], Limits(deadline_s=deadline_s, start_s=START_S))


def act_out(name: str, library: Path, folder: Path, *, deadline_s: float = 0.3) -> Acted:
    """Run a few traces beside the model, of which one misbehaves.

    Args:
        name: moment and action.
        library: of the subject.
        folder: the working directory, which no other process has.
    """
    steps = ((LIVE,), (LIVE, LIVE), (LIVE, ACT, LIVE), (LIVE, LIVE, LIVE), (LIVE,))
    executions: list[Execution] = []
    fault = None
    descriptors = len(os.listdir("/proc/self/fd"))
    base = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # so that the peak begins here
    started = time.monotonic()
    try:
        with beside_the_model(name, library, deadline_s) as lockstep:
            executions = lockstep.run_all([Trace(one, ()) for one in steps])
    except DriftcheckError as error:
        fault = error
    acting = executions[ACTING].answers["wild"] if executions else None
    return Acted(
        tuple(map(kind_of, executions)),
        None if acting is None else acting.died_at,
        "" if acting is None or acting.death is None else acting.death.evidence.reason,
        fault,
        time.monotonic() - started,
        _memory("VmHWM") - base,
        tuple(left(folder)),
        len(os.listdir("/proc/self/fd")) - descriptors,
    )


def expected(name: str) -> set[str]:
    """Return how the trace in which a subject misbehaves may end."""
    moment, _, action = name.partition("-")
    usual = KINDS.get(action, OK)
    if moment == "late":
        return {usual, OK, "crashed"}  # it is chance what it disturbs
    if action == "fork_return":  # which of the two processes answers is chance
        return {"crashed", "hung", OK} if moment == "open" else {usual, OK}
    if action == "limit_processor":  # on a busy machine its limit ends it before the deadline is over
        return {usual, "crashed"}
    return {usual}


def kind_of(execution: Execution) -> str:
    death = execution.answers["wild"].death
    return kind(death) if death is not None else OK if execution.is_equal else "different"


def _memory(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) << 10
    raise LookupError(field)


def left(folder: Path) -> Iterator[str]:
    """Yield the commands of the processes that work in a folder, beside this one."""
    until = time.monotonic() + 2.0
    while (found := at_work(folder)) and time.monotonic() < until:
        time.sleep(0.01)
    for pid in found:
        yield Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def at_work(folder: Path) -> list[str]:
    """List the processes that work in a folder, beside this one."""
    links = Path("/proc").glob("[0-9]*/cwd")
    found = [link.parent.name for link in links if _target(link) == folder]
    return [pid for pid in found if int(pid) != os.getpid()]


def _target(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None
