"""The checks of an incoming part (R5.3, R7.5 of docs/reference/reconcile.md)."""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.messages import Part
from driftcheck_contracts.reconcile.parts import (
    MEMBERS,
    Entry,
    Policy,
    Shared,
    covers,
    epoch_of,
    origin_of,
    policy_of,
    writer_of,
)
from driftcheck_contracts.reconcile.reading import UINT, kind_of
from driftcheck_contracts.reconcile.records import Where

MAX_DRIFT = 60_000  # milliseconds


def check_head(part: Part, writer: bytes, epoch: int, mine: Shared, now: int) -> None:
    """Make checks 1 to 4 of R7.5, of what is known before any entry; the first is the drift (R3.6)."""
    physical = int.from_bytes(part.clock[:6], "big")
    if physical > now + MAX_DRIFT:
        hint = "compare the clocks of the two machines"
        raise refusals.clock_drift(Where("clock", 0, f"at most {now + MAX_DRIFT}", str(physical), hint))
    _check_members(part)
    vector, watermark = part.shared.vector, part.shared.watermark
    for origin in sorted(watermark):
        if watermark[origin] > vector.get(origin, 0):
            expected, hint = f"at most {vector.get(origin, 0)}", "a watermark is a part of the vector"
            raise refusals.inconsistent(Where("watermark", 0, expected, str(watermark[origin]), hint))
    for origin in sorted(vector):
        known = mine.vector.get(origin, 0)
        is_ahead = epoch_of(origin) > epoch or (epoch_of(origin) == epoch and vector[origin] > known)
        if writer_of(origin) == writer and is_ahead:
            hint = "another replica writes under this name"
            raise refusals.inconsistent(Where("vector", 0, f"at most {known}", str(vector[origin]), hint))


def _check_members(part: Part) -> None:
    """Check that all who wrote are members (R1.1)."""
    places = [("vector", origin) for origin in sorted(part.shared.vector)]
    places += [("watermark", origin) for origin in sorted(part.shared.watermark)]
    places += [("writer", origin_of(part.writer, part.epoch))]
    for path, origin in places:
        if writer_of(origin) not in MEMBERS:
            hint = "the members are fixed"
            raise refusals.inconsistent(Where(path, 0, "a member", writer_of(origin).hex(), hint))


def check_digest(announced: bytes, computed: bytes) -> None:
    """Make check 5 of R7.5."""
    if announced != computed:
        raise refusals.digest_mismatch(Where("digest", 0, announced.hex(), computed.hex(), "ask again"))


def check_entries(part: Part, mine: Shared) -> None:
    """Make checks 6 to 10 of R7.5."""
    shared = part.shared
    for path, entry in _entries(shared):
        if not covers(shared.vector, entry):
            _inconsistent(path, "a dot that the vector covers", _dot(entry), "the vector holds every write")
    for path, entry in _entries(shared):
        if entry.clock > part.clock:
            expected = f"at most {part.clock.hex()}"
            _inconsistent(path, expected, entry.clock.hex(), "a clock holds every write")
    for path, entry in _entries(shared):
        if entry.kind == 1 and covers(shared.watermark, entry):
            _inconsistent(path, "no collected tombstone", _dot(entry), "collect before writing")
    for key, entries in shared.entries.items():
        _check_policy(key, entries)
    _check_dots(shared, mine)


def _check_policy(key: bytes, entries: tuple[Entry, ...]) -> None:
    policy, path = policy_of(key), f"/5/{key.hex()}"
    if policy is Policy.LAST and len(entries) > 1:
        _inconsistent(path, "one entry", str(len(entries)), "policies must agree")
    for i, entry in enumerate(entries):
        kind = UINT if entry.value is None else kind_of(entry.value[0])
        if policy is Policy.COUNTER and kind != UINT:
            _inconsistent(f"{path}/{i}", UINT, kind, "policies must agree")


def _check_dots(incoming: Shared, mine: Shared) -> None:
    """Check that each dot names one write (R5.3)."""
    writes = {entry.dot: (key, entry) for key, entries in mine.entries.items() for entry in entries}
    for key, entries in incoming.entries.items():
        for entry in entries:
            if writes.setdefault(entry.dot, (key, entry)) != (key, entry):
                expected, hint = "one write for each dot", "two replicas wrote as one"
                raise refusals.dot_conflict(Where(key.hex(), 0, expected, _dot(entry), hint))


def _entries(shared: Shared) -> Iterator[tuple[str, Entry]]:
    for key, entries in shared.entries.items():
        for i, entry in enumerate(entries):
            yield f"/5/{key.hex()}/{i}", entry


def _dot(entry: Entry) -> str:
    return f"{entry.origin.hex()}:{entry.counter}"


def _inconsistent(path: str, expected: str, got: str, hint: str) -> None:
    raise refusals.inconsistent(Where(path, 0, expected, got, hint))
