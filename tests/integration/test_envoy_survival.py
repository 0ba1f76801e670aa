"""Envoy, the server that feeds it, and the words between them may break off at any moment."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from tests.integration.envoy_stack import (
    HOST,
    SHOP,
    Stack,
    doctored,
    picture,
    placed,
    running,
    split,
    until,
)
from tests.integration.envoy_traffic import Reply, bodies

from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.mesh import EmbeddedMesh
from crossfade.adapters.envoy.proxy import Proxy
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.healing import Ended, keep_running
from crossfade.application.processes import StartError
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision

pytestmark = pytest.mark.integration

PROVEN = "1 of 1 proxies acknowledged generation"


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    async with running(tmp_path) as stack:
        yield stack


@contextlib.asynccontextmanager
async def served_anew(stack: Stack, *known: Revision) -> AsyncIterator[Stack]:
    """The same Envoy with a new server, which knows these revisions."""

    async def nowhere(_key: ServiceKey) -> None:
        return None

    mesh = EmbeddedMesh(stack.admin, nowhere)
    mesh.load(known, [placed(stack.backends)])
    await mesh.start(stack.places.ads)
    try:
        yield replace(stack, mesh=mesh)
    finally:
        await mesh.stop()


async def test_an_envoy_that_was_killed_comes_back_with_all_it_knew(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    endings: list[Ended] = []
    healing = asyncio.create_task(
        keep_running(stack.proxy.start, endings.append, first=stack.child)
    )

    os.kill(stack.child.pid, signal.SIGKILL)
    await until(lambda: len(endings) == 1)
    await until(lambda: stack.mesh.connected == 1)

    assert await stack.mesh.effective(split(1, v1=10_000)) == f"{PROVEN} 1"
    assert bodies(await stack.caller.calls(10, HOST)) == {"v1": 10}
    assert "SIGKILL" in endings[0].reason
    healing.cancel()


async def test_envoy_routes_on_while_its_server_is_replaced(stack: Stack) -> None:
    known = split(1, v1=10_000)
    await stack.deploy(known)

    async with stack.caller.load(HOST) as replies:
        await stack.mesh.stop()
        without = replies.total()
        await until(lambda: replies.total() > without + 50)
        async with served_anew(stack, known) as anew:
            await until(lambda: anew.mesh.connected == 1)
            assert await anew.deploy(known) == f"{PROVEN} 1"
            assert await anew.deploy(split(2, v2=10_000)) == f"{PROVEN} 2"
            await until(lambda: replies[Reply(200, "v2")] > 0)

    assert set(bodies(replies)) == {"v1", "v2"}


async def test_a_rule_that_the_new_server_does_not_know_goes(stack: Stack) -> None:
    other = ServiceKey("local", "default", "other")
    stack.mesh.place([placed(stack.backends, other)])
    await stack.deploy(split(1, v1=10_000))
    await stack.deploy(picture(Intent(other, (Version("v1", 10_000),)), 1))
    await stack.mesh.stop()

    async with served_anew(stack, split(1, v1=10_000)) as anew:
        await until(lambda: anew.mesh.connected == 1)
        assert await anew.mesh.release(other, 2, remove=True)
        assert await anew.mesh.observe(other) is None
        assert (await stack.caller.call("other.default")).status == 404
        assert (await stack.caller.call(HOST)).status == 200


async def test_a_removal_that_broke_off_ends_although_its_host_went_to_another_rule(
    stack: Stack,
) -> None:
    other = ServiceKey("local", "default", "other")
    versions, hosts = (Version("v1", 10_000),), ("www.example.com",)
    stack.mesh.place([placed(stack.backends, other)])
    await stack.deploy(picture(Intent(SHOP, versions, hosts=hosts), 1))
    await stack.child.stop()
    await until(lambda: stack.mesh.connected == 0)
    with pytest.raises(UnavailableError):
        await stack.mesh.release(SHOP, 2, remove=True)
    await stack.proxy.ready(await stack.proxy.start())
    await stack.deploy(picture(Intent(other, versions, hosts=hosts), 1))

    assert await stack.mesh.release(SHOP, 2, remove=True)
    assert (await stack.caller.call("www.example.com")).body == "v1"


async def test_an_envoy_that_starts_before_its_server_waits_for_it(stack: Stack) -> None:
    await stack.child.stop()
    await stack.mesh.stop()
    await stack.proxy.start()

    async with served_anew(stack, split(1, v1=10_000)) as anew:
        assert await until_effective(anew.mesh, split(1, v1=10_000)) == f"{PROVEN} 1"
        assert (await stack.caller.call(HOST)).body == "v1"


async def until_effective(mesh: EmbeddedMesh, revision: Revision) -> str:
    """The proof, once Envoy is connected."""
    await until(lambda: mesh.connected == 1)
    return await mesh.effective(revision)


async def test_an_envoy_that_does_not_answer_proves_nothing_until_it_does(tmp_path: Path) -> None:
    async with running(tmp_path, patience_s=0.2) as stack:
        os.kill(stack.child.pid, signal.SIGSTOP)
        await stack.mesh.apply(split(1, v1=10_000))
        with pytest.raises(UnavailableError, match=r"Envoy did not answer within 0\.2 s"):
            await stack.mesh.effective(split(1, v1=10_000))

        os.kill(stack.child.pid, signal.SIGCONT)
        await until(lambda: _proves(stack.mesh, split(1, v1=10_000)))


async def _proves(mesh: EmbeddedMesh, revision: Revision) -> bool:
    """Whether Envoy answers in time, and with the revision."""
    with contextlib.suppress(UnavailableError):
        return await mesh.effective(revision) == f"{PROVEN} {revision.generation}"
    return False


async def test_a_wait_ends_when_envoy_dies_in_the_middle(stack: Stack) -> None:
    os.kill(stack.child.pid, signal.SIGSTOP)
    await stack.mesh.apply(split(1, v1=10_000))
    waiting = asyncio.create_task(stack.mesh.effective(split(1, v1=10_000)))
    await asyncio.sleep(0)

    os.kill(stack.child.pid, signal.SIGKILL)

    with pytest.raises(UnavailableError, match="Envoy is not connected"):
        await waiting


async def test_a_cluster_that_envoy_refuses_is_told_before_any_route_leads_there(
    stack: Stack,
) -> None:
    await stack.deploy(split(1, v1=10_000))
    bad = doctored(split(2, v1=5_000, v2=5_000), "connect_timeout: 2s", "connect_timeout: -2s")

    async with stack.caller.load(HOST) as replies:
        await stack.mesh.apply(bad)
        with pytest.raises(RefusedError, match=r"Envoy refused the cluster default/shop/v[12]"):
            await stack.mesh.effective(bad)
        await stack.deploy(split(3, v1=9_000, v2=1_000))

    assert set(bodies(replies)) <= {"v1", "v2"}


async def test_a_revision_that_cannot_be_written_for_envoy_is_refused(stack: Stack) -> None:
    unknown = doctored(split(1, v1=10_000), "prefix: /", "no_such_field: /")

    with pytest.raises(RefusedError, match=r"Envoy's route cannot be written: .*no_such_field"):
        await stack.mesh.apply(unknown)


async def test_a_server_that_stops_late_leaves_its_successor_its_socket(stack: Stack) -> None:
    known = split(1, v1=10_000)
    await stack.deploy(known)

    async with served_anew(stack, known) as anew:
        await stack.mesh.stop()
        await stack.child.stop()
        await stack.proxy.ready(await stack.proxy.start())

        assert await anew.mesh.effective(known) == f"{PROVEN} 1"


async def test_what_a_killed_server_left_behind_is_no_obstacle(stack: Stack) -> None:
    await stack.mesh.stop()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(stack.places.sockets / "ads-left"))
    stack.places.ads.unlink(missing_ok=True)
    stack.places.ads.symlink_to("ads-left")

    async with served_anew(stack, split(1, v1=10_000)) as anew:
        assert await until_effective(anew.mesh, split(1, v1=10_000)) == f"{PROVEN} 1"
    assert not (stack.places.sockets / "ads-left").exists()


async def test_what_is_loaded_takes_the_place_of_all_that_was_known(stack: Stack) -> None:
    other = ServiceKey("local", "default", "other")
    stack.mesh.place([placed(stack.backends, other)])
    await stack.deploy(split(1, v1=10_000))
    await stack.mesh.stop()

    stack.mesh.load([picture(Intent(other, (Version("v2", 10_000),)), 1)], [])
    await stack.mesh.start(stack.places.ads)
    await until(lambda: stack.mesh.connected == 1)
    await stack.mesh.effective(picture(Intent(other, (Version("v2", 10_000),)), 1))

    assert (await stack.caller.call("other.default")).body == "v2"
    assert (await stack.caller.call(HOST)).status == 404


async def test_the_sockets_are_ours_alone(stack: Stack) -> None:
    for path in (stack.places.ads, stack.places.admin):
        assert path.stat().st_mode & 0o077 == 0


async def test_an_entrance_that_is_taken_is_named_in_plain_words(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with Children(stack.places.files / "more") as children:
            proxy = Proxy(Path("/bin/true"), stack.places, Entrance(port=port), children)
            with pytest.raises(StartError, match=f"port {port} of 127.0.0.1 is in use by another"):
                await proxy.start()


async def test_an_envoy_that_cannot_start_says_why(stack: Stack) -> None:
    envoy = shutil.which("false") or "/bin/false"
    async with Children(stack.places.files / "more") as children:
        proxy = Proxy(Path(envoy), stack.places, Entrance(port=1024), children)
        child = await proxy.start()
        with pytest.raises(StartError, match="Envoy is not ready"):
            await proxy.ready(child)


def test_the_server_works_on_uvloop_too_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def deploy() -> str:
        async with running(tmp_path) as stack:
            return await stack.deploy(split(1, v1=10_000))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(deploy()) == f"{PROVEN} 1"
    assert capfd.readouterr() == ("", "")


async def test_an_unknown_service_is_not_there(stack: Stack) -> None:
    assert await stack.mesh.observe(SHOP) is None
