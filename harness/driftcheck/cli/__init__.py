"""
The command line: words in, words out. One file for each verb; exit codes 0 agree, 1 findings, 2 misuse.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path

import click

from driftcheck.core.errors import DriftcheckError

VERBS = (
    "contracts",
    "doctor",
    "new",
    "gen",
    "build",
    "selfcheck",
    "run",
    "matrix",
    "replay",
    "accept",
    "compat",
    "explain",
)
AGREE, FINDINGS, MISUSE, INTERRUPTED = 0, 1, 2, 130


class _Verbs(click.Group):
    """Imports a verb when it is used, so that `--help` and `explain` do not wait for Hypothesis."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"driftcheck.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="driftcheck")
def _main() -> None:
    """Prove that two implementations of one thing, in Go and in Rust, behave the same."""


def main() -> None:
    """Run the command line; a mistake of the user's ends with one sentence and exit code 2."""
    # Hypothesis keeps tables of its own beside; not in the folder in which somebody happens to stand.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "driftcheck"))
    try:
        code = _main(standalone_mode=False)  # of ctx.exit; what a verb returns is None
    except click.ClickException as error:
        error.show()
        sys.exit(MISUSE)
    except click.Abort:
        sys.exit(INTERRUPTED)
    except DriftcheckError as error:
        click.echo(f"driftcheck: {error}", err=True)
        sys.exit(MISUSE)
    sys.exit(code or AGREE)
