"""What a replica holds, and how clock and merge change it (R1.8, R3, R5 of docs/reference/reconcile.md)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.checks import check_digest, check_entries, check_head
from driftcheck_contracts.reconcile.digests import state_digest
from driftcheck_contracts.reconcile.intake import MAX_ENTRIES, MAX_KEYS, MAX_ORIGINS
from driftcheck_contracts.reconcile.messages import Part
from driftcheck_contracts.reconcile.parts import Entry, Shared, Vector, join, merge, origin_of
from driftcheck_contracts.reconcile.records import Algorithm, Merge, Migrated, Where

MAX_LOGICAL = 2**16 - 1


@attrs.frozen
class Held:
    """All that a replica holds beside the audit log (R1.7, R1.8). Never changed: a step makes another one."""

    writer: bytes
    schema: int
    flag: Algorithm
    shared: Shared = attrs.field(factory=Shared)
    epoch: int = 0
    clock: bytes = bytes(8)
    acknowledgements: Mapping[bytes, Vector] = attrs.field(factory=dict)
    chain: tuple[Migrated, ...] = ()

    @property
    def origin(self) -> bytes:
        """Return the present origin."""
        return origin_of(self.writer, self.epoch)

    def part(self) -> Part:
        """Return what the replica says that it holds."""
        return Part(self.writer, self.epoch, self.clock, self.shared, state_digest(self.shared))


def clock_after(clock: bytes, now: int, remote: bytes | None = None) -> bytes:
    """Return the clock after a local event, or after a remote clock was received (R3.3 to R3.5)."""
    (p, logical), remotes = _split(clock), [] if remote is None else [_split(remote)]
    physical = max(p, now, *(q for q, _ in remotes))
    known = [count for at, count in [(p, logical), *remotes] if at == physical]
    new = max(known) + 1 if known else 0
    if new > MAX_LOGICAL:
        hint = "wait for the next millisecond"
        raise refusals.clock_overflow(Where("clock", 0, f"0 to {MAX_LOGICAL}", str(new), hint))
    return physical.to_bytes(6, "big") + new.to_bytes(2, "big")


def _split(clock: bytes) -> tuple[int, int]:
    """Return what a clock is made of: milliseconds and a count (R3.1)."""
    return int.from_bytes(clock[:6], "big"), int.from_bytes(clock[6:], "big")


def check_limits(shared: Shared) -> None:
    """Check that somebody can read a shared part (R5.9)."""
    sizes = [("vector", len(shared.vector), MAX_ORIGINS), ("entries", len(shared.entries), MAX_KEYS)]
    sizes += [(key.hex(), len(entries), MAX_ENTRIES) for key, entries in shared.entries.items()]
    for path, size, most in sizes:
        if size > most:
            raise refusals.too_large(Where(path, 0, f"at most {most}", str(size), "check the limits"))


def merged(mine: Held, part: Part, now: int) -> tuple[Held, Merge]:
    """Return a replica with an incoming part merged into it, all checks made (R5.6 to R5.8)."""
    check_head(part, mine.writer, mine.epoch, mine.shared, now)
    check_digest(part.digest, state_digest(part.shared))
    check_entries(part, mine.shared)
    shared = merge(mine.shared, part.shared)
    changed = shared != mine.shared
    clock = clock_after(mine.clock, now, part.clock) if changed else mine.clock
    known = dict(mine.acknowledgements)
    if part.writer != mine.writer:
        known[part.writer] = join(known.get(part.writer, {}), part.shared.vector)
    before, after = _all(mine.shared), _all(shared)
    result = Merge(changed, len(after - before), len(before - after), state_digest(shared))
    return attrs.evolve(mine, shared=shared, clock=clock, acknowledgements=known), result


def _all(shared: Shared) -> set[tuple[bytes, Entry]]:
    return {(key, entry) for key, entries in shared.entries.items() for entry in entries}
