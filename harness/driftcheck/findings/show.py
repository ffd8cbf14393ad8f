"""
A finding as text: what people read in a terminal, in pytest and in a log of CI.

Plain text of at most 100 columns. Knows no terminal and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from driftcheck.contract import lookup
from driftcheck.contract.schema import Schema
from driftcheck.core.disagreement import describe_groups
from driftcheck.core.outcome import Evidence
from driftcheck.core.trace import Document, LawCase, Trace
from driftcheck.core.visible import visible
from driftcheck.findings import answers, table, words
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks, panics
from driftcheck.oracle.relations import has_direction
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.subjects.wire import DETAIL
from driftcheck.values.encoding import OutsideType
from driftcheck.values.hex_dump import hex_dump, is_binary
from driftcheck.values.literal import literal

COLUMNS = 100
STDERR_LINES = 8  # from the line with the reason of the end
REASON_STARTS = ("panic:", "fatal error:", "runtime:", "thread ", "driftcheck: fault", "memory allocation")
STACK_LINES = 12  # the first ones
NOT_TO_ITS_END = "not completely; the next run shrinks it further"
# Checks whose detail is part of the outcomes, the state or the evidence.
SHOWN_ELSEWHERE = (checks.LAW, checks.INVARIANT, checks.UNMAPPED, checks.PANIC, *checks.DEATHS)
COMPARED = (
    checks.ACCEPT_REJECT,
    checks.REJECTION_CLASS,
    checks.VALUE,
    checks.DETAIL,
    checks.POST_STATE,
)
CHANGED = (checks.REJECTED_CHANGED_STATE, checks.QUERY_CHANGED_STATE, checks.OTHER_INSTANCE_CHANGED)
OF_STATES = (checks.POST_STATE, *CHANGED)


def render(finding: Finding, schema: Schema, *, path: Path | str | None = None) -> str:
    """Return a finding as text, without a newline at its end.

    Args:
        path: of its case file, as the command that replays it names it.
    """
    divergence = finding.divergence
    if finding.belongs_to is not None:
        also = f"also {title(schema, divergence)}"
        return "\n".join(
            [
                *words.wrapped(also, COLUMNS),
                *words.facts(_membership(finding, finding.belongs_to), COLUMNS),
                *_commands(schema, finding, path),
            ]
        )
    parts = [
        words.wrapped(title(schema, divergence), COLUMNS),
        words.facts(facts(schema, divergence, finding.case, finding.languages), COLUMNS),
        steps(schema, finding.execution, divergence),
        documents(schema, finding.execution, divergence),
        states(schema, finding.execution, divergence),
        evidence(divergence),
        words.facts(_confirmed(finding), COLUMNS) + _commands(schema, finding, path) + _needs(finding),
    ]
    return visible("\n\n".join("\n".join(part) for part in parts if part))


def title(schema: Schema, divergence: Divergence) -> str:
    """Return the first line of a finding."""
    operation = f", {divergence.operation}" if divergence.operation else ""
    return f"{divergence.check} in {schema.name}{operation}: {divergence.check.says}"


def call(schema: Schema, trace: Trace, number: int) -> str:
    """Return a step of a trace in one line, like code."""
    return words.step(schema, trace.steps[number])


def in_a_line(schema: Schema, case: Trace | LawCase) -> str:
    """Return a whole case in one line, like code."""
    trace = case.trace if isinstance(case, LawCase) else case
    calls = [words.opening(schema, trace)] if schema.opening else []
    calls += [words.step(schema, step) for step in trace.steps]
    if isinstance(case, LawCase):
        calls.append(_law_call(schema, case))
    return "; ".join(calls)


def facts(
    schema: Schema,
    divergence: Divergence,
    case: Trace | LawCase,
    languages: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return what is known about a divergence, by label.

    Args:
        languages: of the subjects, by name.
    """
    check, facts = divergence.check, {}
    if divergence.path and divergence.path not in divergence.detail:
        facts["path"] = _place(divergence)
    if divergence.detail and check not in SHOWN_ELSEWHERE:
        facts["observed"] = divergence.detail
    elif check == checks.PANIC and (who := panics.who_panicked(divergence.detail)):
        facts["observed"] = f"in {divergence.blamed[0]}, {who}"
    if divergence.relation and not has_direction(divergence.relation):
        facts["relation"] = divergence.relation
    if divergence.cause:
        facts["cause"] = ", ".join(divergence.cause)
    if check == checks.LAW:
        facts["law"] = _law(schema, divergence, case)
    elif check == checks.INVARIANT:
        facts["invariant"] = divergence.subject
    elif check == checks.EXCHANGE:
        writer, _, reader = divergence.subject.partition(">")
        facts["writer"], facts["reader"] = writer, reader
    if divergence.blamed:
        facts["blamed"] = ", ".join(divergence.blamed) + _blame_reason(divergence)
    elif check in COMPARED and (disagreement := describe_groups(divergence.disagreement, languages or {})):
        facts["disagreement"] = disagreement
    return facts


