"""What a turn of a campaign replays."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from driftcheck.campaign import turn as turn_module
from driftcheck.search.saved_cases import SavedCase


@pytest.mark.parametrize(("name", "becomes"), [("a.json", "b.json"), ("b.json", "a.json")])
def test_two_cases_that_shrink_to_one_are_one(
    name: str, becomes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay shrinks a case further, and then it may have the name of another one."""
    posted: list[Any] = []
    paths = [Path("a.json"), Path("b.json"), Path("c.json")]
    turn: Any = SimpleNamespace(
        turn=SimpleNamespace(cases=frozenset({"c.json"}), settings=SimpleNamespace(root=Path())),
        session=SimpleNamespace(schema=SimpleNamespace(name="toy")),
        _is_ending=lambda: False,
        post=lambda found: posted.append(found.parcel),
    )
    monkeypatch.setattr(turn_module, "saved_cases", lambda contract, root: paths)
    monkeypatch.setattr(turn_module, "pack", lambda case: case)
    monkeypatch.setattr(
        turn_module,
        "try_saved",
        lambda path, session, stopped: SavedCase(Path(becomes) if path.name == name else path, None),
    )

    assert [*turn_module._Turn._replay(turn)] == []
    assert [case.path.name for case in posted] == [becomes]
