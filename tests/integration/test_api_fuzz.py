"""Whatever is sent, the answer is documented, as documented, and never an error of ours."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.conftest import administer, sibling
from tests.integration.api_site import converging, opened

from crossfade.adapters.db.database import Database
from crossfade.entrypoints.api.openapi import ContractedApi
from crossfade.entrypoints.cli.listening import opened_socket, serving

pytestmark = pytest.mark.integration

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
KNOWN = {"rule_id": "", "operation_id": ""}
contract = schemathesis.openapi.from_dict(ContractedApi().openapi()).exclude(path="/api/events")


@pytest.fixture(scope="module")
def url(
    postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a whole application answers, in a thread with a loop of its own."""
    name = "fuzzed"
    asyncio.run(administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    folder = tmp_path_factory.mktemp("fuzzed")
    work = _served(sibling(postgres_url, name), folder, ready)
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    found, loop, stop = ready.result(60)
    yield found
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)


async def _served(database_url: str, folder: Path, ready: Future[object]) -> None:
    try:
        async with _site(database_url, folder) as found:
            stop = asyncio.Event()
            ready.set_result((found, asyncio.get_running_loop(), stop))
            await stop.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise


@asynccontextmanager
async def _site(database_url: str, folder: Path) -> AsyncIterator[str]:
    listener = opened_socket("127.0.0.1", 0)
    async with (
        Database.open(database_url) as database,
        opened(database, folder) as site,
        converging(site),
        serving(site.api.app, listener),
    ):
        KNOWN["rule_id"] = await site.draft()
        deployed = await site.client.post(f"/api/deploy-rule/{KNOWN['rule_id']}")
        KNOWN["operation_id"] = deployed.json()["id"]
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contract.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_that_is_sent_breaks_the_contract(case: Case, url: str) -> None:
    for name, known in KNOWN.items():
        if len(case.path_parameters.get(name, "")) % 2:
            case.path_parameters[name] = known
    case.headers["Prefer"] = "wait=1"
    case.call_and_validate(base_url=url, checks=CHECKS)
