"""What shows only when a contract is run that somebody got wrong: one sentence, exit code 2, no traceback."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from cli_toys import GO_MOD, TOY, Author, Call

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.build.go import ADVICE
from driftcheck.contract import lookup
from driftcheck.subjects.discover import subjects
from driftcheck_contracts.lru import Lru

PREAMBLE = """\
import itertools
import random
from typing import Annotated
import attrs
from driftcheck import *
from driftcheck.codecs import *

Digit = Annotated[int, ge(0), le(9)]
TURNS = itertools.count()

@attrs.frozen
class Pair:
    left: Digit
    right: Digit

class Text(Codec[Pair]):
    mutations = []
    def encode(self, value):
        return b"%d,%d" % (value.left, value.right)

def first_gone(data, draw, type_):
    return data[:1] + bytes([data[1]])

"""
READS = """
class Toy(Contract):
    malformed = Rejection("no pair", catch_all=True)
    @operation
    def read(self, text: Payload[Pair, Mine]) -> bool: ...

class Model(Toy):
    def read(self, text):
        return True
"""
NUMBERS = """
class Toy(Contract):
    @operation
    def big(self, n: Digit) -> bool: ...
    {law}

class Model(Toy):
    def big(self, n):
        {body}
"""
CODEC = "class Mine(Text):\n    {}\n"
CODECS = {
    "def encode(self, value):\n        return b'%d' % (1 // value.left)": (
        "'encode' raised ZeroDivisionError: integer division or modulo by zero for Pair(left=0, right=",
        "; it must encode every value of its type",
    ),
    "def encode(self, value):\n        return str(value)": (
        "'encode' returned 'Pair(left=",
        "it must return bytes",
    ),
    "def encode(self, value):\n        return b'%d' % random.randrange(10**9)": (
        "it writes Pair(left=",
        "; 'encode' must always write a value in the same way",
    ),
    "def decode(self, data):\n        return Pair(int(data[:1]), 0)": (
        "it writes Pair(left=",
        "; 'decode' must give back what 'encode' was given",
    ),
    "def features(self, data):\n        return {'comma'} if b',' in data else set()": (
        "'features' finds comma in b'",
        "; what 'encode' writes must have no feature",
    ),
    "mutations = [Mutation('first-gone', first_gone)]": (
        "mutation 'first-gone' raised IndexError: index out of range for b''",
        "; it must accept any bytes, and return None if there is nothing to break",
    ),
    "mutations = [Mutation('as-text', lambda data, draw, type_: data.decode())]": (
        "mutation 'as-text' returned '",
        "; it must return bytes, or None if there is nothing to break",
    ),
}
LAWS = {
    "return self.big(random.randrange(10**6) % 10) == self.big(n)": "calls big(",
    "return next(TURNS) % 2 == 0": "is broken, and holds",
    "return next(TURNS) % 3 == 0 or self.big(n) or next(TURNS) % 2 == 0": "",
}


@pytest.mark.parametrize("line", CODECS)
def test_a_codec_at_fault_is_named_with_the_value(driftcheck: Call, author: Author, line: str) -> None:
    """It is reported before any subject is asked, by `run` and by `selfcheck` alike."""
    begins, ends = CODECS[line]
    name = author(PREAMBLE + CODEC.format(line) + READS)

    said, checked = driftcheck("run", name, "--max-traces", "10"), driftcheck("selfcheck", name)

    assert (said.code, checked.code) == (2, 2)
    assert said.out == ""
    assert said.err.startswith(f"driftcheck: codec 'mine': {begins}")
    assert said.err.endswith(f"{ends}\n")
    assert said.err.count("\n") == 1
    assert f"codecs  codec 'mine': {begins}" in checked.out


def test_a_model_that_raises_is_named_with_its_line(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """The exception stands there as it is, with file and line."""
    name = author(PREAMBLE + NUMBERS.format(law="", body="return 1 // n > 0"))

    said = driftcheck("run", name, "--subject", "model", "--max-traces", "10")

    file = tmp_path / f"{name.partition(':')[0]}.py"
    line = file.read_text()[: file.read_text().index("return 1 // n")].count("\n") + 1
    assert said.code == 2
    assert said.err == (
        "driftcheck: contract 'toy': subject 'model' cannot be compared: in operation 'big' its adapter "
        "reports itself as broken: ZeroDivisionError: integer division or modulo by zero; "
        f"see {file}, line {line}; fix its adapter first\n"
    )


def test_a_model_that_does_not_open_is_told_before_the_run(driftcheck: Call, author: Author) -> None:
    """An exception while it is created is attributed to 'open'."""
    text = NUMBERS.format(
        law="", body="return True\n    def __init__(self):\n        raise OSError('no file')"
    )

    said = driftcheck("run", author(PREAMBLE + text), "--subject", "model", "--max-traces", "10")

    assert (said.code, said.out) == (2, "")
    assert "in operation 'open' its adapter reports itself as broken: OSError: no file; see " in said.err


@pytest.mark.parametrize("body", LAWS)
def test_a_law_that_is_not_deterministic_is_told(driftcheck: Call, author: Author, body: str) -> None:
    """A law that asks or decides otherwise with the same answers is the contract's fault, and no finding."""
    law = f"@law\n    def steady(self, n: Digit) -> bool:\n        {body}"
    name = author(PREAMBLE + NUMBERS.format(law=law, body="return n > 4"))

    said = driftcheck("run", name, "--subject", "model", "--max-traces", "300", "--seed", "1")

    assert said.code == 2
    assert said.err.startswith(f"driftcheck: contract 'toy': law 'steady' {LAWS[body]}")
    assert said.err.endswith("; a law must be deterministic: pass what changes as an argument\n")
    assert re.search(r"\nbroken off: no divergence( \(no law was decided\))? in ", said.out)


