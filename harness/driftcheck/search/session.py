"""
A session: a contract with its subjects built, started, and tried before they are believed.

Brings together discovery, build, lockstep and known differences. Knows nothing of search or findings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from driftcheck.build import build_all
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.errors import SubjectError, SubjectUnsound
from driftcheck.core.suggest import did_you_mean
from driftcheck.core.trace import Trace
from driftcheck.generate.codec_check import check_codecs
from driftcheck.generate.engine import search
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.asymmetry_file import FILE, project_file, read_asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.subjects.discover import ModelSource, SubjectSource, subjects
from driftcheck.subjects.host import Limits
from driftcheck.subjects.wire import ACCEPTED, BROKEN, REJECTED

SELF_RUN_FEWEST = 5  # payloads, of which none was accepted, condemn an adapter
SELF_RUN_TRACES = 50  # well-formed, each run twice, before a subject is compared with others


@attrs.frozen(eq=False)
class Session:
    """One contract, ready to be run."""

    contract: type
    schema: Schema
    model: type | None
    lockstep: Lockstep
    oracle: Oracle
    asymmetries: Asymmetries
    descriptions: Mapping[str, Mapping[str, Any]]


@contextmanager
def open_session(
    contract: type,
    *,
    only: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    no_build: bool = False,
    ignore_asymmetries: bool = False,
    root: Path | None = None,
    extend: Callable[[Schema], Schema] = lambda schema: schema,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Session]:
    """Build and start a contract's subjects.

    Args:
        only: names of the subjects to take; all where empty.
        env: of each host, under what `subjects.toml` says.
        limits: of each host.
        no_build: refuse a stale library instead of building it.
        ignore_asymmetries: call known differences findings, too.
        root: of the project, whose own known differences are laid over the contract's.
        extend: adds to the contract what plugins bring.
        say: told in one line what takes seconds.

    Raises:
        DriftcheckError: a subject is declared wrongly, cannot be built or started, or is another contract's.
    """
    schema = extend(schema_of(contract))
    declared = subjects(contract)
    sources = chosen(schema, declared, only)
    model = next((s for s in sources if isinstance(s, ModelSource)), None)
    built = build_all(sources, schema, no_build=no_build, say=say)
    made = [attrs.evolve(s, env={**(env or {}), **s.env}) for s in built]
    languages = {s.name: s.language for s in declared}  # of those left out, too: entries name them
    if ignore_asymmetries:
        asymmetries = Asymmetries((), languages)
    else:
        asymmetries = read_asymmetries(asymmetry_files(contract, root), schema, languages)
    with Lockstep(schema, made, limits) as lockstep:
        descriptions = lockstep.start()
        asymmetries = asymmetries.for_libraries(descriptions)
        yield Session(
            contract=contract,
            schema=schema,
            model=_model_class(model, contract),
            lockstep=lockstep,
            oracle=Oracle(schema, lockstep, asymmetries),
            asymmetries=asymmetries,
            descriptions=descriptions,
        )


def asymmetry_files(contract: type, root: Path | None) -> list[Path]:
    """List the files of a contract's known differences, there or not: its own, then the project's over it."""
    beside = Path(inspect.getfile(contract)).resolve().parent / FILE
    return [beside] if root is None else [beside, project_file(schema_of(contract).name, root)]


def chosen(schema: Schema, sources: Sequence[SubjectSource], only: Sequence[str]) -> list[SubjectSource]:
    """Return the sources with the given names, all where none is given; raises SubjectError."""
    known = {s.name: s for s in sources}
    for name in only:
        if name not in known:
            told = f"no subject is named {name!r}; the subjects are {', '.join(known)}"
            raise SubjectError(schema.name, f"{told}{did_you_mean(name, known)}")
    return [known[n] for n in dict.fromkeys(only)] if only else list(sources)


def _model_class(source: ModelSource | None, contract: type) -> type | None:
    if source is None:
        return None
    below: list[type] = contract.__subclasses__()
    for cls in below:
        below += cls.__subclasses__()
    return next(c for c in below if f"{c.__module__}:{c.__qualname__}" == source.target)


@attrs.frozen
class Unsound:
    """What is wrong with an adapter that was tried alone."""

    subject: str
    is_broken: bool  # it says so itself; else it accepts no well-formed payload
    what: str


@attrs.frozen
class TriedAlone:
    """What came of subjects that were tried alone."""

    unsound: tuple[Unsound, ...]
    payloads: int  # well-formed ones that were read, by all of them


def self_run(session: Session, *, seed: int = 0) -> None:
    """Try each codec, and each subject on well-formed input, before it is compared with another.

    Raises:
        CodecError: a codec breaks a promise.
        SubjectUnsound: an adapter says that it is broken, or accepts no well-formed payload.
    """
    check_codecs(session.schema, seed=seed)
    for unsound in try_alone(session, seed=seed).unsound:
        raise SubjectUnsound(session.schema.name, unsound.subject, unsound.what)


def try_alone(session: Session, *, seed: int = 0, max_traces: int = SELF_RUN_TRACES) -> TriedAlone:
    """Give subjects well-formed input; return what shows that an adapter cannot be believed."""
    schema = session.schema
    read = {
        o.name for o in schema.operations if any(isinstance(t.bare(a.type), t.Payload) for a in o.arguments)
    }
    met: dict[tuple[str, str], list[bool]] = {}
    broken: list[Unsound] = []
    deaths: list[str] = []

    def look(trace: Trace, shrinking: bool) -> None:
        execution = session.lockstep.run(trace)
        deaths.extend(name for name, answer in execution.answers.items() if answer.death is not None)
        for name, answer in execution.answers.items():
            if answer.death is None and answer.reply.opening[0] == BROKEN:
                broken.append(Unsound(name, True, says_broken("open", answer.reply.opening[1])))
            for number, step in enumerate(trace.steps[: len(answer.reply.outcomes)]):
                plain = answer.reply.outcomes[number]
                if plain[0] == BROKEN:
                    broken.append(Unsound(name, True, says_broken(step.operation, plain[1])))
                if step.operation in read and plain[0] <= REJECTED:
                    met.setdefault((name, step.operation), []).append(plain[0] == ACCEPTED)

    strategy = traces(schema, model=session.model, malformed=0.0)
    # A death is for the search to judge; a batch ahead, or another one, would only take its time.
    search(strategy, look, seed=seed, max_cases=max_traces, stop=lambda: bool(deaths or broken))
    refusing = [
        Unsound(name, False, f"operation {operation!r} accepted none of {len(of)} well-formed payloads")
        for (name, operation), of in met.items()
        if len(of) >= SELF_RUN_FEWEST and not any(of)
    ]
    return TriedAlone(tuple(broken[:1] or refusing), sum(map(len, met.values())))


def says_broken(operation: str, text: str) -> str:
    """Say that an adapter has blamed itself."""
    return f"in operation {operation!r} its adapter says that it is broken: {text}"
