"""The hooks: what plugins add is held to its form, and who fails is named."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from own_plugins import checking, own

from driftcheck import Json, Mutation, schema_of
from driftcheck.errors import UnknownCheck
from driftcheck.hooks import OwnMutation, PluginFailed, hookimpl, plugged_in
from driftcheck.oracle.checks import CHECKS, check, known_checks
from driftcheck.tally import mutation_names
from driftcheck_contracts.json import JsonContract


def adding(*names: str) -> Any:
    """Return a plugin that adds mutations of these names to JSON."""

    def driftcheck_mutations(codec: Any) -> list[OwnMutation]:
        added = [OwnMutation(Mutation(n, lambda d, draw, t: d + b"!"), lambda d, t: b"!" in d) for n in names]
        return added if isinstance(codec, Json) else []

    return SimpleNamespace(driftcheck_mutations=hookimpl(driftcheck_mutations))


def test_added_mutations_stand_behind_a_codec_s_own() -> None:
    """A contract that uses the codec has them all, in an order that does not depend on the plugins'."""
    with plugged_in(adding("shout"), adding("cry")):
        added = mutation_names(schema_of(JsonContract))
    without = mutation_names(schema_of(JsonContract))

    assert added == (*without, "cry", "shout")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["null-field"], "its mutation 'null-field' is there already"),
        (["shout", "shout"], "its mutation 'shout' is there already"),
        (["Shout"], "its mutation 'Shout' is not in lower case with dashes"),
    ],
)
def test_a_mutation_has_a_name_of_its_own(names: list[str], told: str) -> None:
    """A name that is taken, or cannot be a feature, is refused and its plugin named."""
    with plugged_in(adding(*names)) as plugins, pytest.raises(PluginFailed) as failed:
        plugins.mutations(Json())

    assert str(failed.value) == f"plugin 'test_hooks': {told}; mend it, or uninstall it"


def test_a_check_s_code_is_never_one_of_ours() -> None:
    """A check may have the name of one of driftcheck's own, and is another one all the same."""
    with plugged_in(checking(own("value"), own("d101"))):
        codes = [one.code for one in known_checks()]
        found = check("X-value")
        ours = check("value")

    assert codes == [*(one.code for one in CHECKS), "X-d101", "X-value"]
    assert (found.code, ours.code) == ("X-value", "D103")


def test_a_check_without_its_plugin_is_unknown() -> None:
    """A code that begins with X- is told to come with a plugin."""
    with pytest.raises(UnknownCheck, match="a code that begins with X- comes with a plugin"):
        check("X-value")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["twice", "twice"], "its check 'twice' is there already"),
        (["X-twice"], "its check 'X-twice' is not in lower case with dashes"),
    ],
)
def test_a_check_has_a_name_of_its_own(names: list[str], told: str) -> None:
    """A name that is taken, or cannot be one, is refused and its plugin named."""
    with plugged_in(checking(*map(own, names))) as plugins, pytest.raises(PluginFailed) as failed:
        _ = plugins.checks

    assert str(failed.value) == f"plugin 'own_plugins': {told}; mend it, or uninstall it"


def test_a_hook_that_raises_is_blamed_on_its_plugin() -> None:
    """Among several plugins the one whose function raised is named, and what it raised."""

    def driftcheck_codecs() -> list[Any]:
        raise ValueError("no codec today")

    bad = SimpleNamespace(driftcheck_codecs=hookimpl(driftcheck_codecs), __name__="bad")

    with plugged_in(adding("shout"), bad) as plugins, pytest.raises(PluginFailed) as failed:
        plugins.codecs()

    assert "driftcheck_codecs raised ValueError: no codec today; mend it" in str(failed.value)
    assert str(failed.value).startswith("plugin 'bad'")


def test_an_unknown_hook_is_refused() -> None:
    """A function that is marked as a hook and is none is a mistake and not ignored."""
    wrong = SimpleNamespace(driftcheck_mutation=hookimpl(lambda codec: []))

    with pytest.raises(PluginFailed, match="driftcheck_mutation"), plugged_in(wrong):
        pass
