"""A line on the control plane apart, so that this may be ended, hung and changed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex

import pytest
from tests.cluster import istio
from tests.cluster.api import Api
from tests.cluster.backends import Backends
from tests.cluster.background import Background
from tests.cluster.control_plane import ControlPlane
from tests.cluster.environment import from_environment
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.product.line import Line, standing
from tests.cluster.rig import Programs, Rig, programs
from tests.conftest import administer, sibling

from crossfade.adapters.processes.children import Children


@asynccontextmanager
async def meshed(plane: ControlPlane, found: Programs, folder: Path) -> AsyncIterator[Rig]:
    """The control plane with an istiod and a gateway."""
    async with Api.opened(plane.kubeconfig) as api, Children(folder / "run") as children:
        await istio.prepare(api)
        program = found["pilot-discovery"]
        istiod = await Istiod.start(folder, program, plane.kubeconfig, children)
        gateway = await Gateway.start(folder, istiod, api, children)
        backends = Backends(folder, children)
        yield Rig(folder, found, plane.kubeconfig, plane, children, istiod, gateway, backends)
        await istio.leave(api)


@pytest.fixture(scope="module")
def stricken(
    plane: ControlPlane, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """A mesh on the control plane apart."""
    found, folder = programs(from_environment(), print), tmp_path_factory.mktemp("stricken")
    with background.held(meshed(plane, found, folder)) as up:
        yield up


@pytest.fixture(scope="module")
def lasting_database(postgres_url: str, template: str) -> Iterator[str]:
    """A database with all tables and no rows, for all tests of a module."""
    name = f"lasting_{token_hex(4)}"
    asyncio.run(administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield sibling(postgres_url, name)
    asyncio.run(administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def lasting(
    stricken: Rig,
    background: Background,
    lasting_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:
    """One installation, which lives through all that happens to its API server."""
    folder = tmp_path_factory.mktemp("line")
    with standing(stricken, background, lasting_database, folder) as line:
        yield line


@pytest.fixture
def line(lasting: Line) -> Line:
    """The installation in fair weather, beside an istiod that has suffered nothing yet."""
    lasting.weather.clear_up()
    lasting.background.run(lasting.rig.istiod.restart(lasting.rig.children))
    lasting.arrives(lasting.deploy(v1=80, v2=20), v1=80, v2=20)
    lasting.weather.calls.clear()
    return lasting
