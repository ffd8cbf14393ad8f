"""
A real browser, without a window: what a page looks like in it, measured.

The page stands in a frame as wide as a phone, since no browser makes its window so narrow.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, TABLET, DESKTOP = 390, 768, 1280  # CSS pixels
TIMEOUT_S = 120.0

_FRAME = """<!DOCTYPE html>
<meta charset="utf-8">
<body style="margin:0">
<iframe style="width:%dpx;height:844px;border:0" src="page.html"></iframe>
<script>
document.querySelector("iframe").addEventListener("load", event => {
  const page = event.target.contentDocument, wide = event.target.clientWidth;
  const outside = () => [...page.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > wide + 1)
    .map(one => `${one.tagName} ${one.className}`);
  const closed = outside();
  page.querySelectorAll("details").forEach(one => { one.open = true; });
  const found = document.createElement("pre");
  found.textContent = JSON.stringify({
    ran: page.documentElement.hasAttribute("data-ran"),
    outside: [...closed, ...outside()],
    scrolls: page.documentElement.scrollWidth > wide,
    text: page.body.innerText,
  });
  document.body.append(found);
});
</script>
"""


@attrs.frozen
class Seen:
    """What a page came to in a browser, all that can be opened in it open."""

    ran: bool  # a script of a payload
    outside: list[str]  # elements that reach beyond the right edge
    scrolls: bool  # sideways
    text: str  # that a reader sees


def look(page: str, folder: Path, width: int) -> Seen:
    """Open a page in a frame of that width."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    (folder / "frame.html").write_text(_FRAME % width, encoding="utf-8")
    command = [
        _browser(),
        "--headless",
        "--no-sandbox",  # a container's root has none, and the page is ours
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--allow-file-access-from-files",  # else the frame's page is a stranger, and cannot be measured
        f"--user-data-dir={folder / 'profile'}",
        "--dump-dom",
        (folder / "frame.html").as_uri(),
    ]
    environment = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment)
    found = re.search(r"<pre>(.*)</pre>", done.stdout, re.DOTALL)
    assert found, f"the browser shows no page: {done.stdout[-500:]}{done.stderr[-2000:]}"
    return Seen(**json.loads(html.unescape(found[1])))


def _browser() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(f"no browser is installed ({', '.join(NAMES)}); run 'make browser'")
    return found
