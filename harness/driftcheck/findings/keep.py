"""
Keeping findings: each signature has one file, which is never half written.

Decides which of two cases of one signature is in the file. Owns the folder and the form in which a finding is
written. Knows nothing of how `case` reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.errors import CaseError
from driftcheck.core.outcome import Accepted, Crashed, Exhausted, Hung, Outcome, Rejected, kind
from driftcheck.core.output_file import replace_file
from driftcheck.core.shorten import shorten
from driftcheck.core.trace import LawCase, Step
from driftcheck.findings import answers
from driftcheck.findings.case import (
    FAULT,
    FORMAT,
    INSTANCE,
    MARK,
    RECORDED_FOR,
    Case,
    digest,
    from_json,
    load,
    signature_of,
)
from driftcheck.findings.finding import Finding
from driftcheck.findings.trace_writer import TraceWriter
from driftcheck.oracle.checks import INVARIANT, POST_STATE
from driftcheck.oracle.signature import Signature
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import MAX_BYTES, in_a_line, lay_out, parse, read_json
from driftcheck.values.notation import write

FOLDER = "cases"  # under a project's root
# Characters of a value or a text that a subject gave; if the file is then too large, the next number counts.
LONGEST_OUTCOMES = (16 << 10, 1 << 10, 0)
LONGEST_SAYS = 4 << 10
ADVICE = "driftcheck still shows the finding; try fewer steps or shorter documents"


@attrs.frozen(eq=False)
class Saved:
    """A case file, and the finding in it."""

    path: Path
    finding: Finding


def save(
    finding: Finding,
    schema: Schema,
    root: Path,
    shown_again: Callable[[Case], Finding | None],
    *,
    picture: str = "",
    since_ns: int | None = None,
) -> Saved:
    """Keep a finding in its file, unless an existing file of the same signature is as good.

    An existing file stays if its case is confirmed, not longer, shrunk as far, and still shows the signature.
    What it shows is then returned as the finding, so that people read the content of the file.

    Args:
        root: of the project; the file lies in `cases/<contract>/` under it.
        shown_again: runs the case of an existing file, and returns it as a finding where it still shows its
            signature.
        picture: a word for what the case shows beyond its signature; such a case gets its own file.
        since_ns: when the run began, in nanoseconds since the epoch. A file that was written later stays even
            if its case is longer, since another process of the run has printed it.

    Raises:
        CaseError: the folder cannot be written, or the case is larger than driftcheck reads.
    """
    folder = root / FOLDER / schema.name
    data, text = _readable(finding, schema, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            paths = _names(folder, finding.signature, picture)
            return _Choice(schema, shown_again, since_ns).save(finding, data, text, paths)
    except OSError as error:
        raise CaseError(
            str(folder), f"cannot be written: {error.strerror}; check its permissions and the free space"
        ) from None


def record(finding: Finding, case: Case) -> None:
    """Write into the file of a case what the subjects did in a replay of it.

    Raises:
        CaseError: the file cannot be written, or would be larger than driftcheck reads.
    """
    data, _ = _readable(finding, case.schema, case.path)
    kept = read_json(case.path)
    if "confirmed" in kept:
        data["confirmed"] = kept["confirmed"]
    try:
        replace_file(case.path, (lay_out(data) + "\n").encode())
    except OSError as error:
        raise CaseError(str(case.path), f"cannot be written: {error.strerror}") from None


@attrs.frozen
class _Choice:
    """Decides which case a file contains."""

    schema: Schema
    shown_again: Callable[[Case], Finding | None]
    since_ns: int | None

    def save(self, finding: Finding, data: Mapping[str, Any], text: str, paths: Iterator[Path]) -> Saved:
        """Keep a finding at the first of these paths that is free or has the same signature."""
        for path in paths:
            if not path.exists():
                break
            if _signature_in(path, self.schema) != finding.signature:
                continue  # two signatures may have the same name, and somebody may have edited the file
            shown = self._shown_by(path, finding, data)
            if shown is not None:
                return Saved(path, shown)
            if not self._is_of_this_run(path):
                break
        replace_file(path, text.encode())
        return Saved(path, finding)

    def _shown_by(self, path: Path, finding: Finding, data: Mapping[str, Any]) -> Finding | None:
        """Return what a file shows, if it stays; None if its case is no longer true, or not as good."""
        try:
            case = load(path, lambda name: self.schema)
            kept = read_json(path)
        except (CaseError, OutsideType):
            return None
        if _cost(data) < _cost(kept) and not self._is_of_this_run(path):
            return None
        is_same = _asked(kept) == _asked(data) and kept.get("batch") == data.get("batch")
        return finding if is_same else self.shown_again(case)

    def _is_of_this_run(self, path: Path) -> bool:
        return self.since_ns is not None and path.stat().st_mtime_ns >= self.since_ns


def _readable(finding: Finding, schema: Schema, folder: Path) -> tuple[dict[str, Any], str]:
    """Return a finding as JSON data and as text that `load` reads; raises CaseError where there is none."""
    for longest in LONGEST_OUTCOMES:
        data = to_json(finding, schema, longest=longest)
        text = lay_out(data) + "\n"
        if len(text.encode()) <= MAX_BYTES:
            break
    else:
        raise CaseError(
            str(folder), f"the case is not kept: it is larger than {MAX_BYTES >> 20} MiB; {ADVICE}"
        )
    try:
        from_json(parse(text), folder, lambda name: schema)
    except OutsideType as fault:
        place = f"{fault.path} " if fault.path else "it "
        raise CaseError(str(folder), f"the case is not kept: {place}{fault.reason}; {ADVICE}") from None
    return data, text


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Exclude other processes that save here, and remove what a killed one left half written."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for left in folder.glob(".*.tmp"):
            left.unlink()
        yield
    finally:
        os.close(descriptor)


def _names(folder: Path, signature: Signature, picture: str) -> Iterator[Path]:
    """Yield the paths that a signature may have, without end."""
    name = "-".join(word for word in (signature.slug, signature.digest, picture) if word)
    yield folder / f"{name}.json"
    for number in count(2):
        yield folder / f"{name}-{number}.json"


def _signature_in(path: Path, schema: Schema) -> Signature | None:
    try:
        return signature_of(read_json(path), schema.plugin_checks)
    except OutsideType:
        return None  # somebody has edited it, so it must not be overwritten


def _cost(data: Mapping[str, Any]) -> tuple[bool, int, int, bool]:
    confirmed = data.get("confirmed") or {"seen": 0, "of": 1}
    is_flaky = confirmed["seen"] < confirmed["of"]
    is_minimal = data.get("is_minimal", True)
    return (is_flaky, len(data.get("steps", [])), len(json.dumps(_asked(data))), not is_minimal)


def _asked(data: Mapping[str, Any]) -> list[Any]:
    """Return what the subjects are asked in a case."""
    keys = ("operation", "arguments", INSTANCE, FAULT)
    steps = [[step.get(key) for key in keys] for step in data.get("steps", [])]
    law = data.get("law", {})
    return [data.get("opening"), steps, law.get("name"), law.get("arguments")]


def to_json(finding: Finding, schema: Schema, *, longest: int = LONGEST_OUTCOMES[0]) -> dict[str, Any]:
    """Return a finding as the JSON data of its case file.

    Args:
        longest: characters of a value or a text that a subject gave; the end of a longer one is left out.
    """
    return _Writer(schema, finding, longest).data()


class _Writer:
    def __init__(self, schema: Schema, finding: Finding, longest: int) -> None:
        self.schema = schema
        self.finding = finding
        self.longest = longest
        self.writer = TraceWriter(schema)
        self.details = {r.name: r.detail for r in schema.rejections if r.detail is not None}

    def data(self) -> dict[str, Any]:
        finding, divergence = self.finding, self.finding.divergence
        case = finding.case
        trace = case.trace if isinstance(case, LawCase) else case
        data: dict[str, Any] = {
            MARK: FORMAT,
            "contract": self.schema.name,
            "fingerprint": self.schema.fingerprint,
            "check": str(divergence.check),
            "says": shorten(
                ": ".join(words for words in (divergence.check.says, divergence.detail) if words),
                LONGEST_SAYS,
            ),
            "signature": finding.signature.to_json(),
            "confirmed": {"seen": finding.confirmed, "of": finding.of},
            **({} if finding.is_minimal or finding.is_flaky else {"is_minimal": False}),
            "at": None if divergence.step is None else divergence.step + 1,
            **({"blamed": list(divergence.blamed)} if divergence.blamed else {}),
            **self.writer.trace(trace, self._outcomes),
        }
        if divergence.variation is not None:
            data["variation"] = self.writer.trace(divergence.variation, self._outcomes)
        if divergence.check in (POST_STATE, INVARIANT):
            data["states"] = self._states(divergence.step)
        if isinstance(case, LawCase):
            data["law"] = self._law(case)
            if self.schema.state is not None:  # the last that the law saw
                data["states"] = self._states(len(finding.execution.trace.steps) - 1)
        if finding.batch:
            data["batch"] = [self.writer.trace(one) for one in finding.batch]
        data[RECORDED_FOR] = digest(data)
        data["environment"] = _environment(finding.descriptions)
        return data

    def _outcomes(self, step: Step, number: int) -> dict[str, Any]:
        operation = self.schema.operation(step.operation)
        return {
            "outcomes": {
                name: self._outcome(
                    answer.outcome(operation, number),
                    operation.result,
                    answers.text_at(answer, number),
                )
                for name, answer in self.finding.execution.answers.items()
            }
        }

    def _states(self, step: int | None) -> dict[str, Any]:
        """Return the state of each subject after the diverging step, where it has the declared type."""
        number = 0 if step is None else step + 1
        states: dict[str, Any] = {}
        for name, answer in self.finding.execution.answers.items():
            if answers.encoded_state(answer, number) is None:
                continue
            state = answers.state_at(self.schema, answer, number)
            if not isinstance(state, OutsideType):
                states[name] = self._cut({"state": write(self._whole_state, state)})
        return states

    @property
    def _whole_state(self) -> t.Type:
        whole = self.schema.whole_state
        assert whole is not None  # an invariant, too, needs a state
        return whole

    def _law(self, case: LawCase) -> dict[str, Any]:
        law = next(law for law in self.schema.laws if law.name == case.law)
        first = len(case.trace.steps)
        calls = self.finding.execution.trace.steps[first:]
        return {
            "name": case.law,
            "arguments": self.writer.arguments(law.arguments, case.arguments),
            "calls": self.writer.steps(calls, self._outcomes, first=first),
            **({"states": pattern} if (pattern := self._pattern()) else {}),
        }

    def _pattern(self) -> list[list[int]]:
        """Return which states of the blamed subject are equal: of each, the number of the first one like it.

        One list for each moment, the opening first, with a number for each instance. A law may compare
        states, and this says so much of them in little room.
        """
        blamed = next(iter(self.finding.divergence.blamed), None)
        answer = self.finding.execution.answers.get(blamed) if blamed is not None else None
        if answer is None or self.schema.state is None:
            return []
        numbers: dict[str, int] = {}
        pattern: list[list[int]] = []
        for moment in range(len(self.finding.execution.trace.steps) + 1):
            state = answers.state_at(self.schema, answer, moment)
            if state is None or isinstance(state, OutsideType):
                return []
            each = [state] if self.schema.instances == 1 else state
            pattern.append([numbers.setdefault(repr(one), len(numbers)) for one in each])
        return pattern

    def _outcome(self, outcome: Outcome | OutsideType, result: t.Type | None, text: str) -> dict[str, Any]:
        """Return an outcome as JSON data, for people and for `driftcheck export`; no replay reads it."""
        match outcome:
            case OutsideType():
                return self._cut({"outside its type": str(outcome)})
            case Accepted(value=value):
                return self._cut({"accepted": None if result is None else write(result, value)})
            case Rejected(rejection=rejection, detail=detail):
                data = {"rejected": rejection} | ({"said": text} if text else {})
                type_ = self.details.get(rejection)
                return self._cut(data if type_ is None else {**data, "detail": write(type_, detail)})
            case Crashed(evidence=evidence) | Hung(evidence=evidence) | Exhausted(evidence=evidence):
                shown = {k: v for k, v in attrs.asdict(evidence).items() if v not in ("", None)}
                return {kind(outcome): self._cut(shown)}
            case _:
                return self._cut({kind(outcome): getattr(outcome, "text", None)})

    def _cut(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what a subject said without the ends of long values; `cut` counts what is left out."""
        kept, left = {}, 0
        for key, value in said.items():
            text = value if isinstance(value, str) else in_a_line(value)
            kept[key] = value
            if len(text) > self.longest:
                kept[key] = text[: self.longest]
                left += len(text) - self.longest
        return {**kept, "cut": left} if left else kept


def _environment(descriptions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    try:
        version = metadata.version("driftcheck")
    except metadata.PackageNotFoundError:
        version = "not installed"
    known = ("language", "toolchain", "libraries", "build")
    return {
        "driftcheck": version,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "subjects": {
            name: {key: description[key] for key in known if description.get(key)}
            for name, description in descriptions.items()
        },
    }
