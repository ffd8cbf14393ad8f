"""The links between the documents."""

from __future__ import annotations

import re

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


LINKS = [
    (page, target)
    for page in PAGES
    for target in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=lambda v: str(getattr(v, "name", v)))
def test_a_link_leads_somewhere(page, target) -> None:
    """A link to a file of the project leads to one that is there, and to a heading that it has."""
    if target.startswith("https://"):
        return
    path, _, anchor = target.partition("#")

    there = (page.parent / path).resolve() if path else page

    assert there.is_relative_to(ROOT)
    assert there.exists(), f"{page.relative_to(ROOT)} links to {target}"
    text = there.read_text(encoding="utf-8") if anchor else ""
    if re.fullmatch(r"L\d+", anchor):
        assert int(anchor[1:]) <= len(text.splitlines())
    elif anchor:
        assert anchor in anchors(text)


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
    targets = {target.partition("#")[0] for page, target in LINKS if page.name == "README.md"}

    kinds = {target.split("/")[1] for target in targets if target.startswith("docs/")}
    assert {"tutorial.md", "how-to", "reference", "explanation"} <= kinds
