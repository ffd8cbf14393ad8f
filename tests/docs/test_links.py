"""The links between the documents."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from blocks import PAGES, ROOT

_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_OWN = re.compile(r'<a id="([^"]+)">')
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them, and its own."""
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text)]
    return {word.strip().replace(" ", "-") for word in words} | set(_OWN.findall(text))


LINKS = {page: _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))) for page in PAGES}


@cache
def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a file; each of its lines is one, too."""
    text = page.read_text(encoding="utf-8")
    return anchors(text) | {f"L{number}" for number in range(1, len(text.splitlines()) + 1)}


def leads_somewhere(page: Path, target: str) -> bool:
    """Say whether the file of a link is there, in this project, and has the heading of the link."""
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.is_relative_to(ROOT) or not there.exists():
        return False
    return not anchor or anchor in anchors_of(there)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_somewhere(page: Path) -> None:
    """A link to a file of the project leads to one that is there, and to a heading that it has."""
    inside = [target for target in LINKS[page] if not target.startswith("https://")]

    assert [target for target in inside if not leads_somewhere(page, target)] == []


def test_there_are_many_links() -> None:
    """They are found where they stand."""
    assert sum(map(len, LINKS.values())) > 500


def test_the_architecture_names_every_package() -> None:
    """Each package of `driftcheck` has its paragraph, and no paragraph is about a package that is gone."""
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (ROOT / "harness" / "driftcheck").glob("*/__init__.py")}

    assert set(re.findall(r"^\*\*`(\w+)/`\*\*", text, re.MULTILINE)) == packages


def test_the_glossary_defines_each_term_once() -> None:
    """No term has two meanings."""
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| (?!term|-)([^|]+?) \|", text, re.MULTILINE)

    assert len(terms) > 50
    assert sorted(set(terms)) == sorted(terms)


def test_the_site_has_every_page() -> None:
    """Each page under docs/ stands in the navigation of the site, and each entry is a page."""
    listed = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("nav:")[-1])
    pages = [str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")]

    assert sorted(listed) == sorted(pages)


def test_the_readme_leads_to_every_kind_of_page() -> None:
    """A reader of the README finds tutorial, how-to, reference and explanation."""
    targets = {target.partition("#")[0] for target in LINKS[ROOT / "README.md"]}

    kinds = {target.split("/")[1] for target in targets if target.startswith("docs/")}
    assert {"tutorial.md", "how-to", "reference", "explanation"} <= kinds
