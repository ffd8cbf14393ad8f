"""
The checks: a stable code, a name and an explanation each. A code is never used for another check.
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
    why: str  # what it compares, and what to do

    def __str__(self) -> str:
        return self.code if self.is_from_plugin else f"{self.code} {self.name}"

    @property
    def is_from_plugin(self) -> bool:
        """Say whether a plugin brought it."""
        return self.code.startswith(PLUGIN_PREFIX)


ACCEPT_REJECT = Check(
    "D101",
    "accept-reject",
    "one subject accepts what another rejects",
    "The same step was accepted by one subject and rejected by another. Decide which of them keeps the "
    "contract; if both may do as they do, the contract is silent and should speak, or the difference is "
    "recorded in asymmetries.toml.",
)
REJECTION_CLASS = Check(
    "D102",
    "rejection-class",
    "the subjects reject with different classes",
    "All subjects refused the step, with different rejections. Callers that act on the class will behave "
    "differently. Look at the order in which each side checks its input, and at how errors are mapped.",
)
VALUE = Check(
    "D103",
    "value",
    "the subjects accept with different values",
    "All subjects accepted the step, and their results differ at the path that is shown. Returned payloads "
    "are compared decoded, unless their codec is canonical.",
)
OUTSIDE_TYPE = Check(
    "D104",
    "outside-type",
    "a value lies outside its declared type",
    "A result or the state does not keep the constraints of the contract: a bound, a length, a pattern, text "
    "that is not UTF-8, null where none is allowed. It blames its subject even where all subjects agree. "
    "Mend the subject, or widen the type in the contract.",
)
UNMAPPED = Check(
    "D105",
    "unmapped",
    "an error that no rejection names",
    "The subject returned an error that is none of the contract's rejections, and was not handed on as the "
    "library's own. Map it in the adapter, or declare a rejection for it.",
)
UNDECLARED = Check(
    "D106",
    "undeclared",
    "a rejection that the operation does not declare",
    "The subject rejected with a class of the contract, but not one that this operation lists in 'rejects'. "
    "Add it there if callers must expect it; else it is the wrong class.",
)
DETAIL = Check(
    "D107",
    "detail",
    "the subjects reject with different details",
    "All subjects refused the step with the same rejection, and what comes with it differs at the path that "
    "is shown. Callers that read the detail will behave differently, and people will be told different "
    "things.",
)
POST_STATE = Check(
    "D201",
    "post-state",
    "the states differ after the step",
    "The outcomes of the step are equal, the states after it are not. The path shows the first difference.",
)
REJECTED_CHANGED_STATE = Check(
    "D202",
    "rejected-changed-state",
    "a rejected step changed the state",
    "A step that is refused must leave the state as it was: either the refusal comes too late, or something "
    "was not undone.",
)
QUERY_CHANGED_STATE = Check(
    "D203",
    "query-changed-state",
    "a query changed the state",
    "The contract marks this operation as @query, which must change nothing. Either it is no query (use "
    "@operation), or the subject writes where it should read.",
)
OTHER_INSTANCE_CHANGED = Check(
    "D204",
    "other-instance-changed",
    "a step changed another instance",
    "The step was done by one instance, and the state of another is not what it was. A peer is read and "
    "left as it is, unless the operation says changes_peer; look for what instances share that should be "
    "each one's own.",
)
NOT_FORGOTTEN = Check(
    "D205",
    "rejected-step-not-forgotten",
    "a rejected step changed what comes after it",
    "The trace was run again without the steps that were rejected, and a later step ended otherwise, though "
    "the state was the same after each rejection. Something outside the state was changed and not undone: a "
    "cache, a counter, a lock. A query that tells of what was done says @query(history=True).",
)
NOT_NEUTRAL = Check(
    "D206",
    "flag-changed-result",
    "a flag changed a result",
    "The trace was run again with other flags, and without the steps that the contract calls neutral; a step "
    "ended otherwise, or left another state. A flag chooses how a thing is done, and never what comes of it. "
    "Look for what only one of the two ways keeps up to date, and for the case in which they differ by "
    "design; a query that tells which way was taken says @query(history=True).",
)
NOT_DETERMINISTIC = Check(
    "D301",
    "not-deterministic",
    "the same trace gave something else the second time",
    "The subject was run twice on the same trace, from a newly opened subject, and answered differently. "
    "Look for the clock, randomness, map order, addresses, and for state that lives outside what 'open' "
    "returns. A clock or a seed is an argument of the contract.",
)
NOT_IDEMPOTENT = Check(
    "D302",
    "not-idempotent",
    "repeating the step changed something more",
    "The contract marks this operation idempotent. The step was repeated at once with the same arguments; "
    "the repetition changed the state again, or ended in another class.",
)
ROUND_TRIP = Check(
    "D303",
    "round-trip",
    "a subject does not read what it wrote itself",
    "What this subject's writer made was given to its own reader, which refused it or made another value "
    "of it.",
)
EXCHANGE = Check(
    "D304",
    "exchange",
    "a subject does not read what another wrote",
    "What one subject wrote was given to the reader of another. It must make of it what the writer itself "
    "makes of it.",
)
LAW = Check(
    "D305",
    "law",
    "a law of the contract is broken",
    "A law runs over one subject alone, so it tells which side is wrong. The case shows the calls that it "
    "made.",
)
INVARIANT = Check(
    "D401",
    "invariant",
    "an invariant of the contract is broken",
    "The predicate was false of this subject's state after the step.",
)
PANIC = Check(
    "D501",
    "panic",
    "a subject panicked",
    "The subject panicked in this step. The panic was caught; what was done before it stands.",
)
CRASH = Check(
    "D502",
    "crash",
    "a subject brought its process down",
    "The process that held the subject died in this step: a signal, an abort, an exit, a fatal error. It "
    "died again when the trace was run alone in a fresh process.",
)
HANG = Check(
    "D503",
    "hang",
    "a subject does not come back",
    "The step made no progress within the deadline, again in a fresh process with three times the deadline.",
)
MEMORY = Check(
    "D504",
    "memory",
    "a subject used up its memory",
    "The process went past its memory limit in this step. The limit is set by --memory, or in "
    "[tool.driftcheck].",
)
UNREADABLE_TAKEN = Check(
    "D801",
    "unreadable-taken",
    "a document of a schema that the reader does not read was not refused",
    "By the contract a reader of this schema version rejects a document of that one, with the class that "
    "SchemaVersions names and before all else. It also rejects a document of a schema version that does not "
    "exist. This subject accepted the document, or rejected it with another class. "
    "Look at where the reader compares schemas, and at what it asks before.",
)
READABLE_REFUSED = Check(
    "D802",
    "readable-refused",
    "a document of a schema that the reader reads was refused",
    "By the contract's schema versions a reader of this schema takes what a writer of that one wrote. This "
    "subject rejected it with the class that is for other schemas. Old and new readers stand side by side "
    "while a change is rolled out; refused here, they part. Look at the bounds of the comparison of schemas.",
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
OF_SCHEMAS = (UNREADABLE_TAKEN, READABLE_REFUSED)  # brought about by two schemas, whatever else is odd
OF_NO_CHANGE = (REJECTED_CHANGED_STATE, QUERY_CHANGED_STATE)
OF_WRITING = (ROUND_TRIP, EXCHANGE)  # told by what is read of a subject's writing


def known_checks(added: Sequence[PluginCheck] = ()) -> tuple[Check, ...]:
    """Return all checks: driftcheck's own, then those that plugins add."""
    return (*CHECKS, *(Check(one.code, one.name, one.says, one.why) for one in added))


def check(code_or_name: str, added: Sequence[PluginCheck] = ()) -> Check:
    """Return a check by its code or name, among driftcheck's own and those that plugins add.

    Raises:
        UnknownCheck: there is none.
    """
    known = known_checks(added)
    for candidate in known:
        if code_or_name.lower() in (candidate.code.lower(), candidate.name):
            return candidate
    raise UnknownCheck(code_or_name, tuple(c.code for c in known))


def name_of(code: str) -> str:
    """Return the name of the check that has a code; the code of a plugin's check holds its name."""
    return code.removeprefix(PLUGIN_PREFIX) if code.startswith(PLUGIN_PREFIX) else check(code).name
