"""
What the site adds to MkDocs: blocks with settings, links that leave docs/, and checks of the result.

A block's settings are for the tests (see `tests/blocks.py`), and MkDocs does not know them.

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

_SETTINGS = re.compile(r"^```(?P<language>\w+) (?P<settings>\S.*)$", re.MULTILINE)
_LINK = re.compile(r"\[(?P<text>[^\]\n]+)\]\((?P<target>[^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Remove the settings of each block but its file, and replace each link that leaves docs/ by its text."""
    depth = len(PurePosixPath(page.file.src_uri).parts) - 1

    def shown(link: re.Match[str]) -> str:
        return link["text"] if link["target"].count("../") > depth else link[0]

    return _LINK.sub(shown, _SETTINGS.sub(_titled, markdown))


def _titled(fence: re.Match[str]) -> str:
    files = re.findall(r"file=(\S+)", fence["settings"])
    return f"```{fence['language']}" + "".join(f' title="{file}"' for file in files)


def on_page_content(html: str, *, page: Any, **_: Any) -> None:
    """Check that each block is a block, and that an API page shows its module's `__all__`.

    Raises:
        PluginError: it is not so.
    """
    if "```" in html:
        raise PluginError(f"{page.file.src_uri} has a block that MkDocs does not read")
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
