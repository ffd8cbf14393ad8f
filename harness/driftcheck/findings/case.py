"""
Case files: a finding as JSON that a person can read and edit, and that stays valid after an upgrade.

docs/reference/case-file.md is normative. Matches names and types with the current contract, and refuses what
no longer fits, with the reason. Runs no code from the file. Knows nothing of the folder of the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from driftcheck.contract.schema import Argument, Law, Operation, PluginCheck, Schema
from driftcheck.core import types as t
from driftcheck.core.errors import CaseError, UnknownCheck, UnknownContract
from driftcheck.core.suggest import advice
from driftcheck.core.trace import MOST_STEPS, Instance, LawCase, Name, Ref, Step, Trace
from driftcheck.generate.plan import DistinctNameDraw, NameDraw, Part, Plan
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.oracle.checks import check
from driftcheck.oracle.signature import Signature
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import read_json
from driftcheck.values.notation import check_keys, found, read, word

FORMAT = 1
MARK = "driftcheck_case"  # the key that makes JSON a case file; its value is the format
HANDLE = "handle_of_step"
INSTANCE = "instance"  # counted from 1
FAULT = "fault"
RECORDED_FOR = "recorded_for"  # the digest of the steps for which the outcomes were recorded
ASKED = ("opening", "names", "steps", "law", "variation", "batch")  # what the digest is of

REQUIRED = (MARK, "contract", "signature", "steps")
OPTIONAL = (
    "fingerprint",
    "check",
    "says",
    "confirmed",
    "at",
    "blamed",
    "variation",
    "states",
    RECORDED_FOR,
    "is_minimal",
    "opening",
    "names",
    "law",
    "batch",
    "environment",
)

T = TypeVar("T")


@attrs.frozen(eq=False)
class Case:
    """A case file that was read."""

    path: Path
    schema: Schema
    case: Trace | LawCase
    signature: Signature
    fingerprint: str = ""  # of the contract when it was found
    is_flaky: bool = False  # it was not seen again in each run
    is_minimal: bool = True  # False: it was not completely shrunk
    batch: tuple[Trace, ...] = ()  # of a death that did not recur alone

    @property
    def trace(self) -> Trace:
        """Return the steps; of a law case, the steps before the law."""
        return self.case.trace if isinstance(self.case, LawCase) else self.case


def load(path: Path, find_schema: Callable[[str], Schema]) -> Case:
    """Read a case file.

    Args:
        find_schema: returns the contract of a name, which is a stranger's; raises UnknownContract.

    Raises:
        CaseError: names the file, the place in it, what was found and what to do.
    """
    try:
        return from_json(read_json(path), path, find_schema)
    except OutsideType as fault:
        raise CaseError(str(path), f"{fault.path or 'the file'} {fault.reason}") from None


def from_json(data: Any, path: Path, find_schema: Callable[[str], Schema]) -> Case:
    """Return the case in the JSON data of a case file.

    Raises:
        OutsideType: the reason, and the place in the file.
    """
    _check_form(data)
    name = _text(data, "contract")
    try:
        schema = find_schema(name)
    except UnknownContract as error:
        told = attrs.evolve(
            error, advice="install its package, or give its class with --contract MODULE:CLASS"
        )
        raise OutsideType(f"is of a contract that is not installed: {told}") from None
    if schema.name != name:
        raise OutsideType(
            f"belongs to the contract {word(name)}, not to {schema.name!r}; check that it is in the folder "
            "of its contract, and that --contract names its contract"
        )
    return _Reader(schema).case(path, data)


def read_trace(case: Case, data: Mapping[str, Any]) -> Trace:
    """Read a trace of a file other than the one to replay: the calls of a law, or a varied trace.

    A law may call with values that nobody draws, so only the types on the wire count.

    Raises:
        CaseError: it does not fit the contract.
    """

    def plain(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        return tuple(attrs.evolve(a, type=t.bare(a.type)) for a in arguments)

    schema = case.schema
    operations = tuple(attrs.evolve(o, arguments=plain(o.arguments)) for o in schema.operations)
    schema = attrs.evolve(schema, operations=operations, laws=())
    try:
        without_names = {key: part for key, part in data.items() if key != "names"}
        return _Reader(schema).trace(without_names, None)
    except OutsideType as fault:
        raise CaseError(str(case.path), f"{fault.path or 'the file'} {fault.reason}") from None


def digest(data: Mapping[str, Any]) -> str:
    """Return a digest of what the subjects were asked, for `recorded_for` in the JSON data of a case."""
    asked = [_without_outcomes(data.get(key)) for key in ASKED]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _without_outcomes(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_outcomes(item) for item in data]
    if not isinstance(data, dict):
        return data
    is_step = "operation" in data
    return {k: _without_outcomes(v) for k, v in data.items() if not (is_step and k == "outcomes")}


def read_as_far_as_it_fits(schema: Schema, data: Any) -> Trace:
    """Read a trace in the form of a case file, up to the first step that does not fit the contract.

    Raises:
        OutsideType: its header does not fit, or its first step does not.
    """
    check_keys(data, ["steps"], "a trace", ["opening", "names"])
    return _Reader(schema).first_steps(data)


def _check_form(data: Any) -> None:
    """Refuse a file of another program or of a newer driftcheck, before its parts are read."""
    if not isinstance(data, dict) or MARK not in data:
        raise OutsideType(
            f"is not a case file of driftcheck: it has no {MARK!r}; give the path of a case file"
        )
    version = data[MARK]
    if type(version) is not int or version < 1:
        raise OutsideType(f"has {found(version)} as {MARK!r}, which is not a format version; write {FORMAT}")
    if version > FORMAT:
        raise OutsideType(f"has format {version}, and this driftcheck reads {FORMAT}; upgrade driftcheck")
    check_keys(data, list(REQUIRED), "a case", OPTIONAL)


def _text(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise OutsideType(f"is {found(value)}, but text is expected", repr(key))
    return value


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise OutsideType(f"is {found(value)}, but a list is expected", repr(key))
    return value


def _is_minimal(data: Mapping[str, Any]) -> bool:
    value = data.get("is_minimal", True)
    if not isinstance(value, bool):
        raise OutsideType(f"is {found(value)}, but true or false is expected", "'is_minimal'")
    return value


def signature_of(data: Any, added: Sequence[PluginCheck] = ()) -> Signature:
    """Return the signature in the JSON data of a case.

    Raises:
        OutsideType: it has none.
    """
    written = data.get("signature") if isinstance(data, dict) else None
    try:
        check_keys(
            written,
            ["check", "operation", "shape"],
            "a signature",
            [a.name for a in attrs.fields(Signature)],
        )
        signature = Signature.from_json(written)  # type: ignore[arg-type] # an object, as was just checked
        for text in (*(word for pair in signature.shape for word in pair), *signature.cause):
            if not isinstance(text, str):
                raise OutsideType(f"contains {found(text)}, but text is expected")
        check(signature.check, added)
    except ValueError as fault:  # OutsideType is one
        reason = fault.reason if isinstance(fault, OutsideType) else f"is not a signature: {fault}"
        raise OutsideType(reason, "'signature'") from None
    except UnknownCheck as error:
        raise OutsideType(f"has an unknown check: {error}", "'signature'") from None
    return signature


class _Reader:
    """Matches the parts of a case file with a contract."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.plan: Plan = compile_plan(schema)
        self._parts = {o.name: o.parts for o in self.plan.operations}
        self._operations = {o.name: o for o in schema.operations}

    def case(self, path: Path, data: Mapping[str, Any]) -> Case:
        is_flaky = self._is_flaky(data.get("confirmed"))
        signature = signature_of(data, self.schema.plugin_checks)
        law = self._law(data["law"]) if "law" in data else None
        trace = self.trace(data, law)
        case = trace if law is None else self._law_case(trace, law, data["law"])
        batch = []
        for i, item in enumerate(_list(data, "batch")):
            with _In(f"'batch', trace {i + 1}:"):
                check_keys(item, ["steps"], "a trace", ["opening", "names"])
                batch.append(self.trace(item, None))
        return Case(
            path,
            self.schema,
            case,
            signature,
            fingerprint=_text(data, "fingerprint", ""),
            is_flaky=is_flaky or bool(batch),
            is_minimal=_is_minimal(data),
            batch=tuple(batch),
        )

    def _is_flaky(self, confirmed: Any) -> bool:
        if confirmed is None:
            return False
        with _In("'confirmed'"):
            check_keys(confirmed, ["seen", "of"], "it")
            if any(type(n) is not int or n < 0 for n in confirmed.values()):
                raise OutsideType(
                    "does not have two counts; write in how many runs it was seen, and of how many"
                )
        return bool(confirmed["seen"] < confirmed["of"])

    def trace(self, data: Mapping[str, Any], law: Law | None) -> Trace:
        """Read opening arguments, names in play and steps."""
        rosters = self._rosters(data, law)
        with _In("'opening':"):
            opening = self._opening(data.get("opening", {}), rosters)
        return Trace(self._steps(_list(data, "steps"), rosters, ()), opening, rosters)

    def first_steps(self, data: Mapping[str, Any]) -> Trace:
        """Read a trace up to the first step that does not fit; raises OutsideType if none fits."""
        header, fault = self.trace({**data, "steps": []}, None), None
        steps: list[Step] = []
        for item in _list(data, "steps")[:MOST_STEPS]:
            try:
                with _In(f"step {len(steps) + 1}"):
                    steps.append(self._step(item, header.rosters, steps))
            except OutsideType as one:
                fault = one
                break
        if not steps:
            raise fault or OutsideType("has no step")
        return header.with_steps(tuple(steps))

    def _opening(self, data: Any, rosters: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
        """Read the opening arguments: of several instances a list of all, unless they share the value."""
        check_keys(data, [a.name for a in self.schema.opening], "'open'")
        values = []
        for (argument, instance), part in zip(self.schema.slots, self.plan.opening, strict=True):
            given = data[argument.name]
            with _In(f"argument {argument.name!r}", " at "):
                if instance is not None:
                    count = self.schema.instances
                    if not isinstance(given, list) or len(given) != count:
                        raise OutsideType(f"is {found(given)}; give a list of {count}, one for each instance")
                    given = given[instance]
                values.append(self._argument(argument.type, part, given, rosters, ()))
        return tuple(values)

    def _rosters(self, data: Mapping[str, Any], law: Law | None) -> dict[str, tuple[Any, ...]]:
        known = {r.key: r for r in self.plan.rosters}
        if law is not None:
            known |= {r.key: r for r in self.plan.law(law.name).rosters}
        written = data.get("names", {})
        if not isinstance(written, dict):
            raise OutsideType(f"is {found(written)}, but an object is expected", "'names'")
        rosters = {}
        for key, values in written.items():
            with _In("'names'"):
                if key not in known:
                    raise OutsideType(
                        f"contains {word(key)}, but the contract has no such names in play; "
                        f"{advice(key, known)}"
                    )
                if not isinstance(values, list):
                    raise OutsideType(f"is {found(values)}, but a list is expected", f"[{key!r}]")
                if len(values) > known[key].count:
                    most = f"at most {known[key].count} are expected; remove some"
                    raise OutsideType(f"has {len(values)} names, but {most}", f"[{key!r}]")
                parts = (_at(f"[{key!r}][{i}]", read, known[key].type, v) for i, v in enumerate(values))
                rosters[key] = tuple(parts)
        return rosters

    def _steps(
        self, data: list[Any], rosters: Mapping[str, tuple[Any, ...]], before: Sequence[Step]
    ) -> tuple[Step, ...]:
        """Read steps, which may use the handles of the steps `before` them."""
        if len(data) > MOST_STEPS:
            raise OutsideType(f"has {len(data)} steps, and a trace has at most {MOST_STEPS}; remove some")
        earlier = [*before]
        for item in data:
            with _In(f"step {len(earlier) + 1}"):
                earlier.append(self._step(item, rosters, earlier))
        return tuple(earlier[len(before) :])

    def _step(self, data: Any, rosters: Mapping[str, tuple[Any, ...]], earlier: Sequence[Step]) -> Step:
        several = self.schema.instances > 1
        more = [*([INSTANCE] if several else []), *([FAULT] if self.schema.faults else [])]
        check_keys(data, ["operation"], "a step", ["arguments", "outcomes", *more])
        instance = self._instance(data) if several else 0
        name = data["operation"]
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is None:
            shown = word(name) if isinstance(name, str) else found(name)
            raise OutsideType(
                f"has the operation {shown}, which the contract {self.schema.name!r} does not have; "
                f"{advice(name, self._operations)}"
            )
        given = data.get("arguments", {})
        with _In(f"({operation.name}):"):
            parts = self._parts[operation.name]
            arguments = self._arguments(operation.name, operation.arguments, parts, given, rosters, earlier)
        if any(isinstance(a, Instance) and a.number == instance for a in arguments):
            raise OutsideType("is its own peer; name another instance")
        return Step(operation.name, arguments, instance, self._fault(operation, data.get(FAULT)))

    def _fault(self, operation: Operation, name: Any) -> str | None:
        if name is not None and name not in operation.faults:
            shown = word(name) if isinstance(name, str) else found(name)
            raise OutsideType(
                f"has the fault {shown}, which {operation.name!r} lacks; {advice(name, operation.faults)}"
            )
        return None if name is None else str(name)

    def _instance(self, data: Any) -> int:
        number = data.get(INSTANCE) if isinstance(data, dict) else None
        if type(number) is not int or not 1 <= number <= self.schema.instances:
            raise OutsideType(
                f"has {found(number)} as {INSTANCE!r}, but a number from 1 to {self.schema.instances} "
                "is expected"
            )
        return number - 1

    def _arguments(
        self,
        of: str,
        arguments: Sequence[Argument],
        parts: Sequence[Part],
        data: Any,
        rosters: Mapping[str, tuple[Any, ...]],
        earlier: Sequence[Step],
    ) -> tuple[Any, ...]:
        check_keys(data, [a.name for a in arguments], f"{of!r}")
        values = []
        for argument, part in zip(arguments, parts, strict=True):
            with _In(f"argument {argument.name!r}", " at "):
                values.append(self._argument(argument.type, part, data[argument.name], rosters, earlier))
        return tuple(values)

    def _argument(
        self,
        type_: t.Type,
        part: Part,
        data: Any,
        rosters: Mapping[str, tuple[Any, ...]],
        earlier: Sequence[Step],
    ) -> Any:
        match type_:
            case t.Handle():
                return self._handle(type_, data, earlier)
            case t.Peer():
                return Instance(self._instance(data))
            case t.Steps():
                if not isinstance(data, list):
                    raise OutsideType(f"is {found(data)}, but a list of steps is expected")
                return self._steps(data, rosters, earlier)
        value = read(type_, data)
        if not isinstance(part, NameDraw | DistinctNameDraw):
            return value
        names = rosters.get(part.roster, ())
        index = next((i for i, name in enumerate(names) if _is_same(name, value)), None)
        return value if index is None else Name(part.roster, index, names[index])

    def _handle(self, type_: t.Handle, data: Any, earlier: Sequence[Step]) -> Ref:
        if not isinstance(data, dict) or set(data) != {HANDLE} or type(data[HANDLE]) is not int:
            wanted = f'{{"{HANDLE}": number of the step that made it}}'
            raise OutsideType(f"is {found(data)}, but a handle is expected: {wanted}")
        number = data[HANDLE]
        if not 1 <= number <= len(earlier):
            raise OutsideType(f"is the handle of step {number}, which is not earlier")
        maker = self._operations[earlier[number - 1].operation]
        made = t.bare(maker.result) if maker.result is not None else None
        if not isinstance(made, t.Handle) or made.name != type_.name:
            what = f"a handle of {made.name}" if isinstance(made, t.Handle) else "no handle"
            raise OutsideType(
                f"is of step {number}, but {maker.name!r} makes {what}; give one of {type_.name}"
            )
        return Ref(number - 1)

    def _law(self, data: Any) -> Law:
        with _In("'law'"):
            check_keys(data, ["name"], "a law", ["arguments", "calls", "states"])
            laws = {law.name: law for law in self.schema.laws}
            name = data["name"]
            if not isinstance(name, str) or name not in laws:
                raise OutsideType(
                    f"is {found(name)}, which the contract {self.schema.name!r} does not have; "
                    f"{advice(name, laws)}"
                )
            return laws[name]

    def _law_case(self, trace: Trace, law: Law, data: Mapping[str, Any]) -> LawCase:
        with _In(f"law {law.name!r}:"):
            parts = self.plan.law(law.name).parts
            given = data.get("arguments", {})
            arguments = self._arguments(law.name, law.arguments, parts, given, trace.rosters, trace.steps)
        return LawCase(trace, law.name, arguments)


class _In:
    """Adds the place that is being read to an error in it."""

    def __init__(self, place: str, joint: str = " ") -> None:
        self.place = place
        self.joint = joint

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OutsideType):
            inner = f"{self.joint}{error.path}" if error.path else ""
            raise OutsideType(error.reason, f"{self.place}{inner}") from None


def _at(part: str, reader: Callable[..., T], *arguments: Any) -> T:
    try:
        return reader(*arguments)
    except OutsideType as fault:
        raise fault.at(part) from None


def _is_same(one: Any, other: Any) -> bool:
    """Compare as a roster does: 1 is not True, and NaN is itself."""
    return type(one) is type(other) and (one == other or repr(one) == repr(other))
