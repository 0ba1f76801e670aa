"""What the command line says of an installation and of its services, asked without any socket."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI
from tests.fakes.world import SHOP, World, a_world_in_a_cluster
from tests.unit.api.conftest import URL, made

from crossfade.entrypoints.cli.client import Client, CommandError, objects
from crossfade.entrypoints.cli.status import standing
from crossfade.entrypoints.cli.words import connection_row, service_row

ISTIOD = "https://10.0.0.7:15014"


class InProcess(httpx.BaseTransport):
    """Brings each request to an application in this process."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's answer, whole."""
        return asyncio.run(self._answered(request))

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


def client_of(app: FastAPI) -> Client:
    return Client(httpx.Client(transport=InProcess(app), base_url=URL))


def test_the_status_names_every_address() -> None:
    api, book = made(a_world_in_a_cluster(), entrance="http://gateway.example:8080")
    book.set("istiod", "2 of 2 replicas answer", ok=True, address=ISTIOD)
    book.set("database", "PostgreSQL 18", ok=True)
    found = standing(client_of(api.app))
    assert (found["status"], found["surrounding"]) == ("ok", "cluster")
    assert found["addresses"] == {
        "api": URL,
        "entrance": "http://gateway.example:8080",
        "istiod": ISTIOD,
    }


def test_what_is_not_well_is_told_with_its_cause_and_since_when() -> None:
    world = World()
    api, book = made(world)
    book.set("git", "cannot reach origin [no route]", ok=False, address="file:///srv/gitops")
    found = standing(client_of(api.app))
    assert found["status"] == "degraded"
    api_row, git = map(connection_row, objects(found["connections"]))
    assert api_row == ["✓", "api", URL, "acts as alice", "-"]
    cause = "cannot reach origin [no route]"
    assert git == ["✗", "git", "file:///srv/gitops", cause, "2026-03-01 12:00:00"]


def test_services_are_told_with_their_pods_or_their_addresses() -> None:
    world = a_world_in_a_cluster()
    assert world.cluster is not None
    world.cluster.run(SHOP, "v1", ready=2)
    world.cluster.run(SHOP, "v2", ready=0, known=3)
    (service,) = objects(client_of(made(world)[0].app).get("/api/services")["items"])
    pods = "v1 (2 of 2 ready), v2 (0 of 3 ready)"
    assert service_row(service) == ["default/shop", pods, "-"]
    here = World()
    asyncio.run(here.draft(v1=100))
    (service,) = objects(client_of(made(here)[0].app).get("/api/services")["items"])
    assert service_row(service) == ["default/shop", "v1=127.0.0.1:9001", "yes"]


def test_a_cluster_that_was_not_heard_is_told_as_the_api_says_it() -> None:
    world = a_world_in_a_cluster()
    assert world.cluster is not None
    world.cluster.go_deaf("The cluster has not been heard yet: connection refused")
    with pytest.raises(CommandError, match=re.escape("has not been heard yet")):
        client_of(made(world)[0].app).get("/api/services")
