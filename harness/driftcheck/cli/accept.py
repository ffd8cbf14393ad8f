"""`driftcheck accept`: accept a finding as an asymmetry, with a reason and an expiry date."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from driftcheck.cli.named import schemas_of_cases
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.findings import case as cases
from driftcheck.findings.accept import Decision, Proposal, propose
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.replay import observe
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import subjects

DATE = click.DateTime(["%Y-%m-%d"])


@click.command("accept")
@click.argument("path", metavar="CASE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", help="Why you accept it.  [required]")
@click.option("--owner", help="Who renews or removes the entry.  [required]")
@click.option(
    "--expires", type=DATE, help="The last day, such as 2027-06-30; after it, runs fail.  [required]"
)
@click.option(
    "--deviates",
    multiple=True,
    metavar="NAME",
    help="Subject or language that deviates from the contract. Repeat it for more.",
)
@click.option(
    "--whole-operation",
    is_flag=True,
    help="Let the entry cover all divergences of the operation with this shape, whatever their cause.",
)
@click.option(
    "--where",
    metavar="NAME",
    help="Let this function of the contract's module decide which divergences the entry covers.",
)
@click.option("--issue", metavar="URL", help="Where the divergence is discussed.")
@click.option("--id", "name", help="Name of the entry. [default: made from the signature]")
@click.option(
    "--contract",
    metavar="MODULE:CLASS",
    help="The contract of the case as module:Class, if it is not installed.",
)
@click.option("--dry-run", is_flag=True, help="Print the entry and what it covers, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    path: Path,
    reason: str | None,
    owner: str | None,
    expires: datetime.datetime | None,
    deviates: tuple[str, ...],
    whole_operation: bool,
    where: str | None,
    issue: str | None,
    name: str | None,
    contract: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Accept a finding as an asymmetry, which later runs count instead of reporting it.

    CASE is the case file of the finding. The entry covers its operation, its outcomes and its cause. If no
    feature of a payload is the cause, the entry has the error texts; if there are none, it has the relation
    of the values. With --where, a function of the contract decides instead. The command prints the entry,
    the other cases that it covers, and how many divergences of the last run look as if it covered them. It
    writes the entry to asymmetries.toml beside the contract if the source of the contract is in the working
    directory, and otherwise to asymmetries/CONTRACT.toml. With --dry-run it writes nothing.

    \b
    Example:
      driftcheck accept cases/json/value-decode-1.json --reason "both are allowed" \\
          --owner me --expires 2027-06-30
    """
    if reason is None or owner is None or expires is None:
        given = {"--reason": reason, "--owner": owner, "--expires": expires}
        missing = " ".join(option for option, value in given.items() if value is None)
        raise click.UsageError(f"an entry needs a reason, an owner and an expiry date; also give {missing}")
    today = datetime.datetime.now(tz=datetime.UTC).date()
    if expires.date() < today:
        raise click.UsageError(
            f"--expires {expires.date()} is past, so the next run would fail; give a later day"
        )
    extend = load_plugins().extended
    case = cases.load(path, schemas_of_cases(contract, extend))
    languages = {s.name: s.language for s in subjects(case.schema.cls)}
    known = {*languages, *languages.values()}
    if unknown := [one for one in deviates if one not in known]:
        raise click.UsageError(
            f"--deviates {unknown[0]} names no subject and no language; there are {', '.join(sorted(known))}"
        )
    decision = Decision(reason, owner, expires.date(), today, deviates, issue, name, whole_operation, where)
    shown = None
    if where is not None:  # a function sees outcomes, which no case file may tell
        settings = SessionSettings.from_project(Path.cwd(), extend=extend)
        with settings.open(case.schema.cls, say=lambda line: echo(line, err=True)) as session:
            shown = observe(case, session.oracle)
    proposal = propose(case, decision, Path.cwd(), languages, shown=shown)
    if not as_json:  # before the file changes, so that a user who stops here knows what it would hold
        _show(proposal)
    if not dry_run:
        proposal.write()
    if as_json:
        _print_json(proposal, written=not dry_run)
    elif dry_run:
        echo(f"\nnothing is written; without --dry-run, the entry goes into {proposal.file}")
    else:
        echo(f"\nwritten to {proposal.file}; from the next run on, the divergence is counted as an asymmetry")


def _print_json(proposal: Proposal, *, written: bool) -> None:
    covered = proposal.covered
    echo_json(
        {
            "file": str(proposal.file),
            "written": written,
            "id": proposal.id,
            "entry": proposal.text,
            "also_covers": [str(path) for path in proposal.also_covers],
            "covers_at_first_look": None if covered is None else covered.count,
            "of": None if covered is None else covered.of,
        }
    )


def _show(proposal: Proposal) -> None:
    """Print an entry, and what it covers."""
    echo(proposal.text)
    covers = "may also cover" if proposal.asks_author else "also covers"
    for path in proposal.also_covers:
        echo(f"the entry {covers} {path}")
    covered = proposal.covered
    if covered is not None:
        echo(
            f"at first look, the entry covers {covered.count:,} of the {covered.of:,} divergences that the "
            f"last run saw (seed {covered.seed})"
        )
