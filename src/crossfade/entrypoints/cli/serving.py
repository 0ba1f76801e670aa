"""One process of Crossfade, from its start to its end: `up`, `serve` and `worker` as programs."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, assert_never

import uvloop

from crossfade import __version__
from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.demo_load import DemoLoad
from crossfade.adapters.envoy.proxy import require_free
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.lock import hold
from crossfade.application.convergence import pursue
from crossfade.application.demo import SAMPLE, known_addresses, place_samples, seed
from crossfade.application.ports import Ports
from crossfade.application.processes import StartError
from crossfade.bootstrap.beside import free_addresses, own_postgres, samples
from crossfade.bootstrap.dashboard import building
from crossfade.bootstrap.embedded import entrance
from crossfade.bootstrap.opened import Crossfade, open_crossfade
from crossfade.bootstrap.places import Places, places
from crossfade.entrypoints.api.app import create_api
from crossfade.entrypoints.api.surface import ApiOptions
from crossfade.entrypoints.cli.listening import Listeners, answering, opened_listeners
from crossfade.entrypoints.cli.panel import Panel
from crossfade.entrypoints.worker.process import at_work
from crossfade.logs import configure_logs
from crossfade.settings import Settings

Adapt = Callable[[Ports], Ports]
Program = Literal["up", "serve", "worker", "migrate"]
LOG_FILE = "crossfade.log"


def unchanged(ports: Ports) -> Ports:
    """The ports as they are; a test puts its own weather between."""
    return ports


def run(program: Program, settings: Settings) -> None:
    """Run one of the programs to its end."""
    if program == "up":
        uvloop.run(run_up(settings))
        return
    configure_logs(settings.log_format, settings.log_level)
    url = _needed_url(settings)
    match program:
        case "serve":
            uvloop.run(run_server(settings, url))
        case "worker":
            uvloop.run(run_worker(settings, url))
        case "migrate":
            uvloop.run(migrate(url))
        case _:
            assert_never(program)


def _needed_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise StartError(
            "This command needs a PostgreSQL of your own: set DATABASE_URL or --database-url. "
            "`crossfade up` brings its own."
        )
    return settings.database_url.get_secret_value()


@dataclass(frozen=True, slots=True)
class Site:
    """What every process has: its settings, its places, and the programs it may start."""

    settings: Settings
    places: Places
    children: Children


async def run_up(settings: Settings, adapt: Adapt = unchanged) -> None:
    """Everything on this machine, until it is told to stop."""
    if settings.kubeconfig is not None:
        raise StartError(
            "`crossfade up` divides traffic in an Envoy of this machine, not in a cluster: unset "
            "CROSSFADE_KUBECONFIG, or use `crossfade serve` with a PostgreSQL of your own."
        )
    async with _site(settings) as site, AsyncExitStack() as stack:
        require_free(entrance(settings))
        listeners = stack.enter_context(opened_listeners(settings))
        log = stack.enter_context((site.places.data / LOG_FILE).open("a"))
        configure_logs(settings.log_format, settings.log_level, log)
        panel = stack.enter_context(Panel(settings))
        url, alone = await _database(site, stack, panel)
        panel.say("starting Envoy and the dashboard")
        crossfade = await stack.enter_async_context(_opened(site, url, adapt))
        if alone:
            await _forget_leases(crossfade)
        load = await _samples(site, crossfade, stack) if settings.demo else None
        await stack.enter_async_context(_answering(site, crossfade, listeners, load))
        if settings.demo and (accepted := await seed(crossfade.ports)) is not None:
            await pursue(crossfade.ports, accepted)
        await panel.follow(crossfade, _asked_to_stop())


async def run_server(settings: Settings, url: str, adapt: Adapt = unchanged) -> None:
    """API, dashboard and background work on a database of one's own, until told to stop."""
    async with _site(settings) as site:
        with opened_listeners(settings) as listeners:
            await migrate(url)
            async with (
                _opened(site, url, adapt) as crossfade,
                _answering(site, crossfade, listeners, None),
            ):
                await _asked_to_stop().wait()


async def run_worker(settings: Settings, url: str, adapt: Adapt = unchanged) -> None:
    """Background work alone, until told to stop."""
    async with (
        _site(settings) as site,
        _opened(site, url, adapt) as crossfade,
        at_work(crossfade, lambda _loop, _error: None),
    ):
        await _asked_to_stop().wait()


@asynccontextmanager
async def _site(settings: Settings) -> AsyncIterator[Site]:
    found = places(settings)
    with hold(found.data):
        async with Children(found.processes) as children:
            yield Site(settings, found, children)
        shutil.rmtree(found.sockets, ignore_errors=True)


@asynccontextmanager
async def _opened(site: Site, url: str, adapt: Adapt) -> AsyncIterator[Crossfade]:
    async with open_crossfade(site.settings, url, site.children, site.places) as opened:
        yield replace(opened, ports=adapt(opened.ports))


@asynccontextmanager
async def _answering(
    site: Site, crossfade: Crossfade, listeners: Listeners, load: DemoLoad | None
) -> AsyncIterator[None]:
    """The API on its sockets and the loops at work; the dashboard is built beside them."""
    async with building(site.children, site.settings, site.places) as build:
        options = _options(site.settings, crossfade, load, build.progress)
        api = create_api(crossfade.ports, crossfade.views, options, crossfade.health)
        async with (
            answering(api, listeners),
            _ended(api.end),
            at_work(crossfade, api.telemetry.passed),
        ):
            yield


@asynccontextmanager
async def _ended(end: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await end()


def _options(
    settings: Settings,
    crossfade: Crossfade,
    load: DemoLoad | None,
    progress: Callable[[], str | None],
) -> ApiOptions:
    return ApiOptions(
        version=__version__,
        allowed_hosts=frozenset(settings.allowed_hosts),
        entrance=_entrance_url(settings),
        git_url=crossfade.repository.url,
        demo_load=load,
        needed_for_ready=frozenset({"database", _mesh_check(settings)}),
        dashboard_progress=progress,
    )


def _entrance_url(settings: Settings) -> str | None:
    if settings.kubeconfig is not None:
        return settings.entrance_url
    return f"http://localhost:{settings.entrance_port}"


def _mesh_check(settings: Settings) -> str:
    return "envoy" if settings.kubeconfig is None else "kubernetes"


async def _database(site: Site, stack: AsyncExitStack, panel: Panel) -> tuple[str, bool]:
    """The URL of a database with all tables, and whether it is ours alone."""
    if site.settings.database_url is not None:
        url = site.settings.database_url.get_secret_value()
        await migrate(url)
        return url, False
    panel.say("starting PostgreSQL")
    url = await stack.enter_async_context(own_postgres(site.places, site.children))
    await migrate(url)
    return url, True


async def _forget_leases(opened: Crossfade) -> None:
    """Whoever held a lease of a server that is ours alone is gone: nobody waits for its end."""
    async with opened.ports.work() as work:
        await work.leases.forget_all()


async def _samples(site: Site, opened: Crossfade, stack: AsyncExitStack) -> DemoLoad:
    addresses = free_addresses(await known_addresses(opened.ports))
    await stack.enter_async_context(samples(site.places, site.children, addresses))
    await place_samples(opened.ports, addresses)
    return DemoLoad(entrance(site.settings).url, SAMPLE)


def _asked_to_stop() -> asyncio.Event:
    """Set by Ctrl-C and by SIGTERM."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    return asked
