"""Hostile contract modules, which the user named: their mistakes are the author's, and get one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from file_rules import OTHERS
from frame import Hostile

HEAD = "import enum\nfrom typing import Annotated\nimport attrs\nfrom driftcheck import *\n"
GOOD = f"{HEAD}\nclass X(Contract):\n    @operation\n    def ping(self) -> bool: ...\n"
ANY = frozenset({0, 2})


def _operation(annotation: str, before: str = "") -> str:
    method = f"    @operation\n    def ping(self, a: {annotation}) -> bool: ...\n"
    return f"{HEAD}\n{before}\n\nclass X(Contract):\n{method}"


BODIES: dict[str, Callable[[], str | bytes]] = {
    "empty": lambda: "",
    "good": lambda: GOOD,
    "syntax": lambda: "class X(:\n",
    "indent": lambda: " x\n\ty\n",
    "nul": lambda: b"x = 1\0",
    "not-utf-8": lambda: b"x = '\xff'",
    "coding": lambda: b"# coding: nothing\nx = 1\n",
    "bom": lambda: b"\xef\xbb\xbf" + GOOD.encode(),
    "utf-16": lambda: GOOD.encode("utf-16"),
    "brackets": lambda: "x = " + "[" * 100_000,
    "closed-brackets": lambda: "x = " + "[" * 150 + "]" * 150,
    "digits": lambda: f"x = {'9' * 5_000}",
    "no-class": lambda: "X = 3\n",
    "another-class": lambda: "class X: ...\n",
    "contract-itself": lambda: "from driftcheck import Contract as X\n",
    "a-model": lambda: f"{GOOD}\nclass Model(X):\n    def ping(self): return True\nX = Model\n",
    "an-instance": lambda: f"{GOOD}\nX = X()\n",
    "no-operations": lambda: f"{HEAD}\nclass X(Contract): ...\n",
    "missing-import": lambda: "import no_such_module\n",
    "from-missing": lambda: "from driftcheck import no_such_name\n",
    "circle": lambda: "import evil\nevil.X.Y\n",
    "recursion": lambda: "def f(): f()\nf()\n",
    "no-longer-there": lambda: f"import sys\n{GOOD}\ndel sys.modules[__name__]\n",
    "replaced": lambda: f"import sys\n{GOOD}\nsys.modules[__name__] = 3\n",
    "prints": lambda: f"import sys\n{GOOD}\nprint('x'); sys.stderr.write('y')\n",
    "deep-list": lambda: _operation("tuple[" * 90 + "int" + ", ...]" * 90),
    "deeper-list": lambda: _operation("T", "T = int\nfor i in range(2_000): T = tuple[T, ...]"),
    "itself": lambda: _operation("A", "@attrs.frozen\nclass A:\n    a: 'A'"),
    "unknown": lambda: _operation("'NoSuchName'"),
    "code-in-text": lambda: _operation("'1/0'"),
    "object": lambda: _operation("object"),
    "any": lambda: _operation("...", ""),
    "empty-enum": lambda: _operation("E", "class E(enum.Enum): ..."),
    "odd-names": lambda: _operation("E", "E = enum.Enum('E', {'a b': 1, '\\x1b[2J': 2, '\\u202e': 3})"),
    "many-members": lambda: _operation("E", "E = enum.Enum('E', [f'm{i}' for i in range(5_000)])"),
    "many-operations": lambda: (
        f"{HEAD}\nclass X(Contract):\n"
        + "".join(f"    @operation\n    def o{i}(self) -> bool: ...\n" for i in range(2_000))
    ),
    "many-arguments": lambda: (
        f"{HEAD}\nclass X(Contract):\n    @operation\n    def o(self, "
        + ", ".join(f"a{i}: int" for i in range(500))
        + ") -> bool: ...\n"
    ),
    "bad-bounds": lambda: _operation("Annotated[int, ge(9), le(1)]"),
    "huge-bounds": lambda: _operation(f"Annotated[int, le({10**300})]"),
    "nan-bounds": lambda: _operation("Annotated[float, ge(float('nan'))]"),
    "text-bounds": lambda: _operation("Annotated[int, ge('a')]"),
    "huge-length": lambda: _operation("Annotated[str, min_len(10**12)]"),
    "bad-pattern": lambda: _operation("Annotated[str, matches_re('(')]"),
    "wrong-choices": lambda: _operation("Annotated[int, in_(['a'])]"),
    "no-choices": lambda: _operation("Annotated[int, in_([])]"),
    "many-names": lambda: _operation("Annotated[str, names(10**9)]"),
    "no-names": lambda: _operation("Annotated[str, names(-1)]"),
    "many-instances": lambda: GOOD.replace("Contract)", "Contract, instances=10**9)"),
    "no-instances": lambda: GOOD.replace("Contract)", "Contract, instances='a')"),
    "version": lambda: GOOD.replace("Contract)", "Contract, version=None)"),
    "name-of-a-path": lambda: GOOD.replace("Contract)", "Contract, name='../../x')"),
    "name-of-a-number": lambda: GOOD.replace("Contract)", "Contract, name=3)"),
    "name-of-escapes": lambda: GOOD.replace("Contract)", "Contract, name='\\x1b[2J')"),
    "unknown-option": lambda: GOOD.replace("Contract)", "Contract, colour='red')"),
    "metaclass": lambda: GOOD.replace("Contract)", "Contract, metaclass=type)"),
    "two-bases": lambda: GOOD.replace("Contract)", "Contract, int)"),
    "slots": lambda: GOOD.replace("    @operation", "    __slots__ = ('ping',)\n    @operation"),
    "raising-doc": lambda: GOOD + "\nX.__doc__ = 3\n",
    "raising-repr": lambda: _operation("A()", "class A:\n    def __repr__(self): raise ValueError('no')"),
    "raising-hash": lambda: _operation("A()", "class A:\n    def __hash__(self): raise ValueError('no')"),
    "raising-eq": lambda: _operation("A()", "class A:\n    def __eq__(self, o): raise ValueError('no')"),
    "raising-descriptor": lambda: (
        GOOD + "\nclass D:\n    def __get__(self, a, b): raise ValueError('no')\nX.ping = D()\n"
    ),
    "long-name": lambda: GOOD.replace("ping(", f"{'p' * 1_000}("),
    "dunder": lambda: GOOD.replace("ping(", "__init__("),
    "keyword-of-go": lambda: GOOD.replace("ping(", "func("),
    "static": lambda: GOOD.replace("@operation", "@operation\n    @staticmethod"),
    "async": lambda: GOOD.replace("def ping", "async def ping"),
    "lambda": lambda: f"{HEAD}\nclass X(Contract):\n    ping = operation(lambda self: True)\n",
    "not-a-function": lambda: f"{HEAD}\nclass X(Contract):\n    ping = operation(3)\n",
    "varargs": lambda: GOOD.replace("(self)", "(self, *a, **b)"),
    "defaults": lambda: GOOD.replace("(self)", "(self, a: int = 3)"),
    "no-self": lambda: GOOD.replace("(self)", "()"),
    "no-annotation": lambda: GOOD.replace("(self)", "(self, a)"),
    "no-result": lambda: GOOD.replace(" -> bool", ""),
    "law-without-code": lambda: GOOD + "    @law\n    def l(self): ...\n",
    "unhashable-in": lambda: _operation("Annotated[int, in_([[]])]"),
    "rejection-twice": lambda: GOOD.replace("    @op", "    a = Rejection('x')\n    b = a\n    @op"),
    "rejection-of-a-number": lambda: GOOD.replace("    @op", "    a = Rejection(3)\n    @op"),
    "fault-of-a-number": lambda: GOOD.replace("    @op", "    a = Fault(3)\n    @op"),
}
ERRORS = (
    "ValueError('x')",
    "ValueError('\\x1b[2J')",
    "KeyError()",
    "AssertionError",
    "OSError(2, 'x')",
    "UnicodeError('\\ud800')",
    "MemoryError",
    "RecursionError",
    "StopIteration",
    "ImportError('x')",
    "ModuleNotFoundError('x', name=3)",
    "ExceptionGroup('x', [ValueError()])",
    "SyntaxError('x')",
    "SyntaxError('x', ('f', None, None, None))",
)


def _module(content: Callable[[], str | bytes], name: str = "evil:X") -> Callable[[Path], Sequence[str]]:
    def write(folder: Path) -> Sequence[str]:
        body = content()
        (folder / "evil.py").write_bytes(body.encode() if isinstance(body, str) else body)
        return ("contracts", name, "--json")

    return write


def _all() -> Iterator[Hostile]:
    for name, content in BODIES.items():
        yield Hostile("module", name, _module(content), ANY, is_sentence=name not in ("prints",))
    for error in ERRORS:
        for place, text in {"import": f"raise {error}\n", "class": f"{GOOD}    raise {error}\n"}.items():
            yield Hostile("module", f"{place}-{error[:60]}", _module(lambda text=text: text))
    for name in (
        "evil",
        "evil:",
        ":X",
        "evil:X:X",
        "evil.py:X",
        "./evil.py:X",
        "evil:no",
        "evil:__name__",
        "..evil:X",
    ):
        yield Hostile("module", f"named-{name}", _module(lambda: GOOD, name))
    for name in ("", "\0", "\x1b[2J", "x" * 100_000):
        yield Hostile("module", f"named-{name[:20]!r}", _module(lambda: GOOD, name), inside="\0" in name)
    for name, make in OTHERS.items():
        if name not in ("pipe", "zeros", "random", "terabyte", "terminal", "memory", "kernel-file"):

            def write(folder: Path, make: Callable[[Path], None] = make) -> Sequence[str]:
                make(folder / "evil.py")
                return ("contracts", "evil:X")

            yield Hostile("module", f"file-{name}", write)


CORPUS: list[Hostile] = list(_all())
