"""
Standard output and standard error: what they can show, and the one way to write to them.

Commands print all text with `echo`, which escapes what a terminal would obey or a reader would not see.
They print JSON with `echo_json`. Nothing else writes to these streams.
"""

from __future__ import annotations

import json
import os
import re
import select
import sys
from contextlib import suppress
from typing import Any, TextIO

import attrs
import click

from driftcheck.core.colours import CODES
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.visible import visible

PLAIN = ("dumb", "unknown", "")  # terminals that cannot rewrite a line

_COLOURS = re.compile(f"({'|'.join(map(re.escape, CODES))})")


class ReaderGone(Exception):
    """Nobody reads what is written any more."""


@attrs.define(eq=False)
class NotWritten(DriftcheckError):
    """The standard output takes no more."""

    reason: str

    def __str__(self) -> str:
        return f"standard output cannot be written: {self.reason}; redirect it to another place"


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a stream is a terminal on which lines can be rewritten."""
    return stream is not None and stream.isatty() and os.environ.get("TERM", "dumb") not in PLAIN


def wants_colour(stream: TextIO | None) -> bool:
    """Say whether to write colours to a stream: to a terminal, unless NO_COLOR is set."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def echo(text: str = "", *, err: bool = False, nl: bool = True, is_painted: bool = False) -> None:
    """Print text with everything unsafe in it escaped; newlines and tabs stay.

    Args:
        err: print to the standard error.
        nl: end the text with a newline.
        is_painted: our own colours stay, too.

    Raises:
        ReaderGone: the stream is a pipe, and its reader has gone.
        NotWritten: the standard output is closed or full.
    """
    write((escaped_painted(text) if is_painted else visible(text)) + "\n" * nl, err=err)


def echo_json(data: Any) -> None:
    """Print data as JSON, in ASCII and without a control character; raises as `echo` does."""
    write(json.dumps(data, indent=2) + "\n")


def escaped_painted(text: str) -> str:
    """Return text with everything unsafe in it escaped, except for newlines, tabs and our own colours."""
    parts = _COLOURS.split(text)
    parts[::2] = map(visible, parts[::2])
    return "".join(parts)


def write(text: str, *, err: bool = False) -> None:
    """Write text that is safe already; raises as `echo` does."""
    if not err and sys.stdout is None:
        raise NotWritten("it is closed")
    try:
        click.echo(text, nl=False, err=err)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        if not err:  # if the standard error takes nothing either, nothing can be reported
            raise NotWritten(error.strerror or str(error)) from None


def has_lost_its_reader() -> bool:
    """Say whether the standard output is a pipe from which nobody reads any more."""
    events = select.poll()
    events.register(1, 0)
    return any(event & select.POLLERR for _, event in events.poll(0))


def close_quietly() -> None:
    """Let Python end without a word about what the standard streams did not take."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
