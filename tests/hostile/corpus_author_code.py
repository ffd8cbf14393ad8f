"""
Contract modules that misbehave: each place where an author's code runs, with each way to misbehave there.

A contract has one function `misbehave`, and one place calls it. The message names contract, place and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import attrs
from frame import Hostile

SETTINGS = '[tool.driftcheck]\nauthor-deadline = "{}"\nauthor-memory = "200MiB"\n'
DEADLINE, LONG_DEADLINE = "1s", "8s"  # the second where memory, or driftcheck itself, must end the call
ESCAPES = r"\x1b]0;owned\x07\x1b[31m\u202e"

PREAMBLE = """\
import itertools, re, sys, time
from typing import Annotated
import attrs
from hypothesis import strategies as st
from driftcheck import *
from driftcheck.codecs import *

class Odd(BaseException):
    pass

class Mute(Exception):
    def __str__(self):
        raise SystemExit(0)

def misbehave(*given):
    {misbehaviour}

Digit = Annotated[int, ge(0), le(9)]

@attrs.frozen
class Pair:
    left: Digit
    right: Digit
    {of_class}

class Text(Codec[Pair]):
    mutations = [Mutation("same", lambda data, draw, type_: {of_mutation} or data)]
    def encode(self, value):
        return {of_encode} or b"%d,%d" % (value.left, value.right)
    def features(self, data):
        return {of_features} or set()

{of_module}

class Toy(Contract):
    malformed = Rejection("no pair", catch_all=True)
    @operation
    def read(self, text: Payload[Pair, Text]) -> bool: ...
    @operation
    def put(self, n: {of_strategy}) -> Digit: ...
    def state(self) -> Digit: ...
    {of_contract}

class ToyModel(Toy):
    def __init__(self):
        self.n = 0
    def read(self, text):
        return True
    def put(self, n):
        {of_model}
        self.n = n % 10
        return self.n
    def state(self):
        return self.n
"""


@attrs.frozen
class Place:
    """A place where driftcheck calls an author's code."""

    name: str
    who: str  # how a message names it
    hole: str  # of the preamble
    code: str


@attrs.frozen
class Way:
    """A way to misbehave."""

    name: str
    body: str
    does: str  # what a message says of it
    also: tuple[str, ...] = (", in misbehave; ",)  # what it says besides
    is_slow: bool = False
    deadline: str = DEADLINE


