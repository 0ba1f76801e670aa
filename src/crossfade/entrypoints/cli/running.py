"""`crossfade up`, `serve`, `worker`, `migrate`: the commands that run Crossfade itself."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from crossfade.entrypoints.cli.output import say
from crossfade.settings import Settings

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="folder for all that is kept")]
Port = Annotated[int | None, typer.Option("--port", help="of dashboard and API (4000)")]
EntrancePort = Annotated[
    int | None, typer.Option("--entrance-port", help="of the mesh's entrance (8080)")
]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="your own PostgreSQL (or DATABASE_URL)")
]
GitRemote = Annotated[
    str | None, typer.Option("--git-remote", help="your own GitOps repository, by URL")
]


Kubeconfig = Annotated[
    str | None,
    typer.Option("--kubeconfig", help='the cluster to work in: a file, or "in-cluster"'),
]


def up(
    data_dir: DataDir = None,
    port: Port = None,
    entrance_port: EntrancePort = None,
    database_url: DatabaseUrl = None,
    git_remote: GitRemote = None,
    demo: Annotated[bool | None, typer.Option(help="the sample service and its rule")] = None,
) -> None:
    """Start everything on this machine: database, Envoy, samples, dashboard. Ctrl-C ends it."""
    settings = chosen(
        data_dir=data_dir,
        port=port,
        entrance_port=entrance_port,
        database_url=database_url and SecretStr(database_url),
        git_remote=git_remote,
        demo=demo,
    )
    _run("up", settings)


def serve(
    data_dir: DataDir = None,
    port: Port = None,
    entrance_port: EntrancePort = None,
    database_url: DatabaseUrl = None,
    git_remote: GitRemote = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Serve dashboard and API, and do the background work, on a database of your own."""
    settings = chosen(
        kubeconfig=kubeconfig,
        data_dir=data_dir,
        port=port,
        entrance_port=entrance_port,
        database_url=database_url and SecretStr(database_url),
        git_remote=git_remote,
    )
    _run("serve", settings)


def worker(
    data_dir: DataDir = None,
    entrance_port: EntrancePort = None,
    database_url: DatabaseUrl = None,
    git_remote: GitRemote = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Do the background work alone, beside processes that serve."""
    settings = chosen(
        kubeconfig=kubeconfig,
        data_dir=data_dir,
        entrance_port=entrance_port,
        database_url=database_url and SecretStr(database_url),
        git_remote=git_remote,
    )
    _run("worker", settings)


def migrate(database_url: DatabaseUrl = None) -> None:
    """Bring a database of your own to the tables of this version."""
    settings = chosen(database_url=database_url and SecretStr(database_url))
    _run("migrate", settings)
    say("The database has the tables of this version.")


def chosen(**options: object) -> Settings:
    """The settings, with what the command line says over the environment."""
    said = {name: value for name, value in options.items() if value is not None}
    return Settings.model_validate(said)


def _run(program: str, settings: Settings) -> None:
    # What serves takes seconds to load; commands that only speak to the API shall not wait for it.
    import_module("crossfade.entrypoints.cli.serving").run(program, settings)
