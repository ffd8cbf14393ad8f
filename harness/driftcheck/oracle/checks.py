"""
The checks: a stable code, a name and an explanation each. A code is never used for another check.

Owns the texts of `driftcheck explain`. Knows nothing of how a check is made.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from driftcheck.contract.schema import PLUGIN_PREFIX, PluginCheck
from driftcheck.core.errors import UnknownCheck


@attrs.frozen
class Check:
    """What the oracle can find wrong."""

    code: str
    name: str
    says: str  # one line, as findings print it
    compared: str  # what was compared
    causes: str = ""  # what usually causes it; "" for a check of a plugin, whose `why` says all
    next: str = ""  # what to do next

    def __str__(self) -> str:
        return self.code if self.is_from_plugin else f"{self.code} {self.name}"

    @property
    def is_from_plugin(self) -> bool:
        """Say whether a plugin brought it."""
        return self.code.startswith(PLUGIN_PREFIX)

    @classmethod
    def from_plugin(cls, one: PluginCheck) -> Check:
        """Return the check of a plugin: its one text, `why`, becomes the first of the three."""
        return cls(one.code, one.name, one.says, one.why)


ACCEPT_REJECT = Check(
    "D101",
    "accept-reject",
    "one subject accepts what another rejects",
    compared="The outcomes of the same step. One subject accepted it and another rejected it.",
    causes="One subject validates its input more strictly, or treats a rare form of the format differently. "
    "Two libraries often disagree about duplicate fields, limits of numbers, or bytes that are not valid "
    "text.",
    next="Decide which subject keeps the contract, and fix the other one. If both behaviours "
    "are allowed, say so in the contract, or accept the divergence with 'driftcheck accept'.",
)
REJECTION_CLASS = Check(
    "D102",
    "rejection-class",
    "the subjects reject with different classes",
    compared="The rejections of the same step. All subjects rejected it, with different classes.",
    causes="The subjects check their input in a different order, so that another fault is found first. Or "
    "an adapter maps an error of its library to the wrong class.",
    next="Compare the order of the checks, and the mapping of errors in both adapters. Callers that act "
    "on the class behave differently until one subject is fixed.",
)
VALUE = Check(
    "D103",
    "value",
    "the subjects accept with different values",
    compared="The results of the same step, field by field. All subjects accepted it; the results differ "
    "at the path that is shown. Returned payloads are compared decoded, unless their codec is canonical.",
    causes="A default, a rounding or an overflow that differs, or a field that one subject ignores.",
    next="Look up in the contract what the value at that path must be, and fix the subject that returns "
    "another one. Where floats may differ, let the contract return a rounded "
    "value: driftcheck has no tolerances.",
)
OUTSIDE_TYPE = Check(
    "D104",
    "outside-type",
    "a value lies outside its declared type",
    compared="A result, or the state, with its type in the contract: bounds, lengths, patterns, valid "
    "UTF-8 and whether null is allowed. The subject is blamed even if all subjects agree.",
    causes="A check that is missing in the subject, or a type in the contract that is too narrow. A Go "
    "string may contain bytes that are not UTF-8, such as a text that was cut inside a character.",
    next="Fix the subject, or widen the type in the contract. If any bytes are allowed, declare 'bytes'.",
)
UNMAPPED = Check(
    "D105",
    "unmapped",
    "an error that is not a rejection of the contract",
    compared="The error of a step with the rejections of the contract. The adapter returned an error that "
    "is not one of these rejections.",
    causes="The adapter does not map this error of its library yet.",
    next="Map the error in the adapter, or declare a rejection for it in the contract.",
)
UNDECLARED = Check(
    "D106",
    "undeclared",
    "a rejection that the operation does not declare",
    compared="The class of a rejection with the classes that the operation lists in 'rejects'. The class "
    "is in the contract, but not in that list.",
    causes="The list is incomplete, or the adapter maps an error to the wrong class.",
    next="Add the class to 'rejects' if callers must expect it. Otherwise fix the adapter.",
)
DETAIL = Check(
    "D107",
    "detail",
    "the subjects reject with different details",
    compared="The details of the same rejection, field by field. The classes are equal, and the details "
    "differ at the path that is shown.",
    causes="One subject counts positions from 0 and the other from 1, or in bytes and in characters, or "
    "reports the position before or after the error.",
    next="Say in the contract what the detail means, and fix the subject that returns another one.",
)
POST_STATE = Check(
    "D201",
    "post-state",
    "the states differ after the step",
    compared="The states of the subjects after a step whose outcomes are equal. The path shows the first "
    "difference.",
    causes="A write that one subject skips, does twice or does in another order. The marked step is "
    "the first one after which the states differ.",
    next="Compare the states that are shown. Then compare what both subjects do in the marked step.",
)
REJECTED_CHANGED_STATE = Check(
    "D202",
    "rejected-changed-state",
    "a rejected step changed the state",
    compared="The state before and after a step that the subject rejected. The two must be equal.",
    causes="The subject rejects after it has begun to write, and does not undo what it wrote. Or the step "
    "first does delayed work, such as removing expired entries, which 'state' did not take into account.",
    next="Check the input before the first write, or undo the writes when the step is rejected. If work is "
    "delayed, let 'state' return what a caller would see at the time of the last step.",
)
QUERY_CHANGED_STATE = Check(
    "D203",
    "query-changed-state",
    "a query changed the state",
    compared="The state before and after an operation that the contract marks as @query. The two must be "
    "equal.",
    causes="The subject stores something while it reads: a default for a missing key, the last use of an "
    "entry, or a cache that is part of the state.",
    next="Remove the write from the subject. If the operation is meant to write, declare it as @operation.",
)
OTHER_INSTANCE_CHANGED = Check(
    "D204",
    "other-instance-changed",
    "a step changed another instance",
    compared="The states of all other instances before and after the step of one instance. They must be "
    "equal. Only a peer of an operation that declares 'changes_peer' may change.",
    causes="The instances share a map, a slice or a buffer, although each instance needs its own.",
    next="Look for a value that the subject stores without copying it. If the operation may change its "
    "peer, declare 'changes_peer'.",
)
NOT_FORGOTTEN = Check(
    "D205",
    "rejected-step-not-forgotten",
    "a rejected step changed what comes after it",
    compared="The trace with the same trace without its rejected steps. A later step ended differently, "
    "although no rejected step changed the state.",
    causes="A rejected step changes something that is not part of the state: a cache, a counter or a lock.",
    next="Look in the subject for what the rejected step writes. If a query is meant to report earlier "
    "steps, declare it as @query(history=True).",
)
NOT_NEUTRAL = Check(
    "D206",
    "flag-changed-result",
    "a flag changed a result",
    compared="The trace with the same trace under other flags, and without the steps that the contract "
    "calls neutral. A step ended differently, or left another state. Flags and neutral steps may change "
    "how a result is computed, but not the result.",
    causes="A cache or an index that only one of the two algorithms keeps up to date.",
    next="Compare the two algorithms for the marked step. If a query is meant to report which algorithm "
    "ran, declare it as @query(history=True).",
)
NOT_DETERMINISTIC = Check(
    "D301",
    "not-deterministic",
    "the same trace gave different results in two runs",
    compared="Two runs of one subject on the same trace, each from a newly opened subject. The subject is "
    "nondeterministic.",
    causes="The clock, random numbers, the order of a hash map, addresses, or global state that an "
    "earlier trace changed.",
    next="Make a clock or a seed an argument of the contract, sort what a map returns, and reset global "
    "state in 'open'.",
)
NOT_IDEMPOTENT = Check(
    "D302",
    "not-idempotent",
    "repeating the step changed something more",
    compared="An accepted step of an idempotent operation with its immediate repetition. The repetition "
    "changed the state again, or ended with another kind of outcome.",
    causes="The subject counts, appends or advances a version each time, or rejects what is already done.",
    next="Make the repetition a step that changes nothing, or remove 'idempotent' from the contract.",
)
ROUND_TRIP = Check(
    "D303",
    "round-trip",
    "a subject does not read what it wrote itself",
    compared="A value with what the subject's own reader returns for the document that its writer wrote. "
    "The reader rejected the document, or returned another value.",
    causes="The writer omits, rounds or escapes what the reader needs.",
    next="Look at the document that is shown: either the writer must not write it, or the reader must "
    "read it.",
)
EXCHANGE = Check(
    "D304",
    "exchange",
    "a subject does not read what another wrote",
    compared="What two subjects read from a document that one of them wrote. The reader of the other "
    "subject must return what the writer's own reader returns.",
    causes="One subject writes an optional part of the format, such as null for an empty list, that the "
    "other one does not read.",
    next="Decide what the format allows. Then fix the writer or the reader.",
)
LAW = Check(
    "D305",
    "law",
    "a law of the contract is broken",
    compared="The calls of a law on one subject with what the law requires. No other subject is "
    "involved, so the fault is in the blamed subject or in the law.",
    causes="A fault of the subject, or a law that promises too much.",
    next="Follow the calls that the case shows, and fix the subject. If the subject is right, correct the "
    "law.",
)
INVARIANT = Check(
    "D401",
    "invariant",
    "an invariant of the contract is broken",
    compared="The state of one subject after a step with an invariant of the contract, which was false.",
    causes="A fault of the subject, or an invariant that promises too much.",
    next="Compare the state that is shown with the invariant, and fix the subject. If the subject is "
    "right, correct the invariant.",
)
PANIC = Check(
    "D501",
    "panic",
    "a subject panicked",
    compared="How the step ended. The subject panicked; driftcheck's SDK caught the panic, and the process "
    "goes on. Anything that the subject wrote before the panic remains.",
    causes="An index out of range, a missing value, an overflow, or an assertion. The location of the "
    "panic tells whose it is: the adapter is the Go package 'main', or the crate of the Rust adapter. All "
    "other code belongs to a library.",
    next="If the adapter panicked, fix the adapter: the library did nothing wrong. If the library panicked, "
    "check that the adapter calls it as its documentation says. If it does, the library has a bug, which "
    "its other callers see too: report it, and accept the finding until it is fixed. Do not let the adapter "
    "reject the input, since that hides the bug.",
)
CRASH = Check(
    "D502",
    "crash",
    "a subject ended its process",
    compared="Whether the process of the subject survives the step. It ended with a signal, an "
    "abort, an exit or a fatal error. It ended again when the trace ran alone in a fresh process.",
    causes="A stack overflow, a fatal error of the Go runtime, a panic in another goroutine or thread, an "
    "abort, or unsafe code.",
    next="Read the lines from standard error that are shown. 'driftcheck replay --debug' waits for a "
    "debugger before the steps run.",
)
HANG = Check(
    "D503",
    "hang",
    "a subject does not return",
    compared="The time of the step with the deadline. The step did not return. It did not return in a "
    "fresh process with three times the deadline either.",
    causes="A deadlock, an endless loop, or work that grows much faster than its input.",
    next="Read the stacks that are shown. For an operation that is slow by design, raise --deadline.",
)
MEMORY = Check(
    "D504",
    "memory",
    "a subject exceeded its memory limit or another limit",
    compared="The memory of the process and the sizes of a state and a reply, each with its limit. The step "
    "exceeded one of these limits.",
    causes="A small input that makes the subject allocate a lot: a length that it trusts, or deep nesting.",
    next="Limit what the subject allocates for its input. If it needs more memory by design, raise "
    "--memory, or the limit in [tool.driftcheck]. The limits of a state and of a reply are fixed.",
)
UNREADABLE_TAKEN = Check(
    "D801",
    "unreadable-taken",
    "a document of a schema version that the reader must refuse was not refused",
    compared="The outcome of a reader with the contract's schema versions. They say that the reader must "
    "reject this document, before all other checks and with the class that SchemaVersions names. The same "
    "applies to a document of a schema version that does not exist. The subject accepted the document, or "
    "rejected it with another class.",
    causes="The reader compares schema versions too late, with the wrong bound, or not at all.",
    next="Look in the subject for the place where the reader compares schema versions, and for the checks "
    "before it.",
)
READABLE_REFUSED = Check(
    "D802",
    "readable-refused",
    "a document of a schema version that the reader must accept was refused",
    compared="The outcome of a reader with the contract's schema versions. They say that the reader "
    "accepts this document. The subject rejected it with the class for other schema versions.",
    causes="The comparison of schema versions has the wrong bound.",
    next="Fix the comparison in the subject. Old and new readers run side by side while a change is "
    "rolled out; a reader that refuses the documents of the other version breaks this.",
)
CHECKS = (
    ACCEPT_REJECT,
    REJECTION_CLASS,
    VALUE,
    OUTSIDE_TYPE,
    UNMAPPED,
    UNDECLARED,
    DETAIL,
    POST_STATE,
    REJECTED_CHANGED_STATE,
    QUERY_CHANGED_STATE,
    OTHER_INSTANCE_CHANGED,
    NOT_FORGOTTEN,
    NOT_NEUTRAL,
    NOT_DETERMINISTIC,
    NOT_IDEMPOTENT,
    ROUND_TRIP,
    EXCHANGE,
    LAW,
    INVARIANT,
    PANIC,
    CRASH,
    HANG,
    MEMORY,
    UNREADABLE_TAKEN,
    READABLE_REFUSED,
)
DEATHS = (CRASH, HANG, MEMORY)
OF_SCHEMAS = (UNREADABLE_TAKEN, READABLE_REFUSED)  # caused only by two schema versions
OF_ONE_SUBJECT = (PANIC, *DEATHS, OUTSIDE_TYPE, UNMAPPED, UNDECLARED)  # what the others did is not part of it
WITH_ERROR_TEXT = (
    ACCEPT_REJECT,
    REJECTION_CLASS,
    UNMAPPED,
    UNDECLARED,
    OUTSIDE_TYPE,
)  # the subjects may say why
OF_NO_CHANGE = (REJECTED_CHANGED_STATE, QUERY_CHANGED_STATE)
OF_WRITING = (ROUND_TRIP, EXCHANGE)  # seen in what readers make of a subject's document


def known_checks(added: Sequence[PluginCheck] = ()) -> tuple[Check, ...]:
    """Return all checks: those of driftcheck, then those that plugins add."""
    return (*CHECKS, *map(Check.from_plugin, added))


def check(code_or_name: str, added: Sequence[PluginCheck] = ()) -> Check:
    """Return a check by its code or name, among those of driftcheck and of plugins.

    Raises:
        UnknownCheck: no check has it.
    """
    known = known_checks(added)
    for candidate in known:
        if code_or_name.lower() in (candidate.code.lower(), candidate.name):
            return candidate
    raise UnknownCheck(code_or_name, tuple(c.code for c in known))


def name_of(code: str) -> str:
    """Return the name of the check that has a code; the code of a plugin's check contains its name."""
    return code.removeprefix(PLUGIN_PREFIX) if code.startswith(PLUGIN_PREFIX) else check(code).name
