"""
What the site adds to MkDocs: links that leave docs/, and a check of the API pages.

The pages link to sources, tests and the changelog, which are read in the repository and are not in the site;
the site shows the text of such a link alone. `tests/docs/test_links.py` checks that they lead somewhere.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.exceptions import PluginError

HARNESS = Path(__file__).resolve().parents[1] / "harness"

_LINK = re.compile(r"\[(?P<text>[^\]\n]+)\]\((?P<target>[^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Replace each link that leaves docs/ by its text."""
    depth = len(PurePosixPath(page.file.src_uri).parts) - 1

    def shown(link: re.Match[str]) -> str:
        return link["text"] if link["target"].count("../") > depth else link[0]

    return _LINK.sub(shown, markdown)


def on_page_content(html: str, *, page: Any, **_: Any) -> None:
    """Check that an API page shows every name of its module's `__all__`; raises PluginError."""
    for module in re.findall(r"^::: (\S+)$", page.markdown, re.MULTILINE):
        missing = [name for name in exported(module) if f'id="{module}.{name}"' not in html]
        if missing:
            raise PluginError(f"{page.file.src_uri} does not show {', '.join(missing)}")


def exported(module: str) -> list[str]:
    """Return the names in the `__all__` of a package of ours."""
    tree = ast.parse(HARNESS.joinpath(*module.split("."), "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []
