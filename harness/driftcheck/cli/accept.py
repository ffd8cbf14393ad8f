"""`driftcheck accept`: live with a finding, for a reason and until a day."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.findings import case as cases
from driftcheck.findings.accept import Decision, accept
from driftcheck.plugins.registry import load_plugins
from driftcheck.subjects.discover import subjects

DATE = click.DateTime(["%Y-%m-%d"])


@click.command("accept")
@click.argument("path", metavar="CASE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why it is lived with.")
@click.option("--owner", required=True, help="Who decides on it anew.")
@click.option("--expires", required=True, type=DATE, help="From the day after, runs fail: 2027-06-30.")
@click.option("--deviates", multiple=True, help="Who departs from the contract; repeat it for more.")
@click.option("--issue", help="A link to where it is talked about.")
@click.option("--id", "name", help="The entry's name. [default: words of the signature]")
@click.option("--contract", help="The case's contract as module:Class, where no entry point names it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    path: Path,
    reason: str,
    owner: str,
    expires: datetime.datetime,
    deviates: tuple[str, ...],
    issue: str | None,
    name: str | None,
    contract: str | None,
    as_json: bool,
) -> None:
    """Write a finding into asymmetries.toml: exactly its signature, and no more.

    It goes beside the contract where the project holds its source, else into the project's own
    asymmetries/CONTRACT.toml. A person may widen what was written.
    """
    plugins = load_plugins()
    case = cases.load(path, lambda wanted: plugins.extended(schema_of(lookup.load(contract or wanted))))
    languages = {s.name: s.language for s in subjects(case.schema.cls)}
    today = datetime.datetime.now(tz=datetime.UTC).date()
    decision = Decision(reason, owner, expires.date(), today, deviates, issue, name)
    written = accept(case, decision, Path.cwd(), languages)
    if as_json:
        click.echo(json.dumps({"file": str(written.file), "id": written.id}))
        return
    click.echo(written.text)
    click.echo(f"\nwritten to {written.file}; it is counted as known from the next run on")
