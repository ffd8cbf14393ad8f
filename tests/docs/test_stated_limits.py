"""The page of limits has the numbers of the code, and both SDKs have them too."""

from __future__ import annotations

import re
from pathlib import Path

from driftcheck.core import limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "limits.md").read_text()


def test_the_page_has_the_limits_of_the_code() -> None:
    """Each row of what is fixed says the number that holds."""
    said = dict(
        re.findall(
            r"^\| (a reply|items[^|]*|a state[^|]*|the text[^|]*|what a host prints) \| ([^|]+) \|",
            PAGE,
            re.M,
        )
    )

    assert said == {
        "a reply": f"{limits.REPLY_BYTES >> 20} MiB",
        "items of CBOR in a reply": f"{limits.REPLY_ITEMS:,}",
        "a state of one instance": f"{limits.STATE_BYTES >> 20} MiB",
        "the text of an error or a panic": f"{limits.TEXT_BYTES:,} bytes",
        "what a host prints": f"{limits.PRINT_BYTES >> 20} MiB",
    }


def test_both_sdks_have_the_limits_of_the_code() -> None:
    """The limits of a state and of a text are the same in Go, Rust and Python."""
    go = (ROOT / "go_shim" / "sdk" / "limits.go").read_text()
    rust = (ROOT / "rust_shim" / "sdk" / "src" / "limits.rs").read_text()
    found = [
        [re.search(rf"{state} = (\d+) << 20", text), re.search(rf"{text_} += (\d+)\b", text)]
        for text, state, text_ in ((go, "maxState", "maxText"), (rust, "MAX_STATE: usize", "MAX_TEXT: usize"))
    ]

    for state, text in found:
        assert state is not None
        assert text is not None
        assert int(state[1]) << 20 == limits.STATE_BYTES
        assert int(text[1]) == limits.TEXT_BYTES


def test_a_text_is_cut_once() -> None:
    """A long text says how long it was, also when it is cut again."""
    cut = limits.cut_text("ü" * 25_000_000)

    assert cut.endswith("ü... (50,000,000 bytes)")
    assert len(cut.encode()) <= limits.TEXT_BYTES
    assert limits.cut_text(cut) == cut
    assert limits.cut_text("x" * limits.TEXT_BYTES) == "x" * limits.TEXT_BYTES
