"""
What a case file has recorded of the subjects: outcomes and states, the diverging step, and who is to blame.

`findings.keep` writes it. `findings.case` reads only what is sent to subjects. Knows nothing of languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Trace
from driftcheck.export.errors import RECORD, NotExportable
from driftcheck.findings import show, words
from driftcheck.findings.case import RECORDED_FOR, Case, digest, read_trace
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import read_json
from driftcheck.values.literal import literal
from driftcheck.values.notation import read

CUT = "cut"


@attrs.frozen
class Other:
    """An outcome that no test can ask for by value: an unmapped error, a death, a value outside its type."""

    kind: str
    text: str = ""


Known = Accepted | Rejected | Other


@attrs.frozen(eq=False)
class Recorded:
    """A case with what its file says of the subjects."""

    case: Case
    data: Mapping[str, Any]

    @classmethod
    def of(cls, case: Case) -> Recorded:
        """Read what the file of a case says.

        Raises:
            NotExportable: the file does not say what the subjects did in the steps that it holds.
        """
        data = read_json(case.path)
        command = f"'{show.replay_command(case.schema, case.path)} --record'"
        if RECORDED_FOR not in data or "at" not in data:
            raise NotExportable(
                "its file does not say what the subjects did, as if somebody wrote it by hand; "
                f"{command} adds that"
            )
        if data[RECORDED_FOR] != digest(data):
            raise NotExportable(
                "somebody changed its steps after driftcheck recorded what the subjects did; "
                f"{command} records it again"
            )
        return cls(case, data)

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.case.schema

    @property
    def calls(self) -> Sequence[Mapping[str, Any]]:
        """Return the steps as the file has them, the calls of a law after the steps before it."""
        law = self.data.get("law", {})
        return [*self.data["steps"], *law.get("calls", ())]

    @property
    def at(self) -> int | None:
        """Return the number of the diverging step, from 0; None where the subject did not open."""
        at = self.data["at"]
        return None if at is None else int(at) - 1

    @property
    def blamed(self) -> tuple[str, ...]:
        """Return the subjects that are at fault, if that is known."""
        return tuple(self.data.get("blamed", ()))

    @property
    def seen(self) -> tuple[int, int] | None:
        """Return in how many processes of how many a flaky divergence was seen; None if it was in each."""
        confirmed = self.data.get("confirmed")
        if confirmed is None or not self.case.is_flaky:
            return None
        return confirmed["seen"], confirmed["of"]

    @property
    def trace(self) -> Trace:
        """Return the steps, those that a law made included."""
        return read_trace(self.case, {**self.data, "steps": self.calls})

    @property
    def variation(self) -> Trace | None:
        """Return the varied trace that shows the divergence beside the trace."""
        data = self.data.get("variation")
        return None if data is None else read_trace(self.case, data)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the names of the subjects that ran."""
        named = [name for call in self.calls for name in call.get("outcomes", {})]
        named += self.data.get("states", {})
        return tuple(dict.fromkeys([*named, *dict(self.case.signature.shape)]))

    def outcome(self, subject: str, number: int) -> Known | None:
        """Return what a subject did in a step; None where the file does not say."""
        if number >= len(self.calls):
            return None
        call = self.calls[number]
        data = call.get("outcomes", {}).get(subject)
        return None if data is None else self._outcome(call["operation"], data)

    def varied_outcome(self, subject: str) -> Known | None:
        """Return what a subject did in the last step of the varied trace."""
        steps = self.data.get("variation", {}).get("steps", ())
        data = steps[-1].get("outcomes", {}).get(subject) if steps else None
        return None if data is None else self._outcome(steps[-1]["operation"], data)

    @property
    def shape(self) -> Mapping[str, str]:
        """Return the outcome's class by subject, as the signature has it."""
        return dict(self.case.signature.shape)

    def said(self, subject: str, number: int) -> str:
        """Return the words of the library with a rejection, "" if there are none."""
        data = self.calls[number].get("outcomes", {}).get(subject, {}) if number < len(self.calls) else {}
        said = data.get("said", "")
        return said if isinstance(said, str) else ""

    def _outcome(self, name: str, data: Mapping[str, Any]) -> Known:
        operation = self.schema.operation(name)
        if CUT in data:
            raise NotExportable(f"its file has only the beginning of a long answer to {name!r}")
        try:
            if "accepted" in data:
                type_ = operation.result
                value = None if type_ is None else _value(type_, data["accepted"])
                return Accepted(value)
            if "rejected" in data:
                detail = next((r.detail for r in self.schema.rejections if r.name == data["rejected"]), None)
                return Rejected(data["rejected"], None if detail is None else read(detail, data["detail"]))
        except OutsideType as fault:
            return Other("outside its type", str(fault))
        ((kind, said),) = data.items()
        return Other(kind, said if isinstance(said, str) else "")

    @property
    def state_type(self) -> t.Type:
        """Return the type of what is compared after each step.

        Raises:
            NotExportable: the contract has no state.
        """
        whole = self.schema.whole_state
        if whole is None:
            raise NotExportable(
                f"it is about states, and the contract {self.schema.name!r} has none; "
                "check that the file belongs to this contract"
            )
        return whole

    def state(self, subject: str) -> Any:
        """Return the state of a subject after the diverging step.

        Raises:
            NotExportable: the file does not hold it, or the contract has no state.
        """
        data = self.data.get("states", {}).get(subject)
        if data is None:
            raise NotExportable(f"its file does not hold the state of {subject}; {RECORD}")
        if CUT in data:
            raise NotExportable(f"its file has only the beginning of the state of {subject}")
        try:
            return read(self.state_type, data["state"])
        except OutsideType as fault:
            raise NotExportable(f"the state of {subject} is outside its type: {fault}") from None

    def has_state(self, subject: str) -> bool:
        """Say whether the file holds the state of a subject after the diverging step."""
        try:
            self.state(subject)
        except NotExportable:
            return False
        return True


def _value(type_: t.Type, data: Any) -> Any:
    bare = t.bare(type_)
    if isinstance(bare, t.Handle):
        return None
    return read(bare, data)


def in_words(outcome: Known, result: t.Type | None, said: str) -> str:
    """Return an outcome in one line."""
    match outcome:
        case Other(kind=kind, text=text):
            return f"{kind}: {text}" if text else kind
        case Accepted() if result is None or isinstance(t.bare(result), t.Handle):
            return "accepted"
    shown = words.outcome(outcome, None)
    if isinstance(outcome, Accepted):
        shown = f"accepted: {literal(outcome.value)}"
    return f"{shown}; in its own words: {said}" if said else shown