def _place(divergence: Divergence) -> str:
    root = "state" if divergence.check in OF_STATES else DETAIL if divergence.check == checks.DETAIL else ""
    joint = "" if not root or divergence.path.startswith("[") else "."
    return f"{root}{joint}{divergence.path}"


def _law(schema: Schema, divergence: Divergence, case: Trace | LawCase) -> str:
    verbs = {"holds": "holds", "broken": "is broken", "undecided": "is undecided"}
    held = ", ".join(f"{verbs.get(word, word)} in {name}" for name, word in divergence.shape)
    if not isinstance(case, LawCase):
        return f"{divergence.subject}: {held}"
    return f"{_law_call(schema, case)}: {held}; its calls begin at step {len(case.trace.steps) + 1}"


def _law_call(schema: Schema, case: LawCase) -> str:
    law = next(law for law in schema.laws if law.name == case.law)
    return words.call(law.name, law.arguments, case.arguments)


def _blame_reason(divergence: Divergence) -> str:
    others = [name for name, _ in divergence.shape if name not in divergence.blamed]
    if divergence.check not in COMPARED or len(divergence.shape) < 3 or not others:
        return ""
    return (
        f", since the {len(others)} others agree"
        if len(others) > 1
        else f", since {others[0]} is the reference"
    )


def steps(schema: Schema, execution: Execution, divergence: Divergence | None) -> list[str]:
    """Return the steps of an execution with the outcomes side by side, the diverging step marked."""
    marked = None if divergence is None else _shown_step(execution, divergence)
    rows = []
    diverged_at_opening = (
        divergence is not None and divergence.step is None and divergence.check != checks.LAW
    )
    if schema.opening or diverged_at_opening:
        asked = words.opening(schema, execution.trace)
        cells = tuple(words.outcome(a.opened, None) for a in execution.answers.values())
        rows.append(table.Row("", asked, cells, diverged_at_opening))
    for number, step in enumerate(execution.trace.steps):
        operation = schema.operation(step.operation)
        cells = tuple(
            words.outcome(a.outcome(operation, number), operation, answers.text_at(a, number))
            for a in execution.answers.values()
        )
        rows.append(table.Row(str(number + 1), words.step(schema, step), cells, number == marked))
    return table.lay_out(list(execution.answers), rows, COLUMNS) if rows else []


def _shown_step(execution: Execution, divergence: Divergence) -> int | None:
    """Return the number of the diverging step in the trace that is shown, None for the opening."""
    if divergence.variation is not None:
        return len(execution.trace.steps) - 1  # a variation ends with the step that diverges
    return divergence.step


def documents(schema: Schema, execution: Execution, divergence: Divergence) -> list[str]:
    """Return the binary documents of the diverging step, in hex and as text."""
    number = _shown_step(execution, divergence)
    if number is None:
        return []
    step = execution.trace.steps[number]
    lines: list[str] = []
    for argument, value in zip(schema.operation(step.operation).arguments, step.arguments, strict=True):
        if isinstance(value, Document) and is_binary(value.data):
            count = f"{len(value.data)} byte{'' if len(value.data) == 1 else 's'}"
            lines += _titled(f"{argument.name} of step {number + 1}, {count}", hex_dump(value.data))
    return lines


def states(schema: Schema, execution: Execution, divergence: Divergence) -> list[str]:
    """Return the states after the diverging step, and before it if the step must not change them."""
    if schema.state is None or divergence.check == checks.LAW:
        return []
    shown = _shown_step(execution, divergence)
    number = -1 if shown is None else shown
    place = f"step {number + 1}" if number >= 0 else "the opening"
    after = _states_at(schema, execution, number + 1)
    if divergence.check in (*CHANGED, checks.NOT_IDEMPOTENT):
        before = _states_at(schema, execution, number)
        blamed = {f"{n} before": before[n] for n in divergence.blamed if n in before}
        blamed |= {f"{n} after": after[n] for n in divergence.blamed if n in after}
        pairs = dict(sorted(blamed.items(), key=lambda pair: pair[0].split()[0]))
        return (
            _titled(f"state before and after step {number + 1}", words.facts(pairs, COLUMNS - 2))
            if pairs
            else []
        )
    if not divergence.moves_state and len(set(after.values())) <= 1:
        return []
    return _titled(f"state after {place}", words.facts(after, COLUMNS - 2)) if after else []


