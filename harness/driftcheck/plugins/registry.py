"""
The registry: everything that plugins add, in one object that is made at the start and passed down.

The command line and the pytest plugin load it once. Packages below them know no plugins: they receive
contracts that the registry has extended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

import attrs
import pluggy

from driftcheck.contract.schema import PluginCheck, Schema
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.codec import Codec
from driftcheck.core.errors import PluginFailed
from driftcheck.core.mutation import PluginMutation
from driftcheck.findings.finding import Finding
from driftcheck.plugins.hooks import GROUP, Specs

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def load_plugins(more: Sequence[object] = ()) -> Registry:
    """Load the installed plugins.

    Args:
        more: further plugins, as modules or objects, such as in a test.

    Raises:
        PluginFailed: a plugin cannot be loaded, implements an unknown hook, or returns an unusable value.
    """
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Specs)
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        _register(manager, _loaded(point), point.name)
    for plugin in more:
        _register(manager, plugin, getattr(plugin, "__name__", repr(plugin)))
    checks = _all(manager.hook.driftcheck_checks)
    _check_names("check", [(one.name, one.examine.__module__) for one in checks], set())
    return Registry(
        codecs=tuple(_all(manager.hook.driftcheck_codecs)),
        checks=tuple(sorted(checks, key=lambda one: one.name)),
        hooks=manager.hook,
    )


@attrs.frozen(eq=False)
class Registry:
    """Everything that plugins add: codecs, checks, mutations, and sinks for findings."""

    codecs: tuple[type[Codec[Any]], ...] = ()
    checks: tuple[PluginCheck, ...] = ()
    hooks: Any = attrs.field(default=None, repr=False)  # None: there are no plugins

    def extended(self, schema: Schema) -> Schema:
        """Return a contract with the checks and the mutations that plugins add.

        Raises:
            PluginFailed: the name of a mutation is taken or malformed.
        """
        return attrs.evolve(schema.with_codecs(self.extended_codec), plugin_checks=self.checks)

    def extended_codec(self, codec: Codec[Any]) -> Codec[Any]:
        """Return a codec with the mutations that plugins add to it, sorted by name."""
        if self.hooks is None:
            return codec
        added: list[PluginMutation] = _all(self.hooks.driftcheck_mutations, codec=codec)
        names = [(one.mutation.name, one.mutation.apply.__module__) for one in added]
        _check_names("mutation", names, {mutation.name for mutation in codec.all_mutations})
        return codec.extended(sorted(added, key=lambda one: one.mutation.name)) if added else codec

    def report(self, finding: Finding, schema: Schema, path: Path) -> None:
        """Pass a saved finding to every plugin that receives findings.

        Raises:
            PluginFailed: a plugin raised; pluggy does not call the plugins after it.
        """
        if self.hooks is not None:
            hook = self.hooks.driftcheck_finding
            _call(hook, lambda: hook(finding=finding, schema=schema, path=path))


def _check_names(kind: str, names: Sequence[tuple[str, str]], taken: set[str]) -> None:
    """Refuse a name that is taken or malformed; `names` has each name with its module."""
    for name, module in names:
        if not _NAME.fullmatch(name) or name in taken:
            why = "is taken" if name in taken else "is not in lower case with dashes"
            raise PluginFailed(module, f"its {kind} {name!r} {why}")
        taken.add(name)


def _register(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    try:
        manager.register(plugin, name=name)
        manager.check_pending()
    except (ValueError, pluggy.PluginValidationError) as error:
        raise PluginFailed(name, f"cannot be used: {error}") from error


def _loaded(point: EntryPoint) -> object:
    def fails(misbehaviour: Misbehaviour) -> PluginFailed:
        return PluginFailed(point.name, misbehaviour.sentence("cannot be loaded: it"))

    return call(point.load, fails=fails)


def _all(hook: pluggy.HookCaller, **arguments: object) -> list[Any]:
    return _call(hook, lambda: [one for answer in hook(**arguments) for one in answer])


def _call(hook: pluggy.HookCaller, function: Callable[[], T]) -> T:
    def fails(misbehaviour: Misbehaviour) -> PluginFailed:
        plugin = _blamed(hook, misbehaviour.codes)
        return PluginFailed(plugin, misbehaviour.sentence(hook.name))

    return call(function, fails=fails)


def _blamed(hook: pluggy.HookCaller, codes: Container[CodeType]) -> str:
    """Return the name of the plugin whose function is one of these."""
    named = (impl.plugin_name for impl in hook.get_hookimpls() if impl.function.__code__ in codes)
    return next(named, "unknown")
