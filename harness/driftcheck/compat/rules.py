"""
The rules of compatibility: a stable code, a name and an explanation each. A code is never used for another.

C1 is about calls, C2 about values and documents, C3 about schema versions, C4 about what is stored. C5 are
notes, which break nothing by themselves. Owns only texts; knows nothing of how contracts are compared.
"""

from __future__ import annotations

from driftcheck.oracle.checks import Check

OPERATION_REMOVED = Check(
    "C101",
    "operation-removed",
    "an operation is gone",
    compared="The operations of both contracts, by name.",
    causes="An operation was deleted or renamed. Callers that use it no longer compile.",
    next="Keep it until nobody calls it. After a renaming, keep the old name beside the new one for a while.",
)
ARGUMENT_ADDED = Check(
    "C102",
    "argument-added",
    "an operation or 'open' has one more argument",
    compared="The arguments of each operation and of 'open', by name.",
    causes="An argument was added. Old callers do not pass it.",
    next="Add an operation that takes the argument, and leave the old operation as it is.",
)
ARGUMENT_REMOVED = Check(
    "C103",
    "argument-removed",
    "an operation or 'open' has one argument less",
    compared="The arguments of each operation and of 'open', by name.",
    causes="An argument was removed. Old callers still pass it.",
    next="Add an operation without the argument, and leave the old operation as it is.",
)
ARGUMENTS_REORDERED = Check(
    "C104",
    "arguments-reordered",
    "arguments are in another order",
    compared="The order of the arguments of each operation and of 'open'.",
    causes="Arguments were moved. Go and Rust pass arguments by position. Where two have the same type, "
    "an old call still compiles and means something else.",
    next="Restore the old order.",
)
RESULT_CHANGED = Check(
    "C105",
    "result-changed",
    "a result or the state was added or removed",
    compared="Whether each operation returns a result, and whether the contract has a state.",
    causes="A result or the state was added or removed. Old callers use a result that is gone, or do not "
    "expect the new one.",
    next="Add an operation with the new result, and leave the old operation as it is.",
)
REJECTION_ADDED = Check(
    "C106",
    "rejection-added",
    "an operation may reject with a new class",
    compared="The classes that each operation may reject with.",
    causes="A class was added to 'rejects'. Old callers do not handle it.",
    next="If an existing class says the same, use that one. Otherwise announce the new class before a "
    "subject returns it.",
)
REJECTION_REMOVED = Check(
    "C107",
    "rejection-removed",
    "an operation may no longer reject with a class",
    compared="The classes that each operation may reject with.",
    causes="A class was removed from 'rejects'. Old adapters still return it: they no longer compile, or "
    "a run reports D106.",
    next="Change the adapters together with the contract, or keep the class.",
)
REJECTION_CHANGED = Check(
    "C108",
    "rejection-changed",
    "a class of rejection means something else",
    compared="Whether each class can be retried, whether it catches all other errors, and the type of its "
    "detail.",
    causes="The declaration of a rejection was changed. Old callers act on the class: they retry, and "
    "they read its detail.",
    next="Declare a new class, and leave the old one as it is.",
)
FAULTS_CHANGED = Check(
    "C109",
    "faults-changed",
    "an operation has other faults",
    compared="The faults that each operation may be run under.",
    causes="A fault was added or removed. Old adapters do not know a new fault. A case that names a fault "
    "which is gone cannot run.",
    next="Change the adapters together with the contract, and edit the saved cases.",
)
PROMISE_LOST = Check(
    "C110",
    "promise-lost",
    "an operation or a flag no longer keeps a promise",
    compared="What operations and flags promise: query, idempotent, neutral, and that a flag changes no "
    "result.",
    causes="A promise was removed from the contract, or a freedom such as 'changes_peer' was added. Old "
    "callers rely on the promise.",
    next="Keep the promise, or offer the weaker behaviour as a new operation.",
)
INSTANCES_CHANGED = Check(
    "C111",
    "instances-changed",
    "a trace has another number of instances, or opens them in another way",
    compared="The number of instances, and which opening arguments each of them takes.",
    causes="The number was changed, or an argument is now given to each instance. Saved cases name "
    "instances that do not exist, or leave some without their arguments.",
    next="Edit the saved cases, or keep the old number.",
)
RETYPED = Check(
    "C201",
    "retyped",
    "a value has another kind of type",
    compared="The types of values in both contracts.",
    causes="A type was replaced. A value of the old type cannot be read as the new one.",
    next="Add a field or an operation of the new type beside the old one.",
)
FIELD_MISSING = Check(
    "C202",
    "field-missing",
    "a reader needs a field that the writer does not write",
    compared="The fields that one contract writes with the fields that the other one reads.",
    causes="A field was added or removed. A document holds all fields of its contract.",
    next="Where the contract has schema versions, give a new field 'since' a new schema version, or an "
    "old field 'until' one. Otherwise keep the field.",
)
FIELD_UNKNOWN = Check(
    "C203",
    "field-unknown",
    "a writer writes a field that the reader does not have",
    compared="The fields that one contract writes with the fields that the other one reads.",
    causes="A field was added or removed. A strict reader rejects it, and a lenient one loses it.",
    next="Where the contract has schema versions, give a new field 'since' a new schema version, or an "
    "old field 'until' one. Otherwise keep the field.",
)
NULL_REFUSED = Check(
    "C204",
    "null-refused",
    "null is written where the reader needs a value",
    compared="Whether the writer may write null, and whether the reader accepts it.",
    causes="A value that was optional is required now, or one that was required is optional now.",
    next="Keep the value optional for the reader until no document with null is left.",
)
OUT_OF_RANGE = Check(
    "C205",
    "out-of-range",
    "a number is written that lies outside the reader's bounds",
    compared="The bounds of numbers that are written with the bounds of numbers that are read.",
    causes="The bounds of a reader were narrowed, or the bounds of a writer were widened.",
    next="Widen only bounds of what is read. Narrow only bounds of what is written.",
)
LENGTH = Check(
    "C206",
    "length",
    "a value is written that is too long or too short for the reader",
    compared="The lengths of values that are written with the lengths of values that are read.",
    causes="The lengths of a reader were narrowed, or the lengths of a writer were widened.",
    next="Widen only lengths of what is read. Narrow only lengths of what is written.",
)
PATTERN = Check(
    "C207",
    "pattern",
    "a text is written that the reader's pattern does not match",
    compared="The pattern of texts that are written with the pattern of texts that are read. driftcheck "
    "searched for a text that only the first one matches, and found one.",
    causes="A pattern was changed.",
    next="Widen only patterns of what is read. Narrow only patterns of what is written.",
)
MEMBER_UNKNOWN = Check(
    "C208",
    "member-unknown",
    "a member is written that the reader's enumeration does not have",
    compared="The members that are written with the members that are read.",
    causes="A member was added for a writer, or removed from a reader.",
    next="Add a member to all readers before any writer uses it. Remove it from all writers first.",
)
ALTERNATIVE_UNKNOWN = Check(
    "C209",
    "alternative-unknown",
    "an alternative is written that the reader's union does not have",
    compared="The alternatives that are written with the alternatives that are read.",
    causes="An alternative was added for a writer, or removed from a reader.",
    next="Add an alternative to all readers before any writer uses it. Remove it from all writers first.",
)
CHOICE = Check(
    "C210",
    "choice",
    "a value is written that is not among those that the reader lists",
    compared="The listed values that are written with the listed values that are read.",
    causes="A value was added for a writer, or removed from a reader.",
    next="Add a value to all readers before any writer uses it. Remove it from all writers first.",
)
CODEC_CHANGED = Check(
    "C211",
    "codec-changed",
    "documents are written in another codec",
    compared="The codecs of payloads.",
    causes="The codec of a payload was replaced. The new codec does not read documents of the old one.",
    next="Add an operation for the new codec. Keep the old operation as long as old documents are stored.",
)
SCHEMA_VERSION_REMOVED = Check(
    "C301",
    "schema-version-removed",
    "a schema version is gone",
    compared="The schema versions of both contracts.",
    causes="A schema version was removed. Its documents have no reader any more.",
    next="Keep it as long as such documents are stored.",
)
READING_LOST = Check(
    "C302",
    "reading-lost",
    "a schema version no longer reads another one",
    compared="Which schema version reads which other one.",
    causes="A pair was removed. Readers refuse documents that they accepted before.",
    next="Keep the pair as long as both schema versions are in use.",
)
OTHERWISE_CHANGED = Check(
    "C303",
    "otherwise-changed",
    "documents of other schema versions are rejected with another class",
    compared="The class that SchemaVersions names for documents which a reader must refuse.",
    causes="'otherwise' names another class now. Old callers act on the class: it tells them to migrate "
    "first.",
    next="Keep the class.",
)
CASES_LOST = Check(
    "C401",
    "cases-lost",
    "saved cases no longer fit the contract",
    compared="The names and types in the saved case files with the new contract.",
    causes="A name or a type in a case was changed. The case cannot be replayed, so that what it "
    "reproduced may return unnoticed.",
    next="Edit the case files, or keep the old names and types.",
)
ASYMMETRIES_LOST = Check(
    "C402",
    "asymmetries-lost",
    "asymmetries name what is gone",
    compared="The entries of asymmetries.toml with the new contract.",
    causes="An entry names an operation, a law or a rejection that the contract no longer has. Such an "
    "entry ends a run.",
    next="Change the entries together with the contract.",
)
BUILT_AGAIN = Check(
    "C501",
    "built-again",
    "libraries must be built again",
    compared="The wire fingerprints of both contracts, which differ.",
    causes="A change of what driftcheck and the libraries exchange. A run refuses a library with the old "
    "fingerprint, by name.",
    next="Run 'driftcheck gen' and 'driftcheck build', and fix the adapters where they no longer compile.",
)
REORDERED = Check(
    "C502",
    "reordered",
    "fields, members or alternatives are in another order",
    compared="The order of fields, members and alternatives.",
    causes="They were moved. driftcheck and a library exchange their numbers, which the fingerprint "
    "protects. Documents name them.",
    next="Look at your own codecs if they write numbers or positions. Otherwise there is nothing to do.",
)
PROMISES_CHANGED = Check(
    "C503",
    "promises-changed",
    "adapters must keep other promises",
    compared="The laws, the invariants and the promises of operations.",
    causes="One of them was added, removed or changed.",
    next="Run 'driftcheck run': it reports the subjects that do not keep the new promises.",
)
SCHEMA_VERSION_UNREAD = Check(
    "C504",
    "schema-version-unread",
    "no older schema version reads a new one",
    compared="Which older schema version reads the new one.",
    causes="A schema version was added that older readers must refuse.",
    next="Let every reader migrate before a writer uses it, or let neighbouring schema versions read each "
    "other.",
)
UNPROVEN = Check(
    "C505",
    "unproven",
    "driftcheck cannot tell whether it breaks",
    compared="Two patterns, two lists of values or two kinds of documents that differ.",
    causes="No text was found that only one of the patterns matches. Or an export cannot hold the values. "
    "Or the codec reads a document of another kind without a fault.",
    next="Look at the change yourself, and decide.",
)
CASES_PASSED_OVER = Check(
    "C506",
    "cases-passed-over",
    "a saved case fits neither the old contract nor the new one",
    compared="The saved case files with both contracts.",
    causes="An earlier change broke the case, or it does not belong to this contract. It tells nothing "
    "about this change.",
    next="Fix the file, or delete it. 'driftcheck replay' prints the reason.",
)
SWAPPED = Check(
    "C507",
    "swapped",
    "the old export looks newer than the new one",
    compared="The versions of both exports, and each of them with the contract as it is now.",
    causes="The arguments may be in the wrong order: 'driftcheck compat OLD NEW' takes the older export "
    "first.",
    next="Swap the two arguments, unless you go back to the older contract on purpose.",
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
    ASYMMETRIES_LOST,
    BUILT_AGAIN,
    REORDERED,
    PROMISES_CHANGED,
    SCHEMA_VERSION_UNREAD,
    UNPROVEN,
    CASES_PASSED_OVER,
    SWAPPED,
)
