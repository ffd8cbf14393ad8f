"""Exports that were broken: each is compared, or refused in a sentence, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
from compat_samples import AT_HAND, STORE
from hypothesis import HealthCheck, given, settings

from driftcheck.compat import compare, text
from driftcheck.compat.exported import ExportError, parse_export, read_export

JUNK = (None, True, 0, -1, 10**30, 1.5, "", "x", [], {}, [[]], ["a"], {"kind": "bool"}, {"name": "x"})


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place in JSON data: a container, and a key or an index in it."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, inner in pairs:
        yield data, key
        yield from places(inner)


COUNT = len(list(places(STORE)))


ONE_INSIDE = [HealthCheck.nested_given]  # a text that tells two patterns apart is looked for with Hypothesis


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=ONE_INSIDE)
@given(st.integers(0, COUNT - 1), st.sampled_from(JUNK))
def test_a_broken_export_is_compared_or_refused(place: int, junk: Any) -> None:
    """Whatever stands in the place of a part, no other exception comes of it, in either direction."""
    broken = copy.deepcopy(STORE)
    container, key = list(places(broken))[place]
    container[key] = junk
    old = read_export("old.json", STORE, AT_HAND)
    try:
        new = read_export("new.json", parse_export("new.json", json.dumps(broken)), AT_HAND)
        for compared in (compare(old, new), compare(new, old)):
            assert list(text.lines(compared))
            json.dumps(text.to_json(compared))
    except ExportError as error:
        told = str(error)
    else:
        told = ""

    assert "\n" not in told
