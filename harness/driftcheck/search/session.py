"""
A session: a contract with its subjects, which are built and started.

Combines discovery, build, lockstep and asymmetries. Knows nothing of the search or of findings.
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
from driftcheck.core.author_code import work_on
from driftcheck.core.errors import SubjectError
from driftcheck.core.suggest import did_you_mean
from driftcheck.generate.vocabulary import with_vocabularies
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.asymmetry_file import FILE, project_file, read_asymmetries
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.oracle import Oracle
from driftcheck.subjects.discover import (
    ModelSource,
    NativeSource,
    Subject,
    SubjectSource,
    for_coverage,
    subjects,
)
from driftcheck.subjects.host import Limits


@attrs.frozen(eq=False)
class Session:
    """One contract whose subjects are running."""

    contract: type
    schema: Schema
    model: type | None
    lockstep: Lockstep
    oracle: Oracle
    asymmetries: Asymmetries
    descriptions: dict[str, Mapping[str, Any]]

    def put_aside(self, subject: str) -> None:
        """Go on without a subject."""
        self.lockstep.put_aside(subject)
        del self.descriptions[subject]


@contextmanager
def open_session(
    contract: type,
    *,
    only: Sequence[str] = (),
    built: Sequence[Subject] | None = None,
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    no_build: bool = False,
    ignore_asymmetries: bool = False,
    coverage: bool = False,
    root: Path | None = None,
    extend: Callable[[Schema], Schema] = lambda schema: schema,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Session]:
    """Build and start a contract's subjects.

    Args:
        only: names of the subjects; all if it is empty.
        built: these subjects, if they are built already.
        env: environment of each host; `subjects.toml` may override it.
        limits: of each host.
        no_build: refuse a library that is out of date instead of building it.
        ignore_asymmetries: report asymmetries as findings.
        coverage: take the builds of the subjects that count which blocks run.
        root: folder of the project, whose own asymmetries override those of the contract.
        extend: adds the checks and mutations of plugins to the contract.
        say: called with a line before anything that takes seconds.

    Raises:
        DriftcheckError: a subject is declared wrongly, cannot be built or started, or belongs to another
        contract.
    """
    schema = with_vocabularies(extend(schema_of(contract)))
    declared = subjects(contract)
    sources = chosen(schema, declared, only)
    model = next((s for s in sources if isinstance(s, ModelSource)), None)
    if built is None:
        wanted = [for_coverage(source) for source in sources] if coverage else sources
        built = build_all(wanted, schema, no_build=no_build, say=say)
    made = [attrs.evolve(s, env={**(env or {}), **s.env}) for s in built]
    languages = {s.name: s.language for s in declared}  # of all subjects, since entries name them
    if ignore_asymmetries:
        asymmetries = Asymmetries((), languages)
    else:
        asymmetries = read_asymmetries(asymmetry_files(contract, root), schema, languages)
    work_on(schema.name)
    with Lockstep(schema, made, limits) as lockstep:
        descriptions = lockstep.start()
        asymmetries = asymmetries.for_libraries(descriptions)
        yield Session(
            contract=contract,
            schema=schema,
            model=_model_class(model, contract),
            lockstep=lockstep,
            oracle=Oracle(schema, lockstep, asymmetries, electorate(sources)),
            asymmetries=asymmetries,
            descriptions=dict(descriptions),
        )


def electorate(sources: Sequence[SubjectSource]) -> Electorate:
    """Return who may be blamed where these subjects differ: the reference never, by default the model.

    Subjects of one library, and subjects whose adapters are compiled from the same source with the same
    features, have one vote together.
    """
    named = [s.name for s in sources if isinstance(s, NativeSource) and s.is_reference]
    models = [s.name for s in sources if isinstance(s, ModelSource)]
    builds = {
        s.name: s.library or f"{s.dir} {' '.join(s.features)}" for s in sources if isinstance(s, NativeSource)
    }
    return Electorate(next(iter(named or models), None), builds)


def asymmetry_files(contract: type, root: Path | None) -> list[Path]:
    """List the paths of a contract's asymmetries: its own file, then the project's, which overrides it."""
    beside = Path(inspect.getfile(contract)).resolve().parent / FILE
    return [beside] if root is None else [beside, project_file(schema_of(contract).name, root)]


def chosen(schema: Schema, sources: Sequence[SubjectSource], only: Sequence[str]) -> list[SubjectSource]:
    """Return the sources with these names, or all if there are none; raises SubjectError."""
    known = {s.name: s for s in sources}
    for name in only:
        if name not in known:
            message = f"no subject is named {name!r}; the subjects are {', '.join(known)}"
            raise SubjectError(schema.name, f"{message}{did_you_mean(name, known)}")
    return [known[n] for n in dict.fromkeys(only)] if only else list(sources)


def _model_class(source: ModelSource | None, contract: type) -> type | None:
    if source is None:
        return None
    below: list[type] = contract.__subclasses__()
    for cls in below:
        below += cls.__subclasses__()
    return next(c for c in below if f"{c.__module__}:{c.__qualname__}" == source.target)
