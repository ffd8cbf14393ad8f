"""
Rules that make TOML files hostile: each takes a good file, line by line, and breaks it in each way.

Knows TOML as text. Knows nothing of what the file is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Broken = tuple[str, Callable[[], bytes]]  # a name, and what makes the file's content

VALUES: dict[str, Callable[[], str]] = {
    "true": lambda: "true",
    "zero": lambda: "0",
    "negative": lambda: "-1",
    "fraction": lambda: "1.5",
    "nan": lambda: "nan",
    "infinity": lambda: "-inf",
    "no-text": lambda: '""',
    "spaces": lambda: '"  "',
    "text": lambda: '"x"',
    "module": lambda: '"os:system"',
    "path": lambda: '"../../../../etc/passwd"',
    "nul": lambda: '"a\\u0000b"',
    "terminal": lambda: '"\\u001b[2J\\u009b31m\\r\\n"',
    "bidirectional": lambda: '"\\u202e\\u2066abc\\u200b"',
    "surrogate": lambda: '"\\ud800"',
    "long": lambda: f'"{"x" * 100_000}"',
    "date": lambda: "2027-06-30",
    "time": lambda: "07:32:00",
    "no-date": lambda: "2027-99-99",
    "no-list": lambda: "[]",
    "list": lambda: '[1, "x", [], {}]',
    "no-table": lambda: "{}",
    "table": lambda: '{ "" = 1, "A=B" = "x", "a\\u0000" = "y" }',
    "digits": lambda: "9" * 5_000,
    "hex-digits": lambda: f"0x{'f' * 5_000}",
    "underscores": lambda: "1" + "_0" * 20_000,
    "huge-float": lambda: "1e99999",
    "brackets": lambda: "[" * 100_000,
    "closed-brackets": lambda: "[" * 300 + "]" * 300,
    "fewer-brackets": lambda: "[" * 30 + "]" * 30,
    "tables": lambda: "{a=" * 100_000,
    "closed-tables": lambda: "{a=" * 200 + "0" + "}" * 200,
    "dotted-in-a-table": lambda: f"{{{'a.' * 10_000}a=1}}",
    "many": lambda: f"[{'0,' * 200_000}]",
    "many-keys": lambda: "{" + ",".join(f"k{i}=0" for i in range(50_000)) + "}",
    "no-end": lambda: '"' + "x" * 100_000,
    "no-end-of-lines": lambda: '"""' + "\n" * 100_000,
}
LINES: dict[str, Callable[[], str]] = {
    "dotted-key": lambda: "a." * 100_000 + "a = 1",
    "quoted-key": lambda: '"a" . ' * 100_000 + "a = 1",
    "dotted-table": lambda: f"[{'a.' * 100_000}a]",
    "many-dotted-keys": lambda: "\n".join(f"{'a.' * 18}k{i} = 1" for i in range(20_000)),
    "many-dotted-tables": lambda: "\n".join(f"[{'a.' * 18}k{i}]\n{'b.' * 18}c = 1" for i in range(10_000)),
    "many-tables": lambda: "\n".join(f"[t{i}]" for i in range(50_000)),
    "many-lists": lambda: "[[t]]\n" * 100_000,
    "brackets": lambda: "[" * 100_000,
    "control": lambda: "\x00\x1b[2J",
    "comment": lambda: "#" * 500_000,
    "a-key": lambda: '"\\u001b[2J" = 1',
    "empty-key": lambda: '"" = 1',
    "merge": lambda: "__class__ = 1\n__init__ = 2",
}


def broken(lines: list[str]) -> Iterator[Broken]:
    """Yield the file of these lines, broken by each rule at each line."""
    good = "\n".join(lines)
    for number, line in enumerate(lines):
        key, joint, _ = line.partition(" = ")
        if joint:
            for name, value in VALUES.items():
                yield (
                    f"{key}={name}",
                    lambda number=number, key=key, value=value: _with(lines, number, f"{key} = {value()}"),
                )
        yield f"{number}-removed", lambda number=number: _with(lines, number)
        yield f"{number}-twice", lambda number=number, line=line: _with(lines, number, line, line)
        yield f"{number}-misspelt", lambda number=number, line=line: _with(lines, number, f"x{line}")
    for name, more in LINES.items():
        yield f"first-{name}", lambda more=more: f"{more()}\n{good}".encode()
        yield f"last-{name}", lambda more=more: f"{good}\n{more()}\n".encode()
    yield from _bytes(good.encode())


def _with(lines: list[str], number: int, *others: str) -> bytes:
    return "\n".join([*lines[:number], *others, *lines[number + 1 :], ""]).encode()


def _bytes(good: bytes) -> Iterator[Broken]:
    for part in range(1, 20):
        where = len(good) * part // 20
        yield f"cut-{part}", lambda where=where: good[:where]
        yield f"not-utf-8-{part}", lambda where=where: good[:where] + b"\xff" + good[where:]
        yield f"nul-{part}", lambda where=where: good[:where] + b"\0" + good[where:]
    whole: dict[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "bom": lambda: b"\xef\xbb\xbf" + good,
        "utf-16": lambda: good.decode().encode("utf-16"),
        "latin-1": lambda: b'x = "\xe9"',
        "carriage-returns": lambda: good.replace(b"\n", b"\r"),
        "json": lambda: b'{"a": 1}',
        "zeros": lambda: b"\0" * 1_000_000,
        "too-large": lambda: good + b"\n" * (2 << 20),
    }
    yield from whole.items()
