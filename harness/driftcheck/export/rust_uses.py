"""
The `use` items of an adapter, without the names that a test does not need.

A trait may be used without its name. So an unused name that begins with a capital letter stays, unless its
path is known to hold no such trait.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs

from driftcheck.export.rust_tokens import Item, tokens


@attrs.frozen
class _Tree:
    """A path, and what braces behind it hold."""

    path: str
    name: str  # that it brings
    inner: tuple[_Tree, ...] | None = None

    @property
    def text(self) -> str:
        if self.inner is None:
            return self.path
        return f"{self.path}{{{', '.join(one.text for one in self.inner)}}}"

    @property
    def names(self) -> list[str]:
        if self.inner is None:
            return [self.name]
        return [name for one in self.inner for name in one.names]


def needed(item: Item, used: Collection[str], *, is_known: bool) -> Item | None:
    """Return a `use` with the names that are needed; None if there are none.

    Args:
        used: the names in the other items of its module.
        is_known: its path is known to hold no trait that is used without its name.
    """
    words = [token.text for token in item.words]
    if words[0] != "use":  # it has an attribute, or is public
        return item
    tree, _ = _read(words[1:-1], 0, "")
    kept = _kept(tree, used, is_known)
    if kept is None or kept == tree:
        return item if kept else None
    begin = next(number for number, token in enumerate(item.tokens) if not token.is_blank)
    above = "".join(token.text for token in item.tokens[:begin])
    return Item(tokens(f"{above}use {kept.text};\n"), "use")


def is_needed(item: Item, used: Collection[str]) -> bool:
    """Say whether each name of a `use` is used by name."""
    words = [token.text for token in item.words]
    if words[0] != "use":
        return True
    tree, _ = _read(words[1:-1], 0, "")
    return all(name in used or name in ("*", "_") for name in tree.names)


def _read(words: Sequence[str], at: int, parent: str) -> tuple[_Tree, int]:
    """Read a tree that begins at a word; return it with the number of the word after it."""
    path, name, is_below = "", "", parent
    while at < len(words) and words[at] not in (",", "}"):
        word = words[at]
        if word == "{":
            inner, at = [], at + 1
            while words[at] != "}":
                one, at = _read(words, at, is_below)
                inner.append(one)
                at += words[at] == ","
            return _Tree(path, "", tuple(inner)), at + 1
        path += " as " if word == "as" else word
        if word not in (":", "as"):
            name = is_below = parent if word == "self" and parent else word
        at += 1
    return _Tree(path, name), at


def _kept(tree: _Tree, used: Collection[str], is_known: bool) -> _Tree | None:
    if tree.inner is None:
        may_be_trait = tree.name[:1].isupper() and not is_known
        return tree if tree.name in used or tree.name in ("*", "_") or may_be_trait else None
    inner = tuple(kept for one in tree.inner if (kept := _kept(one, used, is_known)) is not None)
    return attrs.evolve(tree, inner=inner) if inner else None
