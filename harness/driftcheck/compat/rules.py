"""
The rules of compatibility: a stable code, a name and an explanation each. A code is never used for another.

C1 is of calls, C2 of values and documents, C3 of schema versions, C4 of what is kept. C5 are notes, which
break nothing by themselves.
"""

from __future__ import annotations

from driftcheck.oracle.checks import Check

OPERATION_REMOVED = Check(
    "C101",
    "operation-removed",
    "an operation is gone",
    "Callers that use it do not compile any more. Keep it until nobody calls it; where it was renamed, keep "
    "the old name beside the new one for a while.",
)
ARGUMENT_ADDED = Check(
    "C102",
    "argument-added",
    "an operation or 'open' asks for one more argument",
    "Old callers do not give it. Add an operation that takes it, and leave the old one as it is.",
)
ARGUMENT_REMOVED = Check(
    "C103",
    "argument-removed",
    "an operation or 'open' takes an argument no more",
    "Old callers give it still. Add an operation without it, and leave the old one as it is.",
)
ARGUMENTS_REORDERED = Check(
    "C104",
    "arguments-reordered",
    "arguments stand in another order",
    "Calls in Go and Rust give arguments by their place: where two have one type, an old call compiles and "
    "means something else.",
)
RESULT_CHANGED = Check(
    "C105",
    "result-changed",
    "a result or the state has come or gone",
    "Old callers use a result that is not there any more, or do not expect one.",
)
REJECTION_ADDED = Check(
    "C106",
    "rejection-added",
    "an operation may reject with a class that it did not have",
    "Old callers do not know what to do about it. Where the class says what another one said before, keep "
    "that one.",
)
REJECTION_REMOVED = Check(
    "C107",
    "rejection-removed",
    "an operation may not reject with a class any more",
    "Old adapters return it still, which is now a finding (D106), or does not compile.",
)
REJECTION_CHANGED = Check(
    "C108",
    "rejection-changed",
    "a class of rejection means something else",
    "Old callers act on it: they try again what can be tried again, and read the detail that comes with it. "
    "Declare a new class, and leave the old one as it is.",
)
FAULTS_CHANGED = Check(
    "C109",
    "faults-changed",
    "an operation meets other faults",
    "An adapter is told which fault to bring about. Old adapters do not know a new one, and what names one "
    "that is gone cannot be run.",
)
PROMISE_LOST = Check(
    "C110",
    "promise-lost",
    "an operation or a flag keeps a promise no more",
    "Old callers rely on it: that a query changes nothing, that an idempotent step can be repeated, that a "
    "flag changes no result.",
)
INSTANCES_CHANGED = Check(
    "C111",
    "instances-changed",
    "other instances stand in a trace, or are opened in another way",
    "What was written for the old number, as kept cases are, names instances that are not there, or leaves "
    "some without opening arguments.",
)
RETYPED = Check(
    "C201",
    "retyped",
    "a value is of another kind",
    "Nothing that was written as the one is read as the other. Add a field or an operation of the new type "
    "beside the old one.",
)
FIELD_MISSING = Check(
    "C202",
    "field-missing",
    "a reader wants a field that the writer does not write",
    "A document of the contract holds all its fields. Where the contract has schema versions, give a new "
    "field 'since' a new schema version, or a field that goes 'until' one; else keep the field.",
)
FIELD_UNKNOWN = Check(
    "C203",
    "field-unknown",
    "a writer writes a field that the reader does not have",
    "A strict reader refuses it, and a lenient one loses it. Where the contract has schema versions, give "
    "a new field 'since' a new schema version, or a field that goes 'until' one; else keep the field.",
)
NULL_REFUSED = Check(
    "C204",
    "null-refused",
    "null is written where the reader wants a value",
    "What was optional is required on the other side. Keep it optional until nothing is left that has null "
    "there.",
)
OUT_OF_RANGE = Check(
    "C205",
    "out-of-range",
    "a number is written that lies outside the reader's bounds",
    "One side's bounds are narrower than the other's. Bounds of what is read may be widened, those of what "
    "is written may be narrowed.",
)
LENGTH = Check(
    "C206",
    "length",
    "something is written that is too long or too short for the reader",
    "One side's lengths are narrower than the other's. Lengths of what is read may be widened, those of what "
    "is written may be narrowed.",
)
PATTERN = Check(
    "C207",
    "pattern",
    "a text is written that the reader's pattern does not match",
    "A text was looked for that one side's pattern matches and the other's does not, and was found.",
)
MEMBER_UNKNOWN = Check(
    "C208",
    "member-unknown",
    "a member is written that the reader's enumeration does not have",
    "Members of what is read may be added, those of what is written may be taken away. Let readers learn of "
    "a member before anyone writes it.",
)
ALTERNATIVE_UNKNOWN = Check(
    "C209",
    "alternative-unknown",
    "an alternative is written that the reader's union does not have",
    "Alternatives of what is read may be added, those of what is written may be taken away. Let readers "
    "learn of an alternative before anyone writes it.",
)
CHOICE = Check(
    "C210",
    "choice",
    "a value is written that is not among those that the reader lists",
    "One side lists the values that may be. Of what is read values may be added, of what is written they may "
    "be taken away.",
)
CODEC_CHANGED = Check(
    "C211",
    "codec-changed",
    "documents are written in another codec",
    "What was written in the old codec is not read with the new one. Add an operation for the new codec, and "
    "keep the old one as long as such documents are kept.",
)
SCHEMA_VERSION_REMOVED = Check(
    "C301",
    "schema-version-removed",
    "a schema version is gone",
    "Documents of that schema version have no reader any more. Keep it as long as such documents are kept.",
)
READING_LOST = Check(
    "C302",
    "reading-lost",
    "a schema version does not read another one any more",
    "Readers of the one refuse documents of the other, which they accepted. Keep the pair as long as both "
    "are in use.",
)
OTHERWISE_CHANGED = Check(
    "C303",
    "otherwise-changed",
    "documents of schema versions that are not read are rejected with another class",
    "Old callers tell by the class that they must migrate first. Keep it.",
)
CASES_LOST = Check(
    "C401",
    "cases-lost",
    "kept cases do not fit the contract any more",
    "A case file is matched by names and types; one that does not fit cannot be replayed, and what it kept "
    "from coming back may come back. Change the files by hand, or keep the old form.",
)
KNOWN_DIFFERENCES_LOST = Check(
    "C402",
    "known-differences-lost",
    "known differences name what is gone",
    "An entry of asymmetries.toml that names an operation, a law or a rejection which the contract does not "
    "have ends a run. Change the entries together with the contract.",
)
BUILT_AGAIN = Check(
    "C501",
    "built-again",
    "libraries must be built again",
    "The wire fingerprint is another one: run 'driftcheck gen' and 'driftcheck build', and mend adapters "
    "where they do not compile any more. A stale library is refused by name.",
)
REORDERED = Check(
    "C502",
    "reordered",
    "fields, members or alternatives stand in another order",
    "Between driftcheck and a library their numbers travel, and the fingerprint guards that. Documents name "
    "them; look at codecs of your own that write numbers or places.",
)
PROMISES_CHANGED = Check(
    "C503",
    "promises-changed",
    "adapters are held to other promises",
    "A law, an invariant or a promise of an operation has come, gone or changed. 'driftcheck run' says who "
    "does not keep them.",
)
SCHEMA_VERSION_UNREAD = Check(
    "C504",
    "schema-version-unread",
    "no older schema version reads a new one",
    "Readers that have not migrated reject documents of the new schema version. Let every reader migrate "
    "before a writer uses it, or let neighbours read each other.",
)
UNPROVEN = Check(
    "C505",
    "unproven",
    "whether it breaks could not be told",
    "A pattern changed, and no text was found that one matches and the other does not; or the values that "
    "may be are not such as an export can hold; or a document is of another kind, and its codec reads it all "
    "the same. Decide yourself.",
)
CASES_PASSED_OVER = Check(
    "C506",
    "cases-passed-over",
    "a kept case fits neither the old contract nor the new one",
    "It was lost before this change, or is no case of the contract at all, so it says nothing of the change. "
    "Mend it, or delete it; 'driftcheck replay' says the same of it.",
)
SWAPPED = Check(
    "C507",
    "swapped",
    "the old export looks newer than the new one",
    "The old one has the higher version, or is what the contract says here and now. What breaks depends on "
    "which came first: 'driftcheck compat OLD NEW' takes the older one first. Going back to what was is the "
    "one reason for the other order.",
)
RULES = (
    OPERATION_REMOVED,
    ARGUMENT_ADDED,
    ARGUMENT_REMOVED,
    ARGUMENTS_REORDERED,
    RESULT_CHANGED,
    REJECTION_ADDED,
    REJECTION_REMOVED,
    REJECTION_CHANGED,
    FAULTS_CHANGED,
    PROMISE_LOST,
    INSTANCES_CHANGED,
    RETYPED,
    FIELD_MISSING,
    FIELD_UNKNOWN,
    NULL_REFUSED,
    OUT_OF_RANGE,
    LENGTH,
    PATTERN,
    MEMBER_UNKNOWN,
    ALTERNATIVE_UNKNOWN,
    CHOICE,
    CODEC_CHANGED,
    SCHEMA_VERSION_REMOVED,
    READING_LOST,
    OTHERWISE_CHANGED,
    CASES_LOST,
    KNOWN_DIFFERENCES_LOST,
    BUILT_AGAIN,
    REORDERED,
    PROMISES_CHANGED,
    SCHEMA_VERSION_UNREAD,
    UNPROVEN,
    CASES_PASSED_OVER,
    SWAPPED,
)
