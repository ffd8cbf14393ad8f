"""
The command line: reads arguments, prints results. One file for each command.

Exit codes: 0 agreement, 1 findings, 2 something is wrong with the command or the set-up, 130 interrupted,
141 nobody reads the output any more.
"""

from __future__ import annotations

import importlib
import inspect
import io
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import click

from driftcheck.cli import terminal
from driftcheck.core.author_code import AuthorLimits, guarded
from driftcheck.core.cache import CacheError, cache_folder
from driftcheck.core.config import author_limits
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.suggest import did_you_mean

JOBS = {
    "Write a contract": ("new", "contracts", "gen", "build", "doctor", "selfcheck", "compat"),
    "Find divergences": ("run", "campaign", "corpus", "matrix", "coverage"),
    "Look at a finding": ("replay", "export", "explain", "accept"),
}
VERBS = tuple(verb for verbs in JOBS.values() for verb in verbs)
AGREE, FINDINGS, MISUSE, INTERRUPTED = 0, 1, 2, 130
READER_GONE = 141  # as a shell reports a command that SIGPIPE ended


class _Verbs(click.Group):
    """Imports a verb when it is used, so that no verb waits for what another one imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"driftcheck.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        verb = args[0]
        if verb not in VERBS and not verb.startswith("-"):
            message = f"no command is named {verb!r}; the commands are {', '.join(VERBS)}"
            raise click.UsageError(f"{message}{did_you_mean(verb, VERBS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for job, verbs in JOBS.items():
            with formatter.section(job):
                formatter.write_dl([(verb, _first_sentence(self.get_command(ctx, verb))) for verb in verbs])


def _first_sentence(command: click.Command | None) -> str:
    text = "" if command is None else inspect.cleandoc(command.help or "")
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return f"{paragraph.partition('. ')[0].removesuffix('.')}."


@click.group(
    cls=_Verbs,
    subcommand_metavar="COMMAND [NAME]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="'driftcheck COMMAND --help' shows the options of a command, and examples.",
)
@click.version_option(package_name="driftcheck")
def _main() -> None:
    """Find inputs on which Go and Rust implementations of the same contract behave differently.

    \b
    Examples:
      driftcheck new shop               write a package for a contract of your own
      driftcheck run json               search an installed contract for one minute
      driftcheck replay cases/json      run saved cases again, side by side
    """


def _tables_of_hypothesis() -> str:
    """Return where Hypothesis keeps tables of its own, which is not the working directory."""
    try:
        return str(cache_folder() / "hypothesis")
    except CacheError:
        return os.path.join(os.devnull, "none")  # it makes them again for each run


def main() -> None:
    """Run the command line; a mistake of the user ends it with a message and exit code 2."""
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", _tables_of_hypothesis())
    code = _exit_code()
    terminal.close_quietly()
    sys.exit(code)


def _exit_code() -> int:
    """Run the verb, and turn what ends it into an exit code."""
    try:
        with guarded(_author_limits()):
            return _main(standalone_mode=False) or AGREE  # what ctx.exit was given; a verb returns None
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        _say(shown.getvalue())
    except click.Abort:
        return INTERRUPTED
    except (terminal.ReaderGone, BrokenPipeError):
        return READER_GONE
    except DriftcheckError as error:
        _complain(str(error))
    except OSError as error:
        _complain(_of_the_system(error))
    except MemoryError:
        _complain("there is not enough memory; raise author-memory in [tool.driftcheck] of pyproject.toml")
    except SystemExit as error:
        if terminal.has_lost_its_reader():  # so click ends where nobody reads its help
            return READER_GONE
        _complain(f"a plugin or a contract called sys.exit({error.code!r}); remove this call")
    except Exception:
        _complain(f"{traceback.format_exc()}this is a fault of driftcheck; please report it")
    return MISUSE


def _of_the_system(error: OSError) -> str:
    """Say where the system refused something, and what to do."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}; check its path, its permissions, and the free space on its disk"
    try:
        Path.cwd()
    except OSError:
        return "the working directory has been removed; go to another folder, and run the command there"
    return f"{reason}; check the permissions and the free space on the disks"


def _author_limits() -> AuthorLimits:
    try:
        return author_limits(Path.cwd())
    except OSError:  # the working directory has gone
        return AuthorLimits()


def _complain(text: str) -> None:
    _say(f"driftcheck: {text}\n")


def _say(text: str) -> None:
    with suppress(terminal.ReaderGone):
        terminal.echo(text, err=True, nl=False)
