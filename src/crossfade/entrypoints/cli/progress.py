"""An operation on its way, watched on the terminal until it ends."""

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

import typer
from rich.live import Live
from rich.table import Table

from crossfade.entrypoints.cli.client import Client, Json, objects
from crossfade.entrypoints.cli.output import Format, console, say, show_document
from crossfade.entrypoints.cli.words import stage_rows

POLL_S = 0.3
PAPERWORK_S = 5.0
STILL_RUNNING = 3


def follow(client: Client, operation: Json, form: Format, timeout_s: float) -> NoReturn:
    """Show an operation until it ends; the exit code says how."""
    ended = _shown(client, operation, form, timeout_s)
    if form is not Format.TABLE:
        show_document(ended, form)
    raise typer.Exit(_exit_code(str(ended["state"])))


def follow_all(
    client: Client, operations: Sequence[Json], form: Format, timeout_s: float
) -> NoReturn:
    """Show operations one after another, as one document for scripts; the worst end counts."""
    ended = [_shown(client, operation, form, timeout_s) for operation in operations]
    if form is not Format.TABLE:
        show_document(ended, form)
    raise typer.Exit(max(_exit_code(str(operation["state"])) for operation in ended))


def _shown(client: Client, operation: Json, form: Format, timeout_s: float) -> Json:
    for_person = form is Format.TABLE
    ended = _watch(client, operation, timeout_s, live=for_person and console.is_terminal)
    if for_person and not console.is_terminal:
        console.print(_stages(ended))
    if for_person:
        say(str(ended["outcome"] or f"still {ended['state']}: `crossfade history` shows the end"))
    return ended


def _exit_code(state: str) -> int:
    if state == "running":
        return STILL_RUNNING
    return 0 if state in ("effective", "applied-not-proven") else 1


def _watch(client: Client, operation: Json, timeout_s: float, *, live: bool) -> Json:
    if not live:
        return _until_ended(client, operation, timeout_s, lambda _: None)
    with Live(_stages(operation), console=console, refresh_per_second=8) as view:
        return _until_ended(client, operation, timeout_s, lambda now: view.update(_stages(now)))


def _until_ended(
    client: Client, operation: Json, timeout_s: float, seen: Callable[[Json], None]
) -> Json:
    end = time.monotonic() + timeout_s
    paperwork_end = None
    while time.monotonic() < end:
        seen(operation)
        if operation["state"] != "running":
            paperwork_end = paperwork_end or time.monotonic() + PAPERWORK_S
            if not _paperwork_open(operation) or time.monotonic() > paperwork_end:
                return operation
        time.sleep(POLL_S)
        operation = client.get(f"/api/operations/{operation['id']}")
    return operation


def _paperwork_open(operation: Json) -> bool:
    """Whether the commit may still come in a moment, though traffic has moved."""
    stages = objects(operation["stages"])
    return any(stage["name"] == "committed" and stage["state"] == "pending" for stage in stages)


def _stages(operation: Json) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for row in stage_rows(operation):
        table.add_row(*row)
    return table