SLOW = partial(Way, does="did not end within 1 s", is_slow=True)
GREEDY = partial(Way, does="took more than 200 MiB of memory", also=(), is_slow=True, deadline=LONG_DEADLINE)
PLACES = (
    Place("module", "its module 'hostile' cannot be imported: it", "of_module", "misbehave()"),
    Place(
        "invariant",
        "invariant 'fine'",
        "of_contract",
        "@invariant\n    def fine(self, state): return misbehave()",
    ),
    Place("law", "law 'steady'", "of_contract", "@law\n    def steady(self, n: Digit): return misbehave()"),
    Place(
        "law-after-a-call",
        "law 'steady'",
        "of_contract",
        "@law\n    def steady(self, n: Digit): return self.put(n) > 9 or misbehave()",
    ),
    Place(
        "strategy",
        "the strategy ",
        "of_strategy",
        "Annotated[I64, generated(st.integers(0, 9).map(misbehave))]",
    ),
    Place(
        "filter",
        "the strategy ",
        "of_strategy",
        "Annotated[I64, generated(st.integers(0, 9).filter(misbehave))]",
    ),
    Place("class", "the class hostile.Pair", "of_class", "def __attrs_post_init__(self): misbehave()"),
    Place("encode", "codec 'text': 'encode'", "of_encode", "misbehave()"),
    Place("features", "codec 'text': 'features'", "of_features", "misbehave()"),
    Place("mutation", "codec 'text': mutation 'same'", "of_mutation", "misbehave()"),
)
WAYS = (
    Way("raises", 'raise ValueError("not this")', "raised ValueError: not this"),
    Way("exits-with-0", "sys.exit(0)", "raised SystemExit: 0"),
    Way("exits-with-3", "raise SystemExit(3)", "raised SystemExit: 3"),
    Way("odd", 'raise Odd("so")', "raised Odd: so"),
    Way("interrupts", "raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    Way("mute", "raise Mute", "raised Mute: (its text cannot be read: SystemExit)"),
    Way("recursive", "return misbehave()", "raised RecursionError: ", also=()),
    Way("escapes", f'raise ValueError("{ESCAPES}")', f"raised ValueError: {ESCAPES}"),
    Way("prints", f'print("{ESCAPES}"); raise Odd("so")', "raised Odd: so", also=(ESCAPES,)),
    Way("long", 'raise ValueError("x" * 50_000_000)', f"raised ValueError: {'x' * 400}"),
    SLOW("endless", "while True: pass"),
    SLOW("sleeps", "time.sleep(3600)"),
    SLOW(
        "stubborn", "while True:\n        try: time.sleep(3600)\n        except BaseException: pass", also=()
    ),
    SLOW("regex", 're.fullmatch("(a+)+$", "a" * 50 + "b")'),
    GREEDY("grows", "kept = []\n    while True: kept.append(b'x' * 100_000)"),
    GREEDY("grows-in-c", "list(itertools.count())"),
)
RETURNS = {
    "invariant": ("return None", "invariant 'fine' returned None; see "),
    "law": ("return None", "law 'steady' returned None; see "),
    "encode": ("return 'text'", "codec 'text': 'encode' returned 'text' for Pair(left="),
    "features": ("return 'text'", "codec 'text': 'features' returned 'text' for b'"),
    "mutation": ("return 'text'", "codec 'text': mutation 'same' returned 'text' for b'"),
}
HOLES = (
    "of_class",
    "of_mutation",
    "of_encode",
    "of_features",
    "of_module",
    "of_strategy",
    "of_contract",
    "of_model",
)
NOTHING = {"of_class": "pass", "of_strategy": "Digit", "of_contract": "pass", "of_model": "pass"}


def module(hole: str, code: str, misbehaviour: str) -> str:
    """Return a contract module with code in one of its holes."""
    holes = {name: NOTHING.get(name, "None") for name in HOLES}
    return PREAMBLE.format(**{**holes, hole: code, "misbehaviour": misbehaviour})


def write(text: str, folder: Path, *, deadline: str = DEADLINE) -> Sequence[str]:
    """Write a contract module, and return the command that runs it."""
    (folder / "pyproject.toml").write_text(SETTINGS.format(deadline))
    (folder / "hostile.py").write_text(text)
    return ["run", "hostile:Toy", "--max-traces", "40", "--seed", "1"]


def corpus() -> Iterator[Hostile]:
    """Yield each misbehaviour at each place, and those that only one place has."""
    for number, place in enumerate(PLACES):
        for turn, way in enumerate(WAYS, number):
            yield _hostile(
                f"{place.name}-{way.name}",
                module(place.hole, place.code, way.body),
                (place.who, f" {way.does}", "hostile.py, line ", *way.also),
                deadline=way.deadline,
                # By day each place has every second way, and at most one of the slow ones.
                nightly=turn % len(WAYS) != 0 if way.is_slow else turn % 2 != 0,
            )
        if place.name in RETURNS:
            body, says = RETURNS[place.name]
            yield _hostile(f"{place.name}-returns", module(place.hole, place.code, body), (says,))
    law = "@law\n    def steady(self, n: Digit):\n        while True: self.put(n)"
    says = ("law 'steady' made 200 calls and did not end; see ", "hostile.py, line ", ", in steady; ")
    yield _hostile("law-without-end", module("of_contract", law, "pass"), says, deadline=LONG_DEADLINE)
    says = ("contract 'toy': the pattern '(a+)+' did not end within 1 s for 'aaaa", "; fix it, or ")
    yield _hostile("pattern", PATTERN, says)
    for way in WAYS:
        if way.is_slow:
            text = module("of_model", "if n > 9: raise Skip\n        misbehave()", way.body)
            says = (f"contract 'toy': the model's 'put' {way.does}", "hostile.py, line ")
            yield _hostile(f"model-{way.name}", text, says, deadline=way.deadline, nightly=True)


def _hostile(
    name: str, text: str, says: tuple[str, ...], *, deadline: str = DEADLINE, nightly: bool = False
) -> Hostile:
    return Hostile("author code", name, partial(write, text, deadline=deadline), says=says, nightly=nightly)


PATTERN = """\
from typing import Annotated
from attrs.validators import matches_re
from driftcheck import *

class Toy(Contract):
    @operation
    def name(self) -> Annotated[str, matches_re("(a+)+")]: ...

class ToyModel(Toy):
    def name(self):
        return "a" * 50 + "!"
"""

CORPUS = [*corpus()]
