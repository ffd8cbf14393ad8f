"""What is unsafe to show leaves driftcheck as visible escapes, whatever the exit."""

from __future__ import annotations

import json
import sys
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hostile_text import SAMPLES, TEXTS, unsafe_in
from hypothesis import HealthCheck, example, given, settings
from matrices import holding

from driftcheck.cli.junit import to_xml
from driftcheck.cli.terminal import echo, echo_json, escaped_painted
from driftcheck.core.colours import CODES, RED, RESET, painted
from driftcheck.core.visible import visible
from driftcheck.findings import table, words
from driftcheck.findings.colour import coloured
from driftcheck.matrix import html, markdown, text

IN_ONE_PROCESS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)


@given(TEXTS)
def test_nothing_unsafe_stays(given_text: str) -> None:
    """Newlines and tabs stay where they are; all that is safe stays as it is."""
    shown = visible(given_text)

    assert unsafe_in(shown) == []
    assert (shown.count("\n"), shown.count("\t")) == (given_text.count("\n"), given_text.count("\t"))
    assert visible(shown) == shown
    if not unsafe_in(given_text):
        assert shown == given_text


@pytest.mark.parametrize(
    ("character", "escape"),
    [
        ("\x1b", r"\x1b"),
        ("\u202e", r"\u202e"),
        ("\U000e0041", r"\U000e0041"),
        ("\r", r"\r"),
        ("\x9b", r"\x9b"),
    ],
)
def test_an_escape_names_its_character(character: str, escape: str) -> None:
    """It is written as in Python."""
    assert visible(f"a{character}b") == f"a{escape}b"


def test_each_control_and_each_mark_of_direction_is_unsafe() -> None:
    """No character of these classes of Unicode is forgotten."""
    every = map(chr, range(sys.maxunicode + 1))
    odd = [c for c in every if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")]

    assert {*odd} - {*unsafe_in("".join(odd))} == {"\n", "\t"}


def test_letters_of_all_scripts_are_safe() -> None:
    """Text that people write is shown as they wrote it."""
    for text_ in ("Grüße, naïve", "漢字", "привет", "مرحبا", "🙂", "e\u0301"):
        assert visible(text_) == text_


@IN_ONE_PROCESS
@given(TEXTS)
@example("\x1b[31m" + RESET)
def test_the_terminal_gets_no_escape_of_a_payload(capsys: pytest.CaptureFixture[str], hostile: str) -> None:
    """Not even one of our own colours."""
    echo(hostile)
    echo(f"driftcheck: {hostile}", err=True)

    out, err = capsys.readouterr()
    assert unsafe_in(out + err) == []


@given(TEXTS)
@example("\x1b[31m")
def test_colours_are_those_of_driftcheck(hostile: str) -> None:
    """Text in a colour has no other one, and a finding has none but those that its words get."""
    for shown in (painted(hostile, RED), coloured(f"D101 {hostile}\n  accepted: {hostile}")):
        plain = escaped_painted(shown)
        for code in CODES:
            plain = plain.replace(code, "")
        assert unsafe_in(plain) == []
    assert painted("\x1b[32mfine", RED) == f"{RED}\\x1b[32mfine{RESET}"


@given(TEXTS)
def test_lines_are_laid_out_by_what_is_shown(hostile: str) -> None:
    """An escape takes the columns that it has, so that no line becomes longer than it may be."""
    row = table.Row("1", hostile.replace("\n", ""), (hostile.replace("\n", ""), "accepted"))
    lines = [*words.wrapped(hostile, 40), *words.facts({"observed": hostile}, 40)]
    lines += table.lay_out(["go", "rust"], [row], 60)

    assert unsafe_in("".join(lines)) == []
    assert max(words.width(line) for line in lines) <= 60


@given(TEXTS)
@example("".join(SAMPLES))
def test_junit_is_well_formed(hostile: str) -> None:
    """An XML parser reads back what is shown, in text and in attributes."""
    root = ElementTree.Element("testsuites")
    ElementTree.SubElement(root, "failure", message=hostile).text = hostile

    (read,) = ElementTree.fromstring(to_xml(root))

    assert unsafe_in(to_xml(root)) == []
    assert read.text == (visible(hostile) or None)
    assert read.get("message") == visible(hostile)


@IN_ONE_PROCESS
@given(TEXTS)
def test_json_is_ascii_and_keeps_the_text(capsys: pytest.CaptureFixture[str], hostile: str) -> None:
    """JSON escapes by itself; a reader of it gets the text as it was."""
    echo_json({"text": hostile})

    out, _ = capsys.readouterr()
    assert out.isascii()
    assert unsafe_in(out) == []
    assert json.loads(out) == {"text": hostile}


class _Texts(HTMLParser):
    """Collects what a page says, and what its attributes hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for _, value in attrs]


@settings(max_examples=25, deadline=None)
@given(TEXTS)
@example("".join(SAMPLES))
def test_a_matrix_is_safe_in_every_form(hostile: str) -> None:
    """As a page for a browser, as Markdown and as text."""
    page = _Texts()
    page.feed(html.render(holding(hostile)))

    assert unsafe_in("".join(page.found)) == []
    assert unsafe_in(markdown.render(holding(hostile))) == []
    assert unsafe_in(text.render(holding(hostile), everything=True)) == []
