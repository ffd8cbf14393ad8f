"""Coverage of real libraries: what a trace reached in the code under test of both languages."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import cbor2
import pytest

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.build.elf import Elf
from driftcheck.core.errors import ProtocolFault
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.covered import Covered, WrongCoverage
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.search.session import open_session
from driftcheck.subjects import coverage
from driftcheck.subjects.discover import Subject, for_coverage, subjects
from driftcheck.subjects.host import Host, Limits
from driftcheck_contracts.lru import Lru

SIDES = ("go", "rust")
SCHEMA = schema_of(Lru)
PUT, MISS, HIT = Step("put", ("k", b"v")), Step("get", ("absent",)), Step("get", ("k",))
FULL = (Step("put", ("a", b"")), Step("put", ("b", b"")))  # of a cache of one entry: the second evicts


@pytest.fixture(scope="module")
def lockstep() -> Iterator[Lockstep]:
    with open_session(Lru, only=SIDES, coverage=True) as opened:
        yield opened.lockstep


@pytest.fixture
def fresh(lockstep: Lockstep) -> Lockstep:
    """Return the subjects in hosts that have reached nothing."""
    lockstep.close()
    for covered in lockstep.covered.values():
        covered.map = bytes(covered.table.counters)
    return lockstep


def trace(*steps: Step) -> Trace:
    return Trace(steps, (1,))


def new_and_paths(lockstep: Lockstep, traces: Sequence[Trace], subject: str) -> list[tuple[int, bytes]]:
    found = [execution.coverage[subject] for execution in lockstep.run_all(traces)]
    return [(one.new, one.path) for one in found]


@pytest.mark.parametrize("subject", SIDES)
def test_a_branch_that_is_taken_is_new_once(fresh: Lockstep, subject: str) -> None:
    """A trace that takes a branch for the first time reaches something new; the second time it does not."""
    (put, put_path), (hit, hit_path), (again, again_path) = new_and_paths(
        fresh, [trace(PUT, MISS), trace(PUT, MISS, HIT), trace(PUT, MISS, HIT)], subject
    )

    assert put > 0
    assert hit > 0
    assert again == 0
    assert put_path != hit_path == again_path


@pytest.mark.parametrize("subject", SIDES)
def test_how_often_a_block_ran_counts_in_buckets(fresh: Lockstep, subject: str) -> None:
    """Two runs of a block are another bucket than one; eight and nine are the same bucket."""
    counts = (1, 2, 8, 9)
    found = new_and_paths(fresh, [trace(PUT, *[HIT] * count) for count in counts], subject)
    one, two, eight, nine = (path for _, path in found)

    assert len({one, two, eight}) == 3
    assert eight == nine


@pytest.mark.parametrize(
    ("subject", "function"), [("go", "removeOldest"), ("rust", "replace_or_create_node")]
)
def test_counters_have_places_in_the_library_alone(lockstep: Lockstep, subject: str, function: str) -> None:
    """Each place lies in the library's own source, at a line of the function that it names."""
    places = lockstep.covered[subject].table.places.values()

    assert all("golang-lru" in place.file or "/lru-" in place.file for place in places)
    (file,) = {place.file for place in places if place.function == function}
    header = re.compile(rf"\s*(func \(.*\)|fn) {function}\(")
    lines = Path(file).read_text().splitlines()
    first = next(number for number, line in enumerate(lines, 1) if header.match(line))
    assert all(first <= place.line < first + 60 for place in places if place.function == function)


@pytest.mark.parametrize("subject", SIDES)
def test_an_eviction_reaches_what_no_other_trace_does(fresh: Lockstep, subject: str) -> None:
    """The blocks of a trace name the function that only this trace needs."""
    covered = fresh.covered[subject]
    reached = [covered.table.reached(fresh.counters(trace(*steps))[subject]) for steps in ((PUT,), FULL)]
    more = {place.function for place in reached[1] - reached[0]}

    assert more & {"removeOldest", "replace_or_create_node"}


@pytest.mark.parametrize("subject", SIDES)
def test_a_fresh_host_knows_what_the_one_before_it_reached(fresh: Lockstep, subject: str) -> None:
    """After a host has ended, the next one finds nothing new in the same trace."""
    (first, _), *_ = new_and_paths(fresh, [trace(PUT, HIT)], subject)
    fresh.close()
    (second, _), *_ = new_and_paths(fresh, [trace(PUT, HIT)], subject)

    assert first > 0
    assert second == 0


@pytest.mark.parametrize("subject", SIDES)
def test_a_map_is_exported_and_imported(fresh: Lockstep, subject: str) -> None:
    """A run that imports the map of another one finds nothing new in what that one reached."""
    new_and_paths(fresh, [trace(PUT, HIT)], subject)
    exported = fresh.coverage_map(subject)
    fresh.close()
    fresh.covered[subject].map = bytes(len(exported))

    fresh.load_coverage_map(subject, exported)

    assert new_and_paths(fresh, [trace(PUT, HIT)], subject)[0][0] == 0
    assert new_and_paths(fresh, [trace(*FULL)], subject)[0][0] > 0
    with pytest.raises(WrongCoverage, match="is of another build"):
        fresh.load_coverage_map(subject, exported[1:])


