"""The language of the project: retired words and names do not come back."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A pattern, and what to write instead. The glossary has the terms.
WORDS: Mapping[str, str] = {
    r"\blest\b": "so that ... not",
    r"\bshall\b": "will",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\banew\b": "again",
    r"\baught\b|\bthrice\b": "anything, three times",
    r"\bwho(so)?ever\b": "name who acts",
    r"\bli(ve|ves|ved|ving) with\b": "accept",
    r"\bput down to\b": "attribute to",
    r"\bpart(s|ed)? ways\b": "differ",
    r"\bthe like\b": "name the things",
    r"\bpoison(s|ed)?\b": "not judged",
    r"\bknown differences?\b": "asymmetry",
    r"\b(stand|stands|stood) apart\b": "disagrees",
    r"\b(vary|varies|varied) by (itself|themselves)\b": "is nondeterministic",
    r"\bbring(s)? (it|them) about\b|\bbrings about\b": "the trigger",
    r"\bschema generations?\b": "schema version",
    r"\blanes?\b": "search",
    r"\b(was|were|is|are|be|been|never|not|times) met\b|\bmet (in|by|at|on|before|with)\b": "seen, exercised",
    r"\bupon\b|\bwherein\b|\btherein\b|\bhitherto\b|\bhence\b": "plain words",
    r"\b(is|are|was|were|be) told (in|with|before|from the)\b": "report, recognise",
    r"\b(becomes?|became|comes?|came) of\b": "happens to, result",
    r"\bso (many|often) (as|cases|columns|of|steps|times|traces)\b|\b(in|of) so many\b": "name the number",
    r"\ball the same\b": "still",
    r"\b(as|than) (was|were) said\b": "as predicted, as the page says",
    r"\bfor want of\b": "because ... not",
    r"\bhardly\b|\bat times\b": "rarely, barely, sometimes",
    r"\b(is|are) not what (the|its|their) \w+ gives?\b": "does not match",
    r"\bforet(ell|ells|old)\b": "describe, predict",
    r"\bwhere [^.;\"]{1,40} (is|are) wanted\b": "but ... is expected",
    r"\bput aside\b": "left out",
    r"\bis no (decimal|duration|frame|handle|integer|outcome|size|string|timestamp|value)\b": "is not a ...",
}
ANY_WORD = re.compile("|".join(WORDS), re.IGNORECASE)
NAMES: Mapping[str, str] = {
    name: f"the glossary's term for {name}"
    for name in (
        "Generations GenerationTable Tally Stray Seat OwnCheck OwnMutation Derived Twins Octets "
        "Characters before_blame _thorough _is_worse plugged_in seeds examine_twins strays poisoned_from"
    ).split()
}
SKIPPED = (
    "tests/docs/test_language.py",  # it lists them
    "docs/reference/mutations.md",  # made from docstrings, which are read here
    "LICENSE",
)


def test_no_retired_word_is_used() -> None:
    """Texts, comments, messages and docstrings use the words of the glossary."""
    assert [*found(ROOT)] == []


def test_no_retired_name_is_used() -> None:
    """Python's names are those of the glossary."""
    assert [*found_names(ROOT)] == []


@pytest.mark.parametrize(
    ("name", "text", "pattern"),
    [
        ("docs/a.md", "Mend the adapter.", r"\bmend(s|ed|ing)?\b"),
        ("harness/a.py", 'x = f"{y} known difference"\n', r"\bknown differences?\b"),
        ("harness/a.py", "x = 1  # lest it fails\n", r"\blest\b"),
        ("go_shim/a.go", "// it is met twice\n", r"met"),
        ("docs/b.md", "It is told with its place.", r"told with"),
        ("harness/b.py", "LIMIT = 3  # one in so many\n", r"in so many"),
    ],
)
def test_a_retired_word_is_noticed(name: str, text: str, pattern: str) -> None:
    """A retired word is reported wherever people read it, with its line."""
    (one,) = in_text(name, text)

    assert one.startswith(f"{name}:1: ")
    assert re.search(pattern, text, re.IGNORECASE)


def test_code_that_only_looks_like_a_retired_word_is_left_alone() -> None:
    """Names in Python code are held to their own list."""
    assert [*in_text("harness/a.py", "mend = other.met\n")] == []


def found(root: Path) -> Iterator[str]:
    """Yield each place of a retired word, with what to write instead."""
    for name in files(root, "*.md", "*.py", "*.go", "*.rs", "*.h", "*.jinja", "*.toml", "*.yml", "Makefile"):
        yield from in_text(name, (root / name).read_text())


def found_names(root: Path) -> Iterator[str]:
    """Yield each place of a retired name in Python."""
    for name in files(root, "*.py"):
        for token in tokens((root / name).read_text()):
            if token.type == tokenize.NAME and token.string in NAMES:
                yield f"{name}:{token.start[0]}: {token.string!r}; write {NAMES[token.string]}"


def files(root: Path, *patterns: str) -> list[str]:
    """Return the files of the repository that match, without the page and the test that must name them."""
    command = ["git", "ls-files", "-z", *patterns]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in listed if name and name not in SKIPPED and (root / name).exists()]


def in_text(name: str, text: str) -> Iterator[str]:
    """Yield the retired words of one file: of Python its texts and comments, of others everything."""
    for number, line in prose(name, text):
        if not ANY_WORD.search(line):
            continue
        for pattern, instead in WORDS.items():
            for match in re.finditer(pattern, line, re.IGNORECASE):
                yield f"{name}:{number}: {match[0]!r}; write: {instead}"


def prose(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that people read, with their numbers."""
    if not name.endswith(".py"):
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokens(text):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield from enumerate(token.string.splitlines(), token.start[0])


def tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of Python."""
    return tokenize.generate_tokens(io.StringIO(text).readline)


def counts(root: Path) -> Counter[str]:
    """Count the retired patterns of a checkout, for people: `python tests/docs/test_language.py [FOLDER]`."""
    return Counter(
        place.partition(": ")[2].partition(";")[0].lower() for place in [*found(root), *found_names(root)]
    )


if __name__ == "__main__":
    for word, count in counts(Path(*sys.argv[1:]) if sys.argv[1:] else ROOT).most_common():
        sys.stdout.write(f"{count:>5} {word}\n")
