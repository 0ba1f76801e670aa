"""The command `crossfade`."""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer
from pydantic import ValidationError

import crossfade
from crossfade.application.processes import StartError
from crossfade.domain.errors import CrossfadeError
from crossfade.entrypoints.cli.audit import audit
from crossfade.entrypoints.cli.client import CommandError
from crossfade.entrypoints.cli.local import local
from crossfade.entrypoints.cli.output import errors
from crossfade.entrypoints.cli.rules import rules
from crossfade.entrypoints.cli.running import migrate, serve, up, worker
from crossfade.entrypoints.cli.status import services, status
from crossfade.entrypoints.cli.traffic import deploy, diff, history, repair, rollback

app = typer.Typer(
    help="Shift traffic between versions of a service, safely.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(rules, name="rules")
app.add_typer(audit, name="audit")
app.add_typer(local, name="local")
RUNNING = (up, serve, worker, migrate)
ASKING = (status, services, deploy, rollback, repair, history, diff)
for command in (*RUNNING, *ASKING):
    app.command()(command)


def _version(wanted: bool) -> None:  # noqa: FBT001  typer calls it so
    if wanted:
        typer.echo(crossfade.__version__)
        raise typer.Exit


Version = Annotated[
    bool | None, typer.Option("--version", callback=_version, is_eager=True, help="say the version")
]


@app.callback()
def crossfade_command(version: Version = None) -> None:
    """Shift traffic between versions of a service, safely."""


def main() -> None:
    """Run the command; a trouble that a person can mend ends as one sentence and code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal may know fewer letters than we use
            stream.reconfigure(errors="replace")
    try:
        app()
    except (CommandError, StartError, CrossfadeError) as error:
        _complain(str(error))
    except ValidationError as error:
        _complain("; ".join(_setting(fault["loc"], fault["msg"]) for fault in error.errors()))


def _setting(where: tuple[int | str, ...], found: str) -> str:
    return f"setting {'.'.join(map(str, where))}: {found}"


def _complain(sentence: str) -> None:
    errors.print(f"crossfade: {sentence}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