def test_seeds_that_match_nothing_are_told(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """A pattern without a file would else pass in silence, and nothing real be run."""
    seeded = READS.replace("Payload[Pair, Mine]", "Annotated[Payload[Pair, Text], corpus('corpus/*.txt')]")

    said = driftcheck("run", author(PREAMBLE + seeded), "--max-traces", "10")

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"driftcheck: contract 'toy': no file in {tmp_path} matches its corpus('corpus/*.txt'); "
        "correct the pattern, or add a file\n"
    )


def test_two_contracts_of_one_name_are_told(driftcheck: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two packages give one name to two contracts, both are named."""
    points = [
        EntryPoint("lru", value, lookup.GROUP) for value in ("mine:Lru", "driftcheck_contracts.lru:Lru")
    ]
    monkeypatch.setattr(lookup, "entry_points", lambda group: points)

    said = driftcheck("run", "lru", "--max-traces", "10")

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "driftcheck: contract 'lru': two contracts have this name: driftcheck_contracts.lru:Lru "
        "(of an unknown package) and mine:Lru (of an unknown package); "
        "rename one of them, or uninstall its package\n"
    )


ENTRY = """\
[a]
operation = 'ping'
shape = { differs = '' }
deviates = 'model'
reason = 'so'
owner = 'me'
"""


@pytest.mark.parametrize(
    ("entries", "line", "told"),
    [
        ("[a]\nx = 1\n\n[a]\n", 4, "a second entry is named 'a'; give one of them another name"),
        (f"# known\n\n{ENTRY}expires = 2999-13-01\n", 9, "is not TOML: "),
        (
            f"{ENTRY}expires = 2999-01-01\nticket = 7\n",
            8,
            "entry 'a' has the field 'ticket'; known fields: ",
        ),
    ],
    ids=["two-ids", "bad-date", "unknown-field"],
)
def test_a_file_of_known_differences_names_the_line(
    driftcheck: Call, author: Author, tmp_path: Path, entries: str, line: int, told: str
) -> None:
    """A mistake in it stands with file, line and what to do."""
    (tmp_path / "asymmetries.toml").write_text(entries)
    model = "\n\nclass Model(Toy):\n    def ping(self) -> bool:\n        return True\n"

    said = driftcheck("run", author(TOY + model), "--max-traces", "1")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"driftcheck: {tmp_path / 'asymmetries.toml'}, line {line}: {told}")
    assert said.err.count("\n") == 1


def test_a_library_that_is_none_is_told_by_a_run(driftcheck: Call, author: Author, tmp_path: Path) -> None:
    """What cannot be loaded is named with the loader's own words."""
    (tmp_path / "_built").mkdir()
    (tmp_path / "_built" / "go.so").write_text("not a library")

    said = driftcheck("run", author(TOY), "--max-traces", "1")

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("driftcheck: subject 'go': its library ")
    assert "go.so cannot be loaded: " in said.err
    assert "build it again with 'driftcheck build'" in said.err


def test_a_library_of_another_contract_is_told_by_a_run(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """What it was built for, what the contract is, and the commands to type."""
    subject = build(subjects(Lru)[0], schema_of(Lru))
    (tmp_path / "_built").mkdir()
    shutil.copyfile(subject.target, tmp_path / "_built" / "go.so")
    name = author(TOY)

    said = driftcheck("run", name, "--max-traces", "1")

    assert (said.code, said.out) == (2, "")
    assert f"was built for lru {schema_of(Lru).fingerprint}, but the contract is toy " in said.err
    assert said.err.endswith(f"and run 'driftcheck build {name}'\n")
    assert f"; run 'driftcheck gen {name}', fix the adapter " in said.err


def test_a_library_that_is_missing_is_told_where_nothing_may_be_built(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """`--no-build` says what to run instead."""
    go_adapter(tmp_path)
    name = author(TOY)

    said = driftcheck("run", name, "--max-traces", "1", "--no-build")

    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "driftcheck: contract 'toy': the library of subject 'go' is stale: it has not been built; "
        f"run 'driftcheck build {name}', or allow builds\n"
    )


def test_code_that_was_never_generated_is_told_over_the_compilers_words(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """The compiler knows only of a package that is not there; the first line says how to make it."""
    folder = go_adapter(tmp_path)
    name = author(TOY)

    said = driftcheck("run", name, "--max-traces", "1")

    building, first, *rest = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert building == "building toy: go"
    assert first.startswith("driftcheck: contract 'toy': subject 'go': 'go build' failed in ")
    assert first.endswith(
        f" failed in {folder}; first run 'driftcheck gen {name}', since contract_gen.go is missing"
    )
    assert "package toy/toy is not in std" in "\n".join(rest)


def test_an_adapter_that_does_not_compile_is_told_by_a_run(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """Contract, subject, command and folder in one line, the compiler's own words below it."""
    folder = go_adapter(tmp_path, "return 1, nil")
    name = author(TOY)
    driftcheck("gen", name)

    said = driftcheck("run", name, "--max-traces", "1")

    _, first, *rest = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert first.startswith("driftcheck: contract 'toy': subject 'go': 'go build' failed in ")
    assert first.endswith(f" failed in {folder}")
    assert "cannot use 1 (untyped int constant) as bool value in return statement" in "\n".join(rest)


def test_a_contract_that_has_moved_on_is_told_with_the_commands_to_type(
    driftcheck: Call, author: Author, tmp_path: Path
) -> None:
    """A library of yesterday's contract, whose generated code is stale, is refused by name."""
    go_adapter(tmp_path)
    driftcheck("gen", author(TOY))
    name = author(TOY.replace("-> bool", "-> str"))

    said = driftcheck("run", name, "--max-traces", "1")

    assert (said.code, said.out) == (2, "")
    assert "the library of subject 'go' was built for toy " in said.err
    assert f"; run 'driftcheck gen {name}', fix the adapter " in said.err


@pytest.mark.skipif(shutil.which("go") is None, reason="tells of a machine from which Go is taken away")
def test_a_missing_toolchain_is_told_by_a_run(
    driftcheck: Call, author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing, and how to get it."""
    go_adapter(tmp_path)
    monkeypatch.setattr("driftcheck.build.tool.shutil.which", lambda *_, **__: None)

    said = driftcheck("run", author(TOY), "--max-traces", "1")

    assert said.code == 2
    assert f"subject 'go': 'go' is not on the PATH; {ADVICE}; first run 'driftcheck gen " in said.err


def go_adapter(folder: Path, answer: str = "return true, nil") -> Path:
    """Write a Go adapter of the toy; return its folder."""
    go = folder / "go"
    go.mkdir()
    (go / "go.mod").write_text(GO_MOD)
    (go / "adapter.go").write_text(
        'package main\n\nimport (\n\tdriftcheck "driftcheck/sdk"\n\t"toy/toy"\n)\n\ntype adapter struct{}\n\n'
        f"func (adapter) Ping() (bool, error) {{ {answer} }}\n\n"
        "func init() { driftcheck.Register(toy.Contract(adapter{})) }\n\nfunc main() {}\n"
    )
    return go


@pytest.mark.parametrize("path", ["cases/none.json", "none"])
def test_a_path_to_replay_that_is_not_there(driftcheck: Call, path: str) -> None:
    """The message says in which folder it was looked for, since a relative path depends on it."""
    said = driftcheck("replay", path)

    assert said.code == 2
    where = f"there is no such file or folder in {Path.cwd()}"
    assert said.err == f"driftcheck: {path}: {where}; check the path\n"
