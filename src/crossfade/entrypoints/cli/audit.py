"""`crossfade audit`: who did what, and whether the record is whole."""

from typing import Annotated

import typer

from crossfade.entrypoints.cli.client import objects
from crossfade.entrypoints.cli.options import Output, Url, connect
from crossfade.entrypoints.cli.output import Format, say, show_document, show_table
from crossfade.entrypoints.cli.words import moment_words

audit = typer.Typer(help="The audit chain.", no_args_is_help=True)


@audit.command("list")
def list_entries(
    limit: Annotated[int, typer.Option("--limit", help="how many entries")] = 20,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """The newest entries."""
    page = connect(url).get("/api/audit", limit=limit)
    if output is not Format.TABLE:
        show_document(page["items"], output)
        return
    rows = (
        [
            str(entry["n"]),
            moment_words(entry["at"]),
            str(entry["actor"]),
            str(entry["summary"]),
            str(entry["reason"] or ""),
        ]
        for entry in objects(page["items"])
    )
    show_table(("N", "AT (UTC)", "BY", "WHAT", "WHY"), rows)


@audit.command("verify")
def verify(output: Output = Format.TABLE, url: Url = None) -> None:
    """Check every link of the chain, and every commit that remembers its head."""
    found = connect(url).get("/api/audit/verify")
    if output is not Format.TABLE:
        show_document(found, output)
    elif found["ok"]:
        commits = found["commitsChecked"]
        say(f"The chain of {found['entries']} entries is whole; {commits} commits agree with it.")
    else:
        for problem in found["problems"] if isinstance(found["problems"], list) else ():
            say(f"✗ {problem}")
    raise typer.Exit(0 if found["ok"] else 1)
