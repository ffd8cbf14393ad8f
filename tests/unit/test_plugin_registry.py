"""Plugins: what they add is held to its form, and the plugin that fails is named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from toy_plugins import check_named, checking

from driftcheck import Json, schema_of
from driftcheck.codecs import Mutation
from driftcheck.core.errors import PluginFailed, UnknownCheck
from driftcheck.oracle.checks import CHECKS, check, known_checks
from driftcheck.plugins import PluginMutation, hookimpl, load_plugins
from driftcheck.search.statistics import mutation_names
from driftcheck_contracts.json import JsonContract

JSON = schema_of(JsonContract)


def adding(*names: str) -> Any:
    """Return a plugin that adds mutations of these names to JSON."""

    def added(name: str) -> PluginMutation:
        mutation = Mutation(name, lambda data, draw, type_: data + b"!")
        return PluginMutation(mutation, lambda data, type_: b"!" in data)

    def driftcheck_mutations(codec: Any) -> list[PluginMutation]:
        return [added(name) for name in names] if isinstance(codec, Json) else []

    return SimpleNamespace(driftcheck_mutations=hookimpl(driftcheck_mutations))


def test_added_mutations_follow_the_codec_s_own() -> None:
    """An extended contract has the added mutations last, in the order of their names."""
    plugins = load_plugins([adding("shout"), adding("cry")])

    assert mutation_names(plugins.extended(JSON)) == (*mutation_names(JSON), "cry", "shout")


def test_a_contract_that_is_not_extended_stays_as_it_is() -> None:
    """Loading a plugin changes no contract: only the extended copy has what the plugin adds."""
    before = mutation_names(JSON)

    load_plugins([adding("shout"), checking(check_named("value"))]).extended(JSON)

    assert mutation_names(JSON) == before
    assert JSON.plugin_checks == ()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["null-field"], "its mutation 'null-field' is taken"),
        (["shout", "shout"], "its mutation 'shout' is taken"),
        (["Shout"], "its mutation 'Shout' is not in lower case with dashes"),
    ],
)
def test_a_mutation_has_a_name_of_its_own(names: list[str], told: str) -> None:
    """A name that is taken, or that no feature can have, is refused and its plugin named."""
    plugins = load_plugins([adding(*names)])

    with pytest.raises(PluginFailed) as failed:
        plugins.extended(JSON)

    assert str(failed.value) == f"plugin 'test_plugin_registry': {told}; fix it, or uninstall it"


def test_the_code_of_a_plugin_s_check_is_never_one_of_ours() -> None:
    """A plugin's check may have the name of one of driftcheck's own, and is still another one."""
    added = load_plugins([checking(check_named("value"), check_named("d101"))]).checks

    codes = [one.code for one in known_checks(added)]

    assert codes == [*(one.code for one in CHECKS), "X-d101", "X-value"]
    assert (check("X-value", added).code, check("value", added).code) == ("X-value", "D103")


def test_a_check_without_its_plugin_is_unknown() -> None:
    """The error tells the user to install the plugin that brings a code which begins with X-."""
    with pytest.raises(UnknownCheck, match="install the plugin that provides it"):
        check("X-value")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["twice", "twice"], "its check 'twice' is taken"),
        (["X-twice"], "its check 'X-twice' is not in lower case with dashes"),
    ],
)
def test_a_check_has_a_name_of_its_own(names: list[str], told: str) -> None:
    """A name that is taken or malformed is refused, and its plugin named."""
    with pytest.raises(PluginFailed) as failed:
        load_plugins([checking(*map(check_named, names))])

    assert str(failed.value) == f"plugin 'toy_plugins': {told}; fix it, or uninstall it"


def test_a_hook_that_raises_is_blamed_on_its_plugin() -> None:
    """Among several plugins the one whose function raised is named, with what it raised."""

    def driftcheck_codecs() -> list[Any]:
        raise ValueError("no codec today")

    bad = SimpleNamespace(driftcheck_codecs=hookimpl(driftcheck_codecs), __name__="bad")

    with pytest.raises(PluginFailed) as failed:
        load_plugins([adding("shout"), bad])

    said = str(failed.value)
    assert f"driftcheck_codecs raised ValueError: no codec today; see {__file__}, line " in said
    assert said.endswith(", in driftcheck_codecs; fix it, or uninstall it")
    assert str(failed.value).startswith("plugin 'bad'")


def test_an_unknown_hook_is_refused() -> None:
    """A function that is marked as a hook and is none is a mistake, and is not ignored."""
    wrong = SimpleNamespace(driftcheck_mutation=hookimpl(lambda codec: []))

    with pytest.raises(PluginFailed, match="driftcheck_mutation"):
        load_plugins([wrong])
