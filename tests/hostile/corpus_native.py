"""
Native subjects that misbehave, given to `driftcheck run`: one for each action of `wild/wild.c`.

`test_native.py` tries each action at each moment, inside one process.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import native
import wild
from frame import Hostile

KIND = "native subject"
RUN = ("run", "wild:Wild", "--max-traces", "10", "--max-steps", "4", "--seed", "1", "--deadline", "300ms")
FAST = ("noise_text", "daemon_bare")
LEFT_OUT = {
    *native.HUNG,  # shrinking a hang takes its time
    "print_traceback",  # it prints what the frame looks for in the words of driftcheck
    "reply_items_below",  # a million items are within the limits, and decoding them takes its time
    "reply_long_text",  # no SDK sends such a text, and shrinking it takes its time
    "fork_many",  # under load it hangs
    "fork_return",  # which of two hosts answers is chance
}
EXITS = {"ok": 0, "different": 1, "crashed": 1, "hung": 1, "exhausted": 1}
# A run asks for states, and this one is larger than a reply may be.
IN_A_RUN = {"step-reply_large_state": {EXITS["exhausted"]}}


@functools.cache
def _library() -> Path:
    return native.library(Path(tempfile.mkdtemp(prefix="driftcheck-wild-")))


def _write(folder: Path) -> Sequence[str]:
    package = folder / "wild"
    (package / "_built").mkdir(parents=True)
    shutil.copy(wild.__file__, package)
    shutil.copy(_library(), package / "_built" / "go.so")
    return RUN


def _hostile(name: str) -> Hostile:
    moment, _, action = name.partition("-")
    usual = IN_A_RUN.get(name) or {EXITS[kind] for kind in native.expected(name)}
    return Hostile(
        KIND,
        name,
        _write,
        expected=frozenset(usual if moment == "step" else {0, 1, 2}),
        is_sentence=False,
        own_process=True,
        nightly=moment != "step" or action not in FAST,
        env={wild.VARIABLE: name},
    )


CORPUS = [
    _hostile(name)
    for name in (
        *(f"step-{action}" for action in native.ACTIONS if action not in LEFT_OUT),
        "open-noise_text",
        "load-noise_text",
        "load-exit_3",
        "close-daemon_bare",
        "late-noise_text",
        "late-kill_self",
    )
]
