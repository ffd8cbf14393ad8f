"""
What the last run of a contract saw: how often each divergence occurred, before driftcheck looked for causes.

`driftcheck accept` reads it, to say how much an entry would cover. No search reads it, so that a seed gives
the same run. Owns the file `.driftcheck/last-run/<contract>.json` under the root of a project.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.files import Absent, Unreadable, read_text
from driftcheck.core.output_file import replace_file
from driftcheck.oracle.signature import Divergence, Signature

FOLDER = Path(".driftcheck") / "last-run"
MOST_KINDS = 500  # the most frequent ones are kept


@attrs.frozen
class Sighted:
    """A kind of divergence, as one look at a trace shows it."""

    signature: Signature  # with the relation of the values, without cause and reason
    features: frozenset[str]  # all that the step has for a cause, needed or not

    @classmethod
    def of(cls, divergence: Divergence, features: frozenset[str]) -> Sighted:
        """Return the kind of a divergence."""
        signature = attrs.evolve(divergence.signature.without_cause, relation=divergence.relation)
        return cls(signature, features)


@attrs.frozen
class LastRun:
    """The divergences of one run."""

    seed: int
    times: Mapping[Sighted, int]

    @property
    def total(self) -> int:
        """Return how many divergences there were."""
        return sum(self.times.values())


def keep_last_run(contract: str, root: Path, seed: int, times: Counter[Sighted]) -> None:
    """Write what a run has seen; a run that saw nothing replaces only an older file. Raises OSError."""
    path = root / FOLDER / f"{contract}.json"
    if not times and not path.exists():
        return
    kinds = [
        {"times": count, "features": sorted(kind.features), "signature": kind.signature.to_json()}
        for kind, count in times.most_common(MOST_KINDS)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps({"seed": seed, "divergences": kinds}) + "\n").encode())


def last_run(contract: str, root: Path) -> LastRun | None:
    """Return what the last run saw; None where there was none, or another release of driftcheck wrote it."""
    try:
        data = json.loads(read_text(root / FOLDER / f"{contract}.json"))
        return LastRun(int(data["seed"]), {_sighted(one): int(one["times"]) for one in data["divergences"]})
    except (Absent, Unreadable, ValueError, KeyError, TypeError, AttributeError):
        return None


def _sighted(data: Mapping[str, Any]) -> Sighted:
    return Sighted(Signature.from_json(data["signature"]), frozenset(map(str, data["features"])))
