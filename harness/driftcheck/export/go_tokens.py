"""
Go source as tokens and top-level declarations, as far as the export of an adapter needs it.

Knows gofmt's layout: each declaration begins at the first column. Checks nothing that a compiler checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+')"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<space>[ \t\r]+)"
    r"|(?P<line>\n)"
    r"|(?P<mark>.)",
    re.DOTALL,
)


@attrs.frozen
class Token:
    """A piece of source text."""

    kind: str  # comment, text, name, number, space, line or mark
    text: str


@attrs.frozen
class Declaration:
    """A top-level declaration with the comment above it."""

    tokens: tuple[Token, ...]
    keyword: str  # import, const, var, type or func
    names: tuple[str, ...]  # that it declares; of a method its own name
    receiver: str = ""  # the type of a method, "" for anything else

    @property
    def text(self) -> str:
        """Return its source."""
        return "".join(token.text for token in self.tokens)

    @property
    def used(self) -> frozenset[str]:
        """Return the names that it uses, without those behind a dot."""
        return frozenset(name for name, is_behind in _names(self.tokens) if not is_behind)

    @property
    def selected(self) -> frozenset[str]:
        """Return the names that it uses behind a dot: methods, fields and names of packages."""
        return frozenset(name for name, is_behind in _names(self.tokens) if is_behind)


def tokens(text: str) -> tuple[Token, ...]:
    """Split Go source."""
    return tuple(Token(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(text))


def _names(some: tuple[Token, ...]) -> Iterator[tuple[str, bool]]:
    before = ""
    for token in some:
        if token.kind == "name":
            yield token.text, before == "."
        if token.kind not in ("space", "line", "comment"):
            before = token.text


def declarations(text: str) -> list[Declaration]:
    """Return the declarations of a file, in their order, without its package clause."""
    found = []
    for part in _parts(tokens(text)):
        words = [token for token in part if token.kind not in ("space", "line", "comment")]
        if words and words[0].text in ("import", "const", "var", "type", "func"):
            found.append(_declaration(part, words))
    return found


def _parts(some: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield the declarations: each ends outside all brackets, before a line that is not indented."""
    part: list[Token] = []
    depth, has_word = 0, False
    for number, token in enumerate(some):
        if token.kind == "mark":
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        part.append(token)
        has_word = has_word or token.kind in ("name", "mark")
        after = some[number + 1] if number + 1 < len(some) else None
        if token.kind != "line" or depth:
            continue
        if has_word and (after is None or after.kind != "space"):
            yield tuple(part)
            part, has_word = [], False
        elif not has_word and after is not None and after.kind == "line":
            part = []  # a comment with an empty line after it belongs to no declaration
    if has_word:
        yield tuple(part)


def _declaration(part: tuple[Token, ...], words: list[Token]) -> Declaration:
    keyword = words[0].text
    if keyword == "func":
        return _function(part, words)
    if keyword == "import" or words[1].text != "(":
        return Declaration(part, keyword, (words[1].text,) if keyword != "import" else ())
    names, depth, is_start = [], 0, False
    for token in part:
        if token.kind == "mark" and token.text in "([{":
            depth += 1
            is_start = is_start or depth == 1
        elif token.kind == "mark" and token.text in ")]}":
            depth -= 1
        elif token.kind == "line":
            is_start = depth == 1
        elif token.kind == "name" and is_start and depth == 1:
            names.append(token.text)
            is_start = keyword == "var" or keyword == "const"
        elif token.kind == "mark" and token.text == "=":
            is_start = False
        if token.kind == "mark" and token.text != ",":
            is_start = is_start and token.text == "("
    return Declaration(part, keyword, tuple(names))


def _function(part: tuple[Token, ...], words: list[Token]) -> Declaration:
    if words[1].text != "(":
        return Declaration(part, "func", (words[1].text,))
    end = next(i for i, token in enumerate(words) if token.text == ")")
    inside = [token.text for token in words[2:end]]
    if "[" in inside:
        inside = inside[: inside.index("[")]
    receiver = [text for text in inside if text != "*"][-1]
    return Declaration(part, "func", (words[end + 1].text,), receiver)


def imports(text: str) -> dict[str, str]:
    """Return the imports of a file: the path by the name that the file uses; "_" and "." are names, too."""
    found: dict[str, str] = {}
    for one in declarations(text):
        if one.keyword != "import":
            continue
        alias = ""
        for token in one.tokens:
            if (token.kind == "name" and token.text != "import") or token.text == ".":
                alias = token.text
            elif token.kind == "text":
                path = token.text.strip('"`')
                found[alias or default_name(path)] = path
                alias = ""
    return found


def default_name(path: str) -> str:
    """Return the name that a package of that path most likely has."""
    parts = path.split("/")
    last = parts[-1]
    if re.fullmatch(r"v\d+", last) and len(parts) > 1:
        last = parts[-2]
    return re.sub(r"\.v\d+$", "", last).removeprefix("go-").replace("-", "_")