def _states_at(schema: Schema, execution: Execution, number: int) -> dict[str, str]:
    shown = {}
    for name, answer in execution.answers.items():
        if answers.encoded_state(answer, number) is None:
            continue
        state = answers.state_at(schema, answer, number)
        if isinstance(state, OutsideType):
            shown[name] = f"not of the declared type: {state}"
        elif schema.instances == 1:
            shown[name] = literal(state)
        else:
            shown[name] = "\n".join(f"{words.instance(i)} {literal(one)}" for i, one in enumerate(state))
    return shown


def evidence(divergence: Divergence) -> list[str]:
    """Return what a process that died left behind, shortened."""
    left = divergence.evidence
    if left is None:
        return []
    end = "was stopped" if divergence.check == checks.HANG else "died"
    title = f"the process of {' and '.join(divergence.blamed)} {end}: {_how(left)}"
    lines = []
    if left.stderr.strip():
        lines += ["end of its standard error:", *_quoted(_last_words(left.stderr))]
    if left.stacks.strip():
        lines += ["its stacks when it was stopped:", *_quoted(_first(left.stacks, STACK_LINES))]
    return _titled(title, lines)


def _how(left: Evidence) -> str:
    peak = f"; peak memory {left.peak_bytes / 2**20:.0f} MiB" if left.peak_bytes else ""
    return f"{left.reason}{f', in {left.frame}' if left.frame else ''}{peak}"


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    return [*words.wrapped(title, COLUMNS), *(f"  {line}" for line in lines)]


def _quoted(lines: list[str]) -> list[str]:
    clean = (line.expandtabs(2) for line in lines)
    return [f"| {part}".rstrip() for line in clean for part in words.wrapped(line, COLUMNS - 4)[:2]]


def _last_words(text: str) -> list[str]:
    """Return the lines of a dying process from the one with the reason on, or its last lines."""
    lines = text.rstrip().splitlines()
    reasons = [n for n, line in enumerate(lines) if line.startswith(REASON_STARTS)]
    first = reasons[-1] if reasons else max(0, len(lines) - STDERR_LINES)
    before = [f"({first} earlier lines omitted)"] if first else []
    return [*before, *_first("\n".join(lines[first:]), STDERR_LINES)]


def _first(text: str, count: int) -> list[str]:
    lines = text.rstrip().splitlines()
    return lines if len(lines) <= count else [*lines[:count], f"({len(lines) - count} more lines omitted)"]


def _membership(finding: Finding, other: Signature) -> Mapping[str, str]:
    """Say to which finding another one belongs, in the words of its title."""
    where = f"in {other.operation}" if other.operation else ""
    cause = f"with the cause {', '.join(other.cause)}" if other.cause else ""
    said = " ".join(filter(None, (f"{other.check} {checks.name_of(other.check)}", where, cause)))
    return {
        f"{'bug':<9}": f"probably the same as that of {said}"
    }  # as wide as `confirmed`, as in `_confirmed`


def _confirmed(finding: Finding) -> Mapping[str, str]:
    executions = f"{finding.confirmed} of {finding.of} runs in fresh processes"
    if not finding.is_flaky and not finding.is_minimal:
        return {"confirmed": executions, "shrunk": NOT_TO_ITS_END}
    if not finding.is_flaky:
        return {"confirmed": executions}
    said = f"seen in {executions}: a subject or its environment is nondeterministic"
    if finding.batch:
        said = (
            f"seen once, in a process that ran {len(finding.batch)} traces. This trace alone: {executions}. "
            f"The case file has all {len(finding.batch)} traces."
        )
    return {f"{'flaky':<9}": said}  # as wide as `confirmed`, to align the lines below


def _needs(finding: Finding) -> list[str]:
    return words.facts({"arguments": "; ".join(finding.needs)} if finding.needs else {}, COLUMNS)


def _commands(schema: Schema, finding: Finding, path: Path | str | None) -> list[str]:
    """Return the lines that a user copies: they are never wrapped."""
    if path is None:
        return []
    lines = [f"case       {path}", f"replay     {replay_command(schema, path)}"]
    divergence = finding.divergence
    compared = [name for name, _ in divergence.shape]
    languages = [finding.languages.get(name) for name in (*divergence.blamed, *compared)]
    native = next((language for language in languages if language in ("go", "rust")), None)
    if native is not None:
        lines.append(f"export     driftcheck export {lookup.replay_option(schema.cls)}{path} --to {native}")
    return lines


def replay_command(schema: Schema, path: Path | str) -> str:
    """Return the command that replays a case, also for a contract that is not installed."""
    return f"driftcheck replay {lookup.replay_option(schema.cls)}{path}"
