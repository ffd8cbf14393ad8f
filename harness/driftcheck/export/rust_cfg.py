"""
Conditions on the features of a crate: what of a source a build with given features compiles.

Resolves `cfg` and `cfg_attr` of features alone; other conditions stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from driftcheck.export.rust_tokens import Token, end_of_attribute, end_of_thing


def resolve(some: Sequence[Token], features: Collection[str]) -> list[Token]:
    """Return the tokens without attributes that ask for features, and without what these leave out."""
    out: list[Token] = []
    at = 0
    while at < len(some):
        if some[at].text != "#" or some[at].kind != "mark":
            out.append(some[at])
            at += 1
            continue
        end = end_of_attribute(some, at)
        words = [token.text for token in some[at:end] if not token.is_blank]
        if "feature" not in words or words[:2] != ["#", "["] or words[2] not in ("cfg", "cfg_attr"):
            out += some[at:end]
            at = end
            continue
        condition, rest = _condition(words[4:-2])
        holds = _holds(condition, features)
        at = end
        if words[2] == "cfg_attr":
            if holds:
                out += [
                    Token("mark", "#"),
                    Token("mark", "["),
                    *(Token("mark", w) for w in rest),
                    Token("mark", "]"),
                ]
            continue
        if holds:
            continue
        while True:  # the other attributes of what is left out
            while at < len(some) and some[at].is_blank:
                at += 1
            if at < len(some) and some[at].text == "#":
                at = end_of_attribute(some, at)
                continue
            break
        at = _end(some, at)
    return out


def _end(some: Sequence[Token], at: int) -> int:
    words = [token.text for token in some[at : at + 6] if not token.is_blank]
    is_item = words and words[0] in ("use", "pub", "const", "static", "type", "extern", "let")
    ends = ";" if is_item and "fn" not in words and "struct" not in words and "mod" not in words else ";}"
    return end_of_thing(some, at, ends=ends if is_item else ";},")


def _condition(words: list[str]) -> tuple[list[str], list[str]]:
    """Split the words in the brackets of an attribute: the condition, and what follows its comma."""
    depth = 0
    for number, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and depth == 0:
            return words[:number], words[number + 1 :]
    return words, []


def _holds(words: list[str], features: Collection[str]) -> bool:
    """Evaluate a condition; what is no feature counts as true, as on the machine of the build."""
    rest = list(words)

    def one() -> bool:
        word = rest.pop(0)
        if word in ("not", "all", "any"):
            rest.pop(0)
            values = []
            while rest[0] != ")":
                values.append(one())
                if rest[0] == ",":
                    rest.pop(0)
            rest.pop(0)
            return {"not": not all(values), "all": all(values), "any": any(values)}[word]
        if rest and rest[0] == "=":
            rest.pop(0)
            value = rest.pop(0).strip('"')
            return word != "feature" or value in features
        return True

    return one()
