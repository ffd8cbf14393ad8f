"""
Hooks: what a package adds to driftcheck beside contracts, as specifications of pluggy.

Owns the hooks, the values that they exchange, and which plugins there are: those with an entry point in the
group `driftcheck`. Knows codecs, runs and findings as types alone; who calls a hook stands above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from types import TracebackType
from typing import TYPE_CHECKING, Any

import attrs
import pluggy

from driftcheck.errors import DriftcheckError

if TYPE_CHECKING:
    from pathlib import Path

    from driftcheck.codecs.codec import Codec
    from driftcheck.codecs.mutation import Mutation
    from driftcheck.contract.schema import Schema
    from driftcheck.contract.types import Type
    from driftcheck.findings.finding import Finding
    from driftcheck.outcome import Outcome
    from driftcheck.trace import Trace
    from driftcheck.values import OutsideType

GROUP = "driftcheck"  # of entry points
OWN = "X-"  # before a plugin's check, so that its code is never one of driftcheck's own

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@attrs.define(eq=False)
class PluginFailed(DriftcheckError):
    """A plugin cannot be loaded, raised, or returned what cannot be used."""

    plugin: str
    what: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r}: {self.what}; mend it, or uninstall it"


@attrs.frozen
class OwnMutation:
    """A mutation for a codec that is somebody else's, and how to tell its feature."""

    mutation: Mutation
    is_in: Callable[[bytes, Type], bool]  # does a document have it, however made? never what `encode` wrote


@attrs.frozen
class Finished:
    """A trace that all subjects have run."""

    schema: Schema
    trace: Trace
    outcomes: Sequence[Mapping[str, Outcome | OutsideType]]  # of each step, by subject


@attrs.frozen
class Report:
    """What a check of one's own has found at one step of a trace."""

    step: int  # from 0
    detail: str = ""  # one line for people
    path: str = ""  # of the field, as in `tags[3]`; part of the signature, without the numbers
    blamed: tuple[str, ...] = ()  # subjects that are at fault, where that is known


@attrs.frozen
class OwnCheck:
    """A check of one's own; findings, cases and `driftcheck explain` call it `X-name`."""

    name: str  # kebab-case
    says: str  # one line
    why: str  # what it looks at, and what to do
    examine: Callable[[Finished], Report | None]  # the first fault of a run; must give the same for the same

    @property
    def code(self) -> str:
        """Return the code that stands for it."""
        return f"{OWN}{self.name}"


class Specs:
    """What a plugin may implement; each function is optional, and so is each of its arguments."""

    @hookspec
    def driftcheck_codecs(self) -> Sequence[type[Codec[Any]]]:  # type: ignore[empty-body] # a specification
        """Name codecs that the package brings, so that `driftcheck contracts --codecs` lists them."""

    @hookspec
    def driftcheck_mutations(self, codec: Codec[Any]) -> Sequence[OwnMutation]:  # type: ignore[empty-body] # likewise
        """Add mutations to a codec; asked once for each codec that is in use."""

    @hookspec
    def driftcheck_checks(self) -> Sequence[OwnCheck]:  # type: ignore[empty-body] # likewise
        """Add checks; each looks at every trace in which driftcheck's own find nothing before."""

    @hookspec
    def driftcheck_finding(self, finding: Finding, schema: Schema, path: Path) -> None:
        """Take a finding that was kept; `path` is its case file."""


class Plugins:
    """The plugins that take part, and what they add."""

    def __init__(self, more: Sequence[object] = ()) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(Specs)
        self._mutations: dict[type, tuple[OwnMutation, ...]] = {}
        for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
            self._register(_loaded(point), point.name)
        for plugin in more:
            self._register(plugin, getattr(plugin, "__name__", repr(plugin)))

    def _register(self, plugin: object, name: str) -> None:
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginFailed(name, f"cannot be used: {error}") from error

    def mutations(self, codec: Codec[Any]) -> tuple[OwnMutation, ...]:
        """Return the mutations that plugins add to a codec, by name."""
        found = self._mutations.get(type(codec))
        if found is None:
            found = self._asked_mutations(codec)
            self._mutations[type(codec)] = found
        return found

    def _asked_mutations(self, codec: Codec[Any]) -> tuple[OwnMutation, ...]:
        names = {mutation.name for mutation in codec.mutations}
        added = self._asked(self._manager.hook.driftcheck_mutations, codec=codec)
        for one in added:
            name = one.mutation.name
            if not _NAME.fullmatch(name) or name in names:
                why = "is there already" if name in names else "is not in lower case with dashes"
                raise PluginFailed(one.mutation.apply.__module__, f"its mutation {name!r} {why}")
            names.add(name)
        return tuple(sorted(added, key=lambda one: one.mutation.name))

    @cached_property
    def checks(self) -> tuple[OwnCheck, ...]:
        """Return the checks that plugins add, by name."""
        checks = self._asked(self._manager.hook.driftcheck_checks)
        names: set[str] = set()
        for one in checks:
            if not _NAME.fullmatch(one.name) or one.name in names:
                why = "is there already" if one.name in names else "is not in lower case with dashes"
                raise PluginFailed(one.examine.__module__, f"its check {one.name!r} {why}")
            names.add(one.name)
        return tuple(sorted(checks, key=lambda one: one.name))

    def codecs(self) -> tuple[type[Codec[Any]], ...]:
        """Return the codecs that plugins name."""
        return tuple(self._asked(self._manager.hook.driftcheck_codecs))

    def take(self, finding: Finding, schema: Schema, path: Path) -> None:
        """Hand a finding that was kept to every sink.

        Raises:
            PluginFailed: a sink raised; those that pluggy calls after it were not asked.
        """
        self._called(self._manager.hook.driftcheck_finding, finding=finding, schema=schema, path=path)

    def _asked(self, hook: pluggy.HookCaller, **arguments: object) -> list[Any]:
        return [one for answer in self._called(hook, **arguments) for one in answer]

    def _called(self, hook: pluggy.HookCaller, **arguments: object) -> list[Any]:
        try:
            answers: list[Any] = hook(**arguments)
        except Exception as error:  # a stranger's function may raise anything
            plugin = _blamed(hook, error.__traceback__)
            raise PluginFailed(plugin, f"{hook.name} raised {_told(error)}") from error
        return answers


def _loaded(point: EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:  # a stranger's module may raise anything
        raise PluginFailed(point.name, f"cannot be loaded: {_told(error)}") from error


def _blamed(hook: pluggy.HookCaller, traceback: TracebackType | None) -> str:
    """Return the name of the plugin in whose function an error came up."""
    codes = {impl.function.__code__: impl.plugin_name for impl in hook.get_hookimpls()}
    while traceback is not None:
        if traceback.tb_frame.f_code in codes:
            return codes[traceback.tb_frame.f_code]
        traceback = traceback.tb_next
    return "unknown"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


_current: list[Plugins] = []  # the last one counts


def plugins() -> Plugins:
    """Return the plugins that take part; those that are installed are loaded when first asked for.

    Raises:
        PluginFailed: one cannot be loaded.
    """
    if not _current:
        _current.append(Plugins())
    return _current[-1]


@contextmanager
def plugged_in(*more: object) -> Iterator[Plugins]:
    """Let these plugins, modules or objects, take part beside the installed ones, as in a test."""
    _current.append(Plugins(more))
    try:
        yield _current[-1]
    finally:
        _current.pop()
