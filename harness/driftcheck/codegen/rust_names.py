"""
Names of a contract in Rust's spelling, and the layout of rustfmt for lines with names.

Knows only spelling and layout.
"""

from __future__ import annotations

import re
import textwrap

MAX_WIDTH = 100  # of a line, rustfmt's default
_CALL_WIDTH = 60  # of arguments on one line
_ARRAY_WIDTH = 60  # of an array's items on one line
_SHORT_ITEM = 10
_LITERAL_WIDTH = 18  # of a struct literal's fields on one line

_KEYWORDS = frozenset(
    "abstract as async await become box break const continue do dyn else enum extern false final fn for gen "
    "if impl in let loop macro match mod move mut override priv pub ref return static struct trait true try "
    "type typeof unsafe unsized use virtual where while yield".split()
)
_NEVER_RAW = frozenset({"crate", "self", "super", "Self", "_"})


def snake(name: str) -> str:
    """Return the name of a field, a method or a parameter; a keyword of Rust gets an escape."""
    if name in _NEVER_RAW:
        return name + "_"
    return f"r#{name}" if name in _KEYWORDS else name


def snake_from_camel(name: str) -> str:
    """Turn CamelCase into snake_case: WalkCursor becomes walk_cursor."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel(name: str) -> str:
    """Turn snake_case or UPPER_CASE into a variant's name: too_far becomes TooFar."""
    words = (name.lower() if name.isupper() else name).split("_")
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    if not joined or joined[0].isdigit() or joined in _NEVER_RAW:
        return f"V{joined}"
    return joined


def doc(text: str, indent: str = "", mark: str = "///") -> list[str]:
    """Return the lines of a doc comment with its layout; none for an empty text."""
    return [f"{indent}{mark} {line}".rstrip() for line in text.strip().splitlines()]


def string(text: str) -> str:
    """Return a Rust string literal."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(ch if ch.isprintable() else f"\\u{{{ord(ch):x}}}" for ch in plain) + '"'


def strings(indent: str, before: str, texts: list[str]) -> list[str]:
    """Return the lines of `before = &[texts];`."""
    literals = [string(text) for text in texts]
    inner = ", ".join(literals)
    if len(inner) <= _ARRAY_WIDTH:
        line = f"{indent}{before} = &[{inner}];"
        return [line] if len(line) <= MAX_WIDTH else [f"{indent}{before} =", f"{indent}    &[{inner}];"]
    rows = literals
    if max(map(len, literals)) <= _SHORT_ITEM:  # then as many on a line as fit
        width = MAX_WIDTH - len(indent) - 5
        rows = textwrap.wrap(inner, width, break_long_words=False, break_on_hyphens=False)
        rows = [row.removesuffix(",") for row in rows]
    return [f"{indent}{before} = &[", *(f"{indent}    {row}," for row in rows), f"{indent}];"]


def signature(indent: str, name: str, parameters: list[str], tail: str) -> list[str]:
    """Return the lines of `fn name(parameters)tail`."""
    line = f"{indent}{name}({', '.join(parameters)}){tail}"
    if len(line) <= MAX_WIDTH:
        return [line]
    return [f"{indent}{name}(", *(f"{indent}    {p}," for p in parameters), f"{indent}){tail}"]


def call(indent: str, before: str, arguments: list[str], after: str) -> list[str]:
    """Return the lines of `before(arguments)after`, where `before` is a plain path or a short statement."""
    inner = ", ".join(arguments)
    line = f"{indent}{before}({inner}){after}"
    if len(inner) <= _CALL_WIDTH and len(line) <= MAX_WIDTH:
        return [line]
    place, equals, path = before.partition(" = ")
    below = f"{indent}    {path}({inner}){after}"
    if equals and len(inner) <= _CALL_WIDTH and len(below) <= MAX_WIDTH:
        return [f"{indent}{place} =", below]
    return [f"{indent}{before}(", *(f"{indent}    {a}," for a in arguments), f"{indent}){after}"]


def literal(indent: str, before: str, fields: list[str], after: str) -> list[str]:
    """Return the lines of `before { fields }after`."""
    inner = ", ".join(fields)
    if not fields:
        return [f"{indent}{before} {{}}{after}"]
    if len(inner) <= _LITERAL_WIDTH:
        return [f"{indent}{before} {{ {inner} }}{after}"]
    return [f"{indent}{before} {{", *(f"{indent}    {f}," for f in fields), f"{indent}}}{after}"]