@pytest.mark.parametrize("subject", SIDES)
def test_counters_that_are_ignored_count_no_more(fresh: Lockstep, subject: str) -> None:
    """A trace that reaches only ignored counters is not new, and has the path of an empty one."""
    covered = fresh.covered[subject]
    empty = new_and_paths(fresh, [trace()], subject)[0][1]
    reached = fresh.counters(trace(PUT, HIT))[subject]
    before = covered.ignored
    assert new_and_paths(fresh, [trace(PUT, HIT)], subject)[0][1] != empty

    covered.ignore(fresh._slots[subject].host, [n for n, bucket in enumerate(reached) if bucket])
    path = new_and_paths(fresh, [trace(PUT, HIT)], subject)[0][1]
    empty = new_and_paths(fresh, [trace()], subject)[0][1]
    covered._ignored = before  # for the tests after this one

    assert path == empty
    assert not any(covered.map[n] for n, bucket in enumerate(reached) if bucket)


def test_counters_that_vary_are_found_in_the_first_traces(
    fresh: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differs between two runs of one trace is ignored from then on."""
    plain, runs = Lockstep.counters, []

    def varying(lockstep: Lockstep, one: Trace) -> dict[str, bytes]:
        found = plain(lockstep, one)
        runs.append(one)
        return {**found, "go": bytes([len(runs) % 2]) + found["go"][1:]}

    monkeypatch.setattr(Lockstep, "counters", varying)
    covered = fresh.covered["go"]
    before = covered.ignored
    monkeypatch.setattr(covered, "_ignored", bytes(len(before)))

    fresh.ignore_varying_counters([trace(PUT)])

    assert covered.ignored[0] == 1
    assert sum(covered.ignored) == 1
    covered._ignored = before


def test_an_ordinary_library_has_no_trace_of_coverage() -> None:
    """A build without --coverage has neither the function nor the counters, and its host says so."""
    for source in subjects(Lru)[:2]:
        ordinary = build(source, SCHEMA)
        counted = build(for_coverage(source), SCHEMA)
        texts = [_symbols(subject) for subject in (ordinary, counted)]

        assert [any("coverage" in name and "driftcheck" in name for name in names) for names in texts] == [
            False,
            True,
        ]
        refuses = pytest.raises(ProtocolFault, match="this library is not built for coverage")
        with Host(ordinary, Limits()) as host, refuses:
            host.ask(coverage.request(coverage.MAP))


@pytest.mark.parametrize("subject", SIDES)
@pytest.mark.parametrize(
    ("question", "says"),
    [
        ([9, b""], "read question about coverage"),
        ([coverage.MAP], "read question about coverage"),
        ([coverage.LOAD, b"short"], "a map of 5 counters is of another build"),
        ([coverage.IGNORE, b"short"], "a map of 5 counters is of another build"),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    lockstep: Lockstep, subject: str, question: list[object], says: str
) -> None:
    """Both SDKs refuse such a question in the same words, and answer the next one."""
    host = lockstep._slots[subject].host
    with pytest.raises(ProtocolFault, match=says):
        host.ask(cbor2.dumps(["coverage", question]))

    assert len(host.ask(coverage.request(coverage.MAP))) == lockstep.covered[subject].table.counters


def _symbols(subject: Subject) -> list[str]:
    return [symbol.name for symbol in Elf(Path(subject.target)).symbols()]


def test_a_host_that_is_killed_before_its_first_request_is_started_again(
    fresh: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its build for coverage is not to blame."""
    plain, kills, before = Covered._prepare, iter([True]), fresh.killed

    def prepare(covered: Covered, host: Host) -> None:
        if next(kills, False):
            os.kill(host.pid, signal.SIGKILL)
        plain(covered, host)

    monkeypatch.setattr(Covered, "_prepare", prepare)
    (execution,) = fresh.run_all([trace(PUT)])

    assert execution.is_equal
    assert fresh.killed == before + 1


def test_a_host_that_was_killed_answers_no_question(fresh: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its counters are unknown, and the next host begins with the map of those before it."""
    fresh.run_all([trace(PUT)])
    before = fresh.coverage_map("go")
    plain = Covered.of_last_trace

    def killed(covered: Covered, host: Host) -> bytes:
        if covered is fresh.covered["go"]:
            os.kill(host.pid, signal.SIGKILL)
        return plain(covered, host)

    monkeypatch.setattr(Covered, "of_last_trace", killed)
    assert fresh.counters(trace(PUT)).keys() == {"rust"}

    monkeypatch.undo()
    assert fresh.counters(trace(PUT)).keys() == {"go", "rust"}
    assert fresh.coverage_map("go") == before
    os.kill(fresh.pid("go"), signal.SIGKILL)
    fresh.forget_coverage()
    assert not any(fresh.coverage_map("go"))
