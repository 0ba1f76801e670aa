"""Where a process answers: people on this machine alone, probes where they are told to."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.integration.api_site import RealSite, opened

from crossfade.adapters.db.database import Database
from crossfade.application.processes import StartError
from crossfade.entrypoints.cli.listening import (
    answering,
    opened_for_probes,
    opened_listeners,
    opened_socket,
)
from crossfade.settings import Settings

pytestmark = pytest.mark.integration


@pytest.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[RealSite]:
    """The application."""
    async with opened(database, tmp_path / "git") as found:
        yield found


async def test_probes_have_a_listener_with_health_and_metrics_alone(site: RealSite) -> None:
    settings = Settings(port=0, health_address="0.0.0.0:0")
    with opened_listeners(settings) as listeners:
        assert listeners.probes is not None
        url = f"http://127.0.0.1:{listeners.probes.getsockname()[1]}"
        async with (
            answering(site.api, listeners),
            httpx.AsyncClient(base_url=url, trust_env=False, headers={"Host": "pod"}) as probe,
        ):
            assert (await probe.get("/health/ready")).status_code == 200
            assert "crossfade_http_requests" in (await probe.get("/metrics")).text
            assert (await probe.get("/api/rules")).status_code == 404


def test_without_the_setting_there_is_one_listener() -> None:
    with opened_listeners(Settings(port=0)) as listeners:
        assert listeners.probes is None


@pytest.mark.parametrize("address", ["9090", "pod", ":9090", "0.0.0.0:99999", "::1:x"])
def test_an_address_that_nothing_can_listen_at_is_told_with_an_example(address: str) -> None:
    with pytest.raises(StartError, match="HOST:PORT such as"):
        opened_for_probes(address)


def test_a_taken_port_is_told_with_the_setting_that_moves_it() -> None:
    with closing(opened_for_probes("[::1]:0")) as first:
        port = first.getsockname()[1]
        with pytest.raises(StartError, match="choose another with CROSSFADE_HEALTH_ADDRESS"):
            opened_for_probes(f"[::1]:{port}")
        with pytest.raises(StartError, match="choose another with --port"):
            opened_socket("::1", port)


def test_people_are_let_in_from_this_machine_alone() -> None:
    with pytest.raises(StartError, match="no login yet"):
        opened_socket("0.0.0.0", 0)
