"""
Session settings: what is the same for every session of one command or one pytest run.

Lets the user's choices override the project's defaults. Knows no option of a command by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import attrs

from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core import config
from driftcheck.core.author_code import AuthorLimits
from driftcheck.search.session import Session, chosen, open_session
from driftcheck.subjects.discover import Subject, SubjectSource, subjects
from driftcheck.subjects.host import Limits


def _as_it_is(schema: Schema) -> Schema:
    return schema


def _say_nothing(line: str) -> None:
    pass


def without_plugins(settings: SessionSettings) -> SessionSettings:
    """Return settings that another process can receive; it loads the plugins itself."""
    return attrs.evolve(settings, extend=_as_it_is)


@attrs.frozen
class SessionSettings:
    """How sessions are opened."""

    root: Path  # of the project, whose own asymmetries count too
    env: Mapping[str, str] = attrs.field(factory=dict)  # of every host
    limits: Limits = attrs.field(factory=Limits)  # of every host
    subjects: tuple[str, ...] = ()  # names of the subjects to take; all where empty
    no_build: bool = False  # refuse a stale library instead of building it
    extend: Callable[[Schema], Schema] = _as_it_is  # adds what plugins bring
    author: AuthorLimits = attrs.field(factory=AuthorLimits)  # of the contract's own code

    @classmethod
    def from_project(
        cls,
        root: Path,
        *,
        subjects: Sequence[str] = (),
        deadline_s: float | None = None,
        memory_bytes: int | None = None,
        no_build: bool = False,
        extend: Callable[[Schema], Schema] = _as_it_is,
    ) -> SessionSettings:
        """Lay the user's choices over the defaults of the project in `root`.

        Raises:
            ConfigError: the project's defaults have a mistake.
        """
        defaults = config.load(root)
        limits = Limits(
            deadline_s=defaults.deadline_s if deadline_s is None else deadline_s,
            memory_bytes=defaults.memory_bytes if memory_bytes is None else memory_bytes,
        )
        return cls(root, defaults.env, limits, tuple(subjects), no_build, extend, defaults.author)

    def sources(self, contract: type) -> list[SubjectSource]:
        """Return the subjects of a contract that the user chose; raises SubjectError."""
        return chosen(schema_of(contract), subjects(contract), self.subjects)

    def open(
        self,
        contract: type,
        *,
        subjects: Sequence[str] | None = None,
        built: Sequence[Subject] | None = None,
        ignore_asymmetries: bool = False,
        coverage: bool = False,
        say: Callable[[str], None] = _say_nothing,
    ) -> AbstractContextManager[Session]:
        """Build and start a contract's subjects, as `open_session` does.

        Args:
            subjects: take these instead of the chosen ones.
            built: the subjects, if they are built already.
            ignore_asymmetries: report what asymmetries cover as findings too.
            coverage: take the builds of the subjects that count which blocks run.
            say: receives one line before each step that takes seconds.
        """
        return open_session(
            contract,
            only=self.subjects if subjects is None else subjects,
            built=built,
            env=self.env,
            limits=self.limits,
            no_build=self.no_build,
            ignore_asymmetries=ignore_asymmetries,
            coverage=coverage,
            root=self.root,
            extend=self.extend,
            say=say,
        )
