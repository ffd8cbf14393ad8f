"""
Rust source as tokens and items, as far as the export of an adapter needs it.

Knows where an item begins and ends, its attributes and its names. Checks nothing that a compiler checks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import attrs

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*)"
    r"|(?P<block>/\*)"
    r"|(?P<text>[bc]?r(?P<hash>\#*)\".*?\"(?P=hash)|[bc]?\"(?:\\.|[^\"\\])*\"|b?'(?:\\[^']*|[^'\\])')"
    r"|(?P<lifetime>'[^\W\d]\w*)"
    r"|(?P<name>(?:r\#)?[^\W\d]\w*)"
    r"|(?P<number>\d[\w]*(?:\.\d[\w]*)?)"
    r"|(?P<space>\s+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"
_TO_SEMICOLON = frozenset({"use", "const", "static", "type", "extern"})
_KEYWORDS = frozenset(
    "use const static type extern fn struct enum union trait impl mod macro_rules unsafe async pub".split()
)


@attrs.frozen
class Token:
    """A piece of source text."""

    kind: str  # comment, text, lifetime, name, number, space or mark
    text: str

    @property
    def is_blank(self) -> bool:
        """Say whether a compiler ignores it."""
        return self.kind in ("comment", "space")


@attrs.frozen
class Item:
    """An item with the comments and attributes above it."""

    tokens: tuple[Token, ...]
    keyword: str  # use, fn, impl, mod, ...; "" for the call of a macro
    name: str = ""  # that it declares; "" for use, impl and calls

    @property
    def text(self) -> str:
        """Return its source."""
        return "".join(token.text for token in self.tokens)

    @property
    def words(self) -> tuple[Token, ...]:
        """Return its tokens that a compiler reads."""
        return tuple(token for token in self.tokens if not token.is_blank)

    @property
    def used(self) -> frozenset[str]:
        """Return all names in it; also those in texts, where attributes name functions."""
        found = {token.text.removeprefix("r#") for token in self.tokens if token.kind == "name"}
        for token in self.tokens:
            if token.kind == "text":
                found |= set(re.findall(r"[^\W\d]\w*", token.text))
        return frozenset(found)

    def named(self, foreign: Collection[str]) -> frozenset[str]:
        """Return the names that it uses, without those directly behind the name of a foreign crate."""
        words = self.words
        behind = {
            number
            for number in range(3, len(words))
            if words[number - 1].text == words[number - 2].text == ":" and words[number - 3].text in foreign
        }
        elsewhere = Item(tuple(w for number, w in enumerate(words) if number not in behind), self.keyword)
        return elsewhere.used

    @property
    def called(self) -> frozenset[str]:
        """Return what it names behind a dot or a path, as ".name", and behind `self` as "self.name", too."""
        words = [token.text for token in self.words]
        found = set()
        for number, word in enumerate(words[2:], 2):
            before = words[number - 1]
            if before in (".", ":") and word[:1].isidentifier():
                found.add(f".{word}")
                owner = words[number - (2 if before == "." else 3)]
                if owner in ("self", "Self"):
                    found.add(f"self.{word}")
        return frozenset(found)

    @property
    def body(self) -> tuple[Token, ...] | None:
        """Return what stands between its last brackets, if these are braces."""
        words = [n for n, token in enumerate(self.tokens) if not token.is_blank]
        if not words or self.tokens[words[-1]].text != "}":
            return None
        depth = 0
        for number in reversed(range(words[-1] + 1)):
            text = self.tokens[number].text
            if self.tokens[number].kind == "mark":
                depth += (text in _CLOSE) - (text in _OPEN)
            if depth == 0:
                return self.tokens[number + 1 : words[-1]]
        return None

    @property
    def head(self) -> tuple[Token, ...]:
        """Return what stands before its body."""
        body = self.body
        return (
            self.tokens if body is None else self.tokens[: len(self.tokens) - len(body) - 2 - self._after()]
        )

    def _after(self) -> int:
        after = 0
        for token in reversed(self.tokens):
            if not token.is_blank:
                break
            after += 1
        return after


def tokens(text: str) -> tuple[Token, ...]:
    """Split Rust source."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None
        if match.lastgroup == "block" or match["block"]:
            end = _end_of_block(text, at)
            found.append(Token("comment", text[at:end]))
            at = end
            continue
        kind = next(k for k in ("comment", "text", "lifetime", "name", "number", "space", "mark") if match[k])
        found.append(Token(kind, match.group()))
        at = match.end()
    return tuple(found)


