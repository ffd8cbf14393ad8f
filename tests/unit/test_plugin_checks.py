"""Checks that plugins bring, beside driftcheck's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from toy_plugins import check_named, checking

from driftcheck import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import PluginFailed
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.plugin_checks import earlier, examine
from driftcheck.oracle.signature import Divergence
from driftcheck.plugins import Finished, Report, load_plugins
from driftcheck_contracts.lru import Lru

SCHEMA = schema_of(Lru)
ANSWERS: dict[str, Any] = {
    "go": SimpleNamespace(outcome=lambda operation, number: Accepted(b"x" * number)),
    "rust": SimpleNamespace(outcome=lambda operation, number: Rejected("absent")),
}
RUN = Execution(Trace(tuple(Step("get", (b"k",)) for _ in range(4))), ANSWERS)


def with_plugin(plugin: Any) -> Schema:
    """Return the contract, extended by a plugin."""
    return load_plugins([plugin]).extended(SCHEMA)


def at(step: int) -> Divergence:
    """Return a divergence at a step."""
    return Divergence(checks.VALUE, step, "get", ())


def test_a_check_sees_every_outcome() -> None:
    """A run is shown as the outcomes of each step, by subject, with trace and contract."""
    seen: list[Finished] = []

    found = examine(
        with_plugin(checking(check_named("look", lambda execution: seen.append(execution)))), RUN, 0
    )

    assert found is None
    assert seen[0].outcomes[3] == {"go": Accepted(b"xxx"), "rust": Rejected("absent")}
    assert (seen[0].trace, seen[0].schema.cls) == (RUN.trace, Lru)


def test_a_report_becomes_a_divergence() -> None:
    """Of several reports the earliest counts, and holds what was done at its step."""
    late, soon = Report(3), Report(1, "it is long", "value[7]", ("go",))

    found = examine(
        with_plugin(
            checking(check_named("late", lambda execution: late), check_named("soon", lambda execution: soon))
        ),
        RUN,
        0,
    )

    assert found == Divergence(
        check=checks.Check("X-soon", "soon", "it is so", "Because."),
        step=1,
        operation="get",
        shape=(("go", "accepted"), ("rust", "absent")),
        path="value[7]",
        blamed=("go",),
        detail="it is long",
    )
    assert found.signature.path == "value[]"


def test_what_comes_before_the_start_is_not_reported() -> None:
    """A step that was judged already is left alone."""
    found = examine(with_plugin(checking(check_named("soon", lambda execution: Report(1)))), RUN, 2)

    assert found is None


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (lambda execution: Report(4), "its check 'bad' reports step 4 of a trace of 4"),
        (lambda execution: Report(-1), "its check 'bad' reports step -1 of a trace of 4"),
        (lambda execution: {}["x"], "its check 'bad' raised KeyError: 'x'"),
    ],
)
def test_a_check_that_is_wrong_is_blamed(report: Any, told: str) -> None:
    """A check that raises, or reports a step that is not there, is named."""
    schema = with_plugin(checking(check_named("bad", report)))

    with pytest.raises(PluginFailed) as failed:
        examine(schema, RUN, 0)

    said = str(failed.value)
    assert said.startswith(f"plugin 'test_plugin_checks': {told}")
    assert said.endswith("; fix it, or uninstall it")
    assert (f"; see {__file__}, line " in said) == ("raised" in told)


def test_ours_go_first_at_one_step() -> None:
    """What a plugin reports counts where it comes before what driftcheck finds, and not beside it."""
    ours, theirs = at(2), at(2)

    assert earlier(ours, theirs) is ours
    assert earlier(at(2), at(1)).step == 1  # type: ignore[union-attr] # there are two
    assert earlier(None, theirs) is theirs
    assert earlier(ours, None) is ours
    opened = Divergence(checks.ACCEPT_REJECT, None, "", ())
    assert earlier(opened, at(0)) is opened
