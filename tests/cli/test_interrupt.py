"""Ctrl-C: no traceback before a verb has begun; then the first one ends it with its summary."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from driftcheck.cli import ending

SCRIPT = """
import os, signal, sys

class Presser:
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presser())
sys.argv = ["driftcheck", "doctor", "lru"]
import _driftcheck_cli
_driftcheck_cli.main()
"""


@pytest.mark.parametrize("module", ["driftcheck", "click", "driftcheck.cli.doctor", "driftcheck.lockstep"])
def test_an_interrupt_while_importing_is_silent(module: str) -> None:
    """Whatever is being imported when it comes, there is no traceback."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=module)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 130
    assert (done.stdout, done.stderr.strip()) == ("", "")


def test_a_signal_that_is_sent_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one that comes later ends the verb at once."""
    with ending.interrupts(signal.SIGTERM) as interrupted:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)
        monkeypatch.setattr(ending, "TWICE_S", 0.0)

        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