def _end_of_block(text: str, at: int) -> int:
    depth = 0
    for match in re.finditer(r"/\*|\*/", text[at:]):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return at + match.end()
    return len(text)


def end_of_thing(some: Sequence[Token], at: int, *, ends: str) -> int:
    """Return the number after an item, statement or field that begins at a token."""
    depth = 0
    for number in range(at, len(some)):
        token = some[number]
        if token.kind != "mark":
            continue
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSE:
            if depth == 0:
                return number
            depth -= 1
            if depth == 0 and token.text == "}" and "}" in ends:
                return number + 1
        elif depth == 0 and token.text in ends:
            return number + 1
    return len(some)


def end_of_attribute(some: Sequence[Token], at: int) -> int:
    """Return the number after the attribute whose `#` is the token at `at`."""
    depth = 0
    for number in range(at, len(some)):
        token = some[number]
        if token.kind == "mark" and token.text in _OPEN:
            depth += 1
        elif token.kind == "mark" and token.text in _CLOSE:
            depth -= 1
            if depth == 0:
                return number + 1
    return len(some)


def items(some: Sequence[Token]) -> tuple[tuple[Token, ...], list[Item]]:
    """Split the tokens of a file or module: the inner attributes at its beginning, and its items."""
    inner: list[Token] = []
    found: list[Item] = []
    begin = at = 0
    while at < len(some):
        token = some[at]
        if token.is_blank:
            if token.text.startswith(("//!", "/*!")):
                begin = at + 1
            at += 1
            continue
        if token.text == "#":
            end = end_of_attribute(some, at)
            if some[at + 1].text == "!":
                inner += some[at:end]
                begin = end
            at = end
            continue
        end = _with_comment(some, _end_of_item(some, at))
        found.append(_item(tuple(some[begin:end]), [t.text for t in some[at:end] if not t.is_blank]))
        begin = at = end
    return tuple(inner), found


def _with_comment(some: Sequence[Token], end: int) -> int:
    """Return the number after the comment that stands behind an item, on its last line."""
    rest = some[end : end + 2]
    if len(rest) == 2 and rest[0].kind == "space" and "\n" not in rest[0].text and rest[1].kind == "comment":
        return end + 2
    return end


def _end_of_item(some: Sequence[Token], at: int) -> int:
    keyword = _keyword([t.text for t in some[at : at + 40] if not t.is_blank])
    return end_of_thing(some, at, ends=";" if keyword in _TO_SEMICOLON else ";}")


def _keyword(words: Sequence[str]) -> str:
    """Return the word that says what an item is."""
    at = 0
    while at < len(words):
        word = words[at]
        if word == "pub":
            at += 1
            if at < len(words) and words[at] == "(":
                at = words.index(")", at) + 1
            continue
        following = words[at + 1] if at + 1 < len(words) else ""
        if word in ("unsafe", "async") or (
            word in ("const", "extern") and following in ("fn", "unsafe", "async")
        ):
            at += 1
            continue
        if word == "extern" and following.startswith('"'):
            at += 2
            continue
        return word if word in _KEYWORDS else ""
    return ""


def _item(some: tuple[Token, ...], words: list[str]) -> Item:
    keyword = _keyword(words)
    if keyword in ("", "use", "impl"):
        return Item(some, keyword)
    if keyword == "macro_rules":
        return Item(some, keyword, words[words.index("!") + 1])
    name = words[words.index(keyword) + 1] if keyword in words[:-1] else ""
    return Item(some, keyword, name.removeprefix("r#"))
