"""Mistakes of authors in Python and TOML: each gives one sentence, exit code 2 and no traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_toys import TOY, Author, Call

PREAMBLE = """\
import enum
import attrs
from typing import Annotated, Any
from attrs.validators import not_
from driftcheck import *
from driftcheck.codecs import *

@attrs.frozen
class Item:
    id: I64

@attrs.frozen
class Other:
    id: I64

class Cursor: ...
class Empty(enum.Enum): ...
class Mute(Codec[Item]): ...
"""

HERE = "operation 'ping': argument 'x'"


def operation(argument: str = "", result: str = "None", more: str = "") -> str:
    """Return a contract with one operation, of one argument or none."""
    argument = f", x: {argument}" if argument else ""
    return f"class Toy(Contract):\n    @operation\n    def ping(self{argument}) -> {result}: ...\n{more}"


def body(*lines: str) -> str:
    """Return a contract with these lines."""
    return "class Toy(Contract):\n" + "".join(f"    {line}\n" for line in lines)


def several(*lines: str) -> str:
    """Return a contract of three instances with these lines."""
    return body(*lines).replace("(Contract)", "(Contract, instances=3)")


STATE = ("def state(self) -> bool: ...",)
PING = ("@operation", "def ping(self) -> bool: ...")

TYPES = {
    "int": (
        f"{HERE} is an int without bounds, which has no Go or Rust type; use I64 or U64, or give ge and lt"
    ),
    "Annotated[int, ge(3), lt(1)]": f"{HERE} is an int between 3 and 0, which leaves no value; swap the "
    "bounds",
    "Annotated[int, ge(0), lt(2**65)]": (
        f"{HERE} is an int between 0 and 36893488147419103231, which does not fit 64 bits; narrow the bounds"
    ),
    "Annotated[int, ge('a'), lt(3)]": (
        f"{HERE} is an int with the bound 'a', which is not an int; give a whole number"
    ),
    "Annotated[float, ge(2.0), le(1.0)]": (
        f"{HERE} is a float between 2.0 and 1.0, which leaves no value; swap the bounds"
    ),
    "Annotated[float, ge(float('nan'))]": (
        f"{HERE} is a float with the bound nan, which cannot be compared; give a number"
    ),
    "Annotated[str, min_len(3), max_len(2)]": f"{HERE} has min_len 3 above max_len 2; swap them",
    "Annotated[str, max_len(2.5)]": f"{HERE} has the length 2.5; give a whole number, 0 or more",
    "Annotated[str, in_([])]": f"{HERE} has in_ with an empty list; give at least one choice",
    "Annotated[str, in_('abc')]": f"{HERE} has in_('abc'), which is a single text; give a list",
    "Annotated[str, max_len(1), in_(['ab'])]": (
        f"{HERE} has the choice 'ab', which is not a value of its type; correct the list of in_"
    ),
    "Annotated[int, in_([1, 'a'])]": (
        f"{HERE} is an int with the choice 'a', which is not an int; give whole numbers"
    ),
    "Annotated[str, names(0)]": f"{HERE} has names(0); give a whole number, at least 1",
    "Annotated[str, generated(3)]": (
        f"{HERE} has generated(3), which is not a Hypothesis strategy; give one"
    ),
    "Annotated[str, matches_re('a', func=__import__('re').search)]": (
        f"{HERE} has matches_re with search; remove func, since a pattern always matches the whole text"
    ),
    "Annotated[str, not_(max_len(3))]": f"{HERE} has the constraint <not_ validator",
    "Annotated[str, unordered]": f"{HERE} is str with unordered, which does not apply to this type; remove "
    "it",
    "Annotated[Empty, max_len(3)]": f"{HERE} is Empty, an enum without members; add members",
    "Annotated[Payload[Item, Json], corpus('/corpus/*')]": (
        f"{HERE} has corpus('/corpus/*'); give a pattern relative to the contract's module, such as "
        "'corpus/*'"
    ),
    "list[I64]": f"{HERE} is list[int], which has no canonical encoding; use tuple[T, ...]",
    "set[str]": (
        f"{HERE} is set[str], which has no canonical encoding; use Annotated[tuple[T, ...], unordered]"
    ),
    "tuple[I64, str]": (
        f"{HERE} is tuple[int, str]; write tuple[T, ...], or an attrs class for a fixed shape"
    ),
    "dict[float, str]": f"{HERE} is a dict with keys of float; use bool, int, str, bytes or an Enum",
    "Any": f"{HERE} is Any, which has no canonical encoding; use an attrs class, or a Payload in a codec",
    "int | str": f"{HERE} is int | str; every alternative must be an attrs class",
    "Annotated[I64 | None, names(2)] | None": (
        f"{HERE} is optional twice, so null would have two meanings; remove one None"
    ),
    "'Missing'": (
        "operation 'ping': the annotation 'Missing' cannot be resolved; "
        "define or import it above the contract"
    ),
    "Payload": f"{HERE} is Payload without parameters; write Payload[T, Codec]",
    "Payload[Item, str]": f"{HERE} is a Payload in str, which is not a codec; name a class such as Json",
    "Payload[Item, Mute]": (
        f"{HERE} is a Payload in Mute, which cannot write documents; give the codec an 'encode' method"
    ),
    "Payload[Payload[Item, Json], Json]": (
        f"{HERE} is a Payload of a Payload; declare the type of the inner value, or bytes"
    ),
    "Handle[Cursor]": (
        f"{HERE} is a handle of Cursor, which no operation returns; declare an operation that returns "
        "Handle[Cursor]"
    ),
    "tuple[Handle[Cursor], ...]": (
        f"{HERE} has a Handle inside another type; a handle must be a whole argument or a whole result"
    ),
    "Closing[Item]": (f"{HERE} is Closing of a type that is not a Handle; write Closing[Handle[T]]"),
    "Steps": f"{HERE} is Steps; only a law can take Steps",
}

RESULTS = {
    "Handle[Cursor] | None": (
        "operation 'ping': its result has a Handle inside another type; "
        "a handle must be a whole argument or a whole result"
    ),
    "Closing[Handle[Cursor]]": (
        "operation 'ping': its result is Closing; remove Closing, since only an argument can close a handle"
    ),
    "Steps": "operation 'ping': its result is Steps; only a law can take Steps",
}

CLASSES = {
    body("pass"): "it has no operations; mark at least one method with @operation",
    body(*PING, *PING): "'ping' is declared twice; rename one of the two",
    body(*PING, "def helper(self) -> bool: ..."): (
        "method 'helper' has no decorator; add @operation, @query, @invariant or @law, "
        "or start its name with an underscore"
    ),
    body("@operation", "def drop(self) -> bool: ..."): (
        "operation 'drop': the name is reserved; choose another ('open' and 'state' take no decorator)"
    ),
    body("@operation", "def größe(self) -> bool: ..."): (
        "operation 'größe' has a name that Go cannot export; use ASCII letters"
    ),
    body(*PING, "@operation", "def pi_ng(self) -> bool: ..."): (
        "operations 'ping' and 'pi_ng' would have the same name in Go; rename one of them"
    ),
    body("@operation", "def ping(self): ..."): (
        "operation 'ping' has no return annotation; add one ('-> None' if it returns nothing)"
    ),
    body("@operation", "def ping(self, x) -> bool: ..."): (f"{HERE} has no annotation; annotate it"),
    body("@operation", "def ping(self, x: bool = True) -> bool: ..."): (
        f"{HERE} has a default; remove it, since every step gives all arguments"
    ),
    body("@operation", "def ping(self, *x: bool) -> bool: ..."): (
        f"{HERE} is variadic or keyword-only; declare plain arguments"
    ),
    body("@operation", "def ping(x: bool) -> bool: ..."): (
        "operation 'ping': its first parameter must be 'self'; add it"
    ),
    body("@operation", "async def ping(self) -> bool: ..."): (
        "operation 'ping' is async; make it a plain 'def', since an adapter can wait by itself"
    ),
    body("@operation(weight=0)", "def ping(self) -> bool: ..."): (
        "operation 'ping': weight is 0; give a whole number from 1 to 1000"
    ),
    body("gone = Rejection('gone')", *PING): (
        "rejection 'gone' is used by no operation; name it in 'rejects=[...]' or remove it"
    ),
    body("gone = Rejection('gone')", "@operation(rejects=gone)", "def ping(self) -> bool: ..."): (
        "operation 'ping': rejects is <rejection gone>; give a list, as rejects=[...]"
    ),
    body("@operation(rejects=[Rejection('gone')])", "def ping(self) -> bool: ..."): (
        "operation 'ping': rejects with a class that the contract does not declare; "
        "make it an attribute of the contract class"
    ),
    body("@operation(rejects=['gone'])", "def ping(self) -> bool: ..."): (
        "operation 'ping': rejects has 'gone', which is not a Rejection; name one that the contract declares"
    ),
    body("a = Rejection('a', catch_all=True)", "b = Rejection('b', catch_all=True)", *PING): (
        "two rejections are catch-all; keep one, since a library's own error can have only one class"
    ),
    body("a = b = Rejection('a', catch_all=True)", *PING): (
        "rejection 'b' has two names; declare two rejections"
    ),
    body("gone = Rejection('gone', catch_all=True, detail=bool)", *PING): (
        "rejection 'gone' is catch-all and has a detail, but a library's own errors have none; "
        "remove the detail, or map the errors that have one to another rejection"
    ),
    body(
        "gone = Rejection('gone', detail=int)", "@operation(rejects=[gone])", "def ping(self) -> bool: ..."
    ): (
        "rejection 'gone': its detail is an int without bounds, which has no Go or Rust type; "
        "use I64 or U64, or give ge and lt"
    ),
    body(
        "gone = Rejection('gone', detail=Handle[Cursor])",
        "@operation(rejects=[gone])",
        "def ping(self) -> bool: ...",
    ): "rejection 'gone': its detail is a Handle; give a plain value, such as a record",
    body(
        "gone = Rejection('gone', retryable=1)", "@operation(rejects=[gone])", "def ping(self) -> bool: ..."
    ): ("rejection 'gone': retryable is 1; give True or False"),
    body("torn = Fault('cut short')", *PING): (
        "fault 'torn' is used by no operation; name it in 'faults=[...]' or remove it"
    ),
    body("@operation(faults=[Fault('cut short')])", "def ping(self) -> bool: ..."): (
        "operation 'ping': has a fault that the contract does not declare; "
        "make it an attribute of the contract class"
    ),
    body("torn = Fault('cut')", "@operation(faults=[torn, torn])", "def ping(self) -> bool: ..."): (
        "operation 'ping': fault 'torn' is named twice; name it once"
    ),
    body("torn = Fault('cut')", "@operation(faults=torn)", "def ping(self) -> bool: ..."): (
        "operation 'ping': faults is <fault torn>; give a list, as faults=[...]"
    ),
    body("torn = Fault('cut')", "@operation(faults=[torn])", "def ping(self, fault: bool) -> bool: ..."): (
        "operation 'ping' has faults and an argument 'fault'; "
        "rename the argument, since driftcheck passes the name of the fault as 'fault'"
    ),
    body("torn = also = Fault('cut')", "@operation(faults=[torn])", "def ping(self) -> bool: ..."): (
        "fault 'also' has two names; declare two faults"
    ),
    body("@operation", "def ping(self, other: Peer) -> bool: ..."): (
        "operation 'ping': argument 'other' is a Peer, but a trace has one instance; "
        "give the class instances=2 or more"
    ),
    body("@operation", "def ping(self, other: tuple[Peer, ...]) -> bool: ..."): (
        "operation 'ping': argument 'other' has a Peer inside another type; a peer must be a whole argument"
    ),
    body("@operation(changes_peer=True)", "def ping(self) -> bool: ..."): (
        "operation 'ping' has changes_peer but takes no Peer; remove changes_peer, or add an argument that "
        "is a Peer"
    ),
    body("def open(self, x: Annotated[bool, shared]) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' is shared, but a trace has one instance; "
        "remove shared, or give the class instances=2 or more"
    ),
    body("def open(self, x: Annotated[bool, shared, distinct]) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' has both shared and distinct; keep one"
    ),
    body("@operation", "def ping(self, x: Annotated[bool, shared]) -> bool: ..."): (
        "operation 'ping': argument 'x' is bool with shared, which does not apply to this type; remove it"
    ),
    several("def open(self, x: Annotated[bool, distinct]) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' is distinct, but its type has fewer values than there are instances (3); "
        "widen its type"
    ),
    body("def open(self, x: Annotated[I64, flag]) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' is a flag, but its type has many values; make it an enum or a bool"
    ),
    body("@operation(neutral=True)", "def ping(self) -> Handle[Cursor]: ..."): (
        "operation 'ping' is neutral but returns a handle; remove neutral, since later steps need the handle"
    ),
    several("def open(self, x: Annotated[bool, flag, distinct]) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' is both flag and distinct; keep one, since driftcheck changes a flag between "
        "runs"
    ),
    several("def open(self, x: Peer) -> None: ...", *STATE, *PING): (
        "'open': argument 'x' is a Peer, but no other instance is open yet; move it to an operation"
    ),
    several(*STATE, "@operation", "def ping(self, a: Peer, b: Peer) -> bool: ..."): (
        "operation 'ping' takes the peers a and b; keep one, since a step has one peer"
    ),
    several(*STATE, "@operation", "def ping(self) -> Peer: ..."): (
        "operation 'ping': its result is a Peer; only an argument of an operation can be a Peer"
    ),
    several(*STATE, "@law", "def one(self, other: Peer) -> bool: ...", *PING): (
        "law 'one': argument 'other' is a Peer; use self.instances"
    ),
    several(*PING): (
        "it has several instances, but neither 'open' nor state nor handles to distinguish them; "
        "remove instances"
    ),
    "class Toy(Contract, instances=0):\n    ...\n": ("instances is 0; give a whole number from 1 to 16"),
    body("def open(self) -> bool: ...", *PING): (
        "'open' returns a value; annotate it '-> None', since what it makes is the state"
    ),
    body("def open(self) -> None: ...", *PING): (
        "it has 'open' but neither state nor handles; remove 'open'"
    ),
    body("def open(self, x: Handle[Cursor]) -> None: ...", *PING): (
        "'open': argument 'x' is a Handle, but no step has run yet; move it to an operation"
    ),
    body("def state(self, x: bool) -> bool: ...", *PING): (
        "'state' takes arguments; remove them, since it must return the whole state"
    ),
    body("def state(self) -> None: ...", *PING): (
        "'state' returns None; return what must be equal in all subjects, or remove 'state'"
    ),
    body("def state(self) -> Handle[Cursor]: ...", *PING): (
        "'state' returns a Handle, which is never compared; return what must be equal in all subjects"
    ),
    body(*PING, "@invariant", "def holds(self, state: bool) -> bool: ..."): (
        "invariant 'holds' needs 'state', which the contract does not declare; declare it, or remove the "
        "invariant"
    ),
    body(*PING, "def state(self) -> bool: ...", "@invariant", "def holds(self) -> bool: ..."): (
        "invariant 'holds' takes (self); give it 'self' and 'state'"
    ),
    body(*PING, "@law", "def holds(self, x: int) -> bool: ..."): (
        "law 'holds': argument 'x' is an int without bounds, which has no Go or Rust type; "
        "use I64 or U64, or give ge and lt"
    ),
    operation(more="class Model(Toy): ..."): "the model Model does not implement ping; add a method for each",
    operation("bool", more="class Model(Toy):\n    def ping(self) -> None: ..."): (
        "the model Model: 'ping' takes (), but the contract declares (x); give both the same arguments"
    ),
    operation().replace("(Contract)", "(Contract, nmae='t')"): (
        "its class takes name, version and instances, not nmae; remove it"
    ),
    operation().replace("(Contract)", "(Contract, version='1')"): (
        "its version is '1'; give a whole number, at least 1"
    ),
    "@attrs.frozen\nclass Ring:\n    next: 'tuple[Ring, ...]'\n" + operation("Ring"): (
        f"{HERE} is Ring, whose field 'next' is Ring, which contains itself, so its size has no limit; "
        "nest it to a fixed depth"
    ),
    "@attrs.frozen\nclass Odd:\n    n: int\n" + operation("Odd"): (
        f"{HERE} is Odd, whose field 'n' is an int without bounds, which has no Go or Rust type; "
        "use I64 or U64, or give ge and lt"
    ),
    "First = Item\n@attrs.frozen\nclass Item:\n    id: I64\n"
    "class Toy(Contract):\n    @operation\n    def ping(self, w: First, x: Item) -> None: ...\n": (
        f"{HERE} is a second type named Item; rename one of the two"
    ),
}

MISTAKES = [
    *((operation(argument), told) for argument, told in TYPES.items()),
    *((operation("", result), told) for result, told in RESULTS.items()),
    *CLASSES.items(),
]

SUBJECTS = {
    "go = 3": "'go' is 3, not a subject; write a table [go] with its language",
    "[go]\n": "subject 'go' has no language; give language = 'go' or 'rust'",
    "[go]\nlanguage = 'rust'": (
        "subject 'go' has the language 'rust'; a subject must not have another's name"
    ),
    "[model]\nlanguage = 'go'": "subject 'model' has the name of the contract's model; rename it",
    "[fast]\nlanguage = 'go'\nfeatures = ['x']": (
        "subject 'fast' has the key 'features'; a Go subject takes tags"
    ),
    "[fast]\nlanguage = 'go'\ntags = 'x'": "subject 'fast' has tags = 'x'; give a list of strings",
    "[fast]\nlanguage = 'go'\nenv = { A = 1 }": "subject 'fast': env is {'A': 1}; give a table of strings",
    "[fast]\nlanguage = 'go'\ndir = 'gone'": (
        "subject 'fast' has its adapter in FOLDER/gone, which is not a folder; fix 'dir'"
    ),
    "[fast]\nlanguage = 'go'\ndir = '.'": (
        "subject 'fast' has its adapter in FOLDER, which has no go.mod; add one"
    ),
    "[go": ", line 1 is not TOML: ",
    "": "declares no subject; add one, or remove the file",
}

ENTRY = "deviates = 'model'\nreason = 'so'\nowner = 'me'\nexpires = 2999-01-01\n"
KNOWN = {
    "known = 3": "entry 'known' is 3; write a table [known]",
    f"[known]\n{ENTRY}": "entry 'known' lacks 'operation'; add it, or 'law' or 'frame'",
    f"[known]\n{ENTRY}operation = 'pong'\nshape = {{ differs = '' }}": (
        "entry 'known' has operation = 'pong'; the contract has ping"
    ),
    f"[known]\n{ENTRY}operation = 'ping'\nshape = 'value'": (
        "entry 'known' has shape = 'value'; give outcomes by subject, or { differs = \"path\" }"
    ),
    f"[known]\n{ENTRY}operation = 'ping'\nshape = {{ java = 'accepted' }}": (
        "entry 'known' has a shape for 'java'; the subjects are model, python"
    ),
    f"[known]\n{ENTRY}operation = 'ping'\nshape = {{ model = 'late' }}": (
        "entry 'known' has the outcome 'late'; the outcomes are "
    ),
    f"[known]\n{ENTRY}operation = 'ping'\nshape = {{ model = 'accepted' }}": (
        "entry 'known' has a shape in which all subjects agree; remove the entry"
    ),
    f"[known]\n{ENTRY}operation = 'ping'\nshape = {{ differs = '' }}\nfile = 'x'": (
        "entry 'known' has the field 'file'; known fields: "
    ),
    f"[known]\n{ENTRY.replace('2999-01-01', repr('soon'))}operation = 'ping'\nshape = {{ differs = '' }}": (
        "entry 'known' has expires = 'soon'; give a date such as 2027-06-30, without quotes"
    ),
    "[known": "is not TOML: ",
}


def test_there_are_enough_mistakes() -> None:
    """The tables hold at least twenty mistakes."""
    assert len(MISTAKES) + len(SUBJECTS) + len(KNOWN) >= 90


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_in_a_contract(driftcheck: Call, author: Author, text: str, told: str) -> None:
    """The error names the contract and the operation, and says what was found and what to do."""
    said = driftcheck("contracts", author(PREAMBLE + text))

    assert_one_sentence(said.err, f"contract 'toy': {told}")
    assert (said.code, said.out) == (2, "")


@pytest.mark.parametrize(("text", "told"), SUBJECTS.items())
def test_a_mistake_in_subjects_toml(
    driftcheck: Call, author: Author, tmp_path: Path, text: str, told: str
) -> None:
    """The error comes before any build. It names file and subject, and says what to do."""
    path = tmp_path / "subjects.toml"
    path.write_text(text)

    said = driftcheck("build", author(TOY))

    between = ": " if told.startswith(("subject", "'")) else "" if told.startswith(",") else " "
    told = told.replace("FOLDER", str(tmp_path))
    assert_one_sentence(said.err, f"contract 'toy': {path}{between}{told}")
    assert (said.code, said.out) == (2, "")


@pytest.mark.parametrize(("text", "told"), KNOWN.items())
def test_a_mistake_in_asymmetries_toml(
    driftcheck: Call, author: Author, tmp_path: Path, text: str, told: str
) -> None:
    """The error comes before any run. It names file and entry, and says what to do."""
    path = tmp_path / "asymmetries.toml"
    path.write_text(text)
    model = "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n"

    said = driftcheck("run", author(TOY + model), "--max-traces", "1")

    assert_one_sentence(re.sub(r", line \d+:", ":", said.err), f"{path}: {told}")
    assert ", line " in said.err
    assert said.code == 2


def assert_one_sentence(err: str, told: str) -> None:
    """Check the standard error; it may continue a sentence that ends in a space."""
    assert err.startswith(f"driftcheck: {told}")
    if not told.endswith(" ") and "<" not in told:
        assert err == f"driftcheck: {told}\n"
    assert err.count("\n") == 1
