"""`driftcheck accept`: accept a finding as an asymmetry, with a reason and an expiry date."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from driftcheck.cli.options import schemas_of_cases
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.findings import case as cases
from driftcheck.findings.accept import Decision, accept
from driftcheck.plugins.registry import load_plugins
from driftcheck.subjects.discover import subjects

DATE = click.DateTime(["%Y-%m-%d"])


@click.command("accept")
@click.argument("path", metavar="CASE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why you accept it.")
@click.option("--owner", required=True, help="Who renews or removes the entry.")
@click.option(
    "--expires", required=True, type=DATE, help="The last day, such as 2027-06-30; after it, runs fail."
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
@click.option("--issue", metavar="URL", help="Where it is discussed.")
@click.option("--id", "name", help="Name of the entry. [default: words of the signature]")
@click.option(
    "--contract",
    metavar="MODULE:CLASS",
    help="The contract of the case as module:Class, if it is not installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    path: Path,
    reason: str,
    owner: str,
    expires: datetime.datetime,
    deviates: tuple[str, ...],
    whole_operation: bool,
    issue: str | None,
    name: str | None,
    contract: str | None,
    as_json: bool,
) -> None:
    """Accept a finding as an asymmetry, which later runs count instead of reporting it.

    CASE is the case file of the finding. The entry covers its operation, its outcomes and its cause. If no
    feature of a payload is the cause, the entry names what the subjects say, or else the relation of the
    values. The verb lists the other cases that the entry covers. It writes to asymmetries.toml beside the
    contract, if the working directory holds the contract's source, and otherwise to
    asymmetries/CONTRACT.toml.

    \b
    Example:
      driftcheck accept cases/json/value-decode-1.json --reason "both are allowed" \\
          --owner me --expires 2027-06-30
    """
    case = cases.load(path, schemas_of_cases(contract, load_plugins().extended))
    languages = {s.name: s.language for s in subjects(case.schema.cls)}
    today = datetime.datetime.now(tz=datetime.UTC).date()
    decision = Decision(reason, owner, expires.date(), today, deviates, issue, name, whole_operation)
    written = accept(case, decision, Path.cwd(), languages)
    if as_json:
        also = [str(path) for path in written.also_covers]
        echo_json({"file": str(written.file), "id": written.id, "also_covers": also})
        return
    echo(written.text)
    for path in written.also_covers:
        echo(f"it also covers {path}")
    echo(f"\nwritten to {written.file}; from the next run on, it is counted as an asymmetry")
