"""One process of Crossfade, from its start to its end: `up`, `serve` and `worker` as programs."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.demo_load import DemoLoad
from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.proxy import require_free
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.lock import hold
from crossfade.application.convergence import pursue
from crossfade.application.demo import SAMPLE, known_addresses, place_samples, seed
from crossfade.application.ports import Ports
from crossfade.bootstrap.beside import SAMPLE_VERSIONS, free_addresses, own_postgres, samples
from crossfade.bootstrap.opened import Crossfade, open_crossfade
from crossfade.bootstrap.places import Places, places
from crossfade.domain.errors import DatabaseUnavailableError
from crossfade.entrypoints.api.app import Api, create_api
from crossfade.entrypoints.api.surface import ApiOptions
from crossfade.entrypoints.cli.dashboard import Dashboard, dashboard
from crossfade.entrypoints.cli.http import opened_socket, serve_http
from crossfade.entrypoints.cli.panel import Panel
from crossfade.entrypoints.worker.process import at_work
from crossfade.logs import configure_logs
from crossfade.settings import Settings

Adapt = Callable[[Ports], Ports]


def unchanged(ports: Ports) -> Ports:
    """The ports as they are; tests put their own weather between."""
    return ports


@dataclass(frozen=True, slots=True)
class Site:
    """What every process has: its places, and the programs it may start."""

    settings: Settings
    places: Places
    children: Children


async def run_up(settings: Settings, adapt: Adapt = unchanged) -> None:
    """Everything on this machine, until it is told to stop."""
    require_free(Entrance(settings.entrance_host, settings.entrance_port))
    async with _site(settings) as site, AsyncExitStack() as stack:
        log = stack.enter_context((site.places.data / "crossfade.log").open("a"))
        configure_logs(settings.log_format, settings.log_level, log)
        panel = stack.enter_context(Panel(settings))
        url = await _database_url(site, stack, panel)
        crossfade = await stack.enter_async_context(_opened(site, url, adapt))
        load = await _demo(site, crossfade, stack) if settings.demo else None
        built = await stack.enter_async_context(dashboard(site.children, settings, site.places))
        api = _api(crossfade, settings, load, built)
        await stack.enter_async_context(_serving(api, settings))
        await stack.enter_async_context(at_work(crossfade, api.telemetry.passed))
        if settings.demo and (accepted := await seed(crossfade.ports)) is not None:
            await pursue(crossfade.ports, accepted)
        await panel.follow(crossfade, _asked_to_stop())


async def run_server(settings: Settings, url: str, adapt: Adapt = unchanged) -> None:
    """API, dashboard and background work on a database of one's own, until told to stop."""
    async with _site(settings) as site, AsyncExitStack() as stack:
        await migrate(url)
        crossfade = await stack.enter_async_context(_opened(site, url, adapt))
        built = await stack.enter_async_context(dashboard(site.children, settings, site.places))
        api = _api(crossfade, settings, None, built)
        await stack.enter_async_context(_serving(api, settings))
        await stack.enter_async_context(at_work(crossfade, api.telemetry.passed))
        await _asked_to_stop()


async def run_worker(settings: Settings, url: str, adapt: Adapt = unchanged) -> None:
    """Background work alone, until told to stop."""
    async with _site(settings) as site, _opened(site, url, adapt) as crossfade:
        async with at_work(crossfade, lambda _loop, _error: None):
            await _asked_to_stop()


@asynccontextmanager
async def _site(settings: Settings) -> AsyncIterator[Site]:
    found = places(settings)
    with hold(found.data):
        async with Children(found.processes) as children:
            yield Site(settings, found, children)


@asynccontextmanager
async def _opened(site: Site, url: str, adapt: Adapt) -> AsyncIterator[Crossfade]:
    async with open_crossfade(site.settings, url, site.children, site.places) as crossfade:
        yield replace(crossfade, ports=adapt(crossfade.ports))


async def _database_url(site: Site, stack: AsyncExitStack, panel: Panel) -> str:
    """The database, ready to be used; one of our own is ours alone, so old leases are void."""
    if site.settings.database_url is not None:
        url = site.settings.database_url.get_secret_value()
        await migrate(url)
        return url
    panel.say("starting PostgreSQL")
    url = await stack.enter_async_context(own_postgres(site.places, site.children))
    await migrate(url)
    await forget_leases(url)
    return url


async def _demo(site: Site, crossfade: Crossfade, stack: AsyncExitStack) -> DemoLoad:
    addresses = free_addresses(await known_addresses(crossfade.ports))
    await stack.enter_async_context(samples(site.places, site.children, addresses))
    await place_samples(crossfade.ports, dict(zip(SAMPLE_VERSIONS, addresses, strict=True)))
    return DemoLoad(f"http://127.0.0.1:{site.settings.entrance_port}", SAMPLE)
